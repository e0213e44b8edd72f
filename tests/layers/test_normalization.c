/* Batch, instance, group and layer normalization: values against plain float64 arithmetic, gradients against
 * finite differences. */
#include "gradient_check.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH, INSTANCE, GROUP, LAYER };

struct norm {
    int32_t kind;
    gan_norm_options options;
};

static gan_layer *build_norm(gan_layer *const *inputs, const void *argument)
{
    const struct norm *norm = argument;
    switch (norm->kind) {
    case BATCH:
        return gan_batch_norm(inputs[0], &norm->options);
    case INSTANCE:
        return gan_instance_norm(inputs[0], &norm->options);
    case GROUP:
        return gan_group_norm(inputs[0], &norm->options);
    default:
        return gan_layer_norm(inputs[0], &norm->options);
    }
}

/* A pointwise function that the norm takes over. */
static gan_layer *build_norm_and_tanh(gan_layer *const *inputs, const void *argument)
{
    return gan_tanh(build_norm(inputs, argument));
}

/* Running statistics while training: the batch norm is applied as a model of its own. */
static gan_layer *build_fixed_norm(gan_layer *const *inputs, const void *argument)
{
    const gan_apply_options options = {sizeof options, GAN_STATISTICS_RUNNING};
    gan_layer *norm = build_norm(inputs, argument), *output = NULL;
    gan_model *model = NULL;
    expect_ok("fixed", gan_model_create(&model, "norm", inputs, 1, &norm, 1));
    expect_ok("fixed", gan_apply_many(model, inputs, 1, &output, 1, &options));
    gan_model_free(model);
    return output;
}

#define OPTIONS .struct_size = sizeof(gan_norm_options)

static const struct norm batch = {BATCH, {OPTIONS}}, instance = {INSTANCE, {OPTIONS}},
                         layer = {LAYER, {OPTIONS}}, groups_of_3 = {GROUP, {OPTIONS, .groups = 4}},
                         wide_epsilon = {INSTANCE, {OPTIONS, .epsilon = 0.1f}},
                         plain_batch = {BATCH, {OPTIONS, .no_affine = 1}},
                         plain_instance = {INSTANCE, {OPTIONS, .no_affine = 1}};

static const struct layer_case cases[] = {
    {"batch_norm", build_norm, &batch, {{4, {3, 5, 4, 6}}}, 0},
    {"batch_norm, 70 channels", build_norm, &batch, {{4, {2, 3, 3, 70}}}, 0},
    {"batch_norm of vectors", build_norm, &batch, {{2, {9, 5}}}, 0},
    {"batch_norm without affine", build_norm, &plain_batch, {{4, {2, 4, 4, 3}}}, 0},
    {"batch_norm with tanh", build_norm_and_tanh, &batch, {{4, {2, 4, 4, 3}}}, 0},
    {"batch_norm, running", build_fixed_norm, &batch, {{4, {2, 4, 4, 3}}}, 0},
    {"instance_norm", build_norm, &instance, {{4, {2, 6, 5, 7}}}, 0},
    {"instance_norm, several blocks", build_norm, &instance, {{4, {1, 67, 61, 9}}}, 0},
    {"instance_norm, epsilon 0.1", build_norm, &wide_epsilon, {{4, {2, 3, 3, 4}}}, 0},
    {"instance_norm without affine", build_norm, &plain_instance, {{4, {2, 3, 5, 4}}}, 0},
    {"instance_norm with tanh", build_norm_and_tanh, &instance, {{4, {1, 5, 5, 17}}}, 0},
    {"group_norm", build_norm, &groups_of_3, {{4, {2, 5, 6, 12}}}, 0},
    {"layer_norm", build_norm, &layer, {{4, {2, 5, 6, 4}}}, 0},
    {"layer_norm of vectors", build_norm, &layer, {{2, {3, 8}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

/* ---- Values ---- */

struct moments {
    double mean, variance;
};

/* Of channels [first, last) of pictures [n, n + pictures). */
static struct moments naive_moments(const float *x, const int64_t *size, int64_t n, int64_t pictures,
                                    int64_t first, int64_t last)
{
    const int64_t pixels = size[1] * size[2], channels = size[3];
    const double count = (double)(pictures * pixels * (last - first));
    double sum = 0, square = 0;
    for (int64_t p = n * pixels; p < (n + pictures) * pixels; p++)
        for (int64_t c = first; c < last; c++)
            sum += (double)x[p * channels + c];
    const double mean = sum / count;
    for (int64_t p = n * pixels; p < (n + pictures) * pixels; p++)
        for (int64_t c = first; c < last; c++)
            square += ((double)x[p * channels + c] - mean) * ((double)x[p * channels + c] - mean);
    return (struct moments){mean, square / count};
}

/* `width` channels share their statistics; of all pictures where `whole_batch`. */
static void naive_norm(const struct experiment *e, int64_t width, bool whole_batch, double *y)
{
    const float *x = gan_tensor_data_const(e->inputs[0]);
    gan_tensor *scale = experiment_parameter(e, "weight"), *shift = experiment_parameter(e, "bias");
    const float *a = gan_tensor_data_const(scale), *b = gan_tensor_data_const(shift);
    int64_t size[4];
    for (int32_t i = 0; i < 4; i++)
        size[i] = gan_tensor_size(e->inputs[0], i);
    for (int64_t n = 0; n < size[0]; n++)
        for (int64_t c = 0; c < size[3]; c++) {
            const int64_t first = c - c % width;
            const struct moments m =
                naive_moments(x, size, whole_batch ? 0 : n, whole_batch ? size[0] : 1, first, first + width);
            for (int64_t p = n * size[1] * size[2]; p < (n + 1) * size[1] * size[2]; p++)
                y[p * size[3] + c] =
                    ((double)x[p * size[3] + c] - m.mean) / sqrt(m.variance + 1e-5) * (double)a[c] +
                    (double)b[c];
        }
    gan_tensor_free(scale);
    gan_tensor_free(shift);
}

static void check_values(const struct layer_case *tested, int64_t width, bool whole_batch, float mean,
                         float deviation, double tolerance)
{
    struct experiment e;
    experiment_create(&e, tested, 0, 2, NULL, NULL);
    expect_ok("fill", gan_tensor_fill_normal(e.inputs[0], 5, mean, deviation));
    experiment_run(&e);
    double *expected = calloc((size_t)gan_tensor_count(e.output), sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    naive_norm(&e, width, whole_batch, expected);
    expect_values(tested->name, "output", e.output, expected, tolerance);
    free(expected);
    experiment_free(&e);
}

START_TEST(values_of_plain_pictures)
{
    check_values(&cases[0], 1, true, 1, 2, 1e-5);
    check_values(&cases[6], 1, false, 1, 2, 1e-5);
    check_values(&cases[7], 1, false, -3, 0.5f, 1e-5);
    check_values(&cases[11], 3, false, 1, 2, 1e-5);
    check_values(&cases[12], 4, false, 1, 2, 1e-5);
}
END_TEST

/* No digits are lost where the mean is 10000 times the deviation. */
START_TEST(values_of_a_large_mean)
{
    check_values(&cases[0], 1, true, 1000, 0.1f, 1e-5);
    check_values(&cases[7], 1, false, 1000, 0.1f, 1e-5);
    check_values(&cases[12], 4, false, 1000, 0.1f, 1e-5);
}
END_TEST

static void expect_finite(const gan_tensor *tensor)
{
    const float *values = gan_tensor_data_const(tensor);
    for (int64_t i = 0; i < gan_tensor_count(tensor); i++)
        ck_assert(isfinite(values[i]));
}

/* A flat picture, and batch norm over one value per channel: all differences are 0, so y is the shift. */
START_TEST(flat_pictures_stay_finite)
{
    static const struct layer_case flat[] = {
        {"batch_norm of one value", build_norm, &batch, {{4, {1, 1, 1, 6}}}, 0},
        {"instance_norm of a flat picture", build_norm, &instance, {{4, {2, 4, 4, 3}}}, 0},
        {"layer_norm of a flat picture", build_norm, &layer, {{4, {2, 4, 4, 3}}}, 0},
    };
    struct experiment e;
    experiment_create(&e, &flat[_i], 0, 1, NULL, NULL);
    expect_ok("fill", gan_tensor_fill_normal(e.inputs[0], 1, 7.5f, 0));
    experiment_run(&e);
    gan_tensor *shift = experiment_parameter(&e, "bias"), *gradient = experiment_input_gradient(&e, 0);
    const float *y = gan_tensor_data_const(e.output), *b = gan_tensor_data_const(shift);
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++)
        ck_assert_float_eq_tol(y[i], b[i % gan_tensor_count(shift)], 1e-6f);
    expect_finite(gradient);
    gan_tensor_free(shift);
    gan_tensor_free(gradient);
    experiment_free(&e);
}
END_TEST

/* ---- Running statistics ---- */

static void fill_parameter(struct experiment *e, const char *suffix, float value)
{
    gan_tensor *tensor = experiment_parameter(e, suffix);
    expect_ok(suffix, gan_tensor_fill_normal(tensor, 1, value, 0));
    experiment_set_parameter(e, suffix, tensor);
    gan_tensor_free(tensor);
}

/* After one training step: running = 0.75 running + 0.25 batch, the variance by n - 1 unless biased. */
static void check_running(int32_t biased)
{
    const struct norm moving = {BATCH, {OPTIONS, .momentum = 0.25f, .biased_running_variance = biased}};
    const struct layer_case tested = {"running statistics", build_norm, &moving, {{4, {2, 3, 3, 5}}}, 0};
    const int64_t size[] = {2, 3, 3, 5};
    struct experiment e;
    experiment_create(&e, &tested, 0, 1, NULL, NULL);
    fill_parameter(&e, "running_mean", 3);
    fill_parameter(&e, "running_variance", 2);
    expect_ok("step", gan_objective_step(e.objective, (const gan_tensor *const *)e.inputs, 3, NULL));
    gan_tensor *mean = experiment_parameter(&e, "running_mean");
    gan_tensor *variance = experiment_parameter(&e, "running_variance");
    double means[5], variances[5];
    for (int64_t c = 0; c < 5; c++) {
        const struct moments m = naive_moments(gan_tensor_data_const(e.inputs[0]), size, 0, 2, c, c + 1);
        means[c] = 0.75 * 3 + 0.25 * m.mean;
        variances[c] = 0.75 * 2 + 0.25 * m.variance * (biased ? 1 : 18.0 / 17.0);
    }
    expect_values("running", "mean", mean, means, 1e-6);
    expect_values("running", "variance", variance, variances, 1e-6);
    gan_tensor_free(mean);
    gan_tensor_free(variance);
    experiment_free(&e);
}

START_TEST(running_statistics_move)
{
    check_running(0);
    check_running(1);
}
END_TEST

/* In a session that does not train, y follows from the running statistics. */
START_TEST(inference_uses_running_statistics)
{
    struct experiment e;
    experiment_create(&e, &cases[0], 0, 1, NULL, NULL);
    gan_session *session = NULL;
    expect_ok("session", gan_session_create_2d(&session, e.model, 3, 5, 4, NULL));
    experiment_run_session(&e, session);
    static const char *const names[] = {"weight", "bias", "running_mean", "running_variance"};
    gan_tensor *parameters[4];
    const float *values[4], *x = gan_tensor_data_const(e.inputs[0]), *y = gan_tensor_data_const(e.output);
    for (int32_t i = 0; i < 4; i++) {
        parameters[i] = experiment_parameter(&e, names[i]);
        values[i] = gan_tensor_data_const(parameters[i]);
    }
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++) {
        const int64_t c = i % 6;
        const float expected =
            (x[i] - values[2][c]) / sqrtf(values[3][c] + 1e-5f) * values[0][c] + values[1][c];
        ck_assert_float_eq_tol(y[i], expected, 1e-5f);
    }
    for (int32_t i = 0; i < 4; i++)
        gan_tensor_free(parameters[i]);
    gan_session_free(session);
    experiment_free(&e);
}
END_TEST

/* ---- What does not fit ---- */

static void expect_refusal(const struct norm *norm, const int64_t *size, int32_t rank, const char *words)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    expect_ok("refusal", gan_context_create(&context, NULL));
    expect_ok("refusal", gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", size, rank);
    ck_assert_ptr_null(build_norm(&x, norm));
    ck_assert_int_ne(gan_graph_status(graph), GAN_OK);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
    gan_graph_free(graph);
    gan_context_free(context);
}

START_TEST(refusals)
{
    const int64_t picture[] = {-1, -1, -1, 10}, open[] = {1, 8, 8, -1}, vectors[] = {4, 6};
    const struct norm negative = {INSTANCE, {OPTIONS, .epsilon = -1}};
    expect_refusal(&groups_of_3, picture, 4, "group_norm \"group_norm\": 10 channels do not divide");
    expect_refusal(&instance, vectors, 2, "expected a picture [N,H,W,C]");
    expect_refusal(&batch, open, 4, "known number of channels");
    expect_refusal(&negative, picture, 4, "epsilon is -1");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("normalization");
    TCase *tests = tcase_create("normalization");
    tcase_set_timeout(tests, 250);
    tcase_add_loop_test(tests, gradients, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, values_of_plain_pictures);
    tcase_add_test(tests, values_of_a_large_mean);
    tcase_add_loop_test(tests, flat_pictures_stay_finite, 0, 3);
    tcase_add_test(tests, running_statistics_move);
    tcase_add_test(tests, inference_uses_running_statistics);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
