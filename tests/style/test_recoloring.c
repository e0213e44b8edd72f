/* Colours of a picture of which a piece is at hand at a time. */
#include "base/suite.h"
#include "graph/networks.h"
#include "style/adjusting.h"

#include <math.h>
#include <string.h>

/* In pieces of so many pixels, all of them not a multiple of what is measured together; recoloured from the
 * last piece to the first. */
static void recolor_in_pieces(gan_context *context, const gan_tensor *photo, gan_tensor *result, int64_t size,
                              int32_t color)
{
    const int64_t pixels = gan_tensor_count(photo) / 3;
    const float *from = gan_tensor_data_const(photo);
    float *to = gan_tensor_data(result);
    gan_recoloring *recoloring;
    succeed(gan_recoloring_create(&recoloring, context, pixels, color));
    for (int32_t round = 0; round < gan_recoloring_rounds(recoloring); round++)
        for (int64_t i = 0; i < pixels; i += size)
            succeed(gan_recoloring_measure(recoloring, to + 3 * i, from + 3 * i,
                                           pixels - i < size ? pixels - i : size));
    for (int64_t i = (pixels - 1) / size * size; i >= 0; i -= size)
        succeed(gan_recoloring_apply(recoloring, to + 3 * i, from + 3 * i,
                                     pixels - i < size ? pixels - i : size));
    gan_recoloring_free(recoloring);
}

static gan_tensor *copy_of(gan_context *context, const gan_tensor *from)
{
    const int64_t shape[4] = {1, gan_tensor_size(from, 1), gan_tensor_size(from, 2), 3};
    gan_tensor *copy;
    succeed(gan_tensor_create(&copy, context, GAN_FLOAT32, shape, 4));
    succeed(gan_tensor_copy(copy, from));
    return copy;
}

static gan_tensor *recolored_whole(gan_context *context, const gan_tensor *photo, const gan_tensor *result,
                                   int32_t color)
{
    gan_tensor *whole = copy_of(context, result);
    succeed(gan_adjust_color(context, gan_tensor_data(whole), gan_tensor_data_const(photo),
                             gan_tensor_count(photo) / 3, color));
    return whole;
}

static void check_pieces(int32_t threads, int64_t height, int64_t width, const int64_t *sizes, int count)
{
    gan_context *context = adjusting_context(threads), *alone = adjusting_context(1);
    gan_tensor *photo = adjusting_picture(context, height, width, 0);
    gan_tensor *result = adjusting_picture(context, height, width, 1);
    for (int32_t color = GAN_COLOR_RESULT; color <= GAN_COLOR_HISTOGRAM; color++) {
        gan_tensor *whole = recolored_whole(alone, photo, result, color);
        ck_assert_int_eq(same_bits(whole, result), color == GAN_COLOR_RESULT);
        for (int i = 0; i < count; i++) {
            gan_tensor *made = copy_of(context, result);
            recolor_in_pieces(context, photo, made, sizes[i], color);
            ck_assert_msg(same_bits(made, whole), "pieces of %d, colour %d", (int)sizes[i], (int)color);
            gan_tensor_free(made);
        }
        gan_tensor_free(whole);
    }
    gan_tensor_free(photo);
    gan_tensor_free(result);
    gan_context_free(alone);
    gan_context_free(context);
}

START_TEST(any_pieces_give_the_bits_of_the_whole)
{
    const int64_t sizes[] = {1, 7, 83, 2047, 2048, 2049, 4096, 5062, 5063};
    check_pieces(2, 61, 83, sizes, sizeof sizes / sizeof sizes[0]);
}
END_TEST

START_TEST(threads_change_no_bit)
{
    const int64_t sizes[] = {830, 5063};
    for (int32_t threads = 1; threads <= 8; threads += threads < 3 ? 1 : 5)
        check_pieces(threads, 61, 83, sizes, 2);
}
END_TEST

/* More than is measured at the same time. */
START_TEST(large_pictures_in_pieces)
{
    const int64_t sizes[] = {8321, 262145, 320500};
    check_pieces(3, 500, 641, sizes, 3);
}
END_TEST

START_TEST(pictures_of_one_row_and_of_one_pixel)
{
    const int64_t sizes[] = {1, 2, 50};
    check_pieces(2, 1, 97, sizes, 3);
    check_pieces(2, 1, 1, sizes, 1);
}
END_TEST

/* Of one colour, in either place. */
START_TEST(flat_pictures_in_pieces)
{
    gan_context *context = adjusting_context(2);
    for (int flat = 0; flat < 2; flat++)
        for (int32_t color = GAN_COLOR_COVARIANCE; color <= GAN_COLOR_HISTOGRAM; color++) {
            gan_tensor *pictures[2] = {adjusting_picture(context, 40, 60, 0),
                                       adjusting_picture(context, 40, 60, 1)};
            float *values = gan_tensor_data(pictures[flat]);
            for (int64_t i = 0; i < gan_tensor_count(pictures[flat]); i++)
                values[i] = 0.25f;
            gan_tensor *whole = recolored_whole(context, pictures[0], pictures[1], color);
            recolor_in_pieces(context, pictures[0], pictures[1], 60, color);
            ck_assert(same_bits(whole, pictures[1]));
            const float *made = gan_tensor_data_const(whole);
            for (int64_t i = 0; i < gan_tensor_count(whole); i++)
                ck_assert(made[i] >= 0.0f && made[i] <= 1.0f);
            gan_tensor_free(whole);
            gan_tensor_free(pictures[0]);
            gan_tensor_free(pictures[1]);
        }
    gan_context_free(context);
}
END_TEST

START_TEST(rounds_are_as_many_as_said)
{
    const int32_t rounds[] = {0, 0, 1, 2};
    const float photo[9] = {0}, other[9] = {0.5f, 0.25f, 0.75f};
    float result[9] = {0.5f, 0.25f, 0.75f};
    gan_context *context = adjusting_context(1);
    for (int32_t color = 0; color < 4; color++) {
        gan_recoloring *recoloring;
        succeed(gan_recoloring_create(&recoloring, context, 3, color));
        ck_assert_int_eq(gan_recoloring_rounds(recoloring), rounds[color]);
        for (int32_t round = 0; round < rounds[color]; round++) {
            fails_with(gan_recoloring_apply(recoloring, result, photo, 3), GAN_ERROR_STATE, "0 of 3 pixels");
            succeed(gan_recoloring_measure(recoloring, result, photo, 2));
            fails_with(gan_recoloring_apply(recoloring, result, photo, 3), GAN_ERROR_STATE, "2 of 3 pixels");
            fails_with(gan_recoloring_measure(recoloring, result, photo, 2), GAN_ERROR_ARGUMENT, "2 of 3");
            ck_assert_mem_eq(result, other, sizeof result);
            succeed(gan_recoloring_measure(recoloring, result, photo, 0));
            succeed(gan_recoloring_measure(recoloring, result, photo, 1));
        }
        fails_with(gan_recoloring_measure(recoloring, result, photo, 1), GAN_ERROR_STATE, "all pixels");
        succeed(gan_recoloring_measure(recoloring, result, photo, 0));
        succeed(gan_recoloring_apply(recoloring, result, photo, 3));
        memcpy(result, other, sizeof result);
        gan_recoloring_free(recoloring);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    float pixel[3] = {0};
    gan_context *context = adjusting_context(1);
    gan_recoloring *recoloring;
    fails_with(gan_recoloring_create(NULL, context, 1, 2), GAN_ERROR_ARGUMENT, "out");
    fails_with(gan_recoloring_create(&recoloring, NULL, 1, 2), GAN_ERROR_ARGUMENT, "context");
    fails_with(gan_recoloring_create(&recoloring, context, -1, 2), GAN_ERROR_ARGUMENT, "-1 pixels");
    fails_with(gan_recoloring_create(&recoloring, context, INT64_MAX, 2), GAN_ERROR_ARGUMENT, "pixels");
    fails_with(gan_recoloring_create(&recoloring, context, 1, 4), GAN_ERROR_ARGUMENT, "color");
    ck_assert_ptr_null(recoloring);
    fails_with(gan_recoloring_measure(NULL, pixel, pixel, 1), GAN_ERROR_ARGUMENT, "recoloring");
    fails_with(gan_recoloring_apply(NULL, pixel, pixel, 1), GAN_ERROR_ARGUMENT, "recoloring");
    ck_assert_int_eq(gan_recoloring_rounds(NULL), -1);
    gan_recoloring_free(NULL);
    succeed(gan_recoloring_create(&recoloring, context, 1, GAN_COLOR_COVARIANCE));
    fails_with(gan_recoloring_measure(recoloring, NULL, pixel, 1), GAN_ERROR_ARGUMENT, "result");
    fails_with(gan_recoloring_measure(recoloring, pixel, NULL, 1), GAN_ERROR_ARGUMENT, "photograph");
    fails_with(gan_recoloring_measure(recoloring, pixel, pixel, -1), GAN_ERROR_ARGUMENT, "-1 pixels");
    succeed(gan_recoloring_measure(recoloring, pixel, pixel, 1));
    fails_with(gan_recoloring_apply(recoloring, pixel, NULL, 1), GAN_ERROR_ARGUMENT, "photograph");
    fails_with(gan_recoloring_apply(recoloring, pixel, pixel, -1), GAN_ERROR_ARGUMENT, "-1 pixels");
    gan_recoloring_free(recoloring);
    gan_context_free(context);
}
END_TEST

START_TEST(what_is_not_finite_is_refused_and_not_measured)
{
    const float wrong[] = {NAN, INFINITY, -INFINITY};
    gan_context *context = adjusting_context(1);
    for (int i = 0; i < 6; i++) {
        float photo[6] = {0.5f, 0.25f, 0.75f, 0.1f, 0.2f, 0.3f}, result[6] = {0.1f, 0.6f, 0.2f};
        float *place = i < 3 ? &result[4] : &photo[4];
        const float right = *place;
        gan_recoloring *recoloring;
        succeed(gan_recoloring_create(&recoloring, context, 2, GAN_COLOR_COVARIANCE));
        *place = wrong[i % 3];
        fails_with(gan_recoloring_measure(recoloring, result, photo, 2), GAN_ERROR_NOT_FINITE,
                   i < 3 ? "the result is not finite at element 4" : "the photograph is not finite");
        *place = right;
        succeed(gan_recoloring_measure(recoloring, result, photo, 2));
        succeed(gan_recoloring_apply(recoloring, result, photo, 2));
        gan_recoloring_free(recoloring);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(a_picture_without_pixels_has_nothing_to_measure)
{
    float pixel[3] = {0.5f, 0.5f, 0.5f};
    gan_context *context = adjusting_context(1);
    for (int32_t color = 0; color < 4; color++) {
        gan_recoloring *recoloring;
        succeed(gan_recoloring_create(&recoloring, context, 0, color));
        for (int32_t round = 0; round < gan_recoloring_rounds(recoloring); round++)
            succeed(gan_recoloring_measure(recoloring, pixel, pixel, 0));
        succeed(gan_recoloring_apply(recoloring, pixel, pixel, 0));
        gan_recoloring_free(recoloring);
    }
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {any_pieces_give_the_bits_of_the_whole,
                                  threads_change_no_bit,
                                  large_pictures_in_pieces,
                                  pictures_of_one_row_and_of_one_pixel,
                                  flat_pictures_in_pieces,
                                  rounds_are_as_many_as_said,
                                  wrong_arguments_are_refused,
                                  what_is_not_finite_is_refused_and_not_measured,
                                  a_picture_without_pixels_has_nothing_to_measure};
    return run_suite("recoloring", tests, sizeof tests / sizeof tests[0]);
}
