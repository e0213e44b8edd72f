/* Losses against plain formulas, finite differences and reference values. */
#include "gan/losses.h"
#include "golden.h"
#include "naive.h"

#include <check.h>
#include <math.h>

/* ---- The losses ---- */

static gan_layer *cross_entropy(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_binary_cross_entropy(gan_sigmoid(inputs[0]), constant_target(inputs[0], 0));
}

static gan_layer *logit_cross_entropy(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_binary_cross_entropy_with_logits(inputs[0], constant_target(inputs[0], 0));
}

static gan_layer *squared(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_mean_squared_error(inputs[0], inputs[1]);
}

static gan_layer *absolute(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_mean_absolute_error(inputs[0], inputs[1]);
}

static gan_layer *smooth(gan_layer *const *inputs, const void *argument)
{
    return gan_smooth_l1(inputs[0], inputs[1], *(const float *)argument);
}

static gan_layer *hinge_real(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_hinge_real(inputs[0]);
}

static gan_layer *hinge_fake(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_hinge_fake(inputs[0]);
}

static gan_layer *wasserstein(gan_layer *const *inputs, const void *argument)
{
    return gan_wasserstein(inputs[0], *(const float *)argument);
}

static const float weights[] = {0.5f, -2, 10};

static gan_layer *weighted(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    gan_layer *const losses[] = {gan_mean(inputs[0]), gan_mean_squared_error(inputs[0], inputs[1]),
                                 gan_reshape(gan_hinge_fake(inputs[1]), (const int64_t[]){1, 1}, 2)};
    return gan_weighted_sum(losses, weights, 3);
}

static const float whole = 1, narrow = 0.3f, minus = -1;

/* ---- Plain formulas, of one element or picture ---- */

static double element(const struct experiment *e, int32_t input, int64_t index)
{
    return (double)((const float *)gan_tensor_data_const(e->inputs[input]))[index];
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double cross_entropy_term(const struct experiment *e, int64_t i)
{
    const double x = element(e, 0, i);
    return target_at(i) * softplus(-x) + (1 - target_at(i)) * softplus(x);
}

static double difference(const struct experiment *e, int64_t i)
{
    return element(e, 0, i) - element(e, 1, i);
}

static double squared_term(const struct experiment *e, int64_t i)
{
    return difference(e, i) * difference(e, i);
}

static double absolute_term(const struct experiment *e, int64_t i)
{
    return fabs(difference(e, i));
}

static double smooth_with(double d, double beta)
{
    return d < beta ? d * d / (2 * beta) : d - beta / 2;
}

static double smooth_term(const struct experiment *e, int64_t i)
{
    return smooth_with(fabs(difference(e, i)), 1);
}

static double narrow_term(const struct experiment *e, int64_t i)
{
    return smooth_with(fabs(difference(e, i)), (double)0.3f);
}

static double real_term(const struct experiment *e, int64_t i)
{
    return fmax(0, 1 - element(e, 0, i));
}

static double fake_term(const struct experiment *e, int64_t i)
{
    return fmax(0, 1 + element(e, 0, i));
}

static double minus_term(const struct experiment *e, int64_t i)
{
    return -element(e, 0, i);
}

static double weighted_term(const struct experiment *e, int64_t i)
{
    return 0.5 * element(e, 0, i) - 2 * squared_term(e, i) + 10 * fmax(0, 1 + element(e, 1, i));
}

/* ---- All of them ---- */

/* The last bit of a mean over many is a tenth of what finite differences are to find: hence their tolerance.
 */
static const struct {
    struct layer_case layer;
    naive_value term;
} losses[] = {
    {{"cross entropy", cross_entropy, NULL, {{2, {4, 3}}}, 0}, cross_entropy_term},
    {{"cross entropy of logits", logit_cross_entropy, NULL, {{4, {2, 3, 4, 1}}}, 0}, cross_entropy_term},
    {{"cross entropy of many", logit_cross_entropy, NULL, {{2, {9, 2000}}}, 0.2}, cross_entropy_term},
    {{"squared", squared, NULL, {{4, {2, 3, 4, 5}}, {4, {2, 3, 4, 5}}}, 0}, squared_term},
    {{"squared of many", squared, NULL, {{2, {9, 2000}}, {2, {9, 2000}}}, 0.2}, squared_term},
    {{"absolute", absolute, NULL, {{2, {5, 7}}, {2, {5, 7}}}, 0}, absolute_term},
    {{"smooth", smooth, &whole, {{2, {5, 7}}, {2, {5, 7}}}, 0}, smooth_term},
    {{"smooth 0.3", smooth, &narrow, {{2, {5, 7}}, {2, {5, 7}}}, 0}, narrow_term},
    {{"hinge of real", hinge_real, NULL, {{4, {2, 3, 4, 1}}}, 0}, real_term},
    {{"hinge of generated", hinge_fake, NULL, {{4, {2, 3, 4, 1}}}, 0}, fake_term},
    {{"wasserstein", wasserstein, &minus, {{2, {9, 1}}}, 0}, minus_term},
    {{"weighted", weighted, NULL, {{2, {5, 7}}, {2, {5, 7}}}, 0}, weighted_term},
};

START_TEST(gradients)
{
    check_layer(&losses[_i].layer);
}
END_TEST

START_TEST(values)
{
    struct experiment e;
    const struct layer_case *layer = &losses[_i].layer;
    experiment_create(&e, layer, 0, 2, NULL, NULL);
    experiment_run(&e);
    double expected = 0;
    for (int64_t i = 0; i < gan_tensor_count(e.inputs[0]); i++)
        expected += losses[_i].term(&e, i) / (double)gan_tensor_count(e.inputs[0]);
    expect_values(layer->name, "loss", e.output, &expected, 1e-6);
    experiment_free(&e);
}
END_TEST

/* ---- The ends of the range ---- */

static gan_layer *plain_cross_entropy(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_binary_cross_entropy(inputs[0], gan_fill_like(inputs[0], 1));
}

static float loss_and_slope(layer_builder build, float x, float *slope)
{
    const struct layer_case layer = {"ends", build, NULL, {{1, {1}}}, 0};
    struct experiment e;
    experiment_create(&e, &layer, 0, 1, NULL, NULL);
    ((float *)gan_tensor_data(e.inputs[0]))[0] = x;
    ((float *)gan_tensor_data(e.inputs[1]))[0] = 1;
    experiment_run(&e);
    const float loss = ((const float *)gan_tensor_data_const(e.output))[0];
    gan_tensor *gradient = experiment_input_gradient(&e, 0);
    *slope = ((const float *)gan_tensor_data_const(gradient))[0];
    gan_tensor_free(gradient);
    experiment_free(&e);
    return loss;
}

START_TEST(extreme_answers_stay_finite)
{
    float slope;
    ck_assert_float_eq(loss_and_slope(plain_cross_entropy, 0, &slope), 100);
    ck_assert(isfinite(slope) && slope < 0);
    ck_assert_float_eq(loss_and_slope(plain_cross_entropy, 1, &slope), 0);
    ck_assert_float_eq(slope, 0);
    /* The target of element 0 is 0. */
    ck_assert_float_eq(loss_and_slope(logit_cross_entropy, 500, &slope), 500);
    ck_assert_float_eq(slope, 1);
    ck_assert_float_eq(loss_and_slope(logit_cross_entropy, -500, &slope), 0);
    ck_assert_float_eq(slope, 0);
}
END_TEST

/* ---- References ---- */

struct reference {
    const char *name;
    layer_builder build;
};

/* No gradients of targets are on file, so targets are constants. */
static gan_layer *golden_target(gan_layer *x, const char *name)
{
    gan_context *context = NULL;
    expect_ok(name, gan_context_create(&context, NULL));
    gan_tensor *tensor = golden_tensor(context, name, "target");
    gan_layer *layer = tensor != NULL ? gan_constant(gan_layer_graph(x), NULL, tensor) : NULL;
    gan_tensor_free(tensor);
    gan_context_free(context);
    return layer;
}

static gan_layer *build_reference(gan_layer *const *inputs, const void *argument)
{
    const struct reference *reference = argument;
    gan_layer *const both[] = {inputs[0], golden_target(inputs[0], reference->name)};
    return gan_reshape(reference->build(both, &whole), (const int64_t[]){1}, 1);
}

static gan_layer *golden_cross_entropy(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_binary_cross_entropy(gan_sigmoid(inputs[0]), inputs[1]);
}

static gan_layer *golden_logits(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_binary_cross_entropy_with_logits(inputs[0], inputs[1]);
}

static const struct reference references[] = {
    {"loss_bce", golden_cross_entropy},
    {"loss_bce_with_logits", golden_logits},
    {"loss_mse", squared},
    {"loss_l1", absolute},
    {"loss_smooth_l1", smooth},
    {"loss_hinge_discriminator_real", hinge_real},
    {"loss_hinge_discriminator_fake", hinge_fake},
    {"loss_wasserstein", wasserstein},
};

START_TEST(reference_values)
{
    const struct golden_case golden = {references[_i].name, build_reference, &references[_i], {NULL}, 0};
    if (golden_available())
        check_golden(&golden);
}
END_TEST

/* ---- Errors ---- */

static gan_layer *other_target(gan_layer *const *inputs)
{
    return gan_mean_squared_error(inputs[0], inputs[1]);
}

static gan_layer *negative_beta(gan_layer *const *inputs)
{
    return gan_smooth_l1(inputs[0], inputs[0], -1);
}

static gan_layer *no_scalar(gan_layer *const *inputs)
{
    const float one = 1;
    return gan_weighted_sum(inputs, &one, 1);
}

static gan_layer *no_sign(gan_layer *const *inputs)
{
    return gan_wasserstein(inputs[0], 0);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t x[] = {-1, 4, 4}, y[] = {2, 4, 5}, known[] = {2, 3, 4};
    expect_refusal(other_target,
                   "mean_squared_error \"mean_squared_error\": input has shape [?,4,4], target has shape "
                   "[2,4,5], expected the same",
                   3, x, y);
    expect_refusal(negative_beta, "smooth_l1 \"smooth_l1\": beta is -1, expected a finite number above 0", 3,
                   x, NULL);
    expect_refusal(no_scalar, "weighted_sum \"weighted_sum\": loss 0 has shape [2,3,4], expected one element",
                   3, known, NULL);
    expect_refusal(no_sign, "wasserstein \"wasserstein\": sign is 0, expected a finite number other than 0",
                   3, x, NULL);
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    TCase *tests = tcase_create("losses");
    tcase_add_loop_test(tests, gradients, 0, LENGTH(losses));
    tcase_add_loop_test(tests, values, 0, LENGTH(losses));
    tcase_add_test(tests, extreme_answers_stay_finite);
    tcase_add_loop_test(tests, reference_values, 0, LENGTH(references));
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("losses");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
