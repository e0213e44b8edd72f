#include "formats/color_profile.h"
#include "formats/image_jpeg.h"
#include "formats/png_read.h"
#include "formats/zlib_stream.h"

#include <string.h>

enum { APPLICATION_2 = 0xE2, HEAD = 14, LEAST_SIZE = 132, MOST_SIZE = 1 << 22, MOST_NAME = 80 };

/* Size in the first four bytes, "acsp" in the header, colours of "RGB ". */
static bool is_sound(const unsigned char *profile, size_t size)
{
    if (size < LEAST_SIZE)
        return false;
    const size_t said =
        (size_t)profile[0] << 24 | (size_t)profile[1] << 16 | (size_t)profile[2] << 8 | profile[3];
    return said == size && memcmp(profile + 36, "acsp", 4) == 0 && memcmp(profile + 16, "RGB ", 4) == 0;
}

/* ---- JPEG: pieces, numbered from 1 ---- */

static bool is_piece(const struct jpeg_segment *segment)
{
    return segment->kind == APPLICATION_2 && segment->size > HEAD &&
           memcmp(segment->content, "ICC_PROFILE", 12) == 0;
}

/* Append the pieces in their order to `to`, which may be NULL. Returns their size; 0: one is missing. */
static size_t gather_pieces(struct jpeg_cursor cursor, unsigned char *to)
{
    struct jpeg_segment segment;
    size_t size = 0;
    int number = 0;
    while (gan_jpeg_next(&cursor, &segment) && segment.kind != JPEG_SCAN) {
        if (!is_piece(&segment))
            continue;
        if (segment.content[12] != ++number)
            return 0;
        if (to != NULL)
            memcpy(to + size, segment.content + HEAD, segment.size - HEAD);
        size += segment.size - HEAD;
        if (number == segment.content[13])
            return size;
    }
    return 0;
}

static gan_status read_jpeg(gan_context *context, struct jpeg_cursor cursor, unsigned char **profile,
                            size_t *profile_size)
{
    const size_t size = gather_pieces(cursor, NULL);
    if (size == 0 || size > MOST_SIZE)
        return GAN_OK;
    *profile = gan_allocate(context, size);
    if (*profile == NULL)
        return gan_fail_memory("a colour profile", size);
    *profile_size = gather_pieces(cursor, *profile);
    return GAN_OK;
}

/* ---- PNG: a name, then deflated ---- */

static gan_status inflate_profile(gan_context *context, const unsigned char *bytes, size_t size,
                                  unsigned char *to, size_t *made)
{
    z_stream stream = gan_zlib_stream(context);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)size;
    if (inflateInit(&stream) != Z_OK)
        return gan_fail_memory("reading a colour profile", (size_t)1 << 15);
    stream.next_out = to;
    stream.avail_out = MOST_SIZE;
    const int ended = inflate(&stream, Z_FINISH);
    *made = ended == Z_STREAM_END ? stream.total_out : 0;
    inflateEnd(&stream);
    return ended == Z_MEM_ERROR ? gan_fail_memory("reading a colour profile", (size_t)1 << 15) : GAN_OK;
}

static gan_status read_png(gan_context *context, const struct png_chunk *chunk, unsigned char **profile,
                           size_t *profile_size)
{
    const size_t most = chunk->size < MOST_NAME ? chunk->size : MOST_NAME;
    const unsigned char *name_end = memchr(chunk->content, '\0', most);
    const size_t head = name_end != NULL ? (size_t)(name_end - chunk->content) + 2 : 0;
    if (head == 0 || head > chunk->size)
        return GAN_OK;
    unsigned char *room = gan_allocate(context, MOST_SIZE);
    if (room == NULL)
        return gan_fail_memory("a colour profile", MOST_SIZE);
    gan_status status =
        inflate_profile(context, chunk->content + head, chunk->size - head, room, profile_size);
    if (status == GAN_OK && *profile_size > 0) {
        *profile = gan_allocate(context, *profile_size);
        if (*profile != NULL)
            memcpy(*profile, room, *profile_size);
        else
            status = gan_fail_memory("a colour profile", *profile_size);
    }
    gan_release(context, room);
    return status;
}

static bool find_chunk(struct png_cursor cursor, struct png_chunk *chunk)
{
    while (gan_png_next(&cursor, chunk))
        if (strcmp(chunk->type, "iCCP") == 0)
            return true;
    return false;
}

gan_status gan_color_profile_read(gan_context *context, const void *bytes, size_t size,
                                  unsigned char **profile, size_t *profile_size)
{
    struct jpeg_cursor jpeg;
    struct png_cursor png;
    struct png_chunk chunk;
    gan_status status = GAN_OK;
    *profile = NULL;
    *profile_size = 0;
    if (gan_jpeg_open(&jpeg, bytes, size))
        status = read_jpeg(context, jpeg, profile, profile_size);
    else if (gan_png_open(&png, bytes, size) && find_chunk(png, &chunk))
        status = read_png(context, &chunk, profile, profile_size);
    if (status == GAN_OK && *profile != NULL && is_sound(*profile, *profile_size))
        return GAN_OK;
    gan_release(context, *profile);
    *profile = NULL;
    *profile_size = 0;
    return status;
}
