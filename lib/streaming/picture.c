/* Rows of pictures as the network takes and gives them. */
#include "base/threads.h"
#include "kernels/sizes.h"
#include "streaming/stream.h"

#include <string.h>

enum { PIXELS_AT_ONCE = 256 };

struct conversion {
    const struct picture_words *words;
    float *rows;
    int64_t columns;
};

/* In place by way of a few pixels, since the order of channels may change. */
static void encode_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct conversion *conversion = argument;
    float *to = conversion->rows + row * conversion->columns * 3, from[3 * PIXELS_AT_ONCE];
    for (int64_t x = 0; x < conversion->columns; x += PIXELS_AT_ONCE) {
        const int64_t left = conversion->columns - x, count = left < PIXELS_AT_ONCE ? left : PIXELS_AT_ONCE;
        memcpy(from, to + 3 * x, 3 * (size_t)count * sizeof *from);
        gan_picture_encode_row(conversion->words, from, to + 3 * x, count);
    }
}

static void decode_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct conversion *conversion = argument;
    gan_picture_decode_row(conversion->words, conversion->rows + row * conversion->columns * 3,
                           conversion->columns);
}

/* Rows of the picture's width become rows of the network's, from the last to the first, continued by their
 * mirror image. */
static void widen(const gan_stream *stream, int64_t count, float *rows)
{
    const int64_t from = stream->width, to = stream->network_width;
    for (int64_t row = count - 1; row >= 0 && to > from; row--) {
        float *wide = rows + row * to * 3;
        memmove(wide, rows + row * from * 3, (size_t)from * 3 * sizeof *rows);
        for (int64_t x = from; x < to; x++)
            memcpy(wide + 3 * x, wide + 3 * mirrored(x, from), 3 * sizeof *rows);
    }
}

static gan_status read_rows(const gan_stream *stream, const gan_stream_io *io, struct row_range rows,
                            float *to)
{
    const int64_t whole = smaller(rows.last, stream->height) - rows.first, wide = stream->network_width * 3;
    gan_status status = GAN_OK;
    if (whole > 0) {
        status = io->read(io->user, rows.first, whole, to);
        if (status == GAN_OK)
            widen(stream, whole, to);
    }
    for (int64_t y = whole > 0 ? stream->height : rows.first; status == GAN_OK && y < rows.last; y++) {
        float *row = to + (y - rows.first) * wide;
        status = io->read(io->user, mirrored(y, stream->height), 1, row);
        if (status == GAN_OK)
            widen(stream, 1, row);
    }
    return status;
}

gan_status gan_stream_read_picture(const gan_stream *stream, const gan_stream_io *io, struct row_range rows,
                                   float *to)
{
    if (stream->options.raw != 0)
        return io->read(io->user, rows.first, rows.last - rows.first, to);
    const gan_status status = read_rows(stream, io, rows, to);
    if (status != GAN_OK)
        return status;
    struct conversion conversion = {&stream->words, to, stream->network_width};
    gan_parallel(stream->model->graph->context, rows.last - rows.first, encode_row, &conversion);
    return GAN_OK;
}

/* What the network gave beyond the picture's width goes. */
static void narrow(int64_t from, int64_t to, int64_t count, float *rows)
{
    for (int64_t row = 1; row < count && from > to; row++)
        memmove(rows + row * to * 3, rows + row * from * 3, (size_t)to * 3 * sizeof *rows);
}

static gan_status give_rows(gan_stream *stream, const gan_stream_io *io, int64_t first, int64_t count,
                            const float *rows)
{
    const gan_status status =
        stream->options.keep != 0 ? gan_stream_keep_rows(stream, first, count, rows) : GAN_OK;
    return status == GAN_OK ? io->write(io->user, first, count, rows) : status;
}

gan_status gan_stream_write_picture(gan_stream *stream, const gan_stream_io *io, struct row_range rows,
                                    float *from)
{
    if (stream->options.raw != 0)
        return give_rows(stream, io, rows.first, rows.last - rows.first, from);
    const int64_t count = smaller(rows.last, stream->height) - rows.first;
    const int64_t wide = stream->network.nodes[stream->network.output].shape.size[2];
    if (count <= 0)
        return GAN_OK;
    struct conversion conversion = {&stream->words, from, wide};
    gan_parallel(stream->model->graph->context, count, decode_row, &conversion);
    narrow(wide, stream->width, count, from);
    return give_rows(stream, io, rows.first, count, from);
}
