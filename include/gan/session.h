/** Sessions: a model compiled for given input shapes, with all the memory that it needs. */
#ifndef GAN_SESSION_H
#define GAN_SESSION_H

#include "gan/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_session_options {
    size_t struct_size;
    int32_t precision; /**< GAN_PRECISION_*; BF16 not with training */
    int32_t training;  /**< 1: dropout active, batch norms as GAN_STATISTICS_FOLLOW says; default 0 */
    int32_t measure_statistics; /**< 1: runs measure the model's running statistics anew (precise batch norm,
                                 *   Wu and Johnson 2021), for weights that did not come from the last steps:
                                 *   batch norms as with training, but after run k a running statistic is
                                 *   the mean of those of the k batches, wherever it began; no dropout, and
                                 *   spectral norms stay as they are. Not with training or
                                 *   GAN_PRECISION_BF16; default 0. Since 0.1 */
    /** For the frames of a video: instance, group and layer norms and adaptive ones normalize by this share
     * of what they used in the last run, and by what they find in this picture for the rest (moving averages
     * of means and variances), so that colours do not flicker. 0 (default) to less than 1; not with training.
     */
    float statistics_memory;
} gan_session_options;

/** Compile. `shapes` holds the sizes of input 0, then of input 1, ..., each with its rank; all known (>= 1).
 *  Retains the model. Errors: SHAPE (names the layer), UNSUPPORTED (training in BF16),
 *  OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_session_create(gan_session **out, gan_model *model, const int64_t *shapes,
                                      const gan_session_options *options);

/** A session for pictures: the model's single input is [batch, height, width, C]. */
GAN_API gan_status gan_session_create_2d(gan_session **out, gan_model *model, int64_t batch, int64_t height,
                                         int64_t width, const gan_session_options *options);

GAN_API void gan_session_free(gan_session *session);

/** The precision with which the session computes, GAN_PRECISION_*: what its options asked for, but DEFAULT
 * for GAN_PRECISION_BF16 where the processor or the operating system lacks AMX with bfloat16 (amx-tile,
 * amx-bf16), or the context's kernels are not GAN_KERNELS_AVX512. -1 where session is NULL. The first session
 * of that precision asks Linux for the tile registers, which then may be used by all threads of the process.
 *
 *  Rounding to bfloat16 moves a sum of products by up to 2^-7 of the sum of their magnitudes. Through a whole
 *  Johnson network (16 convolutions, instance norms) the pictures stay within 5 % of the largest output, and
 * on average within 0.5 %. NaN and infinity pass through. The same bits for any number of threads. Since 0.1.
 */
GAN_API int32_t gan_session_precision(const gan_session *session);

/** Sizes of an output; returns its rank, -1 where there is no such output. */
GAN_API int32_t gan_session_output_shape(const gan_session *session, int32_t index, int64_t *sizes);

/** Bytes that the session holds for values, scratch and packed weights; the plan itself adds some kilobytes.
 */
GAN_API int64_t gan_session_memory(const gan_session *session);

/** Those of gan_session_memory that are packed weights. They belong to the model's parameters: sessions that
 *  need them arranged alike, as those of one shape and precision do and most of different shapes, share one
 *  copy, which goes with the last of them. Since 0.1. */
GAN_API int64_t gan_session_packed_memory(const gan_session *session);

/** One step of a session's plan. Strings are borrowed and live as long as the session. */
typedef struct gan_step_information {
    size_t struct_size;       /**< set by the caller */
    const char *layer, *kind; /**< name and kind of the layer: "conv2d_3", "conv2d" */
    const char *method;       /**< how it is computed, such as "Winograd F(4,3)"; "" where there is one way */
    const char *folded;       /**< what was folded into the step: "relu", "upsample", ...; "" for nothing */
    int64_t output_bytes, output_offset;   /**< in the arena; offset -1: not there */
    int64_t workspace_bytes, packed_bytes; /**< scratch memory, and packed weights */
    double multiplications;                /**< of the plain definition; 0 where nobody counts them */
    double seconds;                        /**< in all profiled runs */
    int64_t runs;                          /**< profiled */
} gan_step_information;

GAN_API int32_t gan_session_step_count(const gan_session *session);
/** Errors: ARGUMENT (no such step, a wrong struct_size). Since 0.1. */
GAN_API gan_status gan_session_step(const gan_session *session, int32_t index, gan_step_information *out);
/** Measure the time of each step in later runs (1), or not (0, the default). */
GAN_API void gan_session_set_profiling(gan_session *session, int32_t profiling);

/** Run. Tensors are GAN_FLOAT32 with the session's shapes; outputs are written, none may overlap an input; an
 *  output may be NULL where it is not wanted. Nothing is allocated. Errors: SHAPE, TYPE, ARGUMENT.
 *  Threads: one at a time per session; sessions of one model may run at the same time, but for those with
 *  training or measure_statistics = 1 where batch norms follow it: they move the model's running
 *  statistics. */
GAN_API gan_status gan_session_run(gan_session *session, const gan_tensor *const *inputs, int32_t input_count,
                                   gan_tensor *const *outputs, int32_t output_count);

/** The next run is the first of a new scene: nothing of former ones is carried over (statistics_memory).
 *  Since 0.1. */
GAN_API void gan_session_forget(gan_session *session);

/** Compile for one picture and run: *out is a new tensor. For models with one input and one output. */
GAN_API gan_status gan_model_run(gan_model *model, const gan_tensor *input, gan_tensor **out);

#ifdef __cplusplus
}
#endif
#endif
