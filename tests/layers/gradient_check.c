#include "gradient_check.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Comparing ---- */

struct worst {
    double difference, magnitude;
    int64_t index;
};

static void compare_one(struct worst *worst, int64_t index, double got, double expected)
{
    const double difference = fabs(got - expected);
    if (!(difference <= worst->difference)) {
        worst->difference = difference;
        worst->index = index;
    }
    if (fabs(expected) > worst->magnitude)
        worst->magnitude = fabs(expected);
}

/* An expectation that is 0 throughout is compared absolutely. */
static double judge(const char *name, const char *what, const struct worst *worst, double tolerance)
{
    const double error = worst->difference / (worst->magnitude > 0 ? worst->magnitude : 1);
    ck_assert_msg(error <= tolerance, "%s: %s: element %lld is off by %g, %g of the largest magnitude", name,
                  what, (long long)worst->index, worst->difference, error);
    return error;
}

double expect_near(const char *name, const char *what, const gan_tensor *got, const gan_tensor *expected,
                   double tolerance)
{
    ck_assert_msg(gan_tensor_count(got) == gan_tensor_count(expected), "%s: %s has %lld elements, not %lld",
                  name, what, (long long)gan_tensor_count(got), (long long)gan_tensor_count(expected));
    const float *values = gan_tensor_data_const(got), *wanted = gan_tensor_data_const(expected);
    struct worst worst = {0, 0, 0};
    for (int64_t i = 0; i < gan_tensor_count(got); i++)
        compare_one(&worst, i, (double)values[i], (double)wanted[i]);
    return judge(name, what, &worst, tolerance);
}

void expect_values(const char *name, const char *what, const gan_tensor *got, const double *expected,
                   double tolerance)
{
    const float *values = gan_tensor_data_const(got);
    struct worst worst = {0, 0, 0};
    for (int64_t i = 0; i < gan_tensor_count(got); i++)
        compare_one(&worst, i, (double)values[i], expected[i]);
    judge(name, what, &worst, tolerance);
}

/* ---- Finite differences ---- */

enum { SAMPLES = 40 };

static double weighted_sum(const gan_tensor *output, const gan_tensor *g)
{
    const float *y = gan_tensor_data_const(output), *weights = gan_tensor_data_const(g);
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_count(output); i++)
        sum += (double)y[i] * (double)weights[i];
    return sum;
}

/* Where a number that the loss depends on lives: an input, or a copy of a parameter (index >= 0). */
struct variable {
    gan_tensor *tensor;
    int32_t parameter;
};

static double loss_with(struct experiment *experiment, gan_session *session, const struct variable *variable,
                        int64_t index, float value)
{
    float *values = gan_tensor_data(variable->tensor);
    const float before = values[index];
    values[index] = value;
    if (variable->parameter >= 0)
        expect_ok(experiment->name,
                  gan_model_set_parameter(experiment->model, variable->parameter, variable->tensor));
    experiment_run_session(experiment, session);
    values[index] = before;
    if (variable->parameter >= 0)
        expect_ok(experiment->name,
                  gan_model_set_parameter(experiment->model, variable->parameter, variable->tensor));
    return weighted_sum(experiment->output, experiment->inputs[experiment->input_count]);
}

/* Up to SAMPLES elements, spread over the tensor. */
static void check_variable(struct experiment *experiment, gan_session *session,
                           const struct variable *variable, const gan_tensor *gradient, const char *what,
                           double tolerance)
{
    const float *values = gan_tensor_data_const(variable->tensor), *got = gan_tensor_data_const(gradient);
    const int64_t count = gan_tensor_count(variable->tensor);
    const int64_t step = count > SAMPLES ? count / SAMPLES : 1;
    struct worst worst = {0, 0, 0};
    for (int64_t i = 0; i < count; i++)
        if (fabsf(got[i]) > (float)worst.magnitude)
            worst.magnitude = (double)fabsf(got[i]);
    for (int64_t i = 0; i < count; i += step) {
        const float low = values[i] - 0.005f, high = values[i] + 0.005f;
        const double below = loss_with(experiment, session, variable, i, low);
        const double above = loss_with(experiment, session, variable, i, high);
        compare_one(&worst, i, (double)got[i], (above - below) / ((double)high - (double)low));
    }
    judge(experiment->name, what, &worst, tolerance);
}

static void check_inputs(struct experiment *experiment, gan_session *session, double tolerance)
{
    for (int32_t i = 0; i < experiment->input_count; i++) {
        char what[64];
        snprintf(what, sizeof what, "gradient of input %d", i);
        gan_tensor *gradient = experiment_input_gradient(experiment, i);
        const struct variable variable = {experiment->inputs[i], -1};
        check_variable(experiment, session, &variable, gradient, what, tolerance);
        gan_tensor_free(gradient);
    }
}

void check_finite_differences(struct experiment *experiment, double tolerance)
{
    gan_session *session = experiment_session(experiment);
    check_inputs(experiment, session, tolerance);
    for (int32_t i = 0; i < gan_model_parameter_count(experiment->model); i++) {
        if (!gan_model_parameter_trainable(experiment->model, i))
            continue;
        struct variable variable = {NULL, i};
        gan_tensor *gradient = NULL;
        expect_ok(experiment->name, gan_model_get_parameter(experiment->model, i, &variable.tensor));
        expect_ok(experiment->name,
                  gan_objective_gradient(experiment->objective, experiment->model, i, &gradient));
        check_variable(experiment, session, &variable, gradient,
                       gan_model_parameter_name(experiment->model, i), tolerance);
        gan_tensor_free(gradient);
        gan_tensor_free(variable.tensor);
    }
    gan_session_free(session);
}

/* ---- Kernel sets and threads ---- */

bool kernels_run(int32_t kernels)
{
    const gan_context_options options = {.struct_size = sizeof options, .kernels = kernels, .threads = 1};
    gan_context *context = NULL;
    const bool run = gan_context_create(&context, &options) == GAN_OK;
    gan_context_free(context);
    return run;
}

static void expect_same_bits(const char *name, const char *what, gan_tensor *a, gan_tensor *b)
{
    const size_t size = (size_t)gan_tensor_count(a) * sizeof(float);
    ck_assert_msg(memcmp(gan_tensor_data(a), gan_tensor_data(b), size) == 0,
                  "%s: %s differs with the number of threads", name, what);
    gan_tensor_free(a);
    gan_tensor_free(b);
}

static void compare_runs(const struct experiment *one, const struct experiment *many)
{
    expect_same_bits(one->name, "output", gan_tensor_retain(one->output), gan_tensor_retain(many->output));
    for (int32_t i = 0; i < one->input_count; i++)
        expect_same_bits(one->name, "input gradient", experiment_input_gradient(one, i),
                         experiment_input_gradient(many, i));
    for (int32_t i = 0; i < gan_model_parameter_count(one->model); i++) {
        gan_tensor *a = NULL, *b = NULL;
        if (!gan_model_parameter_trainable(one->model, i))
            continue;
        expect_ok(one->name, gan_objective_gradient(one->objective, one->model, i, &a));
        expect_ok(one->name, gan_objective_gradient(many->objective, many->model, i, &b));
        expect_same_bits(one->name, gan_model_parameter_name(one->model, i), a, b);
    }
}

static void check_on_kernels(const struct layer_case *layer, int32_t kernels)
{
    struct experiment one;
    experiment_create(&one, layer, kernels, 1, NULL, NULL);
    experiment_run(&one);
    for (int32_t threads = 2; threads <= 3; threads++) {
        struct experiment many;
        experiment_create(&many, layer, kernels, threads, NULL, NULL);
        experiment_run(&many);
        compare_runs(&one, &many);
        experiment_free(&many);
    }
    check_finite_differences(&one, layer->tolerance > 0 ? layer->tolerance : 1e-2);
    experiment_free(&one);
}

void check_layer(const struct layer_case *layer)
{
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
        if (kernels_run(kernels))
            check_on_kernels(layer, kernels);
}
