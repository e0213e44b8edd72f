/* What MicroAST is made of: deviations of channels, sums weighted by channel, and adaptive instance
 * normalization with the sample variance; values against float64, gradients against finite differences. */
#include "base/suite.h"
#include "gradient_check.h"
#include "models/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int32_t population = 0, sample = 1;

static gan_layer *build_deviation(gan_layer *const *inputs, const void *argument)
{
    return gan_channel_deviation(inputs[0], 0, *(const int32_t *)argument);
}

static gan_layer *build_modulate(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_modulate(inputs[0], inputs[1], inputs[2], inputs[3]);
}

static gan_layer *build_modulate_and_tanh(gan_layer *const *inputs, const void *argument)
{
    return gan_tanh(build_modulate(inputs, argument));
}

static gan_layer *build_affine(gan_layer *const *inputs, const void *argument)
{
    return gan_adain_affine(inputs[0], inputs[1], inputs[2], 0, *(const int32_t *)argument);
}

static const struct layer_case cases[] = {
    {"channel_deviation", build_deviation, &population, {{4, {2, 5, 6, 7}}}, 0},
    {"channel_deviation, sample", build_deviation, &sample, {{4, {1, 3, 2, 17}}}, 0},
    {"modulate",
     build_modulate,
     NULL,
     {{4, {2, 3, 5, 7}}, {4, {2, 3, 5, 7}}, {4, {2, 1, 1, 7}}, {4, {2, 1, 1, 7}}},
     0},
    {"modulate by one",
     build_modulate,
     NULL,
     {{4, {3, 4, 2, 16}}, {4, {3, 4, 2, 16}}, {4, {1, 1, 1, 16}}, {4, {1, 1, 1, 16}}},
     0},
    {"modulate and tanh",
     build_modulate_and_tanh,
     NULL,
     {{4, {1, 40, 30, 20}}, {4, {1, 40, 30, 20}}, {4, {1, 1, 1, 20}}, {4, {1, 1, 1, 20}}},
     0},
    {"adain_affine, sample", build_affine, &sample, {{4, {2, 3, 2, 6}}, {2, {2, 6}}, {2, {2, 6}}}, 0},
};

START_TEST(gradients)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_layer(&cases[i]);
}
END_TEST

static double at(const gan_tensor *tensor, int64_t n, int64_t p, int64_t c)
{
    const int64_t channels = gan_tensor_size(tensor, gan_tensor_rank(tensor) - 1);
    const int64_t batch = gan_tensor_size(tensor, 0);
    const int64_t pixels = gan_tensor_count(tensor) / (batch * channels);
    const float *values = gan_tensor_data_const(tensor);
    return (double)values[((batch > 1 ? n : 0) * pixels + (pixels > 1 ? p : 0)) * channels + c];
}

static double naive_deviation(const gan_tensor *x, int64_t n, int64_t c, int32_t sample_variance)
{
    const int64_t pixels = gan_tensor_size(x, 1) * gan_tensor_size(x, 2);
    double mean = 0, square = 0;
    for (int64_t p = 0; p < pixels; p++)
        mean += at(x, n, p, c) / (double)pixels;
    for (int64_t p = 0; p < pixels; p++)
        square += pow(at(x, n, p, c) - mean, 2);
    return sqrt(square / (double)(pixels - sample_variance) + 1e-5);
}

static void compare_deviations(const struct layer_case *tested)
{
    struct experiment e;
    double expected[64];
    experiment_create(&e, tested, 0, 2, NULL, NULL);
    experiment_run(&e);
    const int64_t channels = gan_tensor_size(e.inputs[0], 3);
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++)
        expected[i] =
            naive_deviation(e.inputs[0], i / channels, i % channels, *(const int32_t *)tested->argument);
    expect_values(tested->name, "output", e.output, expected, 1e-6);
    experiment_free(&e);
}

static void compare_modulated(const struct layer_case *tested)
{
    struct experiment e;
    experiment_create(&e, tested, 0, 2, NULL, NULL);
    experiment_run(&e);
    const int64_t count = gan_tensor_count(e.output), channels = gan_tensor_size(e.output, 3);
    const int64_t pixels = gan_tensor_size(e.output, 1) * gan_tensor_size(e.output, 2);
    double *expected = calloc((size_t)count, sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    for (int64_t i = 0; i < count; i++) {
        const int64_t n = i / (pixels * channels), p = i / channels % pixels, c = i % channels;
        expected[i] = at(e.inputs[2], n, 0, c) * at(e.inputs[0], n, p, c) +
                      at(e.inputs[3], n, 0, c) * at(e.inputs[1], n, p, c);
    }
    expect_values(tested->name, "output", e.output, expected, 1e-6);
    free(expected);
    experiment_free(&e);
}

START_TEST(values)
{
    compare_deviations(&cases[0]);
    compare_deviations(&cases[1]);
    compare_modulated(&cases[2]);
    compare_modulated(&cases[3]);
}
END_TEST

/* One channel of a flat picture: the deviation is that of epsilon alone, and gradients are finite. */
START_TEST(flat_picture)
{
    const struct layer_case flat = {"flat", build_deviation, &sample, {{4, {1, 1, 1, 3}}}, 0};
    struct experiment e;
    const double expected[3] = {sqrt(1e-5), sqrt(1e-5), sqrt(1e-5)};
    experiment_create(&e, &flat, 0, 1, NULL, NULL);
    experiment_run(&e);
    expect_values("flat", "output", e.output, expected, 1e-6);
    gan_tensor *gradient = experiment_input_gradient(&e, 0);
    for (int64_t c = 0; c < 3; c++)
        ck_assert(at(gradient, 0, 0, c) == 0.0);
    gan_tensor_free(gradient);
    experiment_free(&e);
}
END_TEST

/* In a session the sum and the ReLU are part of the step. */
START_TEST(folded)
{
    static const int64_t picture[4] = {1, 9, 7, 5}, vector[4] = {1, 1, 1, 5};
    const int64_t shapes[] = {1, 9, 7, 5, 1, 1, 1, 5};
    gan_context *context = reference_context();
    gan_graph *graph;
    gan_model *model;
    gan_session *session;
    must(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", picture, 4), *w = gan_input(graph, "w", vector, 4);
    gan_layer *y = gan_modulate(gan_sigmoid(x), gan_tanh(x), w, w);
    gan_layer *inputs[2] = {x, w}, *outputs[1] = {gan_relu(gan_add(y, x))};
    must(gan_model_create(&model, "folded", inputs, 2, outputs, 1));
    must(gan_session_create(&session, model, shapes, NULL));
    gan_tensor *a, *b, *result;
    must(gan_tensor_create(&a, context, GAN_FLOAT32, picture, 4));
    must(gan_tensor_create(&b, context, GAN_FLOAT32, vector, 4));
    must(gan_tensor_create(&result, context, GAN_FLOAT32, picture, 4));
    must(gan_tensor_fill_normal(a, 1, 0, 1));
    must(gan_tensor_fill_normal(b, 2, 0, 1));
    must(gan_session_run(session, (const gan_tensor *const[]){a, b}, 2, &result, 1));
    ck_assert_int_eq(gan_session_step_count(session), 3);
    for (int64_t i = 0; i < gan_tensor_count(result); i++) {
        const double value = at(a, 0, i / 5, i % 5), weight = at(b, 0, 0, i % 5);
        const double expected = weight / (1 + exp(-value)) + weight * tanh(value) + value;
        ck_assert_double_eq_tol(at(result, 0, i / 5, i % 5), expected > 0 ? expected : 0, 1e-5);
    }
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensor_free(result);
    gan_session_free(session);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

static const struct {
    int32_t rank;
    int64_t size[4];
    const char *words;
} misfits[] = {
    {4, {2, 1, 1, 6}, "the first weight has shape [2,1,1,6], expected [N,1,1,5]"},
    {4, {3, 1, 1, 5}, "the first weight has shape [3,1,1,5]"},
    {4, {2, 2, 1, 5}, "the first weight has shape [2,2,1,5]"},
    {2, {2, 5}, "the first weight has shape [2,5]"},
};

START_TEST(refusals)
{
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        static const int64_t picture[4] = {2, 3, 3, 5}, vector[4] = {1, 1, 1, 5};
        gan_context *context = reference_context();
        gan_graph *graph;
        must(gan_graph_create(&graph, context));
        gan_layer *x = gan_input(graph, NULL, picture, 4), *w = gan_input(graph, NULL, vector, 4);
        gan_layer *wrong = gan_input(graph, NULL, misfits[i].size, misfits[i].rank);
        ck_assert_ptr_null(gan_modulate(x, x, wrong, w));
        ck_assert_int_eq(gan_graph_status(graph), GAN_ERROR_SHAPE);
        ck_assert_msg(strstr(gan_error_message(), misfits[i].words) != NULL, "%s", gan_error_message());
        gan_graph_free(graph);
        gan_context_free(context);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {gradients, values, flat_picture, folded, refusals};
    return run_suite("modulation", tests, sizeof tests / sizeof tests[0]);
}
