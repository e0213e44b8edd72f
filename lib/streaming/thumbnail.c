/* Statistics of a normalization from the picture scaled down (Chen et al. 2022, URST). */
#include "formats/resample.h"
#include "streaming/stream.h"

#include <string.h>

struct thumbnail {
    const gan_stream *large, *small;
    struct resampling rows, columns;
    float *picture;      /* of the thumbnail */
    float *row, *narrow; /* of the picture, and scaled across */
};

static void scale_across(const struct thumbnail *thumbnail)
{
    const struct resampling *columns = &thumbnail->columns;
    for (int64_t x = 0; x < columns->size; x++) {
        const float *from = thumbnail->row + 3 * columns->starts[x];
        const float *weights = columns->weights + x * columns->taps;
        float sum[3] = {0, 0, 0};
        for (int64_t tap = 0; tap < columns->taps; tap++)
            for (int c = 0; c < 3; c++)
                sum[c] += weights[tap] * from[3 * tap + c];
        memcpy(thumbnail->narrow + 3 * x, sum, sizeof sum);
    }
}

/* Add row y of the picture to all rows of the thumbnail that it is part of. */
static void add_row(const struct thumbnail *thumbnail, int64_t y)
{
    const struct resampling *rows = &thumbnail->rows;
    const int64_t width = thumbnail->small->width * 3;
    for (int64_t to = 0; to < rows->size; to++) {
        const int64_t tap = y - rows->starts[to];
        if (tap < 0)
            return; /* starts grow */
        if (tap >= rows->taps)
            continue;
        const float weight = rows->weights[to * rows->taps + tap];
        float *sum = thumbnail->picture + to * width;
        for (int64_t i = 0; i < width; i++)
            sum[i] += weight * thumbnail->narrow[i];
    }
}

static gan_status scale_picture(const struct thumbnail *thumbnail, const gan_stream_io *io)
{
    gan_status status = GAN_OK;
    for (int64_t y = 0; status == GAN_OK && y < thumbnail->large->height; y++) {
        status = io->read(io->user, y, 1, thumbnail->row);
        if (status != GAN_OK)
            return status;
        scale_across(thumbnail);
        add_row(thumbnail, y);
    }
    return status;
}

static gan_status read_thumbnail(void *user, int64_t first, int64_t count, float *rows)
{
    const struct thumbnail *thumbnail = user;
    const int64_t width = thumbnail->small->width * 3;
    memcpy(rows, thumbnail->picture + first * width, (size_t)(count * width) * sizeof *rows);
    return GAN_OK;
}

static gan_status allocate(struct thumbnail *thumbnail, gan_context *context)
{
    const gan_stream *large = thumbnail->large, *small = thumbnail->small;
    const size_t picture = (size_t)(small->height * small->width) * 3;
    thumbnail->picture = gan_allocate_zeroed(context, picture * sizeof(float));
    thumbnail->row = gan_allocate_zeroed(context, (size_t)large->width * 3 * sizeof(float));
    thumbnail->narrow = gan_allocate_zeroed(context, (size_t)small->width * 3 * sizeof(float));
    if (thumbnail->picture == NULL || thumbnail->row == NULL || thumbnail->narrow == NULL)
        return gan_fail_memory("a thumbnail", picture * sizeof(float));
    gan_status status = gan_resampling_make(&thumbnail->rows, context, large->height, small->height);
    if (status == GAN_OK)
        status = gan_resampling_make(&thumbnail->columns, context, large->width, small->width);
    return status;
}

static void release(struct thumbnail *thumbnail, gan_context *context)
{
    gan_resampling_release(&thumbnail->rows, context);
    gan_resampling_release(&thumbnail->columns, context);
    gan_release(context, thumbnail->picture);
    gan_release(context, thumbnail->row);
    gan_release(context, thumbnail->narrow);
}

static void take_measurements(struct network *network, const struct network *from)
{
    for (int32_t i = 0; i < network->count; i++) {
        const struct measurement *measured = &from->nodes[i].measured;
        const struct measurement *to = &network->nodes[i].measured;
        const size_t channels = (size_t)measured->channels;
        if (network->nodes[i].measures == 0)
            continue;
        memcpy(to->count, measured->count, channels * sizeof(double));
        memcpy(to->mean, measured->mean, channels * sizeof(double));
        memcpy(to->square, measured->square, channels * sizeof(double));
        memcpy(to->largest, measured->largest, channels * sizeof(float));
    }
}

gan_status gan_stream_measure_thumbnail(gan_stream *stream, const gan_stream_io *io)
{
    gan_context *context = stream->model->graph->context;
    struct thumbnail thumbnail = {.large = stream, .small = stream->thumbnail};
    const gan_stream_io small_io = {
        .struct_size = sizeof small_io, .user = &thumbnail, .read = read_thumbnail};
    gan_status status = allocate(&thumbnail, context);
    if (status == GAN_OK)
        status = scale_picture(&thumbnail, io);
    if (status == GAN_OK)
        status = gan_stream_measure(stream->thumbnail, &small_io);
    release(&thumbnail, context);
    if (status == GAN_OK)
        take_measurements(&stream->network, &stream->thumbnail->network);
    return status;
}
