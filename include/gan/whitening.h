/** Any style without training, by all of S: whitening and colouring (Li et al. 2017, "Universal Style
 * Transfer via Feature Transforms"). An encoder sees the content; its features lose their own covariance
 * (whitening) and get the style's (colouring) and the style's mean; a decoder that was trained to undo the
 * encoder paints what has become of them. With several levels the result of one is the content of the next.
 */
#ifndef GAN_WHITENING_H
#define GAN_WHITENING_H

#include "gan/model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_whitening gan_whitening;

enum { GAN_WHITENING_MOST_LEVELS = 5 };

/** `encoders` and `decoders`: one each for `levels` levels (1 to 5), in the order in which they work: the
 * deepest first, as published. The last output of an encoder is what its decoder takes, such as of the models
 * that gan_import makes of VGG-19 and its decoders; at most 512 channels. Models are retained. Errors:
 * ARGUMENT (NULL, no pictures in or out), SHAPE (a decoder that takes other channels), OUT_OF_MEMORY; *out is
 * then NULL. Threads: one at a time per object. Since 0.1. */
GAN_API gan_status gan_whitening_create(gan_whitening **out, gan_model *const *encoders,
                                        gan_model *const *decoders, int32_t levels);
GAN_API void gan_whitening_free(gan_whitening *whitening);

/** Take the style of a picture [1, H, W, 3], RGB, 0 to 1: mean and covariance of its features on each level.
 *  Several pictures of different sizes give different strokes: scaled to 512 pixels is a good start. Errors:
 *  SHAPE, TYPE, NOT_FINITE, OUT_OF_MEMORY; the former style, if any, then stays. */
GAN_API gan_status gan_whitening_set_style(gan_whitening *whitening, const gan_tensor *style);

/** *result is a new picture of the content's size. `strength` (0 to 1) is the share of the coloured features,
 * the rest is the content's own: at 0 the picture has only gone through encoder and decoder. Errors: STATE
 * (there is no style yet), ARGUMENT, SHAPE, TYPE, NOT_FINITE, OUT_OF_MEMORY. */
GAN_API gan_status gan_whitening_run(gan_whitening *whitening, const gan_tensor *content, float strength,
                                     gan_tensor **result);

#ifdef __cplusplus
}
#endif
#endif
