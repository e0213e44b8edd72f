/* PNG files (ISO/IEC 15948) row by row: memory for a few rows, however large the picture. */
#ifndef GAN_FORMATS_PNG_WRITE_H
#define GAN_FORMATS_PNG_WRITE_H

#include "formats/file.h"

#include <zlib.h>

struct png_format {
    int64_t width, height; /* 1 to 2^31 - 1 */
    int32_t channels;      /* 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA */
    int32_t depth;         /* bits per sample, 8 or 16 */
};

struct png_writer {
    gan_context *context;
    struct file_writer *file;
    struct png_format format;
    z_stream stream;
    bool deflating;
    size_t row_bytes, pixel_bytes;
    uint8_t *memory;   /* holds all that follows */
    uint8_t *previous; /* row, pixel_bytes zeros before it */
    uint8_t *current;  /* likewise */
    uint8_t *filtered; /* a row by each filter, the filter's number before it */
    uint8_t *deflated; /* what is not written yet */
};

/* Begin; writes the header to a file that is open. Errors: OUT_OF_MEMORY, IO. Release after any outcome. */
gan_status gan_png_writer_open(struct png_writer *writer, gan_context *context, struct file_writer *file,
                               const struct png_format *format);

/* A chunk of its own, before the first row. `type` has four letters. Errors: IO. */
gan_status gan_png_writer_chunk(struct png_writer *writer, const char *type, const void *bytes, size_t size);

/* The next row, from the top; samples of 16 bits have their high byte first. Errors: IO, OUT_OF_MEMORY. */
gan_status gan_png_writer_row(struct png_writer *writer, const uint8_t *samples);

/* After the last row. Errors: IO. */
gan_status gan_png_writer_finish(struct png_writer *writer);
void gan_png_writer_release(struct png_writer *writer);

#endif
