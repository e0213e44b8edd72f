/** A generator at work on pictures: value ranges, channels and sizes are settled by the model's metadata (see
 *  gan/networks.h for the words), so that a picture goes in as gan_image_load gives it, and comes out so. */
#ifndef GAN_STYLIZER_H
#define GAN_STYLIZER_H

#include "gan/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Keeps the session for the last size, so that one picture after the other costs no compiling. */
typedef struct gan_stylizer gan_stylizer;

typedef struct gan_stylizer_options {
    size_t struct_size;
    int32_t precision;       /**< GAN_PRECISION_* */
    float statistics_memory; /**< of its sessions: see gan_session_options; for the frames of a video */
    /** 1: a picture is seen as a tile among its own copies, so that results of tileable pictures tile. Exact
     *  where the network sees no further than 64 pixels from each (a Johnson network of three residual
     *  blocks sees 38, of five 54); it costs the
     *  time of that margin. Sides must then be multiples of 8, or of the model's "size_multiple". */
    int32_t tileable;
} gan_stylizer_options;

/** For a model with one input and one output, [N, H, W, 3] both, or a generator of several styles
 *  (gan/styles.h), which then waits for gan_stylizer_set_styles. Retains the model; `options` may be NULL.
 *  Errors: ARGUMENT (no such model, metadata that is not understood, options out of range), OUT_OF_MEMORY;
 * *out is then NULL. Threads: one at a time per stylizer; several may share a model. Since 0.1. */
GAN_API gan_status gan_stylizer_create(gan_stylizer **out, gan_model *model,
                                       const gan_stylizer_options *options);
GAN_API void gan_stylizer_free(gan_stylizer *stylizer);

/** How much of each style of a generator of several the next pictures have: `count` finite numbers, such as
 *  those of gan_model_style_weights; copied. They may change from one picture to the next at no cost. Errors:
 *  ARGUMENT (NULL, another number of styles, a model of one); the former ones then stay. Since 0.1. */
GAN_API gan_status gan_stylizer_set_styles(gan_stylizer *stylizer, const float *weights, int32_t count);

/** *result is a new picture of the size of `picture` ([1, H, W, 3], RGB, 0 to 1). The network's values are
 * put into the range of the result and clamped to 0..1. Where the network demands a size of its own, the
 * picture is scaled to it and back; where it demands multiples of one ("size_multiple"), the picture is
 * continued by its mirror image at the bottom and right, and the result cut off there; a few rows and columns
 * too many, as networks with strides give them, are cut off at the bottom and right. Errors: SHAPE (no such
 * picture, too small for the network), TYPE, STATE (no styles were set), OUT_OF_MEMORY. */
GAN_API gan_status gan_stylizer_run(gan_stylizer *stylizer, const gan_tensor *picture, gan_tensor **result);

/** Compile for pictures of this size now. Errors as gan_stylizer_run. */
GAN_API gan_status gan_stylizer_prepare(gan_stylizer *stylizer, int64_t height, int64_t width);

/** The session at work, to look at its plan and times; NULL before the first. Borrowed until the next call.
 */
GAN_API gan_session *gan_stylizer_session(const gan_stylizer *stylizer);

/** The next picture begins a new scene: see gan_session_forget. */
GAN_API void gan_stylizer_forget(gan_stylizer *stylizer);

/** Give back the session's memory until the next picture. */
GAN_API void gan_stylizer_rest(gan_stylizer *stylizer);

/** All of it for one picture. */
GAN_API gan_status gan_model_stylize(gan_model *model, const gan_tensor *picture, gan_tensor **result);

#ifdef __cplusplus
}
#endif
#endif
