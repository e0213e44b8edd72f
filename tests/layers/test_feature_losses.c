/* Losses of features and style matrices against plain formulas and finite differences. */
#include "gan/losses.h"
#include "naive.h"

#include <check.h>

struct distance {
    int32_t reduction;
    int64_t batch; /* of the target; 0: that of x */
};

static gan_layer *content(gan_layer *const *inputs, const void *argument)
{
    const struct distance *distance = argument;
    return gan_content_loss(inputs[0], constant_target(inputs[0], distance->batch), distance->reduction);
}

static gan_layer *style(gan_layer *const *inputs, const void *argument)
{
    const struct distance *distance = argument;
    return gan_style_matrix_loss(inputs[0], constant_target(inputs[0], distance->batch), distance->reduction);
}

static const struct distance means = {GAN_REDUCE_MEAN, 0}, sums = {GAN_REDUCE_SUM, 0},
                             relative = {GAN_REDUCE_RELATIVE, 0}, mean_of_one = {GAN_REDUCE_MEAN, 1},
                             relative_to_one = {GAN_REDUCE_RELATIVE, 1};

static const struct layer_case cases[] = {
    {"content mean", content, &means, {{4, {2, 3, 4, 5}}}, 0},
    {"content sum", content, &sums, {{4, {2, 3, 4, 5}}}, 0},
    {"content relative", content, &relative, {{4, {2, 3, 4, 5}}}, 0},
    {"content of one target", content, &mean_of_one, {{4, {3, 3, 4, 5}}}, 0},
    {"content of many", content, &relative, {{4, {2, 30, 40, 20}}}, 5e-2},
    {"style mean", style, &means, {{3, {2, 6, 6}}}, 0},
    {"style relative to one", style, &relative_to_one, {{3, {3, 6, 6}}}, 0},
    {"style of vectors", style, &sums, {{2, {3, 8}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

/* ---- Plain formulas ---- */

static double element(const struct experiment *e, int32_t input, int64_t index)
{
    return (double)((const float *)gan_tensor_data_const(e->inputs[input]))[index];
}

struct picture {
    double distance, size; /* sums of squares */
    int64_t count;
};

static struct picture picture_of(const struct experiment *e, int64_t n, int64_t target_batch)
{
    struct picture picture = {0, 0, gan_tensor_count(e->inputs[0]) / gan_tensor_size(e->inputs[0], 0)};
    for (int64_t i = 0; i < picture.count; i++) {
        const double t = target_at((target_batch == 1 ? 0 : n) * picture.count + i);
        const double d = element(e, 0, n * picture.count + i) - t;
        picture.distance += d * d;
        picture.size += t * t;
    }
    return picture;
}

static double mean_over_pictures(const struct experiment *e, const struct distance *distance)
{
    const int64_t batch = gan_tensor_size(e->inputs[0], 0);
    double total = 0;
    for (int64_t n = 0; n < batch; n++) {
        const struct picture p = picture_of(e, n, distance->batch);
        total += distance->reduction == GAN_REDUCE_MEAN  ? p.distance / (double)p.count
                 : distance->reduction == GAN_REDUCE_SUM ? p.distance
                                                         : p.distance / p.size;
    }
    return total / (double)batch;
}

START_TEST(values)
{
    struct experiment e;
    experiment_create(&e, &cases[_i], 0, 2, NULL, NULL);
    experiment_run(&e);
    const double expected = mean_over_pictures(&e, cases[_i].argument);
    expect_values(cases[_i].name, "loss", e.output, &expected, 1e-6);
    experiment_free(&e);
}
END_TEST

static gan_layer *relative_to_nothing(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_content_loss(inputs[0], gan_fill_like(inputs[0], 0), GAN_REDUCE_RELATIVE);
}

START_TEST(a_target_of_zeros_counts_for_nothing)
{
    const struct layer_case layer = {"zeros", relative_to_nothing, NULL, {{4, {1, 2, 2, 3}}}, 0};
    struct experiment e;
    experiment_create(&e, &layer, 0, 1, NULL, NULL);
    experiment_run(&e);
    ck_assert_float_eq(((const float *)gan_tensor_data_const(e.output))[0], 0);
    experiment_free(&e);
}
END_TEST

static gan_layer *content_of_matrix(gan_layer *const *inputs)
{
    return gan_content_loss(inputs[0], inputs[0], GAN_REDUCE_MEAN);
}

static gan_layer *unknown_reduction(gan_layer *const *inputs)
{
    return gan_style_matrix_loss(inputs[0], inputs[0], 3);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t x[] = {-1, 4, 4};
    expect_refusal(content_of_matrix,
                   "content_loss \"content_loss\": input has shape [?,4,4], expected features [N,H,W,C]", 3,
                   x, NULL);
    expect_refusal(unknown_reduction,
                   "style_matrix_loss \"style_matrix_loss\": reduction is 3, expected a GAN_REDUCE_*", 3, x,
                   NULL);
}
END_TEST

int main(void)
{
    const int count = sizeof cases / sizeof cases[0];
    TCase *tests = tcase_create("feature losses");
    tcase_add_loop_test(tests, gradients, 0, count);
    tcase_add_loop_test(tests, values, 0, count);
    tcase_add_test(tests, a_target_of_zeros_counts_for_nothing);
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("feature_losses");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
