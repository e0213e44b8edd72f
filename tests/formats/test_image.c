/* Reading and writing pictures. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/context.h"
#include "gan/image.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gan_context *context;
static struct folder folder;

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

/* A picture whose samples are all multiples of 1/255, which eight bits hold exactly. */
static gan_tensor *picture_of(int64_t height, int64_t width, int64_t channels)
{
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, (int64_t[]){1, height, width, channels}, 4));
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = (float)((i * 37 + i / 11) % 256) / 255.0f;
    return picture;
}

static double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    const float *x = gan_tensor_data_const(a), *y = gan_tensor_data_const(b);
    double largest = 0.0;
    ck_assert_int_eq(gan_tensor_count(a), gan_tensor_count(b));
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        largest = fmax(largest, fabs((double)x[i] - (double)y[i]));
    return largest;
}

static void expect_same(const gan_tensor *a, const gan_tensor *b)
{
    for (int32_t axis = 0; axis < 4; axis++)
        ck_assert_int_eq(gan_tensor_size(a, axis), gan_tensor_size(b, axis));
    ck_assert(largest_difference(a, b) == 0.0);
}

static void round_trip(const char *name, int64_t height, int64_t width, int keeps_alpha)
{
    const char *path = folder_file(&folder, name);
    gan_tensor *picture = picture_of(height, width, 3), *alpha = picture_of(height, width, 1);
    gan_tensor *loaded, *loaded_alpha;
    must(gan_image_save(picture, alpha, path, 0));
    must(gan_image_load(&loaded, &loaded_alpha, context, path));
    expect_same(picture, loaded);
    ck_assert_int_eq(loaded_alpha != NULL, keeps_alpha);
    if (keeps_alpha)
        expect_same(alpha, loaded_alpha);
    gan_tensor_free(loaded_alpha);
    gan_tensor_free(loaded);
    must(gan_image_load(&loaded, NULL, context, path));
    gan_tensor_free(loaded);
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
}

START_TEST(formats_without_loss_keep_every_sample)
{
    begin();
    round_trip("a.png", 5, 7, 1);
    round_trip("a.TGA", 5, 7, 1);
    round_trip("a.bmp", 5, 7, 0);
    round_trip("one.png", 1, 1, 1);
    round_trip("wide.png", 3, 40000, 1);
    round_trip("tall.png", 40000, 3, 1);
    end(6);
}
END_TEST

START_TEST(jpeg_is_near)
{
    begin();
    gan_tensor *small = picture_of(8, 8, 3), *picture, *loaded, *alpha;
    const char *path = folder_file(&folder, "a.JPeG");
    must(gan_image_resize(&picture, small, 64, 48));
    must(gan_image_save(picture, NULL, path, 95));
    must(gan_image_load(&loaded, &alpha, context, path));
    ck_assert_ptr_null(alpha);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = fminf(fmaxf(values[i], 0.0f), 1.0f);
    ck_assert(largest_difference(picture, loaded) < 0.25);
    gan_tensor_free(small);
    gan_tensor_free(picture);
    gan_tensor_free(loaded);
    end(1);
}
END_TEST

START_TEST(sixteen_bits_are_kept)
{
    begin();
    const unsigned char file[] = "P5 2 1 65535\n\x01\x02\xFF\xFF";
    gan_tensor *picture;
    must(gan_image_decode(&picture, NULL, context, file, sizeof file - 1, "FILE"));
    const float *values = gan_tensor_data_const(picture);
    ck_assert_int_eq(gan_tensor_size(picture, 3), 3);
    for (int i = 0; i < 3; i++) {
        ck_assert(values[i] == 258.0f / 65535.0f);
        ck_assert(values[3 + i] == 1.0f);
    }
    gan_tensor_free(picture);
    end(0);
}
END_TEST

/* All levels of 16 bits, by every filter that a row may take, with alpha and without. */
START_TEST(sixteen_bits_are_written)
{
    begin();
    const gan_image_save_options options = {.struct_size = sizeof options, .depth = 16};
    const char *path = folder_file(&folder, "deep.png");
    gan_tensor *picture = picture_of(257, 86, 3), *alpha = picture_of(257, 86, 1), *loaded, *loaded_alpha;
    float *values = gan_tensor_data(picture), *opacity = gan_tensor_data(alpha);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = (float)(i % 65536 * (i < 9000 ? 1 : 40503) % 65536) / 65535.0f;
    for (int64_t i = 0; i < gan_tensor_count(alpha); i++)
        opacity[i] = (float)(i * 3) / 66305.0f < 1 ? (float)(i * 3 % 65536) / 65535.0f : 1.0f;
    for (int kept = 0; kept < 2; kept++) {
        must(gan_image_save_with_options(picture, kept ? alpha : NULL, path, &options));
        must(gan_image_load(&loaded, &loaded_alpha, context, path));
        expect_same(picture, loaded);
        ck_assert_int_eq(loaded_alpha != NULL, kept);
        if (kept)
            expect_same(alpha, loaded_alpha);
        gan_tensor_free(loaded);
        gan_tensor_free(loaded_alpha);
    }
    ck_assert_int_eq(gan_image_save_with_options(picture, NULL, folder_file(&folder, "deep.jpg"), &options),
                     GAN_ERROR_ARGUMENT);
    const gan_image_save_options odd = {.struct_size = sizeof odd, .depth = 12};
    ck_assert_int_eq(gan_image_save_with_options(picture, NULL, path, &odd), GAN_ERROR_ARGUMENT);
    values[300] = NAN;
    ck_assert_int_eq(gan_image_save_with_options(picture, NULL, path, &options), GAN_ERROR_NOT_FINITE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "row 1, column 14"));
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    end(1);
}
END_TEST

/* A 2 x 3 picture as a JPEG of flat blocks is too blurred to tell corners apart, so 16 x 24 pixels in blocks
 * of 8 are used; the stored picture has block b in grey 20 + 30 b. */
static long jpeg_bytes(unsigned char *bytes, size_t room)
{
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, (int64_t[]){1, 16, 24, 3}, 4));
    float *values = gan_tensor_data(picture);
    for (int y = 0; y < 16; y++)
        for (int x = 0; x < 24 * 3; x++)
            values[y * 72 + x] = (float)(20 + 30 * (y / 8 * 3 + x / 24)) / 255.0f;
    const char *path = folder_file(&folder, "plain.jpg");
    must(gan_image_save(picture, NULL, path, 100));
    gan_tensor_free(picture);
    const long size = read_bytes(path, bytes, room);
    ck_assert_int_eq(unlink(path), 0);
    return size;
}

static size_t with_orientation(const unsigned char *plain, size_t size, int orientation, unsigned char *out)
{
    unsigned char segment[] = "\xFF\xE1\x00\x22"
                              "Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0";
    segment[29] = (unsigned char)orientation;
    memcpy(out, plain, 2);
    memcpy(out + 2, segment, 36);
    memcpy(out + 38, plain + 2, size - 2);
    return size + 36;
}

static int block_at(const gan_tensor *picture, int row, int column)
{
    const float *values = gan_tensor_data_const(picture);
    const int64_t width = gan_tensor_size(picture, 2);
    const float grey = values[((row * 8 + 4) * width + column * 8 + 4) * 3] * 255.0f;
    return (int)lrintf((grey - 20.0f) / 30.0f);
}

START_TEST(all_orientations_come_upright)
{
    static const int expected[9][6] = {
        {0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
        {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3},
    };
    begin();
    unsigned char plain[8192], turned[8192];
    const long size = jpeg_bytes(plain, sizeof plain - 64);
    for (int orientation = 0; orientation < 9; orientation++) {
        gan_tensor *picture;
        const size_t length = with_orientation(plain, (size_t)size, orientation, turned);
        must(gan_image_decode(&picture, NULL, context, turned, length, "FILE"));
        const int columns = orientation < 5 ? 3 : 2;
        ck_assert_int_eq(gan_tensor_size(picture, 2), columns * 8);
        ck_assert_int_eq(gan_tensor_size(picture, 1), 48 / columns);
        for (int i = 0; i < 6; i++)
            ck_assert_int_eq(block_at(picture, i / columns, i % columns), expected[orientation][i]);
        gan_tensor_free(picture);
    }
    end(0);
}
END_TEST

START_TEST(nonsense_in_exif_does_no_harm)
{
    begin();
    unsigned char plain[8192], turned[8192];
    const long size = jpeg_bytes(plain, sizeof plain - 64);
    for (int at = 12; at < 38; at++)
        for (int bit = 0; bit < 8; bit++) {
            gan_tensor *picture;
            const size_t length = with_orientation(plain, (size_t)size, 6, turned);
            turned[at] = (unsigned char)(turned[at] ^ 1 << bit);
            must(gan_image_decode(&picture, NULL, context, turned, length, "FILE"));
            gan_tensor_free(picture);
        }
    end(0);
}
END_TEST

static void refuse_cuts(const char *name)
{
    static unsigned char bytes[65536];
    gan_tensor *picture = picture_of(9, 11, 3), *alpha = picture_of(9, 11, 1), *loaded;
    const char *path = folder_file(&folder, name);
    must(gan_image_save(picture, alpha, path, 0));
    const long size = read_bytes(path, bytes, sizeof bytes);
    for (long cut = 0; cut < size - 12; cut++) {
        unsigned char *copy = malloc((size_t)cut + 1);
        memcpy(copy, bytes, (size_t)cut);
        const gan_status status = gan_image_decode(&loaded, NULL, context, copy, (size_t)cut, "FILE");
        ck_assert_msg(status == GAN_ERROR_FORMAT, "%s cut at %ld: %d", name, cut, status);
        ck_assert_ptr_null(loaded);
        free(copy);
    }
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
}

START_TEST(truncated_pictures_are_refused)
{
    begin();
    refuse_cuts("a.png");
    refuse_cuts("a.jpg");
    refuse_cuts("a.bmp");
    refuse_cuts("a.tga");
    end(4);
}
END_TEST

START_TEST(what_is_no_picture_is_refused_by_name)
{
    begin();
    gan_tensor *picture;
    const char *path = folder_file(&folder, "a.png");
    write_bytes(path, "This is a text and no picture at all.\n", 38);
    ck_assert_int_eq(gan_image_load(&picture, NULL, context, path), GAN_ERROR_FORMAT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "a.png: is no picture that can be read"));
    write_bytes(path, "", 0);
    ck_assert_int_eq(gan_image_load(&picture, NULL, context, path), GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_image_load(&picture, NULL, context, folder.path), GAN_ERROR_IO);
    ck_assert_int_eq(gan_image_load(&picture, NULL, context, folder_file(&folder, "b")), GAN_ERROR_NOT_FOUND);
    ck_assert_ptr_null(picture);
    const unsigned char huge[] = "P6 60000 60000 255\nabc", larger[] = "P6 70000 7 255\nabc";
    ck_assert_int_eq(gan_image_decode(&picture, NULL, context, huge, sizeof huge - 1, "FILE"),
                     GAN_ERROR_UNSUPPORTED);
    ck_assert_int_eq(gan_image_decode(&picture, NULL, context, larger, sizeof larger - 1, "FILE"),
                     GAN_ERROR_SHAPE);
    const unsigned char hollow[] = "P6 9000 9000 255\nabc", overflow[] = "P6 99999999999 1 255\nabc";
    ck_assert_int_eq(gan_image_decode(&picture, NULL, context, hollow, sizeof hollow - 1, "FILE"),
                     GAN_ERROR_FORMAT);
    ck_assert_int_eq(gan_image_decode(&picture, NULL, context, overflow, sizeof overflow - 1, "FILE"),
                     GAN_ERROR_FORMAT);
    end(1);
}
END_TEST

START_TEST(failed_saving_leaves_nothing)
{
    begin();
    gan_tensor *picture = picture_of(300, 300, 3), *alpha = picture_of(300, 299, 1);
    const char *path = folder_file(&folder, "a.png"), *full = folder_file(&folder, "full.png");
    ck_assert_int_eq(symlink("/dev/full", full), 0);
    ck_assert_int_eq(gan_image_save(picture, NULL, full, 0), GAN_ERROR_IO);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "full.png: cannot write: No space left"));
    ck_assert_int_eq(gan_image_save(picture, NULL, folder_file(&folder, "a.gif"), 0), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_image_save(picture, NULL, folder_file(&folder, "a"), 0), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_image_save(picture, NULL, path, 101), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_image_save(picture, alpha, path, 0), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_image_save(alpha, NULL, path, 0), GAN_ERROR_SHAPE);
    ((float *)gan_tensor_data(picture))[900 * 7 + 3] = NAN;
    ck_assert_int_eq(gan_image_save(picture, NULL, path, 0), GAN_ERROR_NOT_FINITE);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "row 7, column 1"));
    gan_tensor_free(picture);
    gan_tensor_free(alpha);
    end(1);
}
END_TEST

START_TEST(values_are_clamped_and_rounded)
{
    begin();
    gan_tensor *picture = picture_of(1, 2, 3), *loaded;
    const float given[] = {-1.0f, 2.0f, 0.5f, 0.00195f, 0.00197f, 0.9981f};
    const float expected[] = {0.0f, 255.0f, 128.0f, 0.0f, 1.0f, 255.0f};
    memcpy(gan_tensor_data(picture), given, sizeof given);
    must(gan_image_save(picture, NULL, folder_file(&folder, "a.png"), 0));
    must(gan_image_load(&loaded, NULL, context, folder_file(&folder, "a.png")));
    for (int i = 0; i < 6; i++)
        ck_assert(((const float *)gan_tensor_data_const(loaded))[i] == expected[i] / 255.0f);
    gan_tensor_free(picture);
    gan_tensor_free(loaded);
    end(1);
}
END_TEST

START_TEST(photographs_are_turned_upright)
{
    const char *data = getenv("GAN_SHARED_DATA");
    if (data == NULL) {
        printf("GAN_SHARED_DATA is not set: photographs are not read\n");
        return;
    }
    begin();
    char path[512];
    gan_tensor *one, *six;
    snprintf(path, sizeof path, "%s/images/photos/sharp_landscape_1.jpg", data);
    must(gan_image_load(&one, NULL, context, path));
    snprintf(path, sizeof path, "%s/images/photos/sharp_landscape_6.jpg", data);
    must(gan_image_load(&six, NULL, context, path));
    ck_assert_int_eq(gan_tensor_size(one, 2), 600);
    ck_assert_int_eq(gan_tensor_size(six, 2), 600);
    gan_tensor *small[2];
    must(gan_image_resize(&small[0], one, 9, 12));
    must(gan_image_resize(&small[1], six, 9, 12));
    ck_assert(largest_difference(small[0], small[1]) < 0.1);
    gan_tensor_free(small[0]);
    gan_tensor_free(small[1]);
    gan_tensor_free(one);
    gan_tensor_free(six);
    end(0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        formats_without_loss_keep_every_sample,
        jpeg_is_near,
        sixteen_bits_are_kept,
        sixteen_bits_are_written,
        all_orientations_come_upright,
        nonsense_in_exif_does_no_harm,
        truncated_pictures_are_refused,
        what_is_no_picture_is_refused_by_name,
        failed_saving_leaves_nothing,
        values_are_clamped_and_rounded,
        photographs_are_turned_upright,
    };
    return run_suite("image", tests, sizeof tests / sizeof tests[0]);
}
