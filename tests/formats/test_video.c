/* y4m video: headers, samplings, frames that are cut off. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/context.h"
#include "gan/video.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_context *context;
static struct folder folder;

static void begin(void)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = 2};
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
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

static void expect_error(gan_status status, gan_status expected, const char *words)
{
    ck_assert_msg(status == expected, "%s: %s", gan_status_name(status), gan_error_message());
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

/* A picture that changes slowly from pixel to pixel, so that sampled colours tell all of it. */
static gan_tensor *smooth_picture(int64_t height, int64_t width)
{
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, (int64_t[]){1, height, width, 3}, 4));
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < height * width * 3; i++) {
        const double y = (double)(i / 3 / width), x = (double)(i / 3 % width), c = (double)(i % 3);
        values[i] = (float)(0.5 + 0.3 * sin(0.04 * x + 0.03 * y + 2 * c));
    }
    return picture;
}

static double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    const float *one = gan_tensor_data_const(a), *other = gan_tensor_data_const(b);
    double largest = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        largest = fmax(largest, fabs((double)one[i] - (double)other[i]));
    return largest;
}

static void write_twice(const char *path, const gan_video_format *format, const gan_tensor *frame)
{
    gan_video_writer *writer;
    must(gan_video_writer_open(&writer, context, path, format));
    must(gan_video_write(writer, frame));
    must(gan_video_write(writer, frame));
    must(gan_video_writer_finish(writer));
    gan_video_writer_free(writer);
}

static void read_twice(const char *path, gan_video_format *format, gan_tensor *frames[2])
{
    gan_video_reader *reader;
    gan_tensor *none;
    must(gan_video_reader_open(&reader, context, path));
    must(gan_video_reader_format(reader, format));
    must(gan_video_read(reader, &frames[0]));
    must(gan_video_read(reader, &frames[1]));
    must(gan_video_read(reader, &none));
    ck_assert_ptr_null(none);
    must(gan_video_read(reader, &none));
    ck_assert_ptr_null(none);
    gan_video_reader_free(reader);
}

/* What is written comes back: size, rate and sampling exactly, colours within rounding to bytes. */
static void check_round_trip(int32_t sampling, int32_t matrix, int32_t full_range, int32_t height,
                             int32_t width)
{
    const gan_video_format format = {.struct_size = sizeof format,
                                     .width = width,
                                     .height = height,
                                     .rate_numerator = 30000,
                                     .rate_denominator = 1001,
                                     .aspect_numerator = 4,
                                     .aspect_denominator = 3,
                                     .sampling = sampling,
                                     .matrix = matrix,
                                     .full_range = full_range};
    gan_video_format found = {.struct_size = sizeof found};
    const char *path = folder_file(&folder, "video.y4m");
    gan_tensor *picture = smooth_picture(height, width), *frames[2];
    write_twice(path, &format, picture);
    read_twice(path, &found, frames);
    ck_assert_int_eq(found.width, width);
    ck_assert_int_eq(found.height, height);
    ck_assert_int_eq(found.rate_numerator, 30000);
    ck_assert_int_eq(found.rate_denominator, 1001);
    ck_assert_int_eq(found.aspect_numerator, 4);
    ck_assert_int_eq(found.sampling, sampling);
    ck_assert_int_eq(found.full_range, full_range);
    if (sampling != GAN_SAMPLING_GREY && matrix == GAN_MATRIX_BT601) {
        /* Edges of sampled colour are off by what changes in a pixel. */
        const double bound = sampling == GAN_SAMPLING_444 ? 0.009 : 0.025;
        ck_assert_msg(largest_difference(picture, frames[0]) < bound, "sampling %d, %dx%d: %g", sampling,
                      width, height, largest_difference(picture, frames[0]));
    }
    ck_assert(largest_difference(frames[0], frames[1]) == 0);
    gan_tensor_free(picture);
    gan_tensor_free(frames[0]);
    gan_tensor_free(frames[1]);
}

START_TEST(frames_come_back)
{
    static const int32_t sizes[][2] = {{32, 48}, {1, 1}, {2, 3}, {7, 5}, {33, 17}};
    begin();
    for (int32_t sampling = GAN_SAMPLING_420_CENTER; sampling <= GAN_SAMPLING_GREY; sampling++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            for (int32_t full = 0; full < 2; full++)
                check_round_trip(sampling, GAN_MATRIX_BT601, full, sizes[i][0], sizes[i][1]);
    end(1);
}
END_TEST

/* Bytes of a frame of one pixel and what colour they mean, from the recommendations' own tables: 75 % and 100
 * % bars in limited range. */
static void check_color(const char *header, const char *frame, size_t size, double red, double green,
                        double blue)
{
    char bytes[128];
    const size_t length = (size_t)snprintf(bytes, sizeof bytes, "YUV4MPEG2 W1 H1 F25:1 %s\nFRAME\n", header);
    const char *path = folder_file(&folder, "pixel.y4m");
    gan_video_reader *reader;
    gan_tensor *picture;
    memcpy(bytes + length, frame, size);
    write_bytes(path, bytes, length + size);
    must(gan_video_reader_open(&reader, context, path));
    must(gan_video_read(reader, &picture));
    const float *pixel = gan_tensor_data_const(picture);
    ck_assert_msg(fabs((double)pixel[0] - red) < 0.01 && fabs((double)pixel[1] - green) < 0.01 &&
                      fabs((double)pixel[2] - blue) < 0.01,
                  "%s: %g %g %g, expected %g %g %g", header, (double)pixel[0], (double)pixel[1],
                  (double)pixel[2], red, green, blue);
    gan_tensor_free(picture);
    gan_video_reader_free(reader);
}

START_TEST(colors_are_those_of_bt601)
{
    begin();
    check_color("C444", "\x10\x80\x80", 3, 0, 0, 0);
    check_color("C444", "\xeb\x80\x80", 3, 1, 1, 1);
    check_color("C444", "\x51\x5a\xf0", 3, 1, 0, 0);
    check_color("C444", "\x91\x36\x22", 3, 0, 1, 0);
    check_color("C420jpeg", "\x29\xf0\x6e", 3, 0, 0, 1);
    check_color("C422", "\x29\xf0\x6e", 3, 0, 0, 1);
    check_color("", "\x29\xf0\x6e", 3, 0, 0, 1);
    check_color("Cmono", "\x7e", 1, 110.0 / 219, 110.0 / 219, 110.0 / 219);
    check_color("C444 XCOLORRANGE=FULL", "\xff\x80\x80", 3, 1, 1, 1);
    check_color("Ip A0:0 C444 XYSCSS=444", "\x51\x5a\xf0", 3, 1, 0, 0);
    end(1);
}
END_TEST

static void expect_refused(const char *bytes, size_t size, gan_status expected, const char *words)
{
    const char *path = folder_file(&folder, "bad.y4m");
    gan_video_reader *reader;
    write_bytes(path, bytes, size);
    expect_error(gan_video_reader_open(&reader, context, path), expected, words);
    ck_assert_ptr_null(reader);
}

START_TEST(headers_that_are_refused)
{
    static const struct {
        const char *line;
        gan_status status;
        const char *words;
    } bad[] = {
        {"", GAN_ERROR_FORMAT, "is empty"},
        {"YUV4MPEG2 W4 H4", GAN_ERROR_FORMAT, "cut off"},
        {"RIFF W4 H4\n", GAN_ERROR_FORMAT, "YUV4MPEG2"},
        {"YUV4MPEG2 W4\n", GAN_ERROR_FORMAT, "lacks a size"},
        {"YUV4MPEG2 W0 H4\n", GAN_ERROR_FORMAT, "W0"},
        {"YUV4MPEG2 W4 H-4\n", GAN_ERROR_FORMAT, "H-4"},
        {"YUV4MPEG2 W4x H4\n", GAN_ERROR_FORMAT, "W4x"},
        {"YUV4MPEG2 W99999999999999999999 H4\n", GAN_ERROR_FORMAT, "expected a width of 1 to 65535"},
        {"YUV4MPEG2 W4 H4 F25\n", GAN_ERROR_FORMAT, "F25"},
        {"YUV4MPEG2 W4 H4 F25:0\n", GAN_ERROR_FORMAT, "F25:0"},
        {"YUV4MPEG2W4 H4\n", GAN_ERROR_FORMAT, "YUV4MPEG2"},
        {"YUV4MPEG2 W65535 H65535 C444\nFRAME\n", GAN_ERROR_UNSUPPORTED, "65535x65535"},
        {"YUV4MPEG2 W9000 H9000 C444\nFRAME\n", GAN_ERROR_FORMAT, "frame 1 is cut off"},
        {"YUV4MPEG2 W4 H4 A1:-1\n", GAN_ERROR_FORMAT, "A1:-1"},
        {"YUV4MPEG2 W4 H4 It\n", GAN_ERROR_UNSUPPORTED, "interlaced"},
        {"YUV4MPEG2 W4 H4 C420p10\n", GAN_ERROR_UNSUPPORTED, "C420p10"},
    };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_refused(bad[i].line, strlen(bad[i].line), bad[i].status, bad[i].words);
    char endless[2000];
    memset(endless, 'X', sizeof endless);
    expect_refused(endless, sizeof endless, GAN_ERROR_FORMAT, "longer than");
    gan_video_reader *reader;
    expect_error(gan_video_reader_open(&reader, context, "no/such/video"), GAN_ERROR_NOT_FOUND,
                 "no/such/video");
    expect_error(gan_video_reader_open(&reader, context, folder.path), GAN_ERROR_IO, "folder");
    end(1);
}
END_TEST

START_TEST(frames_that_are_cut_off_are_named)
{
    static const char video[] = "YUV4MPEG2 W2 H2 F25:1\nFRAME\n123456FRAME Ip\n123456FRAME\n12345";
    const char *path;
    gan_video_reader *reader;
    gan_tensor *frame;
    begin();
    path = folder_file(&folder, "cut.y4m");
    write_bytes(path, video, sizeof video - 1);
    must(gan_video_reader_open(&reader, context, path));
    for (int i = 0; i < 2; i++) {
        must(gan_video_read(reader, &frame));
        ck_assert_ptr_nonnull(frame);
        gan_tensor_free(frame);
    }
    expect_error(gan_video_read(reader, &frame), GAN_ERROR_FORMAT, "frame 3 is cut off: 5 bytes, expected 6");
    ck_assert_ptr_null(frame);
    gan_video_reader_free(reader);
    write_bytes(path, "YUV4MPEG2 W1 H1 F25:1\nFRAMES\n123", 33);
    must(gan_video_reader_open(&reader, context, path));
    expect_error(gan_video_read(reader, &frame), GAN_ERROR_FORMAT, "frame 1 does not begin with FRAME");
    gan_video_reader_free(reader);
    end(1);
}
END_TEST

START_TEST(what_cannot_be_written_is_refused)
{
    gan_video_format format = {.struct_size = sizeof format, .width = 4, .height = 4};
    gan_video_writer *writer;
    gan_tensor *frame, *larger;
    const char *path;
    begin();
    path = folder_file(&folder, "video.y4m");
    must(gan_video_writer_open(&writer, context, path, &format));
    frame = smooth_picture(4, 4);
    larger = smooth_picture(4, 5);
    expect_error(gan_video_write(writer, larger), GAN_ERROR_SHAPE, "[1,4,4,3]");
    ((float *)gan_tensor_data(frame))[5] = NAN;
    expect_error(gan_video_write(writer, frame), GAN_ERROR_NOT_FINITE, "NaN");
    gan_video_writer_free(writer);
    ck_assert_int_eq(read_bytes(path, NULL, 0), -1); /* not finished: nothing there */
    must(gan_video_writer_open(&writer, context, path, &format));
    must(gan_video_writer_finish(writer));
    expect_error(gan_video_write(writer, frame), GAN_ERROR_STATE, "finished");
    expect_error(gan_video_writer_finish(writer), GAN_ERROR_STATE, "finished");
    gan_video_writer_free(writer);
    format.width = 0;
    expect_error(gan_video_writer_open(&writer, context, path, &format), GAN_ERROR_ARGUMENT, "0x4");
    format.width = 4;
    format.sampling = 9;
    expect_error(gan_video_writer_open(&writer, context, path, &format), GAN_ERROR_ARGUMENT, "sampling 9");
    format.sampling = 0;
    format.matrix = 3;
    expect_error(gan_video_writer_open(&writer, context, path, &format), GAN_ERROR_ARGUMENT, "matrix 3");
    format.matrix = 0;
    format.full_range = 7;
    expect_error(gan_video_writer_open(&writer, context, path, &format), GAN_ERROR_ARGUMENT,
                 "full_range is 7");
    format.full_range = 0;
    format.rate_numerator = 25;
    expect_error(gan_video_writer_open(&writer, context, path, &format), GAN_ERROR_ARGUMENT, "25:0");
    format.rate_numerator = 0;
    expect_error(gan_video_writer_open(&writer, context, "/dev/full", &format) == GAN_OK
                     ? gan_video_writer_finish(writer)
                     : GAN_ERROR_ARGUMENT,
                 GAN_ERROR_IO, "/dev/full");
    gan_video_writer_free(writer);
    gan_tensor_free(frame);
    gan_tensor_free(larger);
    end(1);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        frames_come_back,
        colors_are_those_of_bt601,
        headers_that_are_refused,
        frames_that_are_cut_off_are_named,
        what_cannot_be_written_is_refused,
    };
    return run_suite("video", tests, sizeof tests / sizeof tests[0]);
}
