/* Resampling against plain formulas, finite differences and reference values. */
#include "golden.h"
#include "naive.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>

struct size {
    int32_t height, width;
};

static gan_layer *upsample_nearest(gan_layer *const *inputs, const void *argument)
{
    return gan_upsample_nearest(inputs[0], *(const int32_t *)argument);
}

static gan_layer *upsample_bilinear(gan_layer *const *inputs, const void *argument)
{
    return gan_upsample_bilinear(inputs[0], *(const int32_t *)argument);
}

static gan_layer *resize_nearest(gan_layer *const *inputs, const void *argument)
{
    const struct size *size = argument;
    return gan_resize_nearest(inputs[0], size->height, size->width);
}

static gan_layer *resize_bilinear(gan_layer *const *inputs, const void *argument)
{
    const struct size *size = argument;
    return gan_resize_bilinear(inputs[0], size->height, size->width);
}

static const int32_t one = 1, two = 2, three = 3;
static const struct size larger = {13, 7}, smaller = {3, 2}, point = {1, 1}, mixed = {2, 15},
                         large = {150, 90};

static const struct layer_case cases[] = {
    {"nearest x2", upsample_nearest, &two, {{4, {2, 5, 6, 4}}}, 0},
    {"nearest x3", upsample_nearest, &three, {{4, {1, 4, 3, 5}}}, 0},
    {"nearest to larger", resize_nearest, &larger, {{4, {1, 5, 6, 2}}}, 0},
    {"nearest to smaller", resize_nearest, &smaller, {{4, {2, 7, 5, 3}}}, 0},
    {"nearest of many", resize_nearest, &large, {{4, {2, 41, 67, 5}}}, 0},
    {"bilinear x1", upsample_bilinear, &one, {{4, {1, 5, 6, 2}}}, 0},
    {"bilinear x2", upsample_bilinear, &two, {{4, {2, 5, 6, 4}}}, 0},
    {"bilinear x3", upsample_bilinear, &three, {{4, {1, 4, 3, 5}}}, 0},
    {"bilinear to larger", resize_bilinear, &larger, {{4, {1, 5, 6, 2}}}, 0},
    {"bilinear to smaller", resize_bilinear, &smaller, {{4, {2, 7, 5, 3}}}, 0},
    {"bilinear to a point", resize_bilinear, &point, {{4, {2, 6, 4, 3}}}, 0},
    {"bilinear from a point", resize_bilinear, &larger, {{4, {2, 1, 1, 3}}}, 0},
    {"bilinear both ways", resize_bilinear, &mixed, {{4, {1, 9, 4, 3}}}, 0},
    {"bilinear of many", resize_bilinear, &large, {{4, {2, 41, 67, 5}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

static double nearest_at(const struct experiment *e, int64_t index)
{
    const struct place at = place_of(e->output, index);
    return pixel(e, 0, at.n, at.y * gan_tensor_size(e->inputs[0], 1) / gan_tensor_size(e->output, 1),
                 at.x * gan_tensor_size(e->inputs[0], 2) / gan_tensor_size(e->output, 2), at.c);
}

/* Coordinate in the input of the middle of an output pixel. */
static double coordinate(const struct experiment *e, int32_t axis, int64_t i)
{
    const double scale =
        (double)gan_tensor_size(e->inputs[0], axis) / (double)gan_tensor_size(e->output, axis);
    const double most = (double)gan_tensor_size(e->inputs[0], axis) - 1;
    return fmin(fmax(((double)i + 0.5) * scale - 0.5, 0), most);
}

/* Every pixel of the input, weighted by a tent function around the coordinate. */
static double bilinear_at(const struct experiment *e, int64_t index)
{
    const struct place at = place_of(e->output, index);
    const double y = coordinate(e, 1, at.y), x = coordinate(e, 2, at.x);
    double sum = 0;
    for (int64_t i = (int64_t)floor(y); i <= (int64_t)ceil(y); i++)
        for (int64_t j = (int64_t)floor(x); j <= (int64_t)ceil(x); j++)
            sum += (1 - fabs(y - (double)i)) * (1 - fabs(x - (double)j)) * pixel(e, 0, at.n, i, j, at.c);
    return sum;
}

START_TEST(values)
{
    const layer_builder build = cases[_i].build;
    const bool nearest = build == upsample_nearest || build == resize_nearest;
    check_values(&cases[_i], nearest ? nearest_at : bilinear_at);
}
END_TEST

static const struct size thirteen = {13, 7};
static const struct golden_case golden[] = {
    {"upsample_nearest2", upsample_nearest, &two, {NULL}, 0},
    {"upsample_bilinear2", upsample_bilinear, &two, {NULL}, 0},
    {"upsample_bilinear_size", resize_bilinear, &thirteen, {NULL}, 0},
};

START_TEST(reference_values)
{
    if (golden_available())
        check_golden(&golden[_i]);
}
END_TEST

static gan_layer *by_nothing(gan_layer *const *inputs)
{
    return gan_upsample_nearest(inputs[0], 0);
}

static gan_layer *to_nothing(gan_layer *const *inputs)
{
    return gan_resize_bilinear(inputs[0], 0, 5);
}

static gan_layer *of_nothing(gan_layer *const *inputs)
{
    return gan_upsample_bilinear(inputs[0], 2);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t open[] = {-1, -1, -1, 3};
    expect_refusal(by_nothing, "upsample_nearest \"upsample_nearest\": factor is 0, expected 1 to 1024", 4,
                   open, NULL);
    expect_refusal(to_nothing, "resize_bilinear \"resize_bilinear\": the size is 0x5, expected at least 1x1",
                   4, open, NULL);
    expect_refusal(
        of_nothing,
        "upsample_bilinear \"upsample_bilinear\": input has shape [?,?], expected a picture [N,H,W,C]", 2,
        open, NULL);
}
END_TEST

START_TEST(sizes_may_be_open)
{
    const int64_t open[] = {-1, -1, 5, 3};
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("graph", gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, NULL, open, 4);
    int64_t size[GAN_MAX_RANK];
    ck_assert_int_eq(gan_layer_shape(gan_upsample_nearest(x, 2), size), 4);
    ck_assert(size[0] == -1 && size[1] == -1 && size[2] == 10 && size[3] == 3);
    ck_assert_int_eq(gan_layer_shape(gan_resize_bilinear(x, 7, 9), size), 4);
    ck_assert(size[0] == -1 && size[1] == 7 && size[2] == 9 && size[3] == 3);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    TCase *tests = tcase_create("resample");
    tcase_add_loop_test(tests, gradients, 0, LENGTH(cases));
    tcase_add_loop_test(tests, values, 0, LENGTH(cases));
    tcase_add_loop_test(tests, reference_values, 0, LENGTH(golden));
    tcase_add_test(tests, errors_say_what_is_wrong);
    tcase_add_test(tests, sizes_may_be_open);
    Suite *suite = suite_create("resample");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
