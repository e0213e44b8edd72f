#include "formats/png_write.h"
#include "formats/zlib_stream.h"

#include <stdlib.h>
#include <string.h>

enum { FILTERS = 5, DEFLATE_LEVEL = 6, PIECE = 1 << 16, HEADER_SIZE = 13 };

static const uint8_t SIGNATURE[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static void put_big_endian(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* ---- Chunks ---- */

gan_status gan_png_writer_chunk(struct png_writer *writer, const char *type, const void *bytes, size_t size)
{
    uint8_t head[8], tail[4];
    put_big_endian(head, (uint32_t)size);
    memcpy(head + 4, type, 4);
    uLong check = crc32(0, head + 4, 4);
    if (size > 0)
        check = crc32(check, bytes, (uInt)size);
    put_big_endian(tail, (uint32_t)check);
    gan_status status = gan_file_write(writer->file, head, sizeof head);
    if (status == GAN_OK && size > 0)
        status = gan_file_write(writer->file, bytes, size);
    return status == GAN_OK ? gan_file_write(writer->file, tail, sizeof tail) : status;
}

static gan_status write_header(struct png_writer *writer)
{
    static const uint8_t color_types[5] = {0, 0, 4, 2, 6}; /* by channels */
    uint8_t header[HEADER_SIZE] = {0};
    put_big_endian(header, (uint32_t)writer->format.width);
    put_big_endian(header + 4, (uint32_t)writer->format.height);
    header[8] = (uint8_t)writer->format.depth;
    header[9] = color_types[writer->format.channels];
    const gan_status status = gan_file_write(writer->file, SIGNATURE, sizeof SIGNATURE);
    return status == GAN_OK ? gan_png_writer_chunk(writer, "IHDR", header, sizeof header) : status;
}

/* ---- Compressed data ---- */

static gan_status write_deflated(struct png_writer *writer)
{
    const size_t size = PIECE - writer->stream.avail_out;
    writer->stream.next_out = writer->deflated;
    writer->stream.avail_out = PIECE;
    return size > 0 ? gan_png_writer_chunk(writer, "IDAT", writer->deflated, size) : GAN_OK;
}

static gan_status deflate_bytes(struct png_writer *writer, uint8_t *bytes, size_t size)
{
    writer->stream.next_in = bytes;
    writer->stream.avail_in = (uInt)size;
    gan_status status = GAN_OK;
    while (status == GAN_OK && writer->stream.avail_in > 0) {
        deflate(&writer->stream, Z_NO_FLUSH);
        if (writer->stream.avail_out == 0)
            status = write_deflated(writer);
    }
    return status;
}

/* ---- Filters: each byte less what its neighbours to the left (a), above (b) and between (c) foretell ----
 */

static uint8_t paeth(int a, int b, int c)
{
    const int to_a = abs(b - c), to_b = abs(a - c), to_c = abs(a + b - 2 * c);
    if (to_a <= to_b && to_a <= to_c)
        return (uint8_t)a;
    return (uint8_t)(to_b <= to_c ? b : c);
}

static void filter_row(const struct png_writer *writer, int filter, uint8_t *to)
{
    const uint8_t *x = writer->current, *b = writer->previous;
    const uint8_t *a = x - writer->pixel_bytes, *c = b - writer->pixel_bytes;
    const size_t count = writer->row_bytes;
    switch (filter) {
    case 0:
        memcpy(to, x, count);
        break;
    case 1:
        for (size_t i = 0; i < count; i++)
            to[i] = (uint8_t)(x[i] - a[i]);
        break;
    case 2:
        for (size_t i = 0; i < count; i++)
            to[i] = (uint8_t)(x[i] - b[i]);
        break;
    case 3:
        for (size_t i = 0; i < count; i++)
            to[i] = (uint8_t)(x[i] - (a[i] + b[i]) / 2);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            to[i] = (uint8_t)(x[i] - paeth(a[i], b[i], c[i]));
    }
}

/* How far the bytes, taken as signed, are from 0: the standard's advice for choosing. */
static uint64_t unevenness(const uint8_t *bytes, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += bytes[i] < 128 ? bytes[i] : 256u - bytes[i];
    return sum;
}

static uint8_t *filter_best(struct png_writer *writer)
{
    uint8_t *best = NULL;
    uint64_t least = UINT64_MAX;
    for (int filter = 0; filter < FILTERS; filter++) {
        uint8_t *row = writer->filtered + (size_t)filter * (writer->row_bytes + 1);
        row[0] = (uint8_t)filter;
        filter_row(writer, filter, row + 1);
        const uint64_t uneven = unevenness(row + 1, writer->row_bytes);
        if (uneven < least) {
            least = uneven;
            best = row;
        }
    }
    return best;
}

/* ---- The file ---- */

static gan_status prepare(struct png_writer *writer)
{
    const size_t line = writer->row_bytes + writer->pixel_bytes;
    const size_t size = 2 * line + FILTERS * (writer->row_bytes + 1) + PIECE;
    writer->memory = gan_allocate_zeroed(writer->context, size);
    if (writer->memory == NULL)
        return gan_fail_memory("rows of a PNG", size);
    writer->previous = writer->memory + writer->pixel_bytes;
    writer->current = writer->previous + line;
    writer->filtered = writer->current + writer->row_bytes;
    writer->deflated = writer->filtered + FILTERS * (writer->row_bytes + 1);
    writer->stream = gan_zlib_stream(writer->context);
    if (deflateInit(&writer->stream, DEFLATE_LEVEL) != Z_OK)
        return gan_fail_memory("compressing a PNG", (size_t)1 << 18);
    writer->deflating = true;
    writer->stream.next_out = writer->deflated;
    writer->stream.avail_out = PIECE;
    return GAN_OK;
}

gan_status gan_png_writer_open(struct png_writer *writer, gan_context *context, struct file_writer *file,
                               const struct png_format *format)
{
    *writer = (struct png_writer){.context = context, .file = file, .format = *format};
    writer->pixel_bytes = (size_t)(format->channels * format->depth / 8);
    writer->row_bytes = (size_t)format->width * writer->pixel_bytes;
    const gan_status status = prepare(writer);
    return status == GAN_OK ? write_header(writer) : status;
}

gan_status gan_png_writer_row(struct png_writer *writer, const uint8_t *samples)
{
    memcpy(writer->current, samples, writer->row_bytes);
    const gan_status status = deflate_bytes(writer, filter_best(writer), writer->row_bytes + 1);
    uint8_t *row = writer->previous;
    writer->previous = writer->current;
    writer->current = row;
    return status;
}

gan_status gan_png_writer_finish(struct png_writer *writer)
{
    gan_status status = GAN_OK;
    int ended = Z_OK;
    while (status == GAN_OK && ended != Z_STREAM_END) {
        ended = deflate(&writer->stream, Z_FINISH);
        status = write_deflated(writer);
    }
    return status == GAN_OK ? gan_png_writer_chunk(writer, "IEND", NULL, 0) : status;
}

void gan_png_writer_release(struct png_writer *writer)
{
    if (writer->deflating)
        deflateEnd(&writer->stream);
    gan_release(writer->context, writer->memory);
    *writer = (struct png_writer){0};
}
