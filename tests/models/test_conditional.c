/* DCGAN's networks with classes: shapes, the projection by hand, gradients at pictures, files. */
#include "base/suite.h"
#include "models/expect_network.h"
#include "models/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH = 3, SIZE = 28, CLASSES = 4, NOISE = 5, PIXELS = SIZE * SIZE };

static const gan_dcgan_options networks = {.struct_size = sizeof networks,
                                           .size = SIZE,
                                           .channels = 1,
                                           .width = 4,
                                           .noise = NOISE,
                                           .norm = GAN_NORM_NONE,
                                           .classes = CLASSES};

static gan_tensor *filled(gan_context *context, const int64_t *shape, int32_t rank, uint64_t seed)
{
    gan_tensor *tensor;
    must(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, rank));
    must(gan_tensor_fill_normal(tensor, seed, 0, 1));
    return tensor;
}

static gan_tensor *labels_of(gan_context *context, float first)
{
    gan_tensor *labels;
    must(gan_tensor_create(&labels, context, GAN_FLOAT32, (const int64_t[]){BATCH}, 1));
    memcpy(gan_tensor_data(labels), (const float[]){first, 3, 0}, BATCH * sizeof(float));
    return labels;
}

/* The pictures that a generator makes for these labels. */
static void generate(gan_model *generator, gan_context *context, float first, float *pictures)
{
    gan_session *session;
    gan_tensor *inputs[2] = {filled(context, (const int64_t[]){BATCH, NOISE}, 2, 1),
                             labels_of(context, first)};
    gan_tensor *output = filled(context, (const int64_t[]){BATCH, SIZE, SIZE, 1}, 4, 2);
    must(gan_session_create(&session, generator, (const int64_t[]){BATCH, NOISE, BATCH}, NULL));
    must(gan_session_run(session, (const gan_tensor *const *)inputs, 2, &output, 1));
    memcpy(pictures, gan_tensor_data_const(output), BATCH * PIXELS * sizeof(float));
    gan_session_free(session);
    gan_tensor_free(inputs[0]);
    gan_tensor_free(inputs[1]);
    gan_tensor_free(output);
}

static bool same_picture(const float *a, const float *b, int index)
{
    return memcmp(a + index * PIXELS, b + index * PIXELS, PIXELS * sizeof(float)) == 0;
}

/* Another label changes its own picture and no other one; also once the model was in a file. */
START_TEST(labels_change_what_is_generated)
{
    gan_context *context = reference_context();
    gan_model *generator, *loaded;
    static float one[BATCH * PIXELS], two[BATCH * PIXELS], again[BATCH * PIXELS];
    char path[] = "/tmp/gan_conditional_XXXXXX";
    must(gan_dcgan_generator_create(&generator, context, &networks));
    ck_assert_int_eq(gan_model_input_count(generator), 2);
    ck_assert_str_eq(gan_model_input_name(generator, 1), "labels");
    generate(generator, context, 1, one);
    generate(generator, context, 2, two);
    ck_assert(!same_picture(one, two, 0) && same_picture(one, two, 1) && same_picture(one, two, 2));
    close(mkstemp(path));
    must(gan_model_save(generator, path, GAN_STORE_FLOAT32));
    must(gan_model_load(&loaded, context, path));
    generate(loaded, context, 2, again);
    ck_assert_int_eq(memcmp(two, again, sizeof two), 0);
    unlink(path);
    gan_model_free(loaded);
    gan_model_free(generator);
    gan_context_free(context);
}
END_TEST

static const float *parameter_of(gan_model *model, const char *name, gan_tensor **value)
{
    must(gan_model_get_parameter(model, gan_model_parameter_find(model, name), value));
    return gan_tensor_data_const(*value);
}

/* What the first norm gives is of the noise alone; scale and shift are those of the label. */
START_TEST(labels_come_in_behind_the_norms)
{
    enum { SIDE = SIZE / 4, CHANNELS = 8, ELEMENTS = SIDE * SIDE * CHANNELS };
    gan_context *context = reference_context();
    gan_model *whole, *parts;
    gan_session *session;
    gan_tensor *scales, *shifts, *outputs[2];
    must(gan_dcgan_generator_create(&whole, context, &networks));
    must(gan_model_select_outputs(&parts, whole, (const char *const[]){"start_norm", "add"}, 2));
    const float *scale = parameter_of(parts, "start_norm_scale.weight", &scales);
    const float *shift = parameter_of(parts, "start_norm_shift.weight", &shifts);
    gan_tensor *inputs[2] = {filled(context, (const int64_t[]){BATCH, NOISE}, 2, 4), labels_of(context, 1)};
    for (int i = 0; i < 2; i++)
        outputs[i] = filled(context, (const int64_t[]){BATCH, SIDE, SIDE, CHANNELS}, 4, 5);
    must(gan_session_create(&session, parts, (const int64_t[]){BATCH, NOISE, BATCH}, NULL));
    must(gan_session_run(session, (const gan_tensor *const *)inputs, 2, outputs, 2));
    const float *norm = gan_tensor_data_const(outputs[0]), *given = gan_tensor_data_const(outputs[1]);
    const float *labels = gan_tensor_data_const(inputs[1]);
    for (int i = 0; i < BATCH * ELEMENTS; i++) {
        const int row = (int)labels[i / ELEMENTS] * CHANNELS + i % CHANNELS;
        ck_assert_float_eq_tol(given[i], norm[i] * (1 + scale[row]) + shift[row], 1e-6f);
        ck_assert(scale[row] != 0 && shift[row] != 0);
    }
    ck_assert_int_eq(gan_model_parameter_find(whole, "start_norm.weight"), -1);
    for (int i = 0; i < 2; i++) {
        gan_tensor_free(inputs[i]);
        gan_tensor_free(outputs[i]);
    }
    gan_tensor_free(scales);
    gan_tensor_free(shifts);
    gan_session_free(session);
    gan_model_free(parts);
    gan_model_free(whole);
    gan_context_free(context);
}
END_TEST

/* <row, features>, in double. */
static double projection(const float *features, const float *row, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (double)features[i] * (double)row[i];
    return sum;
}

START_TEST(the_logit_is_projected)
{
    enum { SIDE = SIZE / 4, CHANNELS = 8, TERMS = SIDE * SIDE * CHANNELS };
    gan_context *context = reference_context();
    gan_model *whole, *parts;
    gan_session *session;
    gan_tensor *table, *outputs[3];
    must(gan_dcgan_discriminator_create(&whole, context, &networks));
    must(gan_model_select_outputs(
        &parts, whole, (const char *const[]){gan_model_output_name(whole, 0), "logit", "leaky_relu_1"}, 3));
    must(gan_model_get_parameter(parts, gan_model_parameter_find(parts, "label.weight"), &table));
    gan_tensor *inputs[2] = {filled(context, (const int64_t[]){BATCH, SIZE, SIZE, 1}, 4, 4),
                             labels_of(context, 1)};
    for (int i = 0; i < 2; i++)
        outputs[i] = filled(context, (const int64_t[]){BATCH, 1}, 2, 5);
    outputs[2] = filled(context, (const int64_t[]){BATCH, SIDE, SIDE, CHANNELS}, 4, 5);
    must(gan_session_create(&session, parts, (const int64_t[]){BATCH, SIZE, SIZE, 1, BATCH}, NULL));
    must(gan_session_run(session, (const gan_tensor *const *)inputs, 2, outputs, 3));
    for (int i = 0; i < BATCH; i++) {
        const float *features = gan_tensor_data_const(outputs[2]), *rows = gan_tensor_data_const(table);
        const float *labels = gan_tensor_data_const(inputs[1]);
        const double more = projection(features + i * TERMS, rows + (int)labels[i] * TERMS, TERMS);
        const double logit = (double)((const float *)gan_tensor_data_const(outputs[1]))[i];
        const double given = (double)((const float *)gan_tensor_data_const(outputs[0]))[i];
        ck_assert_msg(fabs(given - logit - more) < 1e-5 && fabs(more) > 1e-4, "%g, expected %g + %g", given,
                      logit, more);
    }
    for (int i = 0; i < 3; i++)
        gan_tensor_free(outputs[i]);
    gan_tensor_free(inputs[0]);
    gan_tensor_free(inputs[1]);
    gan_tensor_free(table);
    gan_session_free(session);
    gan_model_free(parts);
    gan_model_free(whole);
    gan_context_free(context);
}
END_TEST

/* ---- Gradients at pictures, as penalties take them ---- */

/* The length of the gradient that a layer of the graph gives, and that of reverse differentiation. */
START_TEST(penalties_go_through_the_projection)
{
    gan_context *context = reference_context();
    gan_dcgan_options options = networks;
    options.spectral_norm = _i;
    gan_graph *graph;
    gan_model *critic;
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_layer *verdict = NULL;
    gan_tensor *gradient, *other;
    float loss;
    must(gan_graph_create(&graph, context));
    must(gan_dcgan_discriminator_create(&critic, context, &options));
    must(gan_sgd_create(&optimizer, context, NULL));
    gan_layer *inputs[2] = {gan_input(graph, "x", (const int64_t[]){-1, SIZE, SIZE, 1}, 4),
                            gan_input(graph, "labels", (const int64_t[]){-1}, 1)};
    must(gan_apply_many(critic, inputs, 2, &verdict, 1, NULL));
    gan_layer *watched[2] = {gan_input_gradient(verdict, inputs[0]), gan_r1_penalty(verdict, inputs[0])};
    const gan_objective_options watching = {
        .struct_size = sizeof watching, .watched = watched, .watched_count = 2};
    gan_layer *sums[2] = {gan_sum(verdict), watched[1]};
    gan_layer *sum = gan_weighted_sum(sums, (const float[]){1, 0}, 2);
    must(gan_graph_status(graph));
    must(gan_objective_create(&objective, sum, inputs, 2, &critic, 1, optimizer, &watching));
    must(gan_objective_request_input_gradient(objective, 0));
    gan_tensor *values[2] = {filled(context, (const int64_t[]){BATCH, SIZE, SIZE, 1}, 4, 6),
                             labels_of(context, 2)};
    must(gan_objective_gradients(objective, (const gan_tensor *const *)values, 2, &loss));
    must(gan_objective_value(objective, 0, &gradient));
    must(gan_objective_input_gradient(objective, 0, &other));
    reference_compare("gradient at the pictures", gradient, other, 1e-5);
    gan_tensor_free(gradient);
    gan_tensor_free(other);
    gan_tensor_free(values[0]);
    gan_tensor_free(values[1]);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_model_free(critic);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_options)
{
    gan_context *context = reference_context();
    gan_dcgan_options options = networks;
    gan_model *model;
    options.classes = -1;
    expect_argument_error(gan_dcgan_generator_create(&model, context, &options), "classes is -1");
    expect_argument_error(gan_dcgan_discriminator_create(&model, context, &options), "classes is -1");
    gan_context_free(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conditional");
    TCase *tests = tcase_create("conditional");
    tcase_add_test(tests, labels_change_what_is_generated);
    tcase_add_test(tests, labels_come_in_behind_the_norms);
    tcase_add_test(tests, the_logit_is_projected);
    tcase_add_loop_test(tests, penalties_go_through_the_projection, 0, 2);
    tcase_add_test(tests, wrong_options);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
