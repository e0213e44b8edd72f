/* Dense layers: values against float64, gradients against finite differences; dropout. */
#include "gradient_check.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gan_layer *build_dense(gan_layer *const *inputs, const void *argument)
{
    return gan_dense(inputs[0], argument);
}

static gan_layer *build_dense_and_tanh(gan_layer *const *inputs, const void *argument)
{
    return gan_tanh(gan_dense(inputs[0], argument));
}

#define DENSE .struct_size = sizeof(gan_dense_options)

static const gan_dense_options five = {DENSE, .units = 5}, plain = {DENSE, .units = 33, .no_bias = 1},
                               one = {DENSE, .units = 1};

static const struct layer_case cases[] = {
    {"dense", build_dense, &five, {{2, {3, 7}}}, 0},
    {"dense of one vector", build_dense, &plain, {{2, {1, 40}}}, 0},
    {"dense to one number", build_dense, &one, {{2, {6, 72}}}, 0},
    {"dense of pictures", build_dense, &five, {{4, {2, 3, 4, 6}}}, 0},
    {"dense and tanh", build_dense_and_tanh, &five, {{2, {4, 3}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

START_TEST(values)
{
    struct experiment e;
    experiment_create(&e, &cases[_i], 0, 2, NULL, NULL);
    experiment_run(&e);
    gan_tensor *weight = experiment_parameter(&e, "weight"), *bias = experiment_parameter(&e, "bias");
    const float *x = gan_tensor_data_const(e.inputs[0]), *w = gan_tensor_data_const(weight);
    const float *b = gan_tensor_data_const(bias);
    const int64_t units = gan_tensor_size(weight, 0), channels = gan_tensor_size(weight, 1);
    double *expected = calloc((size_t)gan_tensor_count(e.output), sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++) {
        const int64_t row = i / units, unit = i % units;
        expected[i] = b != NULL ? (double)b[unit] : 0;
        for (int64_t c = 0; c < channels; c++)
            expected[i] += (double)x[row * channels + c] * (double)w[unit * channels + c];
    }
    expect_values(cases[_i].name, "output", e.output, expected, 1e-5);
    free(expected);
    gan_tensor_free(weight);
    gan_tensor_free(bias);
    experiment_free(&e);
}
END_TEST

/* ---- Dropout ---- */

static gan_layer *build_dropout(gan_layer *const *inputs, const void *argument)
{
    return gan_dropout(inputs[0], *(const float *)argument);
}

static const float quarter = 0.25f;
static const struct layer_case dropout = {"dropout", build_dropout, &quarter, {{2, {100, 400}}}, 0};

/* A quarter is 0, the rest is divided by three quarters. */
START_TEST(dropout_drops_its_share)
{
    struct experiment e;
    experiment_create(&e, &dropout, 0, 2, NULL, NULL);
    experiment_run(&e);
    const float *x = gan_tensor_data_const(e.inputs[0]), *y = gan_tensor_data_const(e.output);
    const int64_t count = gan_tensor_count(e.output);
    int64_t dropped = 0;
    for (int64_t i = 0; i < count; i++) {
        dropped += y[i] == 0;
        ck_assert(y[i] == 0 || fabsf(y[i] - x[i] / 0.75f) <= 1e-6f * fabsf(y[i]));
    }
    ck_assert_double_eq_tol((double)dropped / (double)count, 0.25, 0.01);
    experiment_free(&e);
}
END_TEST

/* sum(y g) is linear in x, so it is sum(x dx), if backward drops what forward dropped. */
START_TEST(dropout_drops_the_same_in_backward)
{
    struct experiment e;
    float loss = 0;
    experiment_create(&e, &dropout, 0, 3, NULL, NULL);
    expect_ok("dropout", gan_objective_gradients(e.objective, (const gan_tensor *const *)e.inputs, 3, &loss));
    gan_tensor *gradient = experiment_input_gradient(&e, 0);
    const float *x = gan_tensor_data_const(e.inputs[0]), *dx = gan_tensor_data_const(gradient);
    double sum = 0, magnitude = 0;
    for (int64_t i = 0; i < gan_tensor_count(gradient); i++) {
        sum += (double)x[i] * (double)dx[i];
        magnitude += fabs((double)x[i] * (double)dx[i]);
    }
    ck_assert_double_eq_tol(sum, (double)loss, 1e-6 * magnitude);
    gan_tensor_free(gradient);
    experiment_free(&e);
}
END_TEST

/* Two steps of training drop different elements. */
START_TEST(dropout_changes_from_step_to_step)
{
    struct experiment e;
    gan_tensor *drawn[2];
    experiment_create(&e, &dropout, 0, 1, NULL, NULL);
    for (int32_t i = 0; i < 2; i++) {
        expect_ok("step", gan_objective_step(e.objective, (const gan_tensor *const *)e.inputs, 3, NULL));
        drawn[i] = experiment_input_gradient(&e, 0);
    }
    const float *a = gan_tensor_data_const(drawn[0]), *b = gan_tensor_data_const(drawn[1]);
    int64_t both = 0;
    for (int64_t i = 0; i < gan_tensor_count(drawn[0]); i++)
        both += a[i] == 0 && b[i] == 0;
    ck_assert_double_eq_tol((double)both / (double)gan_tensor_count(drawn[0]), 0.0625, 0.01);
    gan_tensor_free(drawn[0]);
    gan_tensor_free(drawn[1]);
    experiment_free(&e);
}
END_TEST

START_TEST(dropout_rests_in_inference)
{
    struct experiment e;
    gan_session *session = NULL;
    const int64_t size[] = {100, 400};
    experiment_create(&e, &dropout, 0, 1, NULL, NULL);
    expect_ok("session", gan_session_create(&session, e.model, size, NULL));
    experiment_run_session(&e, session);
    expect_near("dropout", "output", e.output, e.inputs[0], 0);
    gan_session_free(session);
    experiment_free(&e);
}
END_TEST

/* ---- What does not fit ---- */

START_TEST(refusals)
{
    static const int64_t size[] = {-1, 7}, open[] = {7, -1};
    gan_context *context = NULL;
    expect_ok("context", gan_context_create(&context, NULL));
    for (int32_t i = 0; i < 3; i++) {
        gan_graph *graph = NULL;
        expect_ok("graph", gan_graph_create(&graph, context));
        gan_layer *x = gan_input(graph, "x", i == 1 ? open : size, 2);
        ck_assert_ptr_null(i == 0 ? gan_dense(x, NULL) : i == 1 ? gan_dense(x, &five) : gan_dropout(x, 1));
        static const char *const words[] = {"units is 0", "known number of channels", "rate is 1"};
        ck_assert_int_ne(gan_graph_status(graph), GAN_OK);
        ck_assert_ptr_nonnull(strstr(gan_error_message(), words[i]));
        gan_graph_free(graph);
    }
    gan_context_free(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dense");
    TCase *tests = tcase_create("dense");
    tcase_set_timeout(tests, 250);
    tcase_add_loop_test(tests, gradients, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_loop_test(tests, values, 0, 4);
    tcase_add_test(tests, dropout_drops_its_share);
    tcase_add_test(tests, dropout_drops_the_same_in_backward);
    tcase_add_test(tests, dropout_changes_from_step_to_step);
    tcase_add_test(tests, dropout_rests_in_inference);
    tcase_add_test(tests, refusals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
