/* Out of memory while a picture goes by in bands. */
#include "base/suite.h"
#include "faults/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEIGHT = 72, WIDTH = 20 };

struct work {
    gan_model *model;
    char folder[64], photo[96], result[96];
};

static gan_status prepare(gan_context *context, void **state)
{
    const gan_johnson_options options = {
        .struct_size = sizeof options, .channels = 2, .blocks = 1, .kernel = 3};
    gan_tensor *picture = NULL;
    struct work *work = calloc(1, sizeof *work);
    *state = work;
    make_room(work->folder);
    snprintf(work->photo, sizeof work->photo, "%s/photo.png", work->folder);
    snprintf(work->result, sizeof work->result, "%s/result.png", work->folder);
    gan_status status = gan_johnson_create(&work->model, context, &options);
    if (status == GAN_OK)
        status = gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, HEIGHT, WIDTH, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(picture, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_image_save(picture, NULL, work->photo, 0);
    gan_tensor_free(picture);
    return status;
}

static void clean(void *state)
{
    struct work *work = state;
    gan_model_free(work->model);
    unlink(work->photo);
    unlink(work->result);
    ck_assert_int_eq(rmdir(work->folder), 0); /* nothing half-written is left behind */
    free(work);
}

struct ends {
    gan_image_source *source;
    gan_image_sink *sink;
};

static gan_status read_rows(void *user, int64_t first, int64_t count, float *rows)
{
    const struct ends *ends = user;
    return gan_image_source_read(ends->source, first, count, rows, NULL);
}

static gan_status write_rows(void *user, int64_t first, int64_t count, const float *rows)
{
    const struct ends *ends = user;
    (void)first;
    return gan_image_sink_write(ends->sink, count, rows, NULL);
}

static gan_status paint(gan_context *context, const struct work *work, const gan_stream_options *options)
{
    struct ends ends = {NULL, NULL};
    float row[3 * WIDTH];
    const gan_stream_io io = {
        .struct_size = sizeof io, .user = &ends, .read = read_rows, .write = write_rows};
    gan_stream *stream = NULL;
    gan_status status = gan_stream_create(&stream, work->model, HEIGHT, WIDTH, options);
    if (status == GAN_OK)
        status = gan_image_source_open(&ends.source, context, work->photo);
    if (status == GAN_OK)
        status = gan_image_sink_open(&ends.sink, context, work->result, HEIGHT, WIDTH, NULL);
    if (status == GAN_OK)
        status = gan_stream_run(stream, &io);
    if (status == GAN_OK && options->keep != 0)
        status = gan_stream_read_result(stream, HEIGHT / 2, 1, row);
    if (status == GAN_OK)
        status = gan_image_sink_finish(ends.sink);
    gan_image_sink_free(ends.sink);
    gan_image_source_free(ends.source);
    gan_stream_free(stream);
    return status;
}

static gan_status paint_exactly(gan_context *context, void *state)
{
    const gan_stream_options options = {
        .struct_size = sizeof options, .band_rows = 32, .storage = GAN_STREAM_STORE_ALL};
    return paint(context, state, &options);
}

static gan_status paint_nearly(gan_context *context, void *state)
{
    const gan_stream_options options = {.struct_size = sizeof options,
                                        .statistics = GAN_STREAM_STATISTICS_THUMBNAIL,
                                        .thumbnail = 40,
                                        .band_rows = 48,
                                        .folder = "/tmp",
                                        .keep = 1};
    return paint(context, state, &options);
}

static gan_status plan(gan_context *context, void *state)
{
    const struct work *work = state;
    const int64_t shape[] = {1, HEIGHT, WIDTH, 3};
    gan_session_needs needs = {.struct_size = sizeof needs};
    gan_stream_information about = {.struct_size = sizeof about};
    gan_stream *stream = NULL;
    (void)context;
    gan_status status = gan_session_measure(work->model, shape, NULL, &needs);
    if (status == GAN_OK)
        status = gan_stream_create(&stream, work->model, HEIGHT, WIDTH, NULL);
    if (status == GAN_OK)
        status = gan_stream_describe(stream, &about);
    gan_stream_free(stream);
    return status;
}

START_TEST(pictures_in_bands)
{
    const struct scenario scenario = {prepare, paint_exactly, clean, 211};
    exhaust_memory(&scenario);
}
END_TEST

START_TEST(pictures_by_the_statistics_of_a_thumbnail)
{
    const struct scenario scenario = {prepare, paint_nearly, clean, 211};
    exhaust_memory(&scenario);
}
END_TEST

START_TEST(plans)
{
    const struct scenario scenario = {prepare, plan, clean, 83};
    exhaust_memory(&scenario);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pictures_in_bands, pictures_by_the_statistics_of_a_thumbnail, plans};
    return run_suite("streaming without memory", tests, sizeof tests / sizeof tests[0]);
}
