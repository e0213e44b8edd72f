/* Warping against its formula and finite differences. */
#include "base/suite.h"
#include "gradient_check.h"

#include <math.h>
#include <string.h>

enum { HEIGHT = 7, WIDTH = 5, CHANNELS = 3 };

/* Displacements, some far outside, of the shape that goes with the input; from a constant. */
static gan_tensor *make_displacement(const int64_t *shape)
{
    gan_context *context = NULL;
    gan_tensor *displacement = NULL;
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("displacement", gan_tensor_create(&displacement, context, GAN_FLOAT32,
                                                (const int64_t[]){shape[0], shape[1], shape[2], 2}, 4));
    expect_ok("displacement", gan_tensor_fill_normal(displacement, 5, 0, 3));
    gan_context_free(context);
    return displacement;
}

static gan_layer *warp(gan_layer *const *inputs, const void *argument)
{
    gan_tensor *displacement = make_displacement(argument);
    gan_layer *field = gan_constant(gan_layer_graph(inputs[0]), "displacement", displacement);
    gan_tensor_free(displacement);
    return gan_warp(inputs[0], field);
}

static const int64_t pictures[] = {2, 7, 5}, one_pixel[] = {1, 1, 1}, one_row[] = {3, 1, 40};
static const int64_t single[] = {1, HEIGHT, WIDTH};

static const struct layer_case cases[] = {
    {"warp", warp, pictures, {{4, {2, 7, 5, 3}}}, 0},
    {"warp of one pixel", warp, one_pixel, {{4, {1, 1, 1, 4}}}, 0},
    {"warp of a row", warp, one_row, {{4, {3, 1, 40, 1}}}, 0},
};
enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

static double value_at(const float *x, int64_t y, int64_t column, int64_t channel)
{
    const int64_t row = y < 0 ? 0 : y >= HEIGHT ? HEIGHT - 1 : y;
    column = column < 0 ? 0 : column >= WIDTH ? WIDTH - 1 : column;
    return (double)x[(row * WIDTH + column) * CHANNELS + channel];
}

/* Bilinear interpolation of the picture continued by its border. */
static double sample(const float *x, double row, double column, int64_t channel)
{
    const double top = floor(row), left = floor(column), down = row - top, right = column - left;
    const int64_t y = (int64_t)top, i = (int64_t)left;
    return (1 - down) * ((1 - right) * value_at(x, y, i, channel) + right * value_at(x, y, i + 1, channel)) +
           down * ((1 - right) * value_at(x, y + 1, i, channel) + right * value_at(x, y + 1, i + 1, channel));
}

START_TEST(values_are_those_of_the_formula)
{
    const struct layer_case one = {"warp", warp, single, {{4, {1, HEIGHT, WIDTH, CHANNELS}}}, 0};
    struct experiment experiment;
    double expected[HEIGHT * WIDTH * CHANNELS];
    experiment_create(&experiment, &one, 0, 2, NULL, NULL);
    gan_tensor *field = make_displacement(single);
    const float *displacement = gan_tensor_data_const(field);
    const float *x = gan_tensor_data_const(experiment.inputs[0]);
    for (int64_t i = 0; i < HEIGHT * WIDTH * CHANNELS; i++) {
        const int64_t at = i / CHANNELS;
        expected[i] = sample(x, (double)(at / WIDTH) + (double)displacement[2 * at],
                             (double)(at % WIDTH) + (double)displacement[2 * at + 1], i % CHANNELS);
    }
    experiment_run(&experiment);
    expect_values("warp", "output", experiment.output, expected, 1e-5);
    gan_tensor_free(field);
    experiment_free(&experiment);
}
END_TEST

START_TEST(shapes_are_checked)
{
    gan_context *context;
    gan_graph *graph;
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("graph", gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){1, 4, 4, 3}, 4);
    gan_layer *d = gan_input(graph, "d", (const int64_t[]){1, 4, 4, 3}, 4);
    ck_assert_ptr_null(gan_warp(NULL, d));
    ck_assert_ptr_null(gan_warp(x, d));
    ck_assert_int_eq(gan_graph_status(graph), GAN_ERROR_SHAPE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "expected [1,4,4,2]"));
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    TCase *test_case = tcase_create("warp");
    tcase_set_timeout(test_case, TEST_SECONDS);
    tcase_add_loop_test(test_case, gradients, 0, CASES);
    tcase_add_test(test_case, values_are_those_of_the_formula);
    tcase_add_test(test_case, shapes_are_checked);
    Suite *suite = suite_create("warp");
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
