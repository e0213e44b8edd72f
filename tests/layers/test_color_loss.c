/* The distance of colours against a plain formula and finite differences. */
#include "gan/losses.h"
#include "naive.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static gan_layer *colors(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_color_loss(inputs[0], constant_target(inputs[0], 0));
}

static const struct layer_case cases[] = {
    {"color of one pixel", colors, NULL, {{4, {1, 1, 1, 3}}}, 0},
    {"color", colors, NULL, {{4, {2, 5, 7, 3}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

static double huber(double difference)
{
    const double size = fabs(difference);
    return size < 1 ? size * size / 2 : size - 0.5;
}

START_TEST(values)
{
    struct experiment e;
    experiment_create(&e, &cases[_i], 0, 2, NULL, NULL);
    experiment_run(&e);
    const float *x = gan_tensor_data_const(e.inputs[0]);
    const int64_t pixels = gan_tensor_count(e.inputs[0]) / 3;
    double expected = 0;
    for (int64_t i = 0; i < pixels; i++) {
        double d[3];
        for (int c = 0; c < 3; c++)
            d[c] = (double)x[3 * i + c] - target_at(3 * i + c);
        expected += fabs(0.299 * d[0] + 0.587 * d[1] + 0.114 * d[2]);
        expected += huber(-0.147141 * d[0] - 0.288869 * d[1] + 0.436010 * d[2]);
        expected += huber(0.614975 * d[0] - 0.514965 * d[1] - 0.100010 * d[2]);
    }
    expected /= (double)pixels;
    expect_values(cases[_i].name, "loss", e.output, &expected, 1e-5);
    experiment_free(&e);
}
END_TEST

static gan_layer *of_itself(gan_layer *const *inputs)
{
    return gan_color_loss(inputs[0], inputs[0]);
}

static gan_layer *of_two(gan_layer *const *inputs)
{
    return gan_color_loss(inputs[0], inputs[1]);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t grey[] = {1, 4, 4, 1}, small[] = {1, 4, 4, 3}, large[] = {1, 4, 5, 3};
    expect_refusal(of_itself, "color_loss: the picture's last size is 1 of 4 sizes, expected RGB [N,H,W,3]",
                   4, grey, NULL);
    expect_refusal(
        of_two, "subtract \"subtract\": shapes [1,4,4,3] and [1,4,5,3] do not fit: sizes must be equal or 1",
        4, small, large);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("color loss");
    tcase_add_loop_test(tests, gradients, 0, 2);
    tcase_add_loop_test(tests, values, 0, 2);
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("color loss");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
