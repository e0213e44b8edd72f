/** Video as uncompressed frames: YUV4MPEG2 ("y4m"), the format in which video programs hand each other frames
 *  through pipes. A frame in memory is a picture: float32 [1, H, W, 3], RGB, 0 to 1. */
#ifndef GAN_VIDEO_H
#define GAN_VIDEO_H

#include "gan/stylizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where colour is sampled. 420: every second column and row; 422: every second column; 444: everywhere;
 *  GREY: nowhere. CENTER samples lie between two columns (JPEG, MPEG-1), LEFT ones on the left column
 * (MPEG-2, H.264). */
enum {
    GAN_SAMPLING_420_CENTER = 0, /**< C420jpeg, C420 */
    GAN_SAMPLING_420_LEFT = 1,   /**< C420mpeg2; C420paldv is read as this */
    GAN_SAMPLING_422 = 2,        /**< C422, LEFT */
    GAN_SAMPLING_444 = 3,        /**< C444 */
    GAN_SAMPLING_GREY = 4        /**< Cmono */
};

/** How brightness and colour differences are made of red, green and blue (ITU-R BT.601 and BT.709). The
 *  format does not tell; GAN_MATRIX_BY_SIZE takes BT.709 from 1280 columns or 720 rows on. */
enum { GAN_MATRIX_BY_SIZE = 0, GAN_MATRIX_BT601 = 1, GAN_MATRIX_BT709 = 2 };

typedef struct gan_video_format {
    size_t struct_size;
    int32_t width, height;                        /**< 1 to 65535 */
    int32_t rate_numerator, rate_denominator;     /**< frames in a second; 0:0 is unknown */
    int32_t aspect_numerator, aspect_denominator; /**< of a pixel, width to height; 0:0 is unknown */
    int32_t sampling;                             /**< GAN_SAMPLING_* */
    int32_t matrix;                               /**< GAN_MATRIX_* */
    int32_t full_range;                           /**< 1: 0 to 255; 0: 16 to 235 (240 for colour), the rule */
} gan_video_format;

typedef struct gan_video_reader gan_video_reader;
typedef struct gan_video_writer gan_video_writer;

/** Open a file or pipe ("/dev/stdin") and read the header. Errors: NOT_FOUND, IO, FORMAT (no YUV4MPEG2),
 *  UNSUPPORTED (interlaced, more than 8 bits, another sampling), OUT_OF_MEMORY; *out is then NULL.
 *  Threads: one at a time per reader. Since 0.1. */
GAN_API gan_status gan_video_reader_open(gan_video_reader **out, gan_context *context, const char *path);
GAN_API void gan_video_reader_free(gan_video_reader *reader);

/** Errors: ARGUMENT (a wrong struct_size). `matrix` is never BY_SIZE. */
GAN_API gan_status gan_video_reader_format(const gan_video_reader *reader, gan_video_format *out);

/** *frame is a new picture, or NULL after the last frame. Errors: FORMAT (a frame that is cut off or begins
 *  otherwise; the message counts frames from 1), IO, OUT_OF_MEMORY. */
GAN_API gan_status gan_video_read(gan_video_reader *reader, gan_tensor **frame);

/** Begin a file, which appears under its name at gan_video_writer_finish, or write into a pipe or device
 *  ("/dev/stdout") as frames come. Errors: ARGUMENT (what the format cannot say), IO, OUT_OF_MEMORY; *out is
 *  then NULL. Threads: one at a time per writer. Since 0.1. */
GAN_API gan_status gan_video_writer_open(gan_video_writer **out, gan_context *context, const char *path,
                                         const gan_video_format *format);

/** Values are clamped to 0..1. Errors: SHAPE, TYPE, NOT_FINITE, IO (disk full, nobody reads the pipe). */
GAN_API gan_status gan_video_write(gan_video_writer *writer, const gan_tensor *frame);

/** Bring everything to its place; the writer then only waits to be freed. Errors: IO, STATE (a write has
 *  failed, or it is finished). */
GAN_API gan_status gan_video_writer_finish(gan_video_writer *writer);

/** A file that was not finished leaves nothing behind. */
GAN_API void gan_video_writer_free(gan_video_writer *writer);

/** A generator at work on the frames of a video, one after the other. Two things make them calm.
 * Normalizations use moving averages of their statistics over the frames, so that a scene keeps its colours
 *  (gan_session_options.statistics_memory). And where a frame shows what the last one showed, perhaps moved
 *  (found by block matching), the result becomes a mix with the last result from there: noise does not
 * flicker, strokes stay on what they were painted on. Where something new is seen, nothing is mixed in. */
typedef struct gan_video_stylizer gan_video_stylizer;

typedef struct gan_video_stylizer_options {
    size_t struct_size;
    int32_t precision; /**< GAN_PRECISION_* */
    /** Share of former frames in the statistics, 0 to less than 1. 0 means 0.9; -1: none. */
    float statistics_memory;
    /** Largest share of the last result in a result, 0 to less than 1. 0 means 0.8; -1: none. */
    float steadiness;
} gan_video_stylizer_options;

/** As gan_stylizer_create. With statistics_memory and steadiness -1 it gives what gan_stylizer gives. Errors
 *  also: ARGUMENT (a share outside its range). Threads: one at a time per video stylizer. Since 0.1. */
GAN_API gan_status gan_video_stylizer_create(gan_video_stylizer **out, gan_model *model,
                                             const gan_video_stylizer_options *options);
GAN_API void gan_video_stylizer_free(gan_video_stylizer *stylizer);

/** As gan_stylizer_set_styles, for the next frames: a video may go from one style to another. */
GAN_API gan_status gan_video_stylizer_set_styles(gan_video_stylizer *stylizer, const float *weights,
                                                 int32_t count);

/** *result is the next frame's. A frame of another size, or one that shows another scene (its brightness
 * differs by more than an eighth of the range on average, motion undone), begins anew. Errors: as
 * gan_stylizer_run, after which the next frame begins anew; NOT_FINITE (the frame holds NaN or infinity). */
GAN_API gan_status gan_video_stylizer_run(gan_video_stylizer *stylizer, const gan_tensor *frame,
                                          gan_tensor **result);

/** The next frame begins a new scene. */
GAN_API void gan_video_stylizer_forget(gan_video_stylizer *stylizer);

/** Scenes begun so far. */
GAN_API int64_t gan_video_stylizer_scenes(const gan_video_stylizer *stylizer);

#ifdef __cplusplus
}
#endif
#endif
