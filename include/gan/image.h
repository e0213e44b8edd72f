/** Pictures: reading, writing, resizing. In memory a picture is float32 [1, H, W, 3], RGB, 0 to 1. */
#ifndef GAN_IMAGE_H
#define GAN_IMAGE_H

#include "gan/image_metadata.h"
#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Read a picture: any format that stb_image knows (PNG also with 16 bits, JPEG, BMP, TGA, GIF, PSD, PNM).
 *  Grey becomes RGB; the EXIF orientation of a JPEG or PNG is applied. `alpha` may be NULL; else *alpha is
 *  [1, H, W, 1], or NULL where the picture has none.
 *  Errors: NOT_FOUND, IO, FORMAT (no picture, truncated), SHAPE (sides above 65535), OUT_OF_MEMORY; the
 *  message names the file. Since 0.1. */
GAN_API gan_status gan_image_load(gan_tensor **picture, gan_tensor **alpha, gan_context *context,
                                  const char *path);

/** The same, and what the file says beside its pixels (gan_image_metadata_load) by the same reading: a pipe
 * is read only once. `metadata` may be NULL. Since 0.1. */
GAN_API gan_status gan_image_load_with_metadata(gan_tensor **picture, gan_tensor **alpha,
                                                gan_image_metadata **metadata, gan_context *context,
                                                const char *path);

/** The same as gan_image_load from a file's bytes in memory; `name` is used in messages. */
GAN_API gan_status gan_image_decode(gan_tensor **picture, gan_tensor **alpha, gan_context *context,
                                    const void *bytes, size_t size, const char *name);

/** Write a picture in 8 bits; the format follows the ending of `path`: .png, .jpg, .jpeg, .bmp, .tga.
 *  Values are clamped to 0..1, times 255, rounded. `alpha` may be NULL ([1, H, W, 1]; kept by PNG and TGA,
 *  ignored by the others). `quality` is for JPEG, 1 to 100; 0 means 92. The file appears whole or not at
 *  all. Errors: ARGUMENT (unknown ending), SHAPE, TYPE, NOT_FINITE, IO (unwritable, disk full). Since 0.1. */
GAN_API gan_status gan_image_save(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                                  int32_t quality);

typedef struct gan_image_save_options {
    size_t struct_size;
    int32_t quality; /**< of a JPEG, 1 to 100; 0: 92 */
    int32_t depth;   /**< bits per sample: 8, or 16 for PNG, which keep what 16-bit files held; 0: 8 */
    const gan_image_metadata *metadata; /**< to write beside the pixels: by PNG and JPEG, others cannot; a
                                           camera's notes get the picture's size; NULL: none */
} gan_image_save_options;

/** The same with options, which may be NULL. ARGUMENT also: another depth, or 16 where the format is not PNG.
 *  Since 0.1. */
GAN_API gan_status gan_image_save_with_options(const gan_tensor *picture, const gan_tensor *alpha,
                                               const char *path, const gan_image_save_options *options);

/** A new picture ([N, H, W, C], any C) of another size: bicubic (Catmull-Rom), with the filter widened when
 *  shrinking so that nothing aliases; borders replicated. Errors: SHAPE (a size < 1), TYPE, OUT_OF_MEMORY. */
GAN_API gan_status gan_image_resize(gan_tensor **out, const gan_tensor *picture, int64_t height,
                                    int64_t width);

/** A new picture: rows top..top+height, columns left..left+width. Errors: SHAPE (not inside). */
GAN_API gan_status gan_image_crop(gan_tensor **out, const gan_tensor *picture, int64_t top, int64_t left,
                                  int64_t height, int64_t width);

/** A new picture mirrored left to right. */
GAN_API gan_status gan_image_flip(gan_tensor **out, const gan_tensor *picture);

/** Pictures side by side on one sheet [1, H, W, 3]: all pictures of `count` batches [N, H, W, 3] or [N, H, W,
 * 1] (grey), of one size, in rows of `columns`, with `gap` white pixels between them. Errors: ARGUMENT,
 * SHAPE, TYPE, OUT_OF_MEMORY. */
GAN_API gan_status gan_image_grid(gan_tensor **out, const gan_tensor *const *pictures, int32_t count,
                                  int32_t columns, int32_t gap);

/** The same of a batch [N, H, W, 1 or 3], as generators make it: `low` becomes black and `high` white (-1 and
 * 1, or 0 and 1), what is beyond is clamped. `columns` 0: a square of pictures. Errors: SHAPE, TYPE, ARGUMENT
 * (low >= high, columns or gap below 0), OUT_OF_MEMORY. */
GAN_API gan_status gan_image_grid_batch(gan_tensor **out, const gan_tensor *batch, int32_t columns,
                                        int32_t gap, float low, float high);

#ifdef __cplusplus
}
#endif
#endif
