/* Watermarks: invisible, there after what happens to pictures, and not where there is none. */
#include "base/random.h"
#include "base/suite.h"
#include "formats/folder.h"
#include "formats/watermark.h"
#include "gan/gan.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_context *context;
static struct folder folder;
static const uint8_t NAME[8] = "libgan 1";

static void begin(void)
{
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    folder_open(&folder);
}

static void end(int files)
{
    folder_close(&folder, files);
    gan_context_free(context);
}

static void must(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

static gan_tensor *new_picture(int64_t height, int64_t width)
{
    gan_tensor *picture;
    const int64_t shape[4] = {1, height, width, 3};
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4));
    return picture;
}

static gan_tensor *copy_of(const gan_tensor *from)
{
    gan_tensor *copy = new_picture(gan_tensor_size(from, 1), gan_tensor_size(from, 2));
    must(gan_tensor_copy(copy, from));
    return copy;
}

/* Discs of many sizes and colours before a gradient, with a photograph's edges, flat places and noise. */
static gan_tensor *scene(int64_t height, int64_t width, uint64_t number)
{
    enum { DISCS = 40 };
    gan_tensor *picture = new_picture(height, width);
    struct random_stream random = {.seed = number};
    float disc[DISCS][6], *value = gan_tensor_data(picture);
    for (int i = 0; i < DISCS; i++)
        for (int k = 0; k < 6; k++)
            disc[i][k] = gan_random_uniform(&random);
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++, value += 3) {
            const float u = (float)x / (float)width, v = (float)y / (float)height;
            for (int c = 0; c < 3; c++)
                value[c] = 0.2f + 0.6f * (c == 0 ? u : c == 1 ? v : 1 - v);
            for (int i = 0; i < DISCS; i++)
                if ((u - disc[i][0]) * (u - disc[i][0]) + (v - disc[i][1]) * (v - disc[i][1]) <
                    0.03f * disc[i][2] * disc[i][2])
                    for (int c = 0; c < 3; c++)
                        value[c] = disc[i][3 + c] * (i % 3 == 0 ? 0.8f + 0.2f * sinf(90 * u + 60 * v) : 1);
            for (int c = 0; c < 3; c++)
                value[c] += 0.02f * (gan_random_uniform(&random) - 0.5f);
        }
    for (int64_t i = 0; i < gan_tensor_count(picture); i++) {
        float *values = gan_tensor_data(picture);
        values[i] = fminf(fmaxf(values[i], 0), 1);
    }
    return picture;
}

static bool is_marked(const gan_tensor *picture, const uint8_t bytes[8])
{
    gan_watermark found = {.struct_size = sizeof found};
    must(gan_watermark_find(picture, 0, &found));
    return found.found != 0 && memcmp(found.bytes, bytes, 8) == 0;
}

static gan_tensor *through_jpeg(const gan_tensor *picture, int32_t quality)
{
    gan_tensor *loaded;
    const char *path = folder_file(&folder, "marked.jpg");
    must(gan_image_save(picture, NULL, path, quality));
    must(gan_image_load(&loaded, NULL, context, path));
    return loaded;
}

static gan_tensor *scaled(const gan_tensor *picture, int64_t parts, int64_t of)
{
    gan_tensor *small;
    must(gan_image_resize(&small, picture, gan_tensor_size(picture, 1) * parts / of,
                          gan_tensor_size(picture, 2) * parts / of));
    return small;
}

static void expect_mark(gan_tensor *picture, const uint8_t bytes[8], const char *after, const char *name)
{
    ck_assert_msg(is_marked(picture, bytes), "%s: the mark is gone after %s", name, after);
    gan_tensor_free(picture);
}

static void expect_survival(const gan_tensor *original, const char *name)
{
    double decibels;
    gan_tensor *marked = copy_of(original);
    ck_assert_msg(!is_marked(original, NAME), "%s: a mark where none is", name);
    must(gan_watermark_embed(marked, NAME, 0));
    must(gan_psnr(original, marked, &decibels));
    const int64_t height = gan_tensor_size(original, 1), width = gan_tensor_size(original, 2);
    ck_assert_msg(decibels > (height < 400 || width < 400 ? 42 : 48), "%s: %g dB", name, decibels);
    gan_tensor *half = scaled(marked, 1, 2);
    expect_mark(through_jpeg(marked, 85), NAME, "JPEG", name);
    expect_mark(through_jpeg(half, 85), NAME, "half the size and JPEG", name);
    expect_mark(scaled(half, 2, 1), NAME, "half the size and back", name);
    expect_mark(scaled(marked, 7, 10), NAME, "seven tenths of the size", name);
    expect_mark(half, NAME, "half the size", name);
    expect_mark(marked, NAME, "nothing", name);
}

START_TEST(marks_survive_in_drawn_pictures)
{
    static const int64_t sizes[][2] = {{256, 256}, {300, 411}, {512, 384}, {700, 333}};
    begin();
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "scene %d", i);
        gan_tensor *picture = scene(sizes[i][0], sizes[i][1], (uint64_t)i);
        expect_survival(picture, name);
        gan_tensor_free(picture);
    }
    end(1);
}
END_TEST

START_TEST(marks_survive_in_photographs)
{
    const char *data = getenv("GAN_SHARED_DATA");
    char path[4096];
    int count = 0;
    if (data == NULL)
        return; /* the folder of photographs is not here */
    begin();
    snprintf(path, sizeof path, "%s/images/photos", data);
    DIR *photos = opendir(path);
    for (struct dirent *entry; photos != NULL && count < 6 && (entry = readdir(photos)) != NULL;) {
        gan_tensor *picture;
        snprintf(path, sizeof path, "%s/images/photos/%.200s", data, entry->d_name);
        if (entry->d_name[0] == '.' || gan_image_load(&picture, NULL, context, path) != GAN_OK)
            continue;
        if (gan_tensor_size(picture, 1) >= 256 && gan_tensor_size(picture, 2) >= 256) {
            expect_survival(picture, entry->d_name);
            count++;
        }
        gan_tensor_free(picture);
    }
    closedir(photos);
    ck_assert_int_gt(count, 0);
    end(1);
}
END_TEST

/* Chance: 96 bits that are right by guessing up to 8. No noise, no picture, no other key has ever that luck.
 */
START_TEST(there_is_no_mark_where_none_was_made)
{
    begin();
    for (uint64_t number = 0; number < 60; number++) {
        gan_tensor *noise = new_picture(128, 128 + (int64_t)number);
        must(gan_tensor_fill_uniform(noise, number, 0, 1));
        gan_watermark found = {.struct_size = sizeof found};
        must(gan_watermark_find(noise, number % 3, &found));
        ck_assert_int_eq(found.found, 0);
        ck_assert(found.clarity == 0 && found.repaired_bits == 0 && found.bytes[0] == 0);
        gan_tensor_free(noise);
    }
    gan_tensor *picture = scene(256, 256, 9);
    must(gan_watermark_embed(picture, NAME, 5));
    gan_watermark found = {.struct_size = sizeof found};
    must(gan_watermark_find(picture, 6, &found));
    ck_assert_int_eq(found.found, 0);
    must(gan_watermark_find(picture, 5, &found));
    ck_assert_int_eq(found.found, 1);
    ck_assert_double_gt(found.clarity, 0.9);
    gan_tensor_free(picture);
    end(0);
}
END_TEST

/* 96 random bits of which 8 may be guessed pass once in 2^24: hardly ever in 4000. */
START_TEST(random_bits_do_not_pass)
{
    struct random_stream random = {.seed = 77};
    for (int number = 0; number < 4000; number++) {
        uint8_t bits[WATERMARK_BITS], bytes[8];
        float margins[WATERMARK_BITS];
        for (int bit = 0; bit < WATERMARK_BITS; bit++) {
            bits[bit] = (uint8_t)(gan_random_bits(&random) % 2);
            margins[bit] = gan_random_uniform(&random);
        }
        ck_assert_int_eq(gan_watermark_unframe(bits, margins, bytes), -1);
    }
}
END_TEST

START_TEST(up_to_eight_unsure_bits_are_repaired)
{
    uint8_t bits[WATERMARK_BITS], bytes[8];
    float margins[WATERMARK_BITS];
    for (int wrong = 0; wrong <= 9; wrong++) {
        gan_watermark_frame(NAME, bits);
        for (int bit = 0; bit < WATERMARK_BITS; bit++) {
            const bool flipped = bit % 10 == 3 && bit / 10 < wrong;
            bits[bit] = (uint8_t)(bits[bit] ^ flipped);
            margins[bit] = flipped ? 0.01f : 0.4f;
        }
        const int repaired = gan_watermark_unframe(bits, margins, bytes);
        ck_assert_int_eq(repaired, wrong <= 8 ? wrong : -1);
        if (wrong <= 8)
            ck_assert_int_eq(memcmp(bytes, NAME, 8), 0);
    }
}
END_TEST

START_TEST(a_second_mark_replaces_the_first)
{
    static const uint8_t other[8] = {0, 0xFF, 0x80, 1, 2, 3, 4, 5};
    begin();
    gan_tensor *picture = scene(300, 300, 3);
    must(gan_watermark_embed(picture, NAME, 0));
    must(gan_watermark_embed(picture, other, 0));
    ck_assert(is_marked(picture, other));
    gan_tensor_free(picture);
    end(0);
}
END_TEST

START_TEST(flat_pictures_hold_a_mark_too)
{
    begin();
    for (int grey = 0; grey <= 4; grey++) {
        gan_tensor *picture = new_picture(256, 300), *loaded;
        float *values = gan_tensor_data(picture);
        for (int64_t i = 0; i < gan_tensor_count(picture); i++)
            values[i] = (float)grey / 4;
        const gan_status status = gan_watermark_embed(picture, NAME, 0);
        ck_assert(status == GAN_OK || (status == GAN_ERROR_UNSUPPORTED && grey % 4 == 0));
        if (status == GAN_OK) {
            const char *path = folder_file(&folder, "flat.png");
            must(gan_image_save(picture, NULL, path, 0));
            must(gan_image_load(&loaded, NULL, context, path));
            ck_assert(is_marked(loaded, NAME));
            gan_tensor_free(loaded);
        } else {
            for (int64_t i = 0; i < gan_tensor_count(picture); i++)
                ck_assert(values[i] == (float)grey / 4);
        }
        gan_tensor_free(picture);
    }
    end(1);
}
END_TEST

START_TEST(the_same_bits_for_any_number_of_threads)
{
    const int32_t threads[] = {1, 2, 3, 8};
    gan_tensor *first = NULL;
    for (int i = 0; i < 4; i++) {
        const gan_context_options options = {.struct_size = sizeof options, .threads = threads[i]};
        must(gan_context_create(&context, &options));
        gan_tensor *picture = scene(200, 333, 4);
        must(gan_watermark_embed(picture, NAME, 0));
        if (first == NULL)
            first = gan_tensor_retain(picture);
        ck_assert_int_eq(memcmp(gan_tensor_data_const(first), gan_tensor_data_const(picture),
                                (size_t)gan_tensor_count(first) * sizeof(float)),
                         0);
        gan_tensor_free(picture);
        gan_context_free(context);
    }
    gan_tensor_free(first);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    begin();
    gan_tensor *small = new_picture(127, 300), *picture = new_picture(128, 128);
    gan_watermark found = {.struct_size = sizeof found};
    ck_assert_int_eq(gan_watermark_embed(small, NAME, 0), GAN_ERROR_SHAPE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "300 x 127"));
    ck_assert_int_eq(gan_watermark_embed(NULL, NAME, 0), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_watermark_embed(picture, NULL, 0), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_watermark_find(picture, 0, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_watermark_find(NULL, 0, &found), GAN_ERROR_ARGUMENT);
    must(gan_watermark_find(small, 0, &found));
    found.struct_size = 0;
    ck_assert_int_eq(gan_watermark_find(picture, 0, &found), GAN_ERROR_ARGUMENT);
    ((float *)gan_tensor_data(picture))[9] = NAN;
    ck_assert_int_eq(gan_watermark_embed(picture, NAME, 0), GAN_ERROR_NOT_FINITE);
    gan_tensor_free(small);
    gan_tensor_free(picture);
    end(0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        marks_survive_in_drawn_pictures,
        marks_survive_in_photographs,
        there_is_no_mark_where_none_was_made,
        random_bits_do_not_pass,
        up_to_eight_unsure_bits_are_repaired,
        a_second_mark_replaces_the_first,
        flat_pictures_hold_a_mark_too,
        the_same_bits_for_any_number_of_threads,
        bad_arguments_are_refused,
    };
    return run_long_suite("watermark", tests, sizeof tests / sizeof tests[0]);
}
