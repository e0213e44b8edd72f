/** Pictures of any size through a generator in bounded memory.
 *
 *  The network is computed over bands of rows, in as many passes as it has layers that must know a whole
 * picture (instance norm, global pooling): each pass measures what those of the next pass need, over all
 * bands, so that the result is that of the whole picture within the rounding of float32, without seams.
 * Values that a later pass reads wait in a temporary file without a name, or are computed again where that is
 * cheaper.
 *
 *  Any model of one picture in and one out works whose layers are convolutions (also transposed), padding and
 *  cropping, resampling, pooling, pixel shuffling, normalizations (batch, instance, group, layer, adaptive),
 * dense layers over channels, pointwise functions, sums, products, and concatenation and slices of channels.
 * A style that steers the network is bound to it first (gan_model_with_style). */
#ifndef GAN_STREAMING_H
#define GAN_STREAMING_H

#include "gan/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_stream gan_stream;

/** What waits in the temporary file between passes. AUTO: what is cheaper to read than to compute again; ALL:
 *  whatever a later pass reads; NONE: nothing, there is no file. */
enum { GAN_STREAM_STORE_AUTO = 0, GAN_STREAM_STORE_ALL = 1, GAN_STREAM_STORE_NONE = 2 };

/** Where the statistics of normalizations come from. EXACT: from the picture itself. THUMBNAIL: from the
 * picture scaled down, after Chen et al. 2022 (URST): one pass over bands and no file, but an approximation,
 * which differs visibly from the whole picture's result. */
enum { GAN_STREAM_STATISTICS_EXACT = 0, GAN_STREAM_STATISTICS_THUMBNAIL = 1 };

typedef struct gan_stream_options {
    size_t struct_size;
    int32_t precision;  /**< GAN_PRECISION_* */
    int32_t storage;    /**< GAN_STREAM_STORE_* */
    int32_t statistics; /**< GAN_STREAM_STATISTICS_* */
    int32_t raw;    /**< 1: rows are the network's own values, in and out; 0: pictures, see gan_stream_run */
    int64_t memory; /**< most bytes that the stream may take; 0: 256 MiB */
    int64_t band_rows;  /**< rows of the result in a band; 0: as many as memory allows, up to 256 */
    int64_t thumbnail;  /**< longer side of the thumbnail; 0: 1024 */
    const char *folder; /**< of the temporary file; NULL: $TMPDIR, or /tmp; copied */
    int32_t keep;       /**< 1: the result stays in the temporary file, for gan_stream_read_result */
} gan_stream_options;

/** Plan for pictures of one size. Nothing is computed, and no file is made, before gan_stream_run. Retains
 * the model; `options` may be NULL. Errors: ARGUMENT (options; memory too small, the message says how much
 * would do; band_rows smaller than what the layers around a band read beyond it), UNSUPPORTED (names the
 * layer that cannot be computed in bands), SHAPE (pictures too small for the network), OUT_OF_MEMORY; *out is
 * then NULL. Threads: one at a time per stream; several streams may share a model. Since 0.1. */
GAN_API gan_status gan_stream_create(gan_stream **out, gan_model *model, int64_t height, int64_t width,
                                     const gan_stream_options *options);
GAN_API void gan_stream_free(gan_stream *stream);

/** Sizes [1, H, W, C] of the result, four numbers; returns the rank, -1 where stream is NULL. */
GAN_API int32_t gan_stream_output_shape(const gan_stream *stream, int64_t *sizes);

typedef struct gan_stream_information {
    size_t struct_size;   /**< set by the caller */
    int64_t memory;       /**< bytes that the stream takes while it runs, besides the model */
    int64_t least_memory; /**< the smallest gan_stream_options.memory that would do */
    int64_t least_rows;   /**< a gan_stream_options.band_rows that would do, about the smallest */
    int64_t file_bytes;   /**< size of the temporary file */
    int64_t file_traffic; /**< bytes written to and read from it, a kept result once each */
    int64_t band_rows;    /**< rows of the result in a band of the last pass */
    int64_t bands;        /**< of all passes */
    int32_t passes;
    double
        multiplications; /**< of the plain definitions, in all passes, with what neighbouring bands share */
} gan_stream_information;

/** Errors: ARGUMENT. Since 0.1. */
GAN_API gan_status gan_stream_describe(const gan_stream *stream, gan_stream_information *out);

typedef struct gan_stream_progress {
    size_t struct_size;
    double fraction;           /**< 0 to 1, of the multiplications */
    double elapsed, remaining; /**< seconds; remaining -1 before there is anything to go by */
    int32_t pass, passes;      /**< pass counts from 0 */
} gan_stream_progress;

/** What a run reads, writes and tells. Callbacks come from the thread that calls gan_stream_run; a status
 * other than GAN_OK ends the run, which returns it. */
typedef struct gan_stream_io {
    size_t struct_size;
    void *user; /**< given to the callbacks */
    /** Fill rows [first, first + count) of the picture, each with W pixels. Every pass that needs the picture
     * asks for it from top to bottom, with rows that neighbouring bands share asked for twice. */
    gan_status (*read)(void *user, int64_t first, int64_t count, float *rows);
    /** Take the rows of the result, from top to bottom, each once. */
    gan_status (*write)(void *user, int64_t first, int64_t count, const float *rows);
    /** After each band; a result other than 0 ends the run with GAN_ERROR_CANCELLED. May be NULL. */
    int32_t (*progress)(void *user, const gan_stream_progress *progress);
} gan_stream_io;

/** Compute. Rows are float32 without gaps. Pictures are RGB in 0..1, in and out, of the same size; the
 * model's metadata settles what the network is given, as in gan/stylizer.h; networks that demand a size of
 * their own or enlarge pictures are refused by gan_stream_create. The same bits for any number of threads,
 * for the same options. Errors: ARGUMENT, IO (temporary file: full disk, no permission), NOT_FOUND (no such
 * folder), CANCELLED, OUT_OF_MEMORY, and what the callbacks return. A stream can run again after any of them.
 */
GAN_API gan_status gan_stream_run(gan_stream *stream, const gan_stream_io *io);

/** Rows [first, first + count) of the result of the last run, as they were given to `write`: for what has to
 *  know all of a result before it can use the first row. They stay until the stream runs again or is freed.
 *  Errors: STATE (options did not say `keep`, or no run has succeeded since), ARGUMENT (NULL, no such rows),
 *  IO. Since 0.1. */
GAN_API gan_status gan_stream_read_result(gan_stream *stream, int64_t first, int64_t count, float *rows);

/** Measure this machine with the model for about half a second and estimate what a run takes, without the
 * time of the callbacks. Errors: as gan_session_run, IO. Since 0.1. */
GAN_API gan_status gan_stream_estimate(gan_stream *stream, double *seconds);

/** What an ordinary session for input shapes would need, without the memory being taken. */
typedef struct gan_session_needs {
    size_t struct_size; /**< set by the caller */
    int64_t memory;     /**< as gan_session_memory */
    double multiplications;
} gan_session_needs;

/** Arguments and errors as gan_session_create. Since 0.1. */
GAN_API gan_status gan_session_measure(gan_model *model, const int64_t *shapes,
                                       const gan_session_options *options, gan_session_needs *out);

/** Measure this machine with the model: multiplications of the plain definitions per second on pictures of up
 * to 256 x 256 pixels. For models of one picture in. Errors: ARGUMENT, and as gan_session_run. Since 0.1. */
GAN_API gan_status gan_model_speed(gan_model *model, int32_t precision, double *multiplications_per_second);

#ifdef __cplusplus
}
#endif
#endif
