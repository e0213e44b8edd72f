/* Resizing, cropping, mirroring, sheets. */
#include "base/suite.h"
#include "gan/context.h"
#include "gan/image.h"

#include <math.h>
#include <string.h>

static gan_context *context;

static void begin(int32_t threads)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
}

static void must(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

static gan_tensor *noise(int64_t count, int64_t height, int64_t width, int64_t channels)
{
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, (int64_t[]){count, height, width, channels}, 4));
    must(gan_tensor_fill_uniform(picture, 7, 0.0f, 1.0f));
    return picture;
}

static double kernel(double x)
{
    x = fabs(x);
    return x < 1   ? 1.5 * x * x * x - 2.5 * x * x + 1
           : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2
                   : 0.0;
}

/* The definition in double: all source positions, the border repeated far beyond itself. */
static double weight_of(int64_t source, int64_t from, int64_t to, int64_t at)
{
    const double ratio = (double)from / (double)to, stretch = fmax(ratio, 1.0);
    const double centre = ((double)at + 0.5) * ratio - 0.5;
    double weight = 0.0, sum = 0.0;
    for (int64_t i = -200; i < from + 200; i++) {
        const double value = kernel(((double)i - centre) / stretch);
        const int64_t clamped = i < 0 ? 0 : i >= from ? from - 1 : i;
        sum += value;
        weight += clamped == source ? value : 0.0;
    }
    return weight / sum;
}

static double expected_at(const gan_tensor *picture, int64_t height, int64_t width, int64_t y, int64_t x,
                          int64_t channel)
{
    const int64_t rows = gan_tensor_size(picture, 1), columns = gan_tensor_size(picture, 2);
    const int64_t channels = gan_tensor_size(picture, 3);
    const float *values = gan_tensor_data_const(picture);
    double sum = 0.0;
    for (int64_t i = 0; i < rows; i++) {
        const double row_weight = weight_of(i, rows, height, y);
        for (int64_t j = 0; j < columns && row_weight != 0.0; j++)
            sum += row_weight * weight_of(j, columns, width, x) *
                   (double)values[(i * columns + j) * channels + channel];
    }
    return sum;
}

START_TEST(resizing_follows_its_definition)
{
    static const int64_t sizes[][4] = {{5, 7, 13, 11}, {13, 11, 5, 7}, {9, 9, 1, 1}, {1, 1, 4, 3},
                                       {2, 30, 20, 3}, {7, 1, 3, 2},   {6, 5, 6, 9}};
    begin(1);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const int64_t *size = sizes[i];
        gan_tensor *picture = noise(1, size[0], size[1], 3), *resized;
        must(gan_image_resize(&resized, picture, size[2], size[3]));
        const float *values = gan_tensor_data_const(resized);
        for (int64_t at = 0; at < gan_tensor_count(resized); at++) {
            const int64_t y = at / (size[3] * 3), x = at / 3 % size[3];
            const double expected = expected_at(picture, size[2], size[3], y, x, at % 3);
            ck_assert_msg(fabs((double)values[at] - expected) < 2e-6, "case %zu at %d: %g, expected %g", i,
                          (int)at, (double)values[at], expected);
        }
        gan_tensor_free(picture);
        gan_tensor_free(resized);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(the_same_size_is_the_same_picture)
{
    begin(1);
    gan_tensor *picture = noise(2, 17, 9, 4), *resized;
    must(gan_image_resize(&resized, picture, 17, 9));
    ck_assert_mem_eq(gan_tensor_data_const(resized), gan_tensor_data_const(picture), 2 * 17 * 9 * 4 * 4);
    gan_tensor_free(picture);
    gan_tensor_free(resized);
    gan_context_free(context);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    begin(1);
    gan_tensor *picture = noise(2, 61, 47, 3), *alone;
    must(gan_image_resize(&alone, picture, 33, 90));
    gan_context *one = context;
    begin(4);
    gan_tensor *copy = noise(2, 61, 47, 3), *shared;
    must(gan_image_resize(&shared, copy, 33, 90));
    ck_assert_mem_eq(gan_tensor_data_const(alone), gan_tensor_data_const(shared), 2 * 33 * 90 * 3 * 4);
    gan_tensor_free(picture);
    gan_tensor_free(alone);
    gan_tensor_free(copy);
    gan_tensor_free(shared);
    gan_context_free(one);
    gan_context_free(context);
}
END_TEST

START_TEST(extreme_shapes_are_resized)
{
    begin(2);
    gan_tensor *picture = noise(1, 3, 40000, 3), *resized;
    must(gan_image_resize(&resized, picture, 40, 2));
    gan_tensor_free(resized);
    must(gan_image_resize(&resized, picture, 1, 1));
    ck_assert(fabsf(*(const float *)gan_tensor_data_const(resized) - 0.5f) < 0.05f);
    gan_tensor_free(resized);
    gan_tensor_free(picture);
    gan_context_free(context);
}
END_TEST

START_TEST(wrong_sizes_and_types_are_refused)
{
    begin(1);
    gan_tensor *picture = noise(1, 3, 4, 3), *bytes, *out;
    must(gan_tensor_create(&bytes, context, GAN_UINT8, (int64_t[]){1, 3, 4, 3}, 4));
    ck_assert_int_eq(gan_image_resize(&out, picture, 0, 5), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_resize(&out, picture, 5, -1), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_resize(&out, picture, INT64_MAX, INT64_MAX), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_resize(&out, bytes, 2, 2), GAN_ERROR_TYPE);
    ck_assert_int_eq(gan_image_resize(&out, NULL, 2, 2), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_image_crop(&out, picture, 1, 0, 3, 1), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_crop(&out, picture, -1, 0, 1, 1), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_crop(&out, picture, 0, INT64_MAX, 1, INT64_MAX), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_flip(&out, bytes), GAN_ERROR_TYPE);
    const gan_tensor *mixed[] = {picture, bytes};
    ck_assert_int_eq(gan_image_grid(&out, mixed, 2, 1, 0), GAN_ERROR_TYPE);
    ck_assert_int_eq(gan_image_grid(&out, mixed, 0, 1, 0), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(out);
    gan_tensor_free(picture);
    gan_tensor_free(bytes);
    gan_context_free(context);
}
END_TEST

static float at(const gan_tensor *picture, int64_t number, int64_t y, int64_t x, int64_t channel)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    const int64_t channels = gan_tensor_size(picture, 3);
    const float *values = gan_tensor_data_const(picture);
    return values[((number * height + y) * width + x) * channels + channel];
}

START_TEST(crops_and_mirrors_are_exact)
{
    begin(1);
    gan_tensor *picture = noise(2, 6, 5, 3), *cropped, *mirrored;
    must(gan_image_crop(&cropped, picture, 2, 1, 3, 4));
    must(gan_image_flip(&mirrored, picture));
    for (int64_t n = 0; n < 2; n++)
        for (int64_t y = 0; y < 3; y++)
            for (int64_t x = 0; x < 4; x++)
                ck_assert(at(cropped, n, y, x, 2) == at(picture, n, y + 2, x + 1, 2));
    for (int64_t y = 0; y < 6; y++)
        for (int64_t x = 0; x < 5; x++)
            ck_assert(at(mirrored, 1, y, x, 1) == at(picture, 1, y, 4 - x, 1));
    gan_tensor_free(cropped);
    must(gan_image_crop(&cropped, picture, 6, 5, 0, 0));
    ck_assert_int_eq(gan_tensor_count(cropped), 0);
    gan_tensor_free(picture);
    gan_tensor_free(cropped);
    gan_tensor_free(mirrored);
    gan_context_free(context);
}
END_TEST

START_TEST(a_sheet_has_its_pictures_and_white_between)
{
    begin(1);
    gan_tensor *picture = noise(1, 3, 4, 3), *sheet;
    const gan_tensor *pictures[] = {picture, picture, picture};
    must(gan_image_grid(&sheet, pictures, 3, 2, 2));
    ck_assert_int_eq(gan_tensor_size(sheet, 1), 8);
    ck_assert_int_eq(gan_tensor_size(sheet, 2), 10);
    ck_assert(at(sheet, 0, 2, 7, 1) == at(picture, 0, 2, 1, 1));
    ck_assert(at(sheet, 0, 5, 3, 0) == at(picture, 0, 0, 3, 0));
    ck_assert(at(sheet, 0, 3, 0, 0) == 1.0f && at(sheet, 0, 0, 4, 2) == 1.0f &&
              at(sheet, 0, 7, 9, 0) == 1.0f);
    gan_tensor_free(sheet);
    gan_tensor_free(picture);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        resizing_follows_its_definition,
        the_same_size_is_the_same_picture,
        threads_do_not_change_a_bit,
        extreme_shapes_are_resized,
        wrong_sizes_and_types_are_refused,
        crops_and_mirrors_are_exact,
        a_sheet_has_its_pictures_and_white_between,
    };
    return run_suite("resize", tests, sizeof tests / sizeof tests[0]);
}
