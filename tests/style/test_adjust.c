/* Strength, colours, masks and detail after the network. */
#include "base/suite.h"
#include "kernels/oklab.h"
#include "style/adjusting.h"
#include "style/palette.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 61, WIDTH = 83, PIXELS = HEIGHT * WIDTH };

static gan_context *context;
static gan_tensor *photo, *result;

static void begin(int32_t threads)
{
    context = adjusting_context(threads);
    photo = adjusting_picture(context, HEIGHT, WIDTH, 0);
    result = adjusting_picture(context, HEIGHT, WIDTH, 1);
}

static void end(void)
{
    gan_tensor_free(photo);
    gan_tensor_free(result);
    gan_context_free(context);
}

static gan_tensor *new_tensor(int64_t height, int64_t width, int64_t channels)
{
    gan_tensor *tensor;
    const int64_t shape[4] = {1, height, width, channels};
    ck_assert_int_eq(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 4), GAN_OK);
    return tensor;
}

static bool same_bits(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b),
                  (size_t)gan_tensor_count(a) * sizeof(float)) == 0;
}

static gan_tensor *copy_of(const gan_tensor *from)
{
    gan_tensor *copy = new_tensor(gan_tensor_size(from, 1), gan_tensor_size(from, 2), 3);
    ck_assert_int_eq(gan_tensor_copy(copy, from), GAN_OK);
    return copy;
}

/* White on the right of column `edge`. */
static gan_tensor *half_mask(int64_t edge)
{
    gan_tensor *mask = new_tensor(HEIGHT, WIDTH, 1);
    float *values = gan_tensor_data(mask);
    for (int64_t i = 0; i < PIXELS; i++)
        values[i] = i % WIDTH >= edge ? 1.0f : 0.0f;
    return mask;
}

START_TEST(strength_blends_and_is_exact_at_both_ends)
{
    begin(2);
    const float *from = gan_tensor_data_const(photo), *to = gan_tensor_data_const(result);
    for (int step = 0; step <= 4; step++) {
        const float strength = (float)step / 4;
        gan_tensor *blend = copy_of(result);
        float *values = gan_tensor_data(blend);
        ck_assert_int_eq(gan_adjust_strength(context, values, from, NULL, PIXELS, strength), GAN_OK);
        for (int64_t i = 0; i < 3 * PIXELS; i++)
            ck_assert_float_eq_tol(values[i], from[i] + strength * (to[i] - from[i]), 1e-6f);
        if (step % 4 == 0)
            ck_assert(same_bits(blend, step == 0 ? photo : result));
        gan_tensor_free(blend);
    }
    end();
}
END_TEST

START_TEST(a_mask_keeps_the_photograph_to_the_bit)
{
    begin(2);
    gan_tensor *mask = half_mask(40), *blend = copy_of(result);
    const float *from = gan_tensor_data_const(photo), *to = gan_tensor_data_const(result);
    float *values = gan_tensor_data(blend);
    ck_assert_int_eq(gan_adjust_strength(context, values, from, gan_tensor_data_const(mask), PIXELS, 1.0f),
                     GAN_OK);
    for (int64_t i = 0; i < 3 * PIXELS; i++)
        ck_assert(values[i] == (i / 3 % WIDTH >= 40 ? to[i] : from[i]));
    gan_tensor_free(mask);
    gan_tensor_free(blend);
    end();
}
END_TEST

static void expect_bits(float given, float expected)
{
    ck_assert_int_eq(memcmp(&given, &expected, sizeof given), 0);
}

/* Whatever the picture is that has no share. */
START_TEST(both_ends_are_exact_beside_what_is_not_finite)
{
    const float odd[6] = {INFINITY, -INFINITY, NAN, -0.0f, 0.25f, 1.0f};
    const float plain[6] = {-0.0f, 0.0f, 0.75f, 0.5f, -0.0f, 1e-40f};
    for (int end_of_scale = 0; end_of_scale <= 1; end_of_scale++)
        for (int masked = 0; masked <= 1; masked++) {
            const float *from = end_of_scale == 0 ? plain : odd, *to = end_of_scale == 0 ? odd : plain;
            const float mask[2] = {(float)end_of_scale, (float)end_of_scale};
            float values[6];
            begin(1);
            memcpy(values, to, sizeof values);
            ck_assert_int_eq(gan_adjust_strength(context, values, from, masked ? mask : NULL, 2,
                                                 masked ? 1.0f : (float)end_of_scale),
                             GAN_OK);
            for (int i = 0; i < 6; i++)
                expect_bits(values[i], plain[i]);
            end();
        }
}
END_TEST

/* Monotone between the two sides, a half at the edge, untouched beyond the radius. */
START_TEST(feathering_spreads_an_edge_over_the_radius)
{
    begin(2);
    for (int32_t radius = 0; radius <= 30; radius += 5) {
        gan_tensor *mask = half_mask(40);
        float *values = gan_tensor_data(mask);
        ck_assert_int_eq(gan_mask_feather(context, values, HEIGHT, WIDTH, radius), GAN_OK);
        for (int64_t x = 0; x < WIDTH; x++) {
            const float value = values[7 * WIDTH + x];
            ck_assert(value >= 0.0f && value <= 1.0f);
            if (x < 40 - radius || x >= 40 + radius)
                ck_assert_float_eq(value, x < 40 ? 0.0f : 1.0f);
            if (x > 0)
                ck_assert_float_ge(value, values[7 * WIDTH + x - 1]);
            if (x >= 40 - radius && x < 40 + radius && radius > 1)
                ck_assert(value > 0.0f && value < 1.0f);
        }
        ck_assert_float_eq_tol(values[39] + values[40], 1.0f, 1e-6f);
        gan_tensor_free(mask);
    }
    end();
}
END_TEST

START_TEST(a_mask_of_one_value_stays)
{
    begin(1);
    gan_tensor *mask = new_tensor(HEIGHT, WIDTH, 1);
    float *values = gan_tensor_data(mask);
    for (int64_t i = 0; i < PIXELS; i++)
        values[i] = 0.3f;
    ck_assert_int_eq(gan_mask_feather(context, values, HEIGHT, WIDTH, 500), GAN_OK);
    for (int64_t i = 0; i < PIXELS; i++)
        ck_assert_float_eq(values[i], 0.3f);
    gan_tensor_free(mask);
    end();
}
END_TEST

START_TEST(luma_comes_from_the_result_and_chroma_from_the_photograph)
{
    begin(2);
    gan_tensor *colored = copy_of(result);
    float *made = gan_tensor_data(colored);
    const float *from = gan_tensor_data_const(photo), *to = gan_tensor_data_const(result);
    ck_assert_int_eq(gan_adjust_color(context, made, from, PIXELS, GAN_COLOR_LUMA), GAN_OK);
    for (int64_t i = 0; i < 3 * PIXELS; i += 3) {
        const float *rgb = made + i;
        if (fminf(rgb[0], fminf(rgb[1], rgb[2])) <= 0.0f || fmaxf(rgb[0], fmaxf(rgb[1], rgb[2])) >= 1.0f)
            continue;
        ck_assert_float_eq_tol(0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2],
                               0.299f * to[i] + 0.587f * to[i + 1] + 0.114f * to[i + 2], 2e-6f);
        ck_assert_float_eq_tol(rgb[0] - rgb[1], from[i] - from[i + 1], 2e-6f);
        ck_assert_float_eq_tol(rgb[2] - rgb[1], from[i + 2] - from[i + 1], 2e-6f);
    }
    gan_tensor_free(colored);
    end();
}
END_TEST

static struct palette palette_of(const float *rgb)
{
    struct palette palette;
    float *lab = malloc(3 * PIXELS * sizeof *lab);
    ck_assert_ptr_nonnull(lab);
    gan_oklab_of_srgb(lab, rgb, PIXELS);
    gan_palette_measure(&palette, lab, PIXELS);
    free(lab);
    return palette;
}

START_TEST(covariance_in_oklab_becomes_the_photographs)
{
    begin(2);
    gan_tensor *colored = copy_of(result);
    const float *from = gan_tensor_data_const(photo);
    ck_assert_int_eq(gan_adjust_color(context, gan_tensor_data(colored), from, PIXELS, GAN_COLOR_COVARIANCE),
                     GAN_OK);
    const struct palette wanted = palette_of(from), made = palette_of(gan_tensor_data_const(colored));
    const struct palette before = palette_of(gan_tensor_data_const(result));
    double apart = 0, was_apart = 0, size = 0;
    for (int r = 0; r < 3; r++) {
        ck_assert_double_eq_tol(made.mean[r], wanted.mean[r], 1e-3);
        for (int c = 0; c < 3; c++) {
            apart += pow(made.covariance[r][c] - wanted.covariance[r][c], 2);
            was_apart += pow(before.covariance[r][c] - wanted.covariance[r][c], 2);
            size += pow(wanted.covariance[r][c], 2);
        }
    }
    ck_assert_double_lt(sqrt(apart), 0.05 * sqrt(size));
    ck_assert_double_lt(sqrt(apart), 0.2 * sqrt(was_apart));
    gan_tensor_free(colored);
    end();
}
END_TEST

static int compare_floats(const void *a, const void *b)
{
    const float first = *(const float *)a, second = *(const float *)b;
    return (first > second) - (first < second);
}

/* Values of one channel of Oklab in ascending order. */
static float *sorted_channel(const float *rgb, int channel)
{
    float *lab = malloc(3 * PIXELS * sizeof *lab), *sorted = malloc(PIXELS * sizeof *sorted);
    ck_assert(lab != NULL && sorted != NULL);
    gan_oklab_of_srgb(lab, rgb, PIXELS);
    for (int64_t i = 0; i < PIXELS; i++)
        sorted[i] = lab[3 * i + channel];
    free(lab);
    qsort(sorted, PIXELS, sizeof *sorted, compare_floats);
    return sorted;
}

/* As many values lie below each as in the photograph, but for colours that sRGB cannot show. */
START_TEST(histograms_in_oklab_become_the_photographs)
{
    begin(2);
    gan_tensor *colored = copy_of(result);
    const float *from = gan_tensor_data_const(photo);
    ck_assert_int_eq(gan_adjust_color(context, gan_tensor_data(colored), from, PIXELS, GAN_COLOR_HISTOGRAM),
                     GAN_OK);
    for (int channel = 0; channel < 3; channel++) {
        float *wanted = sorted_channel(from, channel);
        float *made = sorted_channel(gan_tensor_data_const(colored), channel);
        for (int64_t i = PIXELS / 50; i < PIXELS * 49 / 50; i++)
            ck_assert_float_eq_tol(made[i], wanted[i], 0.004f);
        free(wanted);
        free(made);
    }
    gan_tensor_free(colored);
    end();
}
END_TEST

/* Rare values of a histogram may move to their neighbours. */
START_TEST(a_picture_in_its_own_colours_is_the_same)
{
    begin(2);
    for (int32_t color = GAN_COLOR_RESULT; color <= GAN_COLOR_HISTOGRAM; color++) {
        gan_tensor *colored = copy_of(photo);
        float *made = gan_tensor_data(colored);
        const float *from = gan_tensor_data_const(photo);
        ck_assert_int_eq(gan_adjust_color(context, made, from, PIXELS, color), GAN_OK);
        for (int64_t i = 0; i < 3 * PIXELS; i++)
            ck_assert_float_eq_tol(made[i], from[i], color == GAN_COLOR_HISTOGRAM ? 0.03f : 1e-3f);
        gan_tensor_free(colored);
    }
    end();
}
END_TEST

/* Flat, black, white and grey pictures have no colours to scale: results are finite and in range. */
START_TEST(pictures_without_colours_give_colours_in_range)
{
    begin(2);
    const float greys[] = {0.0f, 0.5f, 1.0f};
    for (int32_t color = GAN_COLOR_LUMA; color <= GAN_COLOR_HISTOGRAM; color++)
        for (int flat = 0; flat < 6; flat++) {
            gan_tensor *one = copy_of(photo), *other = copy_of(result);
            float *values = gan_tensor_data(flat % 2 == 0 ? one : other), *made = gan_tensor_data(one);
            for (int64_t i = 0; i < 3 * PIXELS; i++)
                values[i] = greys[flat / 2];
            ck_assert_int_eq(gan_adjust_color(context, made, gan_tensor_data_const(other), PIXELS, color),
                             GAN_OK);
            for (int64_t i = 0; i < 3 * PIXELS; i++)
                ck_assert(made[i] >= 0.0f && made[i] <= 1.0f);
            if (flat % 2 == 1 && color == GAN_COLOR_COVARIANCE)
                for (int64_t i = 0; i < 3 * PIXELS; i++)
                    ck_assert_float_eq_tol(made[i], greys[flat / 2], 0.1f);
            gan_tensor_free(one);
            gan_tensor_free(other);
        }
    end();
}
END_TEST

/* What is added has no mean, is the same in all channels, and follows the amount. */
START_TEST(detail_is_the_photographs_high_frequencies)
{
    begin(2);
    gan_tensor *once = copy_of(result), *twice = copy_of(result);
    const float *from = gan_tensor_data_const(photo), *to = gan_tensor_data_const(result);
    float *a = gan_tensor_data(once), *b = gan_tensor_data(twice);
    ck_assert_int_eq(gan_adjust_detail(context, a, from, HEIGHT, WIDTH, 1.0f, 3), GAN_OK);
    ck_assert_int_eq(gan_adjust_detail(context, b, from, HEIGHT, WIDTH, 2.0f, 3), GAN_OK);
    double sum = 0, magnitude = 0;
    for (int64_t i = 0; i < 3 * PIXELS; i++) {
        ck_assert_float_eq_tol(b[i] - to[i], 2 * (a[i] - to[i]), 1e-5f);
        if (i % 3 > 0)
            ck_assert_float_eq_tol(a[i] - to[i], a[i - i % 3] - to[i - i % 3], 1e-5f);
        sum += (double)(a[i] - to[i]);
        magnitude += fabs((double)(a[i] - to[i]));
    }
    ck_assert_double_gt(magnitude, 0.002 * 3 * PIXELS);
    ck_assert_double_lt(fabs(sum), 0.02 * magnitude);
    gan_tensor_free(once);
    gan_tensor_free(twice);
    end();
}
END_TEST

START_TEST(numbers_out_of_range_are_refused)
{
    begin(1);
    gan_tensor *copy = copy_of(result);
    float *to = gan_tensor_data(copy);
    const float *from = gan_tensor_data_const(photo);
    const float wrong[] = {-0.01f, 1.01f, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(gan_adjust_strength(context, to, from, NULL, PIXELS, wrong[i]), GAN_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(gan_error_message(), "strength is"));
    }
    ck_assert_int_eq(gan_adjust_strength(NULL, to, from, NULL, PIXELS, 0.5f), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjust_strength(context, to, NULL, NULL, PIXELS, 0.5f), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjust_strength(context, to, from, NULL, -1, 0.5f), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjust_color(context, to, from, PIXELS, 4), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjust_color(context, to, from, PIXELS, -1), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjust_detail(context, to, from, HEIGHT, WIDTH, 4.1f, 2), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_adjust_detail(context, to, from, HEIGHT, WIDTH, 1.0f, 0), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_mask_feather(context, NULL, HEIGHT, WIDTH, 2), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_mask_feather(context, to, HEIGHT, WIDTH, -1), GAN_ERROR_ARGUMENT);
    ck_assert(same_bits(copy, result));
    ck_assert_int_eq(gan_adjust_color(context, to, from, 0, GAN_COLOR_HISTOGRAM), GAN_OK);
    ck_assert_int_eq(gan_adjust_detail(context, to, from, 0, 5, 1.0f, 2), GAN_OK);
    gan_tensor_free(copy);
    end();
}
END_TEST

START_TEST(a_mask_of_a_picture_is_its_luma)
{
    begin(1);
    gan_tensor *mask;
    ck_assert_int_eq(gan_mask_of_picture(&mask, photo), GAN_OK);
    ck_assert_int_eq(gan_tensor_size(mask, 3), 1);
    const float *from = gan_tensor_data_const(photo), *grey = gan_tensor_data_const(mask);
    for (int64_t i = 0; i < PIXELS; i++)
        ck_assert_float_eq_tol(
            grey[i], 0.299f * from[3 * i] + 0.587f * from[3 * i + 1] + 0.114f * from[3 * i + 2], 1e-6f);
    gan_tensor_free(mask);
    gan_tensor *flat = new_tensor(1, 256, 3);
    for (int i = 0; i < 3 * 256; i++)
        ((float *)gan_tensor_data(flat))[i] = (float)(i / 3) / 255.0f;
    ck_assert_int_eq(gan_mask_of_picture(&mask, flat), GAN_OK);
    for (int i = 0; i < 256; i++)
        ck_assert(((const float *)gan_tensor_data_const(mask))[i] == (float)i / 255.0f);
    gan_tensor_free(mask);
    ck_assert_int_eq(gan_mask_of_picture(&mask, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(mask);
    gan_tensor_free(flat);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        strength_blends_and_is_exact_at_both_ends,
        a_mask_keeps_the_photograph_to_the_bit,
        both_ends_are_exact_beside_what_is_not_finite,
        feathering_spreads_an_edge_over_the_radius,
        a_mask_of_one_value_stays,
        luma_comes_from_the_result_and_chroma_from_the_photograph,
        covariance_in_oklab_becomes_the_photographs,
        histograms_in_oklab_become_the_photographs,
        a_picture_in_its_own_colours_is_the_same,
        pictures_without_colours_give_colours_in_range,
        detail_is_the_photographs_high_frequencies,
        numbers_out_of_range_are_refused,
        a_mask_of_a_picture_is_its_luma,
    };
    return run_suite("adjust", tests, sizeof tests / sizeof tests[0]);
}
