/* Pointwise functions: precision against libm in double, gradients; PReLU and softmax. */
#include "golden.h"
#include "kernels/activation.h"
#include "kernels/microkernel.h"
#include "naive.h"

#include <check.h>
#include <math.h>
#include <string.h>

/* ---- The functions on arrays ---- */

static double sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

static double normal(double x)
{
    return 0.5 * erfc(-x / sqrt(2.0));
}

static double value_of(struct activation activation, double x)
{
    const double slope = (double)activation.slope;
    switch (activation.function) {
    case ACTIVATION_RELU:
        return x > 0 ? x : 0;
    case ACTIVATION_LEAKY_RELU:
        return x > 0 ? x : slope * x;
    case ACTIVATION_ELU:
        return x > 0 ? x : slope * expm1(x);
    case ACTIVATION_GELU:
        return x * normal(x);
    case ACTIVATION_SILU:
        return x * sigmoid(x);
    case ACTIVATION_SOFTPLUS:
        return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    case ACTIVATION_TANH:
        return tanh(x);
    case ACTIVATION_SIGMOID:
        return sigmoid(x);
    default:
        return x;
    }
}

static double slope_of(struct activation activation, double x)
{
    const double slope = (double)activation.slope, s = sigmoid(x), t = tanh(x);
    switch (activation.function) {
    case ACTIVATION_RELU:
        return x > 0 ? 1 : 0;
    case ACTIVATION_LEAKY_RELU:
        return x > 0 ? 1 : slope;
    case ACTIVATION_ELU:
        return x > 0 ? 1 : slope * exp(x);
    case ACTIVATION_GELU:
        return normal(x) + x * exp(-0.5 * x * x) * 0.39894228040143267794;
    case ACTIVATION_SILU:
        return s * (1 + x * (1 - s));
    case ACTIVATION_SOFTPLUS:
        return s;
    case ACTIVATION_TANH:
        return 1 - t * t;
    case ACTIVATION_SIGMOID:
        return s * (1 - s);
    default:
        return 1;
    }
}

static struct activation activation_number(int function)
{
    return (struct activation){function, function == ACTIVATION_ELU ? 1.0f : 0.2f};
}

enum { COUNT = 20000 };

/* Densely around 0, then out to where exponentials vanish. */
static void fill(float *x)
{
    for (int i = 0; i < COUNT; i++) {
        const double u = 2.0 * i / COUNT - 1;
        x[i] = (float)(i % 3 == 0 ? 80 * u : i % 3 == 1 ? 6 * u : 0.01 * u * u * u);
    }
}

static double error_in_ulp(float got, double expected)
{
    const float near = fabsf((float)expected);
    return fabs((double)got - expected) / (double)(nextafterf(near, INFINITY) - near);
}

START_TEST(values_are_precise)
{
    static float x[COUNT], y[COUNT];
    const struct activation activation = activation_number(_i);
    const double most = _i == ACTIVATION_GELU ? 5 : 4; /* a product more than the others */
    fill(x);
    gan_activation_forward(GAN_KERNELS_PORTABLE, activation, x, y, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const double expected = value_of(activation, (double)x[i]);
        if (fabs(expected) < 1e-34) /* close to denormal numbers: flushed somewhere on the way */
            ck_assert_msg(fabs((double)y[i]) < 2e-34, "function %d of %a is %a", _i, (double)x[i],
                          (double)y[i]);
        else
            ck_assert_msg(error_in_ulp(y[i], expected) <= most, "function %d of %a is %a, expected %a", _i,
                          (double)x[i], (double)y[i], expected);
    }
}
END_TEST

START_TEST(slopes_are_precise)
{
    static float x[COUNT], y[COUNT], dy[COUNT];
    const struct activation activation = activation_number(_i);
    const int needs_input = gan_activation_needs_input(activation);
    fill(x);
    for (int i = 0; i < COUNT; i++)
        dy[i] = 1 + (float)(i % 7);
    gan_activation_forward(GAN_KERNELS_PORTABLE, activation, x, y, COUNT);
    gan_activation_backward(GAN_KERNELS_PORTABLE, activation, needs_input ? x : NULL, needs_input ? NULL : y,
                            dy, dy, COUNT);
    for (int i = 0; i < COUNT; i++) {
        const double expected = (1 + i % 7) * slope_of(activation, (double)x[i]);
        ck_assert_msg(fabs((double)dy[i] - expected) <= 3e-6, "slope of function %d at %a is %a, expected %a",
                      _i, (double)x[i], (double)dy[i], expected);
    }
}
END_TEST

/* Vectors and what is left over at the end compute the same bits; in place too. */
START_TEST(any_cut_gives_the_same_bits)
{
    static float x[COUNT], whole[COUNT];
    const struct activation activation = activation_number(_i);
    fill(x);
    gan_activation_forward(GAN_KERNELS_PORTABLE, activation, x, whole, COUNT);
    for (int start = 0, count = 1; start + count <= 3000; start += count, count = count % 37 + 1)
        gan_activation_forward(GAN_KERNELS_PORTABLE, activation, x + start, x + start, count);
    const size_t compared = 2900;
    ck_assert_int_eq(memcmp(x, whole, compared * sizeof(float)), 0);
}
END_TEST

/* The wider sets are the same loops: what they give does not depend on the processor. */
START_TEST(every_set_gives_the_same_bits)
{
    static float x[COUNT], dy[COUNT], y[2][COUNT], dx[2][COUNT];
    const struct activation activation = activation_number(_i);
    fill(x);
    for (int i = 0; i < COUNT; i++)
        dy[i] = 1 + (float)(i % 7);
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        int32_t chosen = kernels;
        const int at = kernels == GAN_KERNELS_PORTABLE ? 0 : 1;
        if (gan_kernels_choose(&chosen) != GAN_OK)
            continue;
        gan_activation_forward(kernels, activation, x, y[at], COUNT);
        gan_activation_backward(kernels, activation, x, y[at], dy, dx[at], COUNT);
        ck_assert_mem_eq(y[at], y[0], sizeof y[0]);
        ck_assert_mem_eq(dx[at], dx[0], sizeof dx[0]);
    }
}
END_TEST

START_TEST(nan_stays_nan)
{
    const struct activation activation = activation_number(_i);
    float y[3];
    const float x[] = {NAN, -NAN, INFINITY};
    gan_activation_forward(GAN_KERNELS_PORTABLE, activation, x, y, 3);
    ck_assert(isnan(y[0]) && isnan(y[1]));
    ck_assert_float_eq(y[2], (float)value_of(activation, INFINITY));
}
END_TEST

/* ---- The layers ---- */

static gan_layer *build(gan_layer *const *inputs, const void *argument)
{
    switch (((const struct activation *)argument)->function) {
    case ACTIVATION_RELU:
        return gan_relu(inputs[0]);
    case ACTIVATION_LEAKY_RELU:
        return gan_leaky_relu(inputs[0], ((const struct activation *)argument)->slope);
    case ACTIVATION_ELU:
        return gan_elu(inputs[0], ((const struct activation *)argument)->slope);
    case ACTIVATION_GELU:
        return gan_gelu(inputs[0]);
    case ACTIVATION_SILU:
        return gan_silu(inputs[0]);
    case ACTIVATION_SOFTPLUS:
        return gan_softplus(inputs[0]);
    case ACTIVATION_TANH:
        return gan_tanh(inputs[0]);
    default:
        return gan_sigmoid(inputs[0]);
    }
}

static gan_layer *build_prelu(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_prelu(inputs[0], "p", 0);
}

static gan_layer *build_softmax(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_softmax(inputs[0]);
}

static const struct activation relu = {ACTIVATION_RELU, 0}, leaky = {ACTIVATION_LEAKY_RELU, 0.2f},
                               elu = {ACTIVATION_ELU, 1}, flat_elu = {ACTIVATION_ELU, 0.3f},
                               gelu = {ACTIVATION_GELU, 0}, silu = {ACTIVATION_SILU, 0},
                               softplus = {ACTIVATION_SOFTPLUS, 0}, hyperbolic = {ACTIVATION_TANH, 0},
                               logistic = {ACTIVATION_SIGMOID, 0};

static const struct layer_case cases[] = {
    {"relu", build, &relu, {{4, {2, 3, 5, 7}}}, 0},
    {"leaky_relu", build, &leaky, {{4, {1, 4, 5, 6}}}, 0},
    {"elu", build, &elu, {{3, {3, 5, 7}}}, 0},
    {"elu 0.3", build, &flat_elu, {{3, {3, 5, 7}}}, 0},
    {"gelu", build, &gelu, {{2, {3, 50}}}, 0},
    {"silu", build, &silu, {{2, {3, 50}}}, 0},
    {"softplus", build, &softplus, {{2, {3, 50}}}, 0},
    {"tanh", build, &hyperbolic, {{1, {101}}}, 0},
    {"sigmoid", build, &logistic, {{4, {2, 3, 3, 5}}}, 0},
    {"sigmoid of many", build, &logistic, {{2, {5, 9000}}}, 0},
    {"prelu", build_prelu, NULL, {{4, {2, 5, 4, 3}}}, 0},
    {"prelu of many", build_prelu, NULL, {{4, {2, 50, 60, 7}}}, 0},
    {"softmax", build_softmax, NULL, {{4, {2, 3, 4, 6}}}, 0},
    {"softmax of long rows", build_softmax, NULL, {{2, {3, 1000}}}, 2e-2},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

static const struct golden_case golden[] = {
    {"relu", build, &relu, {NULL}, 0},
    {"leaky_relu_0_2", build, &leaky, {NULL}, 0},
    {"elu", build, &elu, {NULL}, 0},
    {"gelu", build, &gelu, {NULL}, 0},
    {"silu", build, &silu, {NULL}, 0},
    {"softplus", build, &softplus, {NULL}, 0},
    {"tanh", build, &hyperbolic, {NULL}, 0},
    {"sigmoid", build, &logistic, {NULL}, 0},
    {"prelu_per_channel", build_prelu, NULL, {NULL}, 0},
    {"softmax_channels", build_softmax, NULL, {NULL}, 0},
};

START_TEST(reference_values)
{
    if (golden_available())
        check_golden(&golden[_i]);
}
END_TEST

static double softmax_at(const struct experiment *e, int64_t index)
{
    const float *x = gan_tensor_data_const(e->inputs[0]);
    const int64_t columns = gan_tensor_size(e->inputs[0], gan_tensor_rank(e->inputs[0]) - 1);
    double sum = 0;
    for (int64_t i = 0; i < columns; i++)
        sum += exp((double)x[index / columns * columns + i]);
    return exp((double)x[index]) / sum;
}

START_TEST(softmax_values)
{
    check_values(&cases[12], softmax_at);
}
END_TEST

static double prelu_at(const struct experiment *e, int64_t index)
{
    gan_tensor *weight = experiment_parameter(e, "weight");
    const float *x = gan_tensor_data_const(e->inputs[0]), *slope = gan_tensor_data_const(weight);
    const double w = (double)slope[index % gan_tensor_count(weight)];
    gan_tensor_free(weight);
    return (double)x[index] * (x[index] < 0 ? w : 1);
}

START_TEST(prelu_values)
{
    check_values(&cases[10], prelu_at);
}
END_TEST

/* ---- Errors ---- */

static gan_layer *negative_slope(gan_layer *const *inputs)
{
    return gan_leaky_relu(inputs[0], -0.5f);
}

static gan_layer *infinite_alpha(gan_layer *const *inputs)
{
    return gan_elu(inputs[0], INFINITY);
}

static gan_layer *open_prelu(gan_layer *const *inputs)
{
    return gan_prelu(inputs[0], "p", 0);
}

static gan_layer *softmax_of_input(gan_layer *const *inputs)
{
    return gan_softmax(inputs[0]);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t shape[] = {2, -1};
    expect_refusal(negative_slope,
                   "leaky_relu \"leaky_relu\": slope is -0.5, expected a finite number of at least 0", 2,
                   shape, NULL);
    expect_refusal(infinite_alpha, "elu \"elu\": alpha is inf, expected a finite number of at least 0", 2,
                   shape, NULL);
    expect_refusal(open_prelu, "prelu \"p\": input has shape [2,?], expected a known number of channels", 2,
                   shape, NULL);
    expect_refusal(softmax_of_input, "softmax \"softmax\": input has shape [], expected a last axis", 0, NULL,
                   NULL);
    ck_assert_ptr_null(gan_relu(NULL));
    ck_assert_ptr_null(gan_prelu(NULL, NULL, 0));
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    TCase *tests = tcase_create("activation");
    tcase_add_loop_test(tests, values_are_precise, ACTIVATION_LINEAR, ACTIVATION_SIGMOID + 1);
    tcase_add_loop_test(tests, slopes_are_precise, ACTIVATION_LINEAR, ACTIVATION_SIGMOID + 1);
    tcase_add_loop_test(tests, any_cut_gives_the_same_bits, ACTIVATION_LINEAR, ACTIVATION_SIGMOID + 1);
    tcase_add_loop_test(tests, every_set_gives_the_same_bits, ACTIVATION_LINEAR, ACTIVATION_SIGMOID + 1);
    tcase_add_loop_test(tests, nan_stays_nan, ACTIVATION_LINEAR, ACTIVATION_SIGMOID + 1);
    tcase_add_loop_test(tests, gradients, 0, LENGTH(cases));
    tcase_add_loop_test(tests, reference_values, 0, LENGTH(golden));
    tcase_add_test(tests, softmax_values);
    tcase_add_test(tests, prelu_values);
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("activation");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
