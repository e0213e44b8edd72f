/* The chunks of a PNG file, in their order. */
#ifndef GAN_FORMATS_PNG_READ_H
#define GAN_FORMATS_PNG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct png_chunk {
    char type[5]; /* with a NUL */
    const unsigned char *content;
    size_t size;
};

struct png_cursor {
    const unsigned char *at, *end;
};

/* Whether the bytes begin as a PNG; the cursor then stands before its first chunk. */
bool gan_png_open(struct png_cursor *cursor, const void *bytes, size_t size);

/* The next chunk that is whole and whose checksum is right; false where there is none. */
bool gan_png_next(struct png_cursor *cursor, struct png_chunk *chunk);

#endif
