/* Adam against plain formulas in double and the reference steps. */
#include "descent.h"
#include "gan/tensors.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADAM .struct_size = sizeof(gan_adam_options)

static const gan_adam_options variants[] = {
    {ADAM},
    {ADAM, .learning_rate = 0.0002f, .beta1 = 0.5f},
    {ADAM, .learning_rate = 0.01f, .beta1 = -1, .beta2 = 0.9f, .epsilon = 1e-3f},
    {ADAM, .learning_rate = 0.002f, .weight_decay = 0.1f},
};

static double or_default(float value, double standard)
{
    return value == 0 ? standard : round((double)value * 1e7) / 1e7;
}

static void naive(const void *options, int64_t step, double gradient, double *value, double *state)
{
    const gan_adam_options *adam = options;
    const double beta1 = adam->beta1 < 0 ? 0 : or_default(adam->beta1, 0.9);
    const double beta2 = or_default(adam->beta2, 0.999);
    const double epsilon = adam->epsilon == 0 ? 1e-8 : (double)adam->epsilon;
    const double g = gradient + (double)adam->weight_decay * *value;
    state[0] = beta1 * state[0] + (1 - beta1) * g;
    state[1] = beta2 * state[1] + (1 - beta2) * g * g;
    const double mean = state[0] / (1 - pow(beta1, (double)step));
    const double root = sqrt(state[1] / (1 - pow(beta2, (double)step)));
    *value -= or_default(adam->learning_rate, 0.001) * mean / (root + epsilon);
}

START_TEST(steps)
{
    check_descent(make_adam, &variants[_i], naive);
}
END_TEST

START_TEST(defaults_without_options)
{
    struct descent descent;
    descent_create(&descent, 1, 1, make_adam, NULL, NULL);
    ck_assert_float_eq(gan_optimizer_learning_rate(descent.optimizer), 0.001f);
    ck_assert_int_eq(gan_optimizer_step_count(descent.optimizer), 0);
    descent_free(&descent);
}
END_TEST

/* ---- Clipping happens before the moments ---- */

static float first_move(const gan_objective_options *options, float a, float b)
{
    /* With a large epsilon the first step is proportional to the gradient. */
    const gan_adam_options adam = {ADAM, .learning_rate = 1, .epsilon = 1e6f};
    const float start[] = {0, 0}, gradient[] = {a, b};
    float moved[2];
    struct descent descent;
    descent_create(&descent, 2, 1, make_adam, &adam, options);
    descent_set(&descent, start);
    descent_step(&descent, gradient);
    descent_get(&descent, moved);
    descent_free(&descent);
    return moved[0] * -1e6f;
}

START_TEST(gradients_are_clipped)
{
    const gan_objective_options value = {.struct_size = sizeof value, .clip_value = 0.5f};
    const gan_objective_options norm = {.struct_size = sizeof norm, .clip_norm = 1};
    ck_assert_float_eq_tol(first_move(NULL, 3, 4), 3, 1e-4f);
    ck_assert_float_eq_tol(first_move(&value, 3, 4), 0.5f, 1e-4f);
    ck_assert_float_eq_tol(first_move(&value, -3, 4), -0.5f, 1e-4f);
    ck_assert_float_eq_tol(first_move(&norm, 3, 4), 0.6f, 1e-4f);
    ck_assert_float_eq_tol(first_move(&norm, 0.3f, 0.4f), 0.3f, 1e-4f);
}
END_TEST

/* ---- Reference steps ---- */

static gan_tensor *array(const gan_tensors *file, const char *name)
{
    gan_tensor *tensor = NULL;
    ck_assert_msg(gan_tensors_get(&tensor, file, name) == GAN_OK, "%s: %s", name, gan_error_message());
    return tensor;
}

static void follow_reference(const gan_tensors *file)
{
    const gan_adam_options adam = {ADAM, .learning_rate = 0.002f, .beta1 = 0.5f, .beta2 = 0.999f};
    struct descent descent;
    gan_tensor *start = array(file, "adam.p0"), *gradients = array(file, "adam.grads");
    const int64_t count = gan_tensor_count(start);
    double worst = 0;
    descent_create(&descent, count, 2, make_adam, &adam, NULL);
    descent_set(&descent, gan_tensor_data_const(start));
    for (int step = 1; step <= 5; step++) {
        char name[16];
        float values[64];
        snprintf(name, sizeof name, "adam.p%d", step);
        gan_tensor *expected = array(file, name);
        const float *wanted = gan_tensor_data_const(expected);
        descent_step(&descent, (const float *)gan_tensor_data_const(gradients) + (step - 1) * count);
        descent_get(&descent, values);
        for (int64_t i = 0; i < count; i++)
            worst = fmax(worst, fabs((double)values[i] - (double)wanted[i]));
        gan_tensor_free(expected);
    }
    printf("adam: worst difference %.1e\n", worst);
    ck_assert(worst <= 1e-6);
    gan_tensor_free(start);
    gan_tensor_free(gradients);
    descent_free(&descent);
}

START_TEST(reference_values)
{
    const char *folder = getenv("GAN_SHARED_DATA");
    char path[4096];
    gan_context *context = NULL;
    gan_tensors *file = NULL;
    snprintf(path, sizeof path, "%s/golden/ops/ops.safetensors", folder != NULL ? folder : "");
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    if (folder != NULL && gan_tensors_load(&file, context, path) == GAN_OK)
        follow_reference(file);
    else
        printf("skipped: GAN_SHARED_DATA names no folder with golden/ops/ops.safetensors\n");
    gan_tensors_free(file);
    gan_context_free(context);
}
END_TEST

/* ---- Errors ---- */

static void expect_refusal(const gan_adam_options *options, const char *words)
{
    gan_context *context = NULL;
    gan_optimizer *optimizer = NULL;
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    ck_assert_int_eq(gan_adam_create(&optimizer, context, options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(optimizer);
    ck_assert_str_eq(gan_error_message(), words);
    gan_context_free(context);
}

START_TEST(errors_say_what_is_wrong)
{
    const gan_adam_options rate = {ADAM, .learning_rate = -1}, epsilon = {ADAM, .epsilon = NAN},
                           beta1 = {ADAM, .beta1 = 1}, beta2 = {ADAM, .beta2 = -0.5f};
    expect_refusal(&rate, "gan_adam_create: learning_rate is -1, expected a finite number of at least 0");
    expect_refusal(&epsilon, "gan_adam_create: epsilon is nan, expected a finite number of at least 0");
    expect_refusal(&beta1, "gan_adam_create: beta1 is 1, expected 0 <= beta1 < 1");
    expect_refusal(&beta2, "gan_adam_create: beta2 is -0.5, expected 0 <= beta2 < 1");
    ck_assert_int_eq(gan_adam_create(NULL, NULL, NULL), GAN_ERROR_ARGUMENT);
    gan_optimizer_free(NULL);
}
END_TEST

/* An optimizer serves parameters of its own context. */
START_TEST(other_contexts_are_refused)
{
    struct descent a, b;
    gan_objective *objective = NULL;
    descent_create(&a, 3, 1, make_adam, NULL, NULL);
    descent_create(&b, 4, 1, make_adam, NULL, NULL);
    const int64_t one[] = {1, 1};
    gan_layer *x = gan_input(b.graph, NULL, one, 2);
    gan_layer *loss = gan_sum(gan_apply(b.model, x));
    ck_assert_int_eq(gan_objective_create(&objective, loss, &x, 1, &b.model, 1, a.optimizer, NULL),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(objective);
    ck_assert_ptr_nonnull(
        strstr(gan_error_message(), "the optimizer and the loss belong to different contexts"));
    descent_free(&a);
    descent_free(&b);
}
END_TEST

/* Their squares are beyond float32, yet the parameter goes on moving, by the rate. */
START_TEST(gradients_whose_squares_are_too_large_move_parameters)
{
    static const float huge[] = {1e19f, 6e20f, -1e30f, -3e38f}, ordinary[] = {1, 1, 1, 1};
    struct descent descent;
    float values[4] = {0};
    descent_create(&descent, 4, 1, make_adam, NULL, NULL);
    descent_set(&descent, values);
    for (int step = 1; step <= 5; step++) {
        descent_step(&descent, huge);
        descent_get(&descent, values);
        for (int i = 0; i < 4; i++)
            ck_assert_float_eq_tol(values[i], (float)step * (i < 2 ? -0.001f : 0.001f), 1e-6f);
    }
    for (int32_t i = 0; i < 2; i++) {
        gan_tensor *state;
        ck_assert_int_eq(gan_optimizer_get_state(descent.optimizer, i, &state), GAN_OK);
        ck_assert_msg(gan_optimizer_set_state(descent.optimizer, i, state) == GAN_OK, "%s",
                      gan_error_message());
        gan_tensor_free(state);
    }
    const float before = values[0];
    descent_step(&descent, ordinary);
    descent_get(&descent, values);
    ck_assert(values[0] != before);
    descent_free(&descent);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("adam");
    tcase_add_loop_test(tests, steps, 0, sizeof variants / sizeof variants[0]);
    tcase_add_test(tests, defaults_without_options);
    tcase_add_test(tests, gradients_are_clipped);
    tcase_add_test(tests, reference_values);
    tcase_add_test(tests, gradients_whose_squares_are_too_large_move_parameters);
    tcase_add_test(tests, errors_say_what_is_wrong);
    tcase_add_test(tests, other_contexts_are_refused);
    Suite *suite = suite_create("adam");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
