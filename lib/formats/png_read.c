#include "formats/png_read.h"

#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, HEAD = 8, CHECKSUM = 4 };

static uint32_t big_endian(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool gan_png_open(struct png_cursor *cursor, const void *bytes, size_t size)
{
    *cursor = (struct png_cursor){bytes, (const unsigned char *)bytes + size};
    if (size < SIGNATURE || memcmp(bytes, "\x89PNG\r\n\x1A\n", SIGNATURE) != 0)
        return false;
    cursor->at += SIGNATURE;
    return true;
}

bool gan_png_next(struct png_cursor *cursor, struct png_chunk *chunk)
{
    const size_t left = (size_t)(cursor->end - cursor->at);
    if (left < HEAD + CHECKSUM)
        return false;
    const size_t size = big_endian(cursor->at);
    if (size > left - HEAD - CHECKSUM)
        return false;
    memcpy(chunk->type, cursor->at + 4, 4);
    chunk->type[4] = '\0';
    chunk->content = cursor->at + HEAD;
    chunk->size = size;
    cursor->at += HEAD + size + CHECKSUM;
    return crc32(0, chunk->content - 4, (uInt)(size + 4)) == big_endian(chunk->content + size);
}
