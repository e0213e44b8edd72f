/* Picture files out of pixels of 8 bits per sample. */
#ifndef GAN_FORMATS_IMAGE_ENCODE_H
#define GAN_FORMATS_IMAGE_ENCODE_H

#include "base/context.h"

struct canvas {
    const uint8_t *samples; /* rows of pixels of samples, without gaps */
    int64_t width, height;
    int32_t channels; /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA */
};

enum { FORMAT_NONE, FORMAT_PNG, FORMAT_JPEG, FORMAT_BMP, FORMAT_TGA };

/* By the ending of the name, in upper or lower case. Errors: ARGUMENT. */
gan_status gan_image_format(const char *path, int32_t *format);

/* Write a picture file, whole or not at all. `quality` is for JPEG, 1 to 100. Errors: SHAPE (sides that the
 * format cannot hold, more than 2^28 pixels), IO, NOT_FOUND, OUT_OF_MEMORY. */
gan_status gan_pixels_save(gan_context *context, const struct canvas *canvas, const char *path,
                           int32_t format, int32_t quality);

#endif
