/* IDX files: what they hold, plain and compressed, and what is refused. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const unsigned char picture_file[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0,   0,
                                             1, 0, 0, 0, 3, 9, 8, 7, 0, 128, 255};

static gan_status decode(gan_tensor **out, gan_context *context, const void *bytes, size_t size)
{
    return gan_idx_decode(out, context, bytes, size, "test");
}

static void refuse(const void *bytes, size_t size, gan_status expected, const char *words)
{
    gan_context *context = reference_context();
    gan_tensor *tensor;
    const gan_status status = decode(&tensor, context, bytes, size);
    ck_assert_msg(status == expected, "%s: %s", gan_status_name(status), gan_error_message());
    ck_assert_ptr_null(tensor);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
    gan_context_free(context);
}

/* `bytes` changed at one place. */
static void refuse_changed(size_t at, unsigned char value, gan_status expected, const char *words)
{
    unsigned char bytes[sizeof picture_file];
    memcpy(bytes, picture_file, sizeof bytes);
    bytes[at] = value;
    refuse(bytes, sizeof bytes, expected, words);
}

static size_t compress_gzip(unsigned char *to, size_t room, const void *bytes, size_t size)
{
    z_stream stream = {.next_in = (unsigned char *)(uintptr_t)bytes, .avail_in = (uInt)size};
    stream.next_out = to;
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return room - stream.avail_out;
}

static void check_pictures(const void *bytes, size_t size)
{
    gan_context *context = reference_context();
    gan_tensor *tensor;
    must(decode(&tensor, context, bytes, size));
    ck_assert_int_eq(gan_tensor_type(tensor), GAN_UINT8);
    ck_assert_int_eq(gan_tensor_rank(tensor), 3);
    ck_assert_int_eq(gan_tensor_size(tensor, 0), 2);
    ck_assert_int_eq(gan_tensor_size(tensor, 2), 3);
    ck_assert_mem_eq(gan_tensor_data(tensor), picture_file + 16, 6);
    gan_tensor_free(tensor);
    gan_context_free(context);
}

START_TEST(bytes_are_read_plain_and_compressed)
{
    unsigned char compressed[200];
    check_pictures(picture_file, sizeof picture_file);
    check_pictures(compressed,
                   compress_gzip(compressed, sizeof compressed, picture_file, sizeof picture_file));
}
END_TEST

START_TEST(words_are_turned_round)
{
    static const unsigned char integers[] = {0, 0, 0x0C, 1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xfe, 0, 1, 0, 2};
    static const unsigned char reals[] = {0, 0, 0x0D, 1, 0, 0, 0, 1, 0xbf, 0x80, 0, 0};
    gan_context *context = reference_context();
    gan_tensor *tensor;
    must(decode(&tensor, context, integers, sizeof integers));
    ck_assert_int_eq(((int32_t *)gan_tensor_data(tensor))[0], -2);
    ck_assert_int_eq(((int32_t *)gan_tensor_data(tensor))[1], 65538);
    gan_tensor_free(tensor);
    must(decode(&tensor, context, reals, sizeof reals));
    ck_assert(*(float *)gan_tensor_data(tensor) == -1);
    gan_tensor_free(tensor);
    gan_context_free(context);
}
END_TEST

START_TEST(what_the_format_does_not_allow_is_refused)
{
    const size_t size = sizeof picture_file;
    refuse_changed(0, 1, GAN_ERROR_FORMAT, "begins with 01 00");
    refuse_changed(2, 7, GAN_ERROR_FORMAT, "element type is 0x07");
    refuse_changed(2, 0x0E, GAN_ERROR_TYPE, "0x0e");
    refuse_changed(3, 0, GAN_ERROR_FORMAT, "0 dimensions");
    refuse_changed(3, 7, GAN_ERROR_FORMAT, "7 dimensions");
    refuse_changed(4, 0x7f, GAN_ERROR_FORMAT, "more elements than the file can hold");
    refuse_changed(7, 3, GAN_ERROR_FORMAT, "ends within its elements: 6 of 9");
    refuse_changed(7, 1, GAN_ERROR_FORMAT, "more bytes follow");
    refuse(picture_file, size - 1, GAN_ERROR_FORMAT, "5 of 6");
    refuse(picture_file, 10, GAN_ERROR_FORMAT, "header");
    refuse(picture_file, 0, GAN_ERROR_FORMAT, "header");
}
END_TEST

START_TEST(damaged_streams_are_refused)
{
    unsigned char compressed[200];
    const size_t size = compress_gzip(compressed, sizeof compressed, picture_file, sizeof picture_file);
    refuse(compressed, size - 1, GAN_ERROR_FORMAT, "no end");
    refuse(compressed, size / 2, GAN_ERROR_FORMAT, "ends within");
    compressed[size] = 0;
    refuse(compressed, size + 1, GAN_ERROR_FORMAT, "more bytes follow");
    compressed[size - 5] ^= 1; /* of the checksum */
    refuse(compressed, size, GAN_ERROR_FORMAT, "damaged");
}
END_TEST

START_TEST(files_are_read)
{
    static const char name[] = "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz";
    gan_context *context = reference_context();
    gan_tensor *tensor;
    ck_assert_int_eq(gan_idx_load(&tensor, context, "/nowhere/at/all"), GAN_ERROR_NOT_FOUND);
    FILE *file = fopen(name, "rb");
    if (file != NULL) {
        fclose(file);
        must(gan_idx_load(&tensor, context, name));
        ck_assert_int_eq(gan_tensor_count(tensor), 10000);
        gan_tensor_free(tensor);
    } else {
        printf("%s is not here: skipped\n", name);
    }
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        bytes_are_read_plain_and_compressed,
        words_are_turned_round,
        what_the_format_does_not_allow_is_refused,
        damaged_streams_are_refused,
        files_are_read,
    };
    return run_suite("idx", tests, sizeof tests / sizeof tests[0]);
}
