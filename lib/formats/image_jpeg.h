/* The segments of a JPEG file, in the order in which a decoder meets them. */
#ifndef GAN_FORMATS_IMAGE_JPEG_H
#define GAN_FORMATS_IMAGE_JPEG_H

#include <stdbool.h>
#include <stddef.h>

enum { JPEG_HUFFMAN = 0xC4, JPEG_SCAN = 0xDA, JPEG_APPLICATION_1 = 0xE1 };

struct jpeg_segment {
    int kind;
    const unsigned char *content;
    size_t size; /* as the file says, but not past its end */
};

struct jpeg_cursor {
    const unsigned char *at, *end;
};

/* Whether the bytes begin as a JPEG; the cursor then stands before its first segment. */
bool gan_jpeg_open(struct jpeg_cursor *cursor, const void *bytes, size_t size);

/* The next segment with a content; false at the end. */
bool gan_jpeg_next(struct jpeg_cursor *cursor, struct jpeg_segment *segment);

#endif
