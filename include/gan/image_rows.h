/** Picture files row by row, for pictures too large to be held as floats: what gan_stream_run reads and
 * writes (gan/streaming.h). Rows are float32, RGB, 0 to 1, without gaps. */
#ifndef GAN_IMAGE_ROWS_H
#define GAN_IMAGE_ROWS_H

#include "gan/image_metadata.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A picture as its file holds it: 8 or 16 bits a sample in memory, upright. */
typedef struct gan_image_source gan_image_source;

/** Read a picture file, as gan_image_load does. Reading takes up to three times the bytes of the pixels for a
 *  moment, and five times for a progressive JPEG. Errors: as gan_image_load; *out is then NULL. Threads: any
 *  number may read rows at a time. Since 0.1. */
GAN_API gan_status gan_image_source_open(gan_image_source **out, gan_context *context, const char *path);
/** The same, and what the file says beside its pixels (gan_image_metadata_load) by the same reading: a pipe
 * is read only once. `metadata` may be NULL. Since 0.1. */
GAN_API gan_status gan_image_source_open_with_metadata(gan_image_source **out, gan_image_metadata **metadata,
                                                       gan_context *context, const char *path);
GAN_API void gan_image_source_free(gan_image_source *source);

/** 0 where source is NULL. */
GAN_API int64_t gan_image_source_height(const gan_image_source *source);
GAN_API int64_t gan_image_source_width(const gan_image_source *source);
/** 1 where the picture has an alpha channel. */
GAN_API int32_t gan_image_source_has_alpha(const gan_image_source *source);
/** Bytes that it holds. */
GAN_API int64_t gan_image_source_memory(const gan_image_source *source);

/** Rows [first, first + count): `rows` gets 3 W floats a row, `alpha` W floats a row (1 where the picture has
 *  no alpha). Either may be NULL. Errors: ARGUMENT (no such rows). */
GAN_API gan_status gan_image_source_read(const gan_image_source *source, int64_t first, int64_t count,
                                         float *rows, float *alpha);

/** A picture file being written from the top down. A PNG takes memory for a few rows, other formats for all
 *  pixels in 8 bits. */
typedef struct gan_image_sink gan_image_sink;

typedef struct gan_image_sink_options {
    size_t struct_size;
    int32_t quality; /**< of a JPEG, 1 to 100; 0: 92 */
    int32_t depth;   /**< bits per sample: 8, or 16 for PNG; 0: 8 */
    int32_t alpha;   /**< 1: rows come with alpha, which PNG and TGA keep */
    const gan_image_metadata
        *metadata; /**< as in gan_image_save_options; stays as it is until the sink is freed */
} gan_image_sink_options;

/** Begin; the format follows the ending of `path`, as in gan_image_save. The file appears whole in
 *  gan_image_sink_finish, or not at all. `options` may be NULL. Errors: ARGUMENT, SHAPE (sides that the
 * format cannot hold), IO, NOT_FOUND, OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_image_sink_open(gan_image_sink **out, gan_context *context, const char *path,
                                       int64_t height, int64_t width, const gan_image_sink_options *options);

/** The next `count` rows; `alpha` may be NULL where the options say 0, else it is opaque there. Values are
 *  clamped to 0..1. A call that fails at a row has taken those before it; after NOT_FINITE the rest may be
 *  given anew from that row on. Errors: ARGUMENT (more rows than the picture has), NOT_FINITE, IO,
 *  OUT_OF_MEMORY, STATE (a row could not be written before: the file is lost). */
GAN_API gan_status gan_image_sink_write(gan_image_sink *sink, int64_t count, const float *rows,
                                        const float *alpha);

/** After the last row. Errors: STATE (rows are missing, or one could not be written), IO, OUT_OF_MEMORY. */
GAN_API gan_status gan_image_sink_finish(gan_image_sink *sink);

/** Without gan_image_sink_finish before, nothing is left behind. */
GAN_API void gan_image_sink_free(gan_image_sink *sink);

#ifdef __cplusplus
}
#endif
#endif
