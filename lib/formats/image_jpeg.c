#include "formats/image_jpeg.h"

enum { MARK = 0xFF, STUFFED = 0x00, FIRST_RESTART = 0xD0, START = 0xD8, END = 0xD9 };

/* The kind after the next mark, or -1. Marks may be repeated; in a scan, 0xFF 0x00 is a byte of data. */
static int next_kind(struct jpeg_cursor *cursor)
{
    while (cursor->at < cursor->end) {
        if (*cursor->at++ != MARK)
            continue;
        while (cursor->at < cursor->end && *cursor->at == MARK)
            cursor->at++;
        if (cursor->at < cursor->end && *cursor->at != STUFFED)
            return *cursor->at++;
    }
    return -1;
}

bool gan_jpeg_open(struct jpeg_cursor *cursor, const void *bytes, size_t size)
{
    *cursor = (struct jpeg_cursor){bytes, (const unsigned char *)bytes + size};
    return size > 2 && *cursor->at == MARK && next_kind(cursor) == START;
}

bool gan_jpeg_next(struct jpeg_cursor *cursor, struct jpeg_segment *segment)
{
    int kind = next_kind(cursor);
    while (kind >= FIRST_RESTART && kind <= START)
        kind = next_kind(cursor);
    const size_t left = (size_t)(cursor->end - cursor->at);
    if (kind < 0 || kind == END || left < 2)
        return false;
    const size_t length = (size_t)cursor->at[0] << 8 | cursor->at[1];
    if (length < 2)
        return false;
    const size_t size = length < left ? length - 2 : left - 2;
    *segment = (struct jpeg_segment){kind, cursor->at + 2, size};
    cursor->at += 2 + size;
    return true;
}
