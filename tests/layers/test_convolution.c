/* Convolution and transposed convolution: values against their definitions in float64, gradients against
 * finite differences, sizes of the output, and what is refused. */
#include "gradient_check.h"
#include "graph/graph.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CONV .struct_size = sizeof(gan_conv2d_options)
#define TRANSPOSE .struct_size = sizeof(gan_conv2d_transpose_options)

static gan_layer *build_conv(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d(inputs[0], argument);
}

/* Functions and upsampling that the convolution takes over. */
static gan_layer *build_conv_and_tanh(gan_layer *const *inputs, const void *argument)
{
    return gan_tanh(gan_conv2d(inputs[0], argument));
}

static gan_layer *build_upsampled_conv(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d(gan_upsample_nearest(inputs[0], 2), argument);
}

static gan_layer *build_transpose(gan_layer *const *inputs, const void *argument)
{
    return gan_conv2d_transpose(inputs[0], argument);
}

static gan_layer *build_transpose_and_tanh(gan_layer *const *inputs, const void *argument)
{
    return gan_tanh(gan_conv2d_transpose(inputs[0], argument));
}

static const gan_conv2d_options
    same3 = {CONV, .filters = 7, .kernel = {3, 3}, .padding = GAN_PAD_SAME},
    same3_s2 = {CONV, .filters = 6, .kernel = {3}, .stride = {2}, .padding = GAN_PAD_SAME},
    same4 = {CONV, .filters = 5, .kernel = {4}, .padding = GAN_PAD_SAME},
    valid23 = {CONV,        .filters = 4, .kernel = {2, 3}, .stride = {1, 2}, .padding = GAN_PAD_VALID,
               .no_bias = 1},
    half_reflect = {CONV, .filters = 3, .kernel = {5}, .padding = GAN_PAD_HALF,
                    .padding_mode = GAN_PADDING_REFLECT},
    replicate = {CONV, .filters = 6, .kernel = {3}, .padding = GAN_PAD_HALF,
                 .padding_mode = GAN_PADDING_REPLICATE},
    wrap = {CONV, .filters = 6, .kernel = {3}, .padding = GAN_PAD_HALF, .padding_mode = GAN_PADDING_WRAP},
    dilated = {CONV, .filters = 4, .kernel = {3}, .dilation = {2, 3}, .padding = GAN_PAD_HALF},
    uneven = {CONV, .filters = 4, .kernel = {3}, .pad = {0, 1, 2, 3}},
    grouped = {CONV, .filters = 6, .kernel = {3}, .groups = 3, .padding = GAN_PAD_HALF},
    depthwise = {CONV, .filters = 6, .kernel = {3}, .groups = 6, .padding = GAN_PAD_HALF};

static const gan_conv2d_transpose_options same_transpose = {TRANSPOSE, .filters = 6, .kernel = {3},
                                                            .stride = {2}, .padding = GAN_PAD_SAME},
                                          dcgan = {TRANSPOSE,     .filters = 5,        .kernel = {4},
                                                   .stride = {2}, .pad = {1, 1, 1, 1}, .no_bias = 1},
                                          added = {TRANSPOSE,
                                                   .filters = 4,
                                                   .kernel = {3},
                                                   .stride = {2},
                                                   .padding = GAN_PAD_HALF,
                                                   .output_padding = {1, 1}},
                                          cut = {TRANSPOSE,           .filters = 3,
                                                 .kernel = {4, 5},    .stride = {3, 1},
                                                 .pad = {0, 1, 2, 3}, .output_padding = {2, 0}},
                                          sparse = {TRANSPOSE, .filters = 3, .kernel = {2}, .stride = {3},
                                                    .padding = GAN_PAD_SAME};

static const struct layer_case cases[] = {
    {"3x3", build_conv, &same3, {{4, {2, 6, 5, 4}}}, 0},
    {"3x3 stride 2, even", build_conv, &same3_s2, {{4, {1, 6, 8, 5}}}, 0},
    {"3x3 stride 2, odd", build_conv, &same3_s2, {{4, {1, 7, 5, 5}}}, 0},
    {"4x4 same", build_conv, &same4, {{4, {1, 6, 7, 3}}}, 0},
    {"2x3 valid", build_conv, &valid23, {{4, {2, 5, 8, 3}}}, 0},
    {"5x5 reflect", build_conv, &half_reflect, {{4, {1, 6, 7, 4}}}, 0},
    {"3x3 replicate", build_conv, &replicate, {{4, {1, 4, 5, 3}}}, 0},
    {"3x3 dilated", build_conv, &dilated, {{4, {1, 7, 8, 3}}}, 0},
    {"3x3 uneven", build_conv, &uneven, {{4, {1, 5, 5, 3}}}, 0},
    {"3x3 grouped", build_conv, &grouped, {{4, {1, 5, 6, 9}}}, 0},
    {"3x3 depthwise", build_conv, &depthwise, {{4, {2, 5, 6, 6}}}, 0},
    {"3x3 and tanh", build_conv_and_tanh, &same3, {{4, {1, 5, 5, 2}}}, 0},
    {"upsampling and 3x3 replicate", build_upsampled_conv, &replicate, {{4, {1, 4, 5, 3}}}, 0},
    {"upsampling and 3x3 stride 2", build_upsampled_conv, &same3_s2, {{4, {1, 5, 4, 3}}}, 0},
    {"transposed same", build_transpose, &same_transpose, {{4, {1, 4, 5, 3}}}, 0},
    {"transposed 4x4 stride 2", build_transpose, &dcgan, {{4, {2, 3, 4, 5}}}, 0},
    {"transposed with output padding", build_transpose, &added, {{4, {1, 4, 3, 6}}}, 0},
    {"transposed, cut", build_transpose, &cut, {{4, {1, 3, 6, 2}}}, 0},
    {"transposed, stride above kernel", build_transpose, &sparse, {{4, {1, 3, 4, 2}}}, 0},
    {"transposed and tanh", build_transpose_and_tanh, &added, {{4, {1, 3, 3, 2}}}, 0},
    {"3x3 wrap", build_conv, &wrap, {{4, {1, 4, 5, 3}}}, 0},
    {"upsampling and 3x3 wrap", build_upsampled_conv, &wrap, {{4, {1, 4, 5, 3}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

/* ---- Values by definition ---- */

/* One axis of the definition: input i = o stride + tap dilation - before. */
struct rule {
    int64_t in, out, kernel, stride, dilation, before;
};

static int64_t input_of(const struct rule *rule, int64_t out, int64_t tap)
{
    const int64_t in = out * rule->stride + tap * rule->dilation - rule->before;
    return in >= 0 && in < rule->in ? in : -1;
}

/* A visit of all triples that a convolution with zero padding multiplies. */
struct triples {
    struct rule y, x;
    int64_t batch, in_channels, out_channels;
    const float *w; /* [out, KH, KW, in] */
};

typedef void (*visitor)(double *result, const float *source, int64_t in, int64_t out, double weight);

static void visit_pixel(const struct triples *t, int64_t in, int64_t out, int64_t tap, const float *source,
                        double *result, visitor visit)
{
    const int64_t taps = t->y.kernel * t->x.kernel;
    for (int64_t k = 0; k < t->out_channels; k++)
        for (int64_t c = 0; c < t->in_channels; c++)
            visit(result, source, in * t->in_channels + c, out * t->out_channels + k,
                  (double)t->w[(k * taps + tap) * t->in_channels + c]);
}

static void visit_all(const struct triples *t, const float *source, double *result, visitor visit)
{
    const int64_t positions = t->y.out * t->x.out, taps = t->y.kernel * t->x.kernel;
    for (int64_t i = 0; i < t->batch * positions * taps; i++) {
        const int64_t tap = i % taps, out = i / taps, n = out / positions, at = out % positions;
        const int64_t y = input_of(&t->y, at / t->x.out, tap / t->x.kernel);
        const int64_t x = input_of(&t->x, at % t->x.out, tap % t->x.kernel);
        if (y >= 0 && x >= 0)
            visit_pixel(t, (n * t->y.in + y) * t->x.in + x, out, tap, source, result, visit);
    }
}

static void gather(double *result, const float *source, int64_t in, int64_t out, double weight)
{
    result[out] += weight * (double)source[in];
}

static void scatter(double *result, const float *source, int64_t in, int64_t out, double weight)
{
    result[in] += weight * (double)source[out];
}

static double *filled_with_bias(const struct experiment *e)
{
    const int64_t channels = gan_tensor_size(e->output, 3);
    double *values = calloc((size_t)gan_tensor_count(e->output), sizeof *values);
    gan_tensor *bias = experiment_parameter(e, "bias");
    ck_assert_ptr_nonnull(values);
    for (int64_t i = 0; bias != NULL && i < gan_tensor_count(e->output); i++)
        values[i] = (double)((const float *)gan_tensor_data_const(bias))[i % channels];
    gan_tensor_free(bias);
    return values;
}

/* `y` and `x` tell kernel, stride, dilation and padding before; sizes come from the tensors. */
static void check_values(const struct layer_case *tested, struct rule y, struct rule x, bool transposed)
{
    struct experiment e;
    experiment_create(&e, tested, 0, 2, NULL, NULL);
    experiment_run(&e);
    gan_tensor *weights = experiment_parameter(&e, "weight");
    const gan_tensor *narrow = transposed ? e.inputs[0] : e.output;
    const gan_tensor *wide = transposed ? e.output : e.inputs[0];
    y.in = gan_tensor_size(wide, 1);
    x.in = gan_tensor_size(wide, 2);
    y.out = gan_tensor_size(narrow, 1);
    x.out = gan_tensor_size(narrow, 2);
    const struct triples triples = {y,
                                    x,
                                    gan_tensor_size(wide, 0),
                                    gan_tensor_size(wide, 3),
                                    gan_tensor_size(narrow, 3),
                                    gan_tensor_data_const(weights)};
    double *expected = filled_with_bias(&e);
    visit_all(&triples, gan_tensor_data_const(e.inputs[0]), expected, transposed ? scatter : gather);
    expect_values(tested->name, "output", e.output, expected, 1e-5);
    free(expected);
    gan_tensor_free(weights);
    experiment_free(&e);
}

static struct rule rule(int64_t kernel, int64_t stride, int64_t dilation, int64_t before)
{
    return (struct rule){0, 0, kernel, stride, dilation, before};
}

START_TEST(values_of_convolution)
{
    check_values(&cases[0], rule(3, 1, 1, 1), rule(3, 1, 1, 1), false);
    check_values(&cases[1], rule(3, 2, 1, 0), rule(3, 2, 1, 0), false);
    check_values(&cases[2], rule(3, 2, 1, 1), rule(3, 2, 1, 1), false);
    check_values(&cases[3], rule(4, 1, 1, 1), rule(4, 1, 1, 1), false);
    check_values(&cases[4], rule(2, 1, 1, 0), rule(3, 2, 1, 0), false);
    check_values(&cases[7], rule(3, 1, 2, 2), rule(3, 1, 3, 3), false);
    check_values(&cases[8], rule(3, 1, 1, 0), rule(3, 1, 1, 1), false);
}
END_TEST

START_TEST(values_of_transposed_convolution)
{
    check_values(&cases[14], rule(3, 2, 1, 0), rule(3, 2, 1, 0), true);
    check_values(&cases[15], rule(4, 2, 1, 1), rule(4, 2, 1, 1), true);
    check_values(&cases[16], rule(3, 2, 1, 1), rule(3, 2, 1, 1), true);
    check_values(&cases[17], rule(4, 3, 1, 0), rule(5, 1, 1, 1), true);
    check_values(&cases[18], rule(2, 3, 1, 0), rule(2, 3, 1, 0), true);
}
END_TEST

/* ---- Sizes ---- */

struct fixture {
    gan_context *context;
    gan_graph *graph;
};

static struct fixture open_graph(void)
{
    struct fixture fixture = {NULL, NULL};
    expect_ok("graph", gan_context_create(&fixture.context, NULL));
    expect_ok("graph", gan_graph_create(&fixture.graph, fixture.context));
    return fixture;
}

static void close_graph(struct fixture *fixture)
{
    gan_graph_free(fixture->graph);
    gan_context_free(fixture->context);
}

static void expect_size(const gan_layer *layer, int64_t height, int64_t width, int64_t channels)
{
    int64_t size[GAN_MAX_RANK];
    ck_assert_int_eq(gan_layer_shape(layer, size), 4);
    ck_assert_int_eq(size[1], height);
    ck_assert_int_eq(size[2], width);
    ck_assert_int_eq(size[3], channels);
}

START_TEST(sizes)
{
    struct fixture fixture = open_graph();
    const int64_t known[] = {-1, 7, 10, 3}, open[] = {-1, -1, 9, 3};
    gan_layer *x = gan_input(fixture.graph, "x", known, 4), *tall = gan_input(fixture.graph, NULL, open, 4);
    expect_size(gan_conv2d(x, &same3_s2), 4, 5, 6);
    expect_size(gan_conv2d(x, &same4), 7, 10, 5);
    expect_size(gan_conv2d(x, &valid23), 6, 4, 4);
    expect_size(gan_conv2d(tall, &same3_s2), -1, 5, 6);
    expect_size(gan_conv2d_transpose(x, &same_transpose), 14, 20, 6);
    expect_size(gan_conv2d_transpose(x, &dcgan), 14, 20, 5);
    expect_size(gan_conv2d_transpose(x, &added), 14, 20, 4);
    expect_size(gan_conv2d_transpose(tall, &cut), -1, 9, 3);
    expect_ok("sizes", gan_graph_status(fixture.graph));
    close_graph(&fixture);
}
END_TEST

/* One model at two sizes: padding SAME follows the size that is known at last. */
START_TEST(open_sizes)
{
    struct fixture fixture = open_graph();
    const int64_t open[] = {-1, -1, -1, 3};
    gan_layer *x = gan_input(fixture.graph, "x", open, 4), *y = gan_conv2d(x, &same3_s2);
    gan_model *model = NULL;
    expect_ok("model", gan_model_create(&model, "open", &x, 1, &y, 1));
    for (int64_t height = 6; height <= 7; height++) {
        gan_session *session = NULL;
        int64_t size[GAN_MAX_RANK];
        expect_ok("session", gan_session_create_2d(&session, model, 1, height, 5, NULL));
        ck_assert_int_eq(gan_session_output_shape(session, 0, size), 4);
        ck_assert_int_eq(size[1], (height + 1) / 2);
        gan_session_free(session);
    }
    gan_model_free(model);
    close_graph(&fixture);
}
END_TEST

/* ---- What does not fit ---- */

static void expect_words(struct fixture *fixture, const gan_layer *layer, const char *words)
{
    ck_assert_ptr_null(layer);
    ck_assert_int_ne(gan_graph_status(fixture->graph), GAN_OK);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

static void refuse_conv(const gan_conv2d_options *options, const char *words)
{
    struct fixture fixture = open_graph();
    const int64_t size[] = {1, 4, 6, 10};
    expect_words(&fixture, gan_conv2d(gan_input(fixture.graph, "x", size, 4), options), words);
    close_graph(&fixture);
}

static void refuse_transpose(const gan_conv2d_transpose_options *options, const char *words)
{
    struct fixture fixture = open_graph();
    const int64_t size[] = {1, 4, 6, 10};
    expect_words(&fixture, gan_conv2d_transpose(gan_input(fixture.graph, "x", size, 4), options), words);
    close_graph(&fixture);
}

START_TEST(refusals)
{
    refuse_conv(NULL, "kernel height is 0");
    refuse_conv(&(gan_conv2d_options){CONV, .kernel = {3}}, "filters is 0");
    refuse_conv(&(gan_conv2d_options){CONV, .name = "c1", .filters = 4, .kernel = {5}},
                "conv2d \"c1\": input height is 4, with padding 4, the kernel covers 5");
    refuse_conv(&(gan_conv2d_options){CONV, .filters = 4, .kernel = {9}, .padding = GAN_PAD_HALF,
                                      .padding_mode = GAN_PADDING_REFLECT},
                "reflect padding of 4 needs more");
    refuse_conv(
        &(gan_conv2d_options){CONV, .filters = 4, .kernel = {3}, .padding_mode = GAN_PADDING_SYMMETRIC},
        "ZERO to GAN_PADDING_WRAP");
    refuse_conv(&(gan_conv2d_options){CONV, .filters = 4, .kernel = {3}, .groups = 3}, "into 3 groups");
    refuse_conv(&(gan_conv2d_options){CONV, .filters = 4, .kernel = {3}, .groups = -1}, "groups is -1");
    refuse_conv(&(gan_conv2d_options){CONV, .filters = 4, .kernel = {3}, .pad = {-1}},
                "padding before height");
    refuse_conv(&(gan_conv2d_options){CONV, .filters = 4, .kernel = {3}, .initializer = 99}, "initializer");
    refuse_conv(
        &(gan_conv2d_options){CONV, .filters = 2147483647, .kernel = {1 << 20}, .padding = GAN_PAD_SAME},
        "2^47 elements");
    refuse_transpose(&(gan_conv2d_transpose_options){TRANSPOSE, .filters = 4, .kernel = {3}, .stride = {2},
                                                     .output_padding = {2, 0}},
                     "output_padding height is 2");
    refuse_transpose(
        &(gan_conv2d_transpose_options){TRANSPOSE, .filters = 4, .kernel = {3}, .pad = {9, 0, 9, 0}},
        "leaves no output");
}
END_TEST

/* The same layer on another input, as when a model is applied. */
START_TEST(other_channels)
{
    struct fixture fixture = open_graph();
    const int64_t size[] = {1, 8, 8, 64}, other[] = {1, 8, 8, 3};
    gan_layer *y = gan_conv2d(gan_input(fixture.graph, "x", size, 4), &same3);
    gan_layer *x = gan_input(fixture.graph, "other", other, 4);
    expect_words(&fixture, gan_graph_add_copy(fixture.graph, y, &x, NULL, GAN_STATISTICS_FOLLOW),
                 "input has 3 channels, weights take 64");
    close_graph(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("convolution");
    TCase *tests = tcase_create("convolution");
    tcase_set_timeout(tests, 250);
    tcase_add_loop_test(tests, gradients, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, values_of_convolution);
    tcase_add_test(tests, values_of_transposed_convolution);
    tcase_add_test(tests, sizes);
    tcase_add_test(tests, open_sizes);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, other_channels);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
