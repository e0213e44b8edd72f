/* The adjuster: from kept results the same pixels as by the calls one after the other. */
#include "base/suite.h"
#include "style/adjusting.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static gan_tensor *new_tensor(gan_context *context, int64_t height, int64_t width, int64_t channels)
{
    gan_tensor *tensor;
    const int64_t shape[4] = {1, height, width, channels};
    ck_assert_int_eq(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 4), GAN_OK);
    return tensor;
}

/* A disc. */
static gan_tensor *disc_mask(gan_context *context, int64_t height, int64_t width)
{
    gan_tensor *mask = new_tensor(context, height, width, 1);
    float *values = gan_tensor_data(mask);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++)
            values[y * width + x] = (y - 20) * (y - 20) + (x - 30) * (x - 30) < 200 ? 1.0f : 0.0f;
    return mask;
}

struct bench {
    gan_context *context;
    gan_tensor *photo, *result, *mask, *target;
    gan_adjuster *adjuster;
};

static struct bench bench_open(int32_t threads, int64_t height, int64_t width)
{
    struct bench bench = {.context = adjusting_context(threads)};
    bench.photo = adjusting_picture(bench.context, height, width, 2);
    bench.result = adjusting_picture(bench.context, height, width, 3);
    bench.mask = disc_mask(bench.context, height, width);
    bench.target = new_tensor(bench.context, height, width, 3);
    ck_assert_int_eq(gan_adjuster_create(&bench.adjuster, bench.photo, bench.result), GAN_OK);
    return bench;
}

static void bench_close(struct bench *bench)
{
    gan_context_free(bench->context);
    gan_tensor_free(bench->photo);
    gan_tensor_free(bench->result);
    gan_tensor_free(bench->mask);
    gan_tensor_free(bench->target);
    gan_adjuster_free(bench->adjuster);
}

static bool same_bits(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b),
                  (size_t)gan_tensor_count(a) * sizeof(float)) == 0;
}

/* What the calls on plain pixels make of it. */
static gan_tensor *one_by_one(const struct bench *bench, float strength, const gan_adjustment *adjustment,
                              bool masked)
{
    const int64_t height = gan_tensor_size(bench->photo, 1), width = gan_tensor_size(bench->photo, 2);
    gan_tensor *made = new_tensor(bench->context, height, width, 3);
    gan_tensor *mask = new_tensor(bench->context, height, width, 1);
    const float *photo = gan_tensor_data_const(bench->photo);
    float *pixels = gan_tensor_data(made), *soft = gan_tensor_data(mask);
    ck_assert_int_eq(gan_tensor_copy(made, bench->result), GAN_OK);
    ck_assert_int_eq(gan_tensor_copy(mask, bench->mask), GAN_OK);
    ck_assert_int_eq(gan_mask_feather(bench->context, soft, height, width, adjustment->feather), GAN_OK);
    ck_assert_int_eq(gan_adjust_color(bench->context, pixels, photo, height * width, adjustment->color),
                     GAN_OK);
    ck_assert_int_eq(gan_adjust_detail(bench->context, pixels, photo, height, width, adjustment->detail,
                                       adjustment->detail_radius > 0 ? adjustment->detail_radius : 2),
                     GAN_OK);
    ck_assert_int_eq(
        gan_adjust_strength(bench->context, pixels, photo, masked ? soft : NULL, height * width, strength),
        GAN_OK);
    gan_tensor_free(mask);
    return made;
}

START_TEST(all_together_are_the_calls_one_after_the_other)
{
    struct bench bench = bench_open(2, 47, 71);
    gan_adjustment adjustment = {.struct_size = sizeof adjustment};
    for (int number = 0; number < 64; number++) {
        const bool masked = number % 2 == 1;
        adjustment.color = number / 2 % 4;
        adjustment.detail = number / 8 % 2 == 0 ? 0.0f : 1.5f;
        adjustment.detail_radius = number / 16 % 2 == 0 ? 0 : 5;
        adjustment.feather = number / 32 == 0 ? 0 : 7;
        const float strength = (float)(number % 5) / 4;
        ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, masked ? bench.mask : NULL), GAN_OK);
        ck_assert_int_eq(gan_adjuster_render(bench.adjuster, strength, &adjustment, bench.target), GAN_OK);
        gan_tensor *expected = one_by_one(&bench, strength, &adjustment, masked);
        ck_assert(same_bits(bench.target, expected));
        gan_tensor_free(expected);
    }
    bench_close(&bench);
}
END_TEST

START_TEST(nothing_to_adjust_gives_the_result)
{
    struct bench bench = bench_open(2, 47, 71);
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, NULL, bench.target), GAN_OK);
    ck_assert(same_bits(bench.target, bench.result));
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 0.0f, NULL, bench.target), GAN_OK);
    ck_assert(same_bits(bench.target, bench.photo));
    bench_close(&bench);
}
END_TEST

START_TEST(the_same_bits_for_any_number_of_threads)
{
    const int32_t threads[] = {1, 2, 3, 8};
    const gan_adjustment adjustment = {
        .struct_size = sizeof adjustment, .color = GAN_COLOR_HISTOGRAM, .detail = 1, .feather = 9};
    struct bench first = bench_open(1, 130, 97);
    ck_assert_int_eq(gan_adjuster_set_mask(first.adjuster, first.mask), GAN_OK);
    ck_assert_int_eq(gan_adjuster_render(first.adjuster, 0.7f, &adjustment, first.target), GAN_OK);
    for (int i = 1; i < 4; i++) {
        struct bench bench = bench_open(threads[i], 130, 97);
        ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, bench.mask), GAN_OK);
        ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 0.7f, &adjustment, bench.target), GAN_OK);
        ck_assert(same_bits(bench.target, first.target));
        bench_close(&bench);
    }
    bench_close(&first);
}
END_TEST

START_TEST(pictures_of_a_pixel_and_thin_ones)
{
    const int64_t sizes[][2] = {{1, 1}, {1, 300}, {300, 1}, {2, 17}};
    const gan_adjustment adjustment = {
        .struct_size = sizeof adjustment, .color = GAN_COLOR_HISTOGRAM, .detail = 2, .feather = 400};
    for (int i = 0; i < 4; i++) {
        struct bench bench = bench_open(2, sizes[i][0], sizes[i][1]);
        ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, bench.mask), GAN_OK);
        ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, &adjustment, bench.target), GAN_OK);
        const float *values = gan_tensor_data_const(bench.target);
        for (int64_t k = 0; k < gan_tensor_count(bench.target); k++)
            ck_assert(values[k] >= 0.0f && values[k] <= 1.0f);
        bench_close(&bench);
    }
}
END_TEST

START_TEST(masks_that_do_not_fit_are_refused_and_the_former_stays)
{
    struct bench bench = bench_open(1, 47, 71);
    gan_tensor *before = new_tensor(bench.context, 47, 71, 3);
    ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, bench.mask), GAN_OK);
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, NULL, before), GAN_OK);
    gan_tensor *turned = new_tensor(bench.context, 71, 47, 1);
    ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, turned), GAN_ERROR_SHAPE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "47 x 71"));
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "71 x 47"));
    ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, bench.photo), GAN_ERROR_SHAPE);
    float *values = gan_tensor_data(bench.mask);
    values[5] = 1.5f;
    ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, bench.mask), GAN_ERROR_ARGUMENT);
    values[5] = NAN;
    ck_assert_int_eq(gan_adjuster_set_mask(bench.adjuster, bench.mask), GAN_ERROR_NOT_FINITE);
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, NULL, bench.target), GAN_OK);
    ck_assert(same_bits(before, bench.target));
    gan_tensor_free(turned);
    gan_tensor_free(before);
    bench_close(&bench);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    struct bench bench = bench_open(1, 20, 30);
    gan_tensor *small = adjusting_picture(bench.context, 20, 29, 1);
    gan_adjuster *none;
    ck_assert_int_eq(gan_adjuster_create(&none, bench.photo, small), GAN_ERROR_SHAPE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "29 x 20"));
    ck_assert_int_eq(gan_adjuster_create(&none, NULL, small), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjuster_create(&none, bench.photo, bench.mask), GAN_ERROR_SHAPE);
    ck_assert_ptr_null(none);
    ck_assert_int_eq(gan_adjuster_create(NULL, bench.photo, bench.result), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjuster_render(NULL, 1.0f, NULL, bench.target), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.5f, NULL, bench.target), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, NULL, small), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, NULL, bench.photo), GAN_ERROR_ARGUMENT);
    gan_adjustment adjustment = {.struct_size = sizeof adjustment, .color = 9};
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, &adjustment, bench.target),
                     GAN_ERROR_ARGUMENT);
    adjustment = (gan_adjustment){.struct_size = sizeof adjustment, .feather = -1};
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, &adjustment, bench.target),
                     GAN_ERROR_ARGUMENT);
    adjustment = (gan_adjustment){.struct_size = sizeof adjustment, .detail = NAN};
    ck_assert_int_eq(gan_adjuster_render(bench.adjuster, 1.0f, &adjustment, bench.target),
                     GAN_ERROR_ARGUMENT);
    ((float *)gan_tensor_data(small))[7] = NAN;
    ck_assert_int_eq(gan_adjuster_create(&none, small, small), GAN_ERROR_NOT_FINITE);
    gan_adjuster_free(NULL);
    gan_tensor_free(small);
    bench_close(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        all_together_are_the_calls_one_after_the_other,
        nothing_to_adjust_gives_the_result,
        the_same_bits_for_any_number_of_threads,
        pictures_of_a_pixel_and_thin_ones,
        masks_that_do_not_fit_are_refused_and_the_former_stays,
        bad_arguments_are_refused,
    };
    return run_suite("adjuster", tests, sizeof tests / sizeof tests[0]);
}
