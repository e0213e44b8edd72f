/* Drawings with blurred edges, and without colours. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/edge_smoother.h"

#include <math.h>
#include <string.h>

enum { SIDE = 24, EDGE = 12, REACH = 3 }; /* the ridge lies on one side of the edge, and covers 2 beside it */

struct bench {
    gan_context *context;
    gan_tensor *from, *to;
};

static struct bench open_bench(int64_t height, int64_t width)
{
    struct bench bench = {.context = reference_context()};
    const int64_t shape[4] = {1, height, width, 3};
    must(gan_tensor_create(&bench.from, bench.context, GAN_FLOAT32, shape, 4));
    must(gan_tensor_create(&bench.to, bench.context, GAN_FLOAT32, shape, 4));
    return bench;
}

static void close_bench(struct bench *bench)
{
    gan_tensor_free(bench->from);
    gan_tensor_free(bench->to);
    gan_context_free(bench->context);
}

static void smooth(struct bench *bench)
{
    struct edge_smoother *smoother;
    must(gan_edge_smoother_create(&smoother, bench->context, gan_tensor_size(bench->from, 1),
                                  gan_tensor_size(bench->from, 2)));
    gan_smooth_edges(smoother, bench->from, bench->to);
    gan_edge_smoother_free(smoother);
}

static float *pixel(gan_tensor *picture, int64_t row, int64_t column)
{
    return (float *)gan_tensor_data(picture) + 3 * (row * gan_tensor_size(picture, 2) + column);
}

/* Left of `edge` dark and blueish, right of it brighter by `step`; transposed: above and below. */
static void paint_edge(gan_tensor *picture, float step, int transposed)
{
    for (int64_t row = 0; row < SIDE; row++)
        for (int64_t column = 0; column < SIDE; column++) {
            const float level = (transposed ? row : column) < EDGE ? -0.5f : -0.5f + step;
            const float colours[3] = {level, level, level + 0.25f};
            memcpy(pixel(picture, row, column), colours, sizeof colours);
        }
}

/* What is far from the edge stays to the bit; across it the picture rises slowly, by no more than half at
 * once, and each colour keeps its sum. */
START_TEST(edges_become_smooth_and_the_rest_stays)
{
    struct bench bench = open_bench(SIDE, SIDE);
    paint_edge(bench.from, 1, _i);
    smooth(&bench);
    for (int64_t row = 0; row < SIDE; row++) {
        double before = 0, after = 0;
        for (int64_t along = 0; along < SIDE; along++) {
            const int64_t at[2] = {_i ? along : row, _i ? row : along};
            const float *from = pixel(bench.from, at[0], at[1]), *to = pixel(bench.to, at[0], at[1]);
            if (along < EDGE - 1 - REACH || along >= EDGE + 1 + REACH)
                ck_assert(memcmp(from, to, 3 * sizeof(float)) == 0);
            if (along > 0) {
                const float *last = pixel(bench.to, at[0] - (_i ? 1 : 0), at[1] - (_i ? 0 : 1));
                ck_assert_float_ge(to[0] - last[0], -1e-6f);
                ck_assert_float_lt(to[0] - last[0], 0.5f);
            }
            before += (double)from[2];
            after += (double)to[2];
        }
        ck_assert_double_eq_tol(before, after, 1e-5);
    }
    close_bench(&bench);
}
END_TEST

/* Edges too faint for Canny's lower threshold, and pictures without any. */
START_TEST(flat_and_faint_pictures_stay)
{
    static const float steps[] = {0, 0.15f};
    struct bench bench = open_bench(SIDE, SIDE);
    for (int i = 0; i < 2; i++) {
        paint_edge(bench.from, steps[i], 0);
        smooth(&bench);
        ck_assert(memcmp(gan_tensor_data_const(bench.from), gan_tensor_data_const(bench.to),
                         SIDE * SIDE * 3 * sizeof(float)) == 0);
    }
    close_bench(&bench);
}
END_TEST

static int differs(const struct bench *bench, int64_t row, int64_t column)
{
    return memcmp(pixel(bench->from, row, column), pixel(bench->to, row, column), 3 * sizeof(float)) != 0;
}

/* An edge of middling strength is one where it goes on from a strong edge, and none by itself. */
START_TEST(weak_edges_count_where_they_hang_together_with_strong_ones)
{
    const float weak = 0.3f; /* gradient 1.2, between 100 and 200 of 127.5 */
    struct bench bench = open_bench(SIDE, SIDE);
    paint_edge(bench.from, weak, 0);
    smooth(&bench);
    ck_assert(!differs(&bench, SIDE - 4, EDGE));
    for (int64_t row = 0; row < 6; row++)
        for (int64_t column = EDGE; column < SIDE; column++)
            for (int c = 0; c < 3; c++)
                pixel(bench.from, row, column)[c] += 0.6f;
    smooth(&bench);
    ck_assert(differs(&bench, 1, EDGE) && differs(&bench, SIDE - 4, EDGE) && differs(&bench, 6, SIDE - 3));
    ck_assert(!differs(&bench, SIDE - 4, 2));
    close_bench(&bench);
}
END_TEST

/* Sizes smaller than the kernel, and a single bright pixel in the corner. */
START_TEST(small_pictures_and_borders)
{
    static const int64_t sizes[][2] = {{1, 1}, {1, 7}, {2, 3}, {5, 2}, {9, 9}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct bench bench = open_bench(sizes[i][0], sizes[i][1]);
        must(gan_tensor_fill_uniform(bench.from, 3, -1, -0.9f));
        pixel(bench.from, 0, 0)[0] = pixel(bench.from, 0, 0)[1] = 1;
        smooth(&bench);
        for (int64_t k = 0; k < gan_tensor_count(bench.to); k++) {
            const float value = ((const float *)gan_tensor_data_const(bench.to))[k];
            ck_assert(value >= -1.0001f && value <= 1.0001f);
        }
        close_bench(&bench);
    }
}
END_TEST

START_TEST(grey_is_luma)
{
    struct bench bench = open_bench(3, 5);
    must(gan_tensor_fill_uniform(bench.from, 9, -1, 1));
    gan_make_grey(bench.from, bench.to);
    for (int64_t i = 0; i < 15; i++) {
        const float *from = (const float *)gan_tensor_data_const(bench.from) + 3 * i;
        const float *to = (const float *)gan_tensor_data_const(bench.to) + 3 * i;
        const double luma = 0.299 * (double)from[0] + 0.587 * (double)from[1] + 0.114 * (double)from[2];
        for (int c = 0; c < 3; c++)
            ck_assert_double_eq_tol((double)to[c], luma, 1e-6);
    }
    gan_make_grey(bench.from, bench.from);
    ck_assert(
        memcmp(gan_tensor_data_const(bench.from), gan_tensor_data_const(bench.to), 45 * sizeof(float)) == 0);
    close_bench(&bench);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("edge smoother");
    TCase *tests = tcase_create("edge smoother");
    tcase_add_loop_test(tests, edges_become_smooth_and_the_rest_stays, 0, 2);
    tcase_add_test(tests, flat_and_faint_pictures_stay);
    tcase_add_test(tests, weak_edges_count_where_they_hang_together_with_strong_ones);
    tcase_add_test(tests, small_pictures_and_borders);
    tcase_add_test(tests, grey_is_luma);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
