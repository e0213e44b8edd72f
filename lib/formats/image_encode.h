/* Picture files out of pixels. */
#ifndef GAN_FORMATS_IMAGE_ENCODE_H
#define GAN_FORMATS_IMAGE_ENCODE_H

#include "base/context.h"

/* Pixels as a file holds them: rows of pixels of samples, without gaps. */
struct canvas {
    const uint8_t *samples; /* all rows; 16 bits have their high byte first */
    int64_t width, height;
    int32_t channels; /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA */
    int32_t depth;    /* bits per sample: 8, or of PNG 16; 0: 8 */
};

/* What a file says beside its pixels; NULL where nothing. */
struct image_extras {
    const void *exif; /* as TIFF, less than 64 KiB */
    size_t exif_size;
    const void *profile; /* ICC */
    size_t profile_size;
    const void *xmp; /* a packet, less than 64 KiB */
    size_t xmp_size;
};

enum { FORMAT_NONE, FORMAT_PNG, FORMAT_JPEG, FORMAT_BMP, FORMAT_TGA };

struct encoding_options {
    int32_t format;
    int32_t quality;                   /* of JPEG, 1 to 100 */
    const struct image_extras *extras; /* for PNG and JPEG, others hold none; may be NULL */
};

/* By the ending of the name, in upper or lower case. Errors: ARGUMENT. */
gan_status gan_image_format(const char *path, int32_t *format);

/* Whether files of the format keep alpha. */
bool gan_format_has_alpha(int32_t format);

/* The format can hold a picture of this size. Errors: SHAPE. */
gan_status gan_canvas_check(const struct canvas *canvas, const char *path, int32_t format);

/* Write a picture file, whole or not at all. Errors: SHAPE (sides that the format cannot hold, more than 2^28
 * pixels), IO, NOT_FOUND, OUT_OF_MEMORY. */
gan_status gan_pixels_save(gan_context *context, const struct canvas *canvas, const char *path,
                           const struct encoding_options *options);

#endif
