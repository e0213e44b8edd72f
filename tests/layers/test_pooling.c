/* Pooling against plain formulas, finite differences and reference values. */
#include "golden.h"
#include "naive.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static gan_layer *max_pool(gan_layer *const *inputs, const void *argument)
{
    return gan_max_pool(inputs[0], argument);
}

static gan_layer *average_pool(gan_layer *const *inputs, const void *argument)
{
    return gan_average_pool(inputs[0], argument);
}

static gan_layer *global_average(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_flatten(gan_global_average_pool(inputs[0]));
}

static gan_layer *global_max(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_flatten(gan_global_max_pool(inputs[0]));
}

#define POOL .struct_size = sizeof(gan_pool_options)

static const gan_pool_options
    halves = {POOL},
    ceil_3_2 = {POOL, .kernel = {3}, .stride = {2}, .ceil_mode = 1},
    padded = {POOL, .kernel = {3}, .stride = {2}, .pad = {1, 1, 1, 1}},
    counted = {POOL, .kernel = {3}, .stride = {2}, .pad = {1, 1, 1, 1}, .count_padding = 1},
    counted_ceil = {POOL,           .kernel = {3, 4},  .stride = {2, 3}, .pad = {1, 2, 0, 1},
                    .ceil_mode = 1, .count_padding = 1},
    oblong = {POOL, .kernel = {2, 3}, .stride = {1, 2}, .pad = {0, 1, 1, 2}},
    apart = {POOL, .kernel = {2}, .stride = {3}}, beside = {POOL, .kernel = {2, 3}, .stride = {2, 3}},
    beside_ceil = {POOL, .kernel = {3}, .stride = {3}, .pad = {0, 0, 0, 2}, .ceil_mode = 1};

static const struct layer_case cases[] = {
    {"max 2", max_pool, NULL, {{4, {2, 9, 10, 4}}}, 0},
    {"max 3 ceil", max_pool, &ceil_3_2, {{4, {2, 8, 9, 5}}}, 0},
    {"max padded", max_pool, &padded, {{4, {1, 7, 8, 3}}}, 0},
    {"max oblong", max_pool, &oblong, {{4, {2, 6, 7, 17}}}, 0},
    {"max apart", max_pool, &apart, {{4, {1, 8, 9, 2}}}, 0},
    {"max beside", max_pool, &beside, {{4, {2, 7, 11, 20}}}, 0},
    {"max beside ceil", max_pool, &beside_ceil, {{4, {2, 7, 10, 33}}}, 0},
    {"max of many", max_pool, &ceil_3_2, {{4, {2, 60, 50, 20}}}, 0},
    {"average 2", average_pool, &halves, {{4, {2, 9, 10, 4}}}, 0},
    {"average 3 ceil", average_pool, &ceil_3_2, {{4, {2, 8, 9, 5}}}, 0},
    {"average padded", average_pool, &padded, {{4, {1, 7, 8, 3}}}, 0},
    {"average counted", average_pool, &counted, {{4, {1, 7, 8, 3}}}, 0},
    {"average counted ceil", average_pool, &counted_ceil, {{4, {2, 8, 9, 3}}}, 0},
    {"average oblong", average_pool, &oblong, {{4, {2, 6, 7, 17}}}, 0},
    {"average of many", average_pool, &padded, {{4, {2, 60, 50, 20}}}, 0},
    {"global average", global_average, NULL, {{4, {3, 5, 4, 7}}}, 0},
    {"global average of many", global_average, NULL, {{4, {2, 90, 40, 9}}}, 0},
    {"global max", global_max, NULL, {{4, {3, 5, 4, 7}}}, 0},
    {"global max of many", global_max, NULL, {{4, {2, 20, 40, 150}}}, 0},
};

START_TEST(gradients)
{
    check_layer(&cases[_i]);
}
END_TEST

/* ---- Plain formulas ---- */

struct window {
    int64_t top, left, bottom, right; /* in the picture */
    int64_t counted;                  /* elements in the padded picture */
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static struct window window_at(const struct experiment *e, const gan_pool_options *o, struct place at)
{
    const int64_t kernel[] = {o->kernel[0] ? o->kernel[0] : 2, o->kernel[1]   ? o->kernel[1]
                                                               : o->kernel[0] ? o->kernel[0]
                                                                              : 2};
    const int64_t stride[] = {o->stride[0] ? o->stride[0] : kernel[0], o->stride[1]   ? o->stride[1]
                                                                       : o->stride[0] ? o->stride[0]
                                                                                      : kernel[1]};
    const int64_t height = gan_tensor_size(e->inputs[0], 1), width = gan_tensor_size(e->inputs[0], 2);
    const int64_t y = at.y * stride[0] - o->pad[0], x = at.x * stride[1] - o->pad[1];
    return (struct window){most(y, 0), most(x, 0), least(y + kernel[0], height), least(x + kernel[1], width),
                           (least(y + kernel[0], height + o->pad[2]) - y) *
                               (least(x + kernel[1], width + o->pad[3]) - x)};
}

static const gan_pool_options *options_in_test;

static double max_at(const struct experiment *e, int64_t index)
{
    const struct place at = place_of(e->output, index);
    const struct window w = window_at(e, options_in_test, at);
    double best = -INFINITY;
    for (int64_t y = w.top; y < w.bottom; y++)
        for (int64_t x = w.left; x < w.right; x++)
            best = fmax(best, pixel(e, 0, at.n, y, x, at.c));
    return best;
}

static double average_at(const struct experiment *e, int64_t index)
{
    const struct place at = place_of(e->output, index);
    const struct window w = window_at(e, options_in_test, at);
    double sum = 0;
    for (int64_t y = w.top; y < w.bottom; y++)
        for (int64_t x = w.left; x < w.right; x++)
            sum += pixel(e, 0, at.n, y, x, at.c);
    const int64_t valid = (w.bottom - w.top) * (w.right - w.left);
    return sum / (double)(options_in_test->count_padding ? w.counted : valid);
}

START_TEST(values)
{
    const struct layer_case *layer = &cases[_i];
    if (layer->build != max_pool && layer->build != average_pool)
        return;
    options_in_test = layer->argument != NULL ? layer->argument : &halves;
    check_values(layer, layer->build == max_pool ? max_at : average_at);
}
END_TEST

static double global_average_at(const struct experiment *e, int64_t index)
{
    const int64_t height = gan_tensor_size(e->inputs[0], 1), width = gan_tensor_size(e->inputs[0], 2);
    const int64_t channels = gan_tensor_size(e->inputs[0], 3);
    double sum = 0;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            sum += pixel(e, 0, index / channels, y, x, index % channels);
    return sum / (double)(height * width);
}

static double global_max_at(const struct experiment *e, int64_t index)
{
    const int64_t height = gan_tensor_size(e->inputs[0], 1), width = gan_tensor_size(e->inputs[0], 2);
    const int64_t channels = gan_tensor_size(e->inputs[0], 3);
    double best = -INFINITY;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            best = fmax(best, pixel(e, 0, index / channels, y, x, index % channels));
    return best;
}

START_TEST(global_values)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cases[i].build == global_average)
            check_values(&cases[i], global_average_at);
        if (cases[i].build == global_max)
            check_values(&cases[i], global_max_at);
    }
}
END_TEST

/* ---- Numbers that padding and NaN must not beat ---- */

START_TEST(padding_never_wins)
{
    const struct layer_case layer = {"negative", max_pool, &padded, {{4, {1, 4, 4, 2}}}, 0};
    struct experiment e;
    experiment_create(&e, &layer, 0, 1, NULL, NULL);
    float *x = gan_tensor_data(e.inputs[0]);
    for (int64_t i = 0; i < gan_tensor_count(e.inputs[0]); i++)
        x[i] = -10;
    experiment_run(&e);
    const float *y = gan_tensor_data_const(e.output);
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++)
        ck_assert_float_eq(y[i], -10);
    experiment_free(&e);
}
END_TEST

START_TEST(nan_wins)
{
    const struct layer_case layers[] = {{"max", max_pool, NULL, {{4, {1, 4, 4, 1}}}, 0},
                                        {"global max", global_max, NULL, {{4, {1, 4, 4, 1}}}, 0}};
    for (int place = 0; place < 4; place++)
        for (int i = 0; i < 2; i++) {
            struct experiment e;
            experiment_create(&e, &layers[i], 0, 1, NULL, NULL);
            ((float *)gan_tensor_data(e.inputs[0]))[place / 2 * 4 + place % 2] = NAN;
            gan_session *session = experiment_session(&e);
            experiment_run_session(&e, session);
            ck_assert(isnan(((const float *)gan_tensor_data_const(e.output))[0]));
            gan_session_free(session);
            experiment_free(&e);
        }
}
END_TEST

/* Without a backward pass nobody notes the winners: the same bits on every kernel set. */
static void compare_session(const struct layer_case *layer, int32_t kernels)
{
    struct experiment e;
    experiment_create(&e, layer, kernels, 2, NULL, NULL);
    experiment_run(&e);
    const size_t size = (size_t)gan_tensor_count(e.output) * sizeof(float);
    float *expected = malloc(size);
    ck_assert_ptr_nonnull(expected);
    memcpy(expected, gan_tensor_data_const(e.output), size);
    memset(gan_tensor_data(e.output), 0, size);
    gan_session *session = experiment_session(&e);
    experiment_run_session(&e, session);
    ck_assert_msg(memcmp(expected, gan_tensor_data_const(e.output), size) == 0, "%s, kernels %d", layer->name,
                  kernels);
    gan_session_free(session);
    experiment_free(&e);
    free(expected);
}

START_TEST(sessions)
{
    const struct layer_case wide = {"wide", max_pool, &padded, {{4, {2, 9, 11, 37}}}, 0};
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        for (size_t i = 0; kernels_run(kernels) && i < sizeof cases / sizeof cases[0]; i++)
            compare_session(&cases[i], kernels);
        if (kernels_run(kernels))
            compare_session(&wide, kernels);
    }
}
END_TEST

/* ---- References and errors ---- */

static const gan_pool_options three_ceil = {POOL, .kernel = {3}, .stride = {2}, .ceil_mode = 1};
static const struct golden_case golden[] = {
    {"max_pool_3s2_ceil", max_pool, &three_ceil, {NULL}, 0},
    {"max_pool_2", max_pool, NULL, {NULL}, 0},
    {"avg_pool_2", average_pool, NULL, {NULL}, 0},
    {"avg_pool_3s2_ceil", average_pool, &three_ceil, {NULL}, 0},
    {"global_avg_pool", global_average, NULL, {NULL}, 0},
    {"global_max_pool", global_max, NULL, {NULL}, 0},
};

START_TEST(reference_values)
{
    if (golden_available())
        check_golden(&golden[_i]);
}
END_TEST

static gan_layer *wide_padding(gan_layer *const *inputs)
{
    const gan_pool_options options = {POOL, .kernel = {2}, .pad = {0, 2, 0, 0}};
    return gan_max_pool(inputs[0], &options);
}

static gan_layer *large_kernel(gan_layer *const *inputs)
{
    const gan_pool_options options = {POOL, .kernel = {5, 3}};
    return gan_average_pool(inputs[0], &options);
}

static gan_layer *negative_stride(gan_layer *const *inputs)
{
    const gan_pool_options options = {POOL, .stride = {-1}};
    return gan_average_pool(inputs[0], &options);
}

static gan_layer *pool_of_matrix(gan_layer *const *inputs)
{
    return gan_global_max_pool(inputs[0]);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t shape[] = {-1, 4, -1, 3};
    expect_refusal(wide_padding, "max_pool \"max_pool\": pad[1] is 2, expected 0 to the kernel's 2 - 1", 4,
                   shape, NULL);
    expect_refusal(
        large_kernel,
        "average_pool \"average_pool\": a kernel of 5x3 does not fit into the padded input [?,4,?,3]", 4,
        shape, NULL);
    expect_refusal(
        negative_stride,
        "average_pool \"average_pool\": kernel is 2x2 and stride -1x-1, expected 1 to 32767 and at "
        "least 1",
        4, shape, NULL);
    expect_refusal(pool_of_matrix,
                   "global_max_pool \"global_max_pool\": input has shape [?,4], expected a picture [N,H,W,C]",
                   2, shape, NULL);
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
    TCase *tests = tcase_create("pooling");
    tcase_add_loop_test(tests, gradients, 0, LENGTH(cases));
    tcase_add_loop_test(tests, values, 0, LENGTH(cases));
    tcase_add_test(tests, global_values);
    tcase_add_test(tests, padding_never_wins);
    tcase_add_test(tests, nan_wins);
    tcase_add_test(tests, sessions);
    tcase_add_loop_test(tests, reference_values, 0, LENGTH(golden));
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("pooling");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
