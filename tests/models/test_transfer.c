/* Fixed layers, style codes and transfers: what is computed once gives what would be computed each time. */
#include "base/suite.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gan_tensor *random_tensor(gan_context *context, const int64_t *sizes, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, sizes, rank));
    must(gan_tensor_fill_uniform(tensor, seed, 0, 1));
    return tensor;
}

static gan_tensor *random_picture(gan_context *context, int64_t height, int64_t width, uint64_t seed)
{
    const int64_t sizes[4] = {1, height, width, 3};
    return random_tensor(context, sizes, 4, seed);
}

static gan_tensor *run(gan_model *model, const gan_tensor *const *inputs)
{
    gan_tensor *output;
    reference_run_many(model, inputs, GAN_PRECISION_EXACT, &output);
    return output;
}

/* The network with random weights. */
static gan_model *make_network(gan_context *context)
{
    gan_model *model;
    must(gan_microast_create(&model, context, NULL));
    must(gan_model_initialize(model, 7));
    return model;
}

static void expect_refusal(gan_status given, gan_status expected, const char *words)
{
    printf("%s: %s\n", gan_status_name(given), gan_error_message());
    ck_assert_int_eq(given, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

/* ---- Fixed layers ---- */

START_TEST(bound_input)
{
    gan_context *context = reference_context();
    gan_model *model = make_network(context), *bound;
    gan_tensor *content = random_picture(context, 21, 34, 1), *style = random_picture(context, 30, 26, 2);
    must(gan_model_bind(&bound, model, "style", style));
    ck_assert_int_eq(gan_model_input_count(bound), 1);
    ck_assert_str_eq(gan_model_input_name(bound, 0), "content");
    ck_assert_str_eq(gan_model_metadata(bound, "architecture"), "microast");
    ck_assert_int_lt(gan_model_element_count(bound), gan_model_element_count(model));
    gan_tensor *whole = run(model, (const gan_tensor *const[]){content, style});
    gan_tensor *part = run(bound, (const gan_tensor *const[]){content});
    reference_compare("bound style", part, whole, 0);
    gan_model_free(model); /* the bound one keeps what it needs */
    gan_tensor *again = run(bound, (const gan_tensor *const[]){content});
    reference_compare("without the model", again, whole, 0);
    gan_tensor_free(again);
    gan_tensor_free(part);
    gan_tensor_free(whole);
    gan_tensor_free(content);
    gan_tensor_free(style);
    gan_model_free(bound);
    gan_context_free(context);
}
END_TEST

/* Bound inner layers, constants among them, an input that nobody needs any more, and a file in between. */
START_TEST(bound_layer_and_file)
{
    static const int64_t sizes[4] = {1, 5, 4, 2};
    char path[64];
    gan_context *context = reference_context();
    gan_graph *graph;
    gan_model *model, *bound, *loaded;
    gan_tensor *offset = random_tensor(context, sizes, 4, 3);
    must(gan_graph_create(&graph, context));
    const int64_t open[4] = {-1, 5, 4, 2};
    gan_layer *a = gan_input(graph, "a", open, 4), *b = gan_input(graph, "b", open, 4);
    gan_layer *inner = gan_layer_set_name(gan_sigmoid(b), "inner");
    gan_layer *sum = gan_add(gan_tanh(inner), gan_constant(graph, "offset", offset));
    gan_layer *inputs[2] = {a, b}, *outputs[2] = {gan_multiply(a, sum), inner};
    must(gan_model_create(&model, "model", inputs, 2, outputs, 2));
    gan_tensor *value = random_tensor(context, sizes, 4, 4), *x = random_tensor(context, sizes, 4, 5);
    must(gan_model_bind(&bound, model, "inner", value));
    ck_assert_int_eq(gan_model_input_count(bound), 1);
    snprintf(path, sizeof path, "/tmp/gan_transfer_%ld.safetensors", (long)getpid());
    must(gan_model_save(bound, path, GAN_STORE_FLOAT32));
    must(gan_model_load(&loaded, context, path));
    unlink(path);
    gan_tensor *results[2];
    reference_run_many(loaded, (const gan_tensor *const[]){x}, GAN_PRECISION_EXACT, results);
    reference_compare("the bound layer", results[1], value, 0);
    const float *v = gan_tensor_data_const(value), *o = gan_tensor_data_const(offset),
                *y = gan_tensor_data_const(results[0]), *given = gan_tensor_data_const(x);
    for (int64_t i = 0; i < gan_tensor_count(x); i++)
        ck_assert_double_eq_tol((double)y[i], (double)given[i] * (tanh((double)v[i]) + (double)o[i]), 1e-6);
    gan_tensor_free(results[0]);
    gan_tensor_free(results[1]);
    gan_tensor_free(value);
    gan_tensor_free(x);
    gan_tensor_free(offset);
    gan_model_free(loaded);
    gan_model_free(bound);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(binding_refusals)
{
    static const int64_t bytes[4] = {1, 8, 8, 3};
    gan_context *context = reference_context();
    gan_model *model = make_network(context), *bound, *once;
    gan_tensor *picture = random_picture(context, 16, 16, 1), *whole;
    must(gan_tensor_create(&whole, context, GAN_UINT8, bytes, 4));
    const int64_t grey_sizes[4] = {1, 16, 16, 1};
    gan_tensor *grey = random_tensor(context, grey_sizes, 4, 2);
    expect_refusal(gan_model_bind(&bound, model, "styles", picture), GAN_ERROR_NOT_FOUND, "\"styles\"");
    expect_refusal(gan_model_bind(&bound, model, "style", grey), GAN_ERROR_SHAPE, "[1,16,16,1]");
    expect_refusal(gan_model_bind(&bound, model, "style", whole), GAN_ERROR_TYPE, "uint8");
    expect_refusal(gan_model_bind(&bound, NULL, "style", picture), GAN_ERROR_ARGUMENT, "expected a model");
    expect_refusal(gan_model_bind(NULL, model, "style", picture), GAN_ERROR_ARGUMENT, "out");
    must(gan_model_bind(&once, model, "style", picture));
    expect_refusal(gan_model_bind(&bound, once, "content", picture), GAN_ERROR_ARGUMENT, "no input is left");
    ck_assert_ptr_null(bound);
    gan_tensor_free(grey);
    gan_tensor_free(whole);
    gan_tensor_free(picture);
    gan_model_free(once);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* ---- Codes and transfers ---- */

/* The largest difference. */
static double distance(const gan_tensor *a, const gan_tensor *b)
{
    const float *x = gan_tensor_data_const(a), *y = gan_tensor_data_const(b);
    double most = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        most = fmax(most, fabs((double)x[i] - (double)y[i]));
    return most;
}

START_TEST(codes)
{
    gan_context *context = reference_context();
    gan_model *model = make_network(context), *other;
    gan_tensor *style = random_picture(context, 24, 20, 1), *a, *b, *mixed, *picture;
    must(gan_model_style_code(model, style, &a));
    ck_assert_int_eq(gan_tensor_rank(a), 4);
    ck_assert_int_eq(gan_tensor_size(a, 3), 512);
    picture = random_picture(context, 17, 40, 2);
    must(gan_model_style_code(model, picture, &b));
    must(gan_style_code_mix(a, b, 0, &mixed));
    reference_compare("mixed, 0", mixed, a, 0);
    gan_tensor_free(mixed);
    must(gan_style_code_mix(a, b, 1, &mixed));
    reference_compare("mixed, 1", mixed, b, 0);
    gan_tensor_free(mixed);
    expect_refusal(gan_style_code_mix(a, style, 1, &mixed), GAN_ERROR_SHAPE, "different models");
    expect_refusal(gan_style_code_mix(a, b, NAN, &mixed), GAN_ERROR_ARGUMENT, "finite");
    expect_refusal(gan_model_with_style(&other, model, style), GAN_ERROR_SHAPE, "style_code");
    const gan_johnson_options options = {.struct_size = sizeof options, .channels = 2, .blocks = 1};
    must(gan_johnson_create(&other, context, &options));
    expect_refusal(gan_model_style_code(other, style, &mixed), GAN_ERROR_ARGUMENT, "takes no style");
    ck_assert_ptr_null(mixed);
    gan_model_free(other);
    gan_tensor_free(picture);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(style);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Sizes stay, odd ones too; 0 is the content, 1 the network's own result clamped, between them are others. */
START_TEST(transfer_strengths)
{
    gan_context *context = reference_context();
    gan_model *model = make_network(context);
    gan_tensor *content = random_picture(context, 33, 47, 1), *style = random_picture(context, 32, 32, 2);
    gan_tensor *whole = run(model, (const gan_tensor *const[]){content, style});
    gan_tensor *results[4], *code, *again;
    const float strengths[4] = {0, 0.25f, 0.75f, 1};
    for (int i = 0; i < 4; i++) {
        must(gan_model_transfer(model, content, style, strengths[i], &results[i]));
        ck_assert_int_eq(gan_tensor_size(results[i], 1), 33);
        ck_assert_int_eq(gan_tensor_size(results[i], 2), 47);
    }
    reference_compare("strength 0", results[0], content, 0);
    for (int i = 1; i < 4; i++)
        ck_assert_double_gt(distance(results[i], results[i - 1]), 1e-6);
    const int64_t columns = gan_tensor_size(whole, 2);
    const float *of_network = gan_tensor_data_const(whole), *painted = gan_tensor_data_const(results[3]);
    for (int64_t i = 0; i < 33 * 47 * 3; i++) {
        const float value = of_network[(i / (47 * 3) * columns + i / 3 % 47) * 3 + i % 3];
        ck_assert_float_eq_tol(painted[i], value < 0 ? 0 : value > 1 ? 1 : value, 1e-4f);
    }
    gan_transfer *transfer;
    must(gan_model_style_code(model, style, &code));
    must(gan_transfer_create(&transfer, model, code, NULL));
    ck_assert_int_eq(gan_transfer_precision(transfer), -1);
    for (int i = 0; i < 4; i++) {
        must(gan_transfer_run(transfer, content, strengths[i], &again));
        reference_compare("again", again, results[i], 0);
        gan_tensor_free(again);
        gan_tensor_free(results[i]);
    }
    ck_assert_int_eq(gan_transfer_precision(transfer), GAN_PRECISION_DEFAULT);
    expect_refusal(gan_transfer_run(transfer, content, 1.5f, &again), GAN_ERROR_ARGUMENT, "strength is 1.5");
    expect_refusal(gan_transfer_run(transfer, content, NAN, &again), GAN_ERROR_ARGUMENT, "strength");
    expect_refusal(gan_transfer_run(transfer, NULL, 1, &again), GAN_ERROR_ARGUMENT, "content is NULL");
    expect_refusal(gan_transfer_run(transfer, code, 0, &again), GAN_ERROR_SHAPE, "[1,H,W,3]");
    ck_assert_ptr_null(again);
    gan_model_free(model);
    gan_transfer_free(transfer);
    gan_transfer_free(NULL);
    gan_tensor_free(code);
    gan_tensor_free(whole);
    gan_tensor_free(content);
    gan_tensor_free(style);
    gan_context_free(context);
}
END_TEST

/* Pictures of a few pixels, where the kernels reach over the border. */
START_TEST(smallest_pictures)
{
    gan_context *context = reference_context();
    gan_model *model = make_network(context);
    gan_tensor *small = random_picture(context, 5, 5, 1), *tiny = random_picture(context, 4, 9, 2), *result;
    must(gan_model_transfer(model, small, small, 1, &result));
    gan_tensor_free(result);
    expect_refusal(gan_model_transfer(model, tiny, small, 1, &result), GAN_ERROR_SHAPE, "content_conv1");
    expect_refusal(gan_model_transfer(model, small, tiny, 1, &result), GAN_ERROR_SHAPE, "style_conv1");
    gan_tensor_free(small);
    gan_tensor_free(tiny);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {bound_input, bound_layer_and_file, binding_refusals,
                                  codes,       transfer_strengths,   smallest_pictures};
    return run_suite("transfer", tests, sizeof tests / sizeof tests[0]);
}
