/* Pixels out of a picture file's bytes. */
#ifndef GAN_FORMATS_IMAGE_DECODE_H
#define GAN_FORMATS_IMAGE_DECODE_H

#include "base/context.h"

#include <stdbool.h>

struct pixels {
    int32_t width, height;
    int32_t channels;    /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA */
    bool wide;           /* 16 bits per sample, else 8 */
    const void *samples; /* rows of pixels of samples, without gaps */
};

/* Decode and give the pixels to take(), during which alone they exist. `name` is for messages. Errors:
 * FORMAT, SHAPE (sides above 65535), UNSUPPORTED (more than 2^28 pixels), OUT_OF_MEMORY, and what take()
 * returns. */
gan_status gan_pixels_decode(gan_context *context, const void *bytes, size_t size, const char *name,
                             gan_status (*take)(void *user, const struct pixels *pixels), void *user);

/* Bits per sample, 8 or 16; 8 also where the bytes are no picture. Errors: OUT_OF_MEMORY. */
gan_status gan_pixels_depth(gan_context *context, const void *bytes, size_t size, int32_t *depth);

/* The EXIF orientation of a JPEG or PNG: 1 to 8; 1 where the bytes are something else or say nothing
 * sensible. */
gan_status gan_exif_orientation(gan_context *context, const void *bytes, size_t size, int32_t *orientation);

#endif
