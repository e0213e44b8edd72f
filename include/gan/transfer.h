/** Any style without training: a content picture painted in the style of another picture. For models with the
 *  inputs "content" and "style" whose metadata "style_code" names the layer that holds all that the network
 * needs of the style, such as MicroAST (gan/networks.h). Pictures are [1, H, W, 3], GAN_FLOAT32, RGB in 0 to
 *  1. Errors of all: ARGUMENT (NULL, another kind of model), SHAPE, TYPE, OUT_OF_MEMORY; what was to be made
 * is then NULL. */
#ifndef GAN_TRANSFER_H
#define GAN_TRANSFER_H

#include "gan/stylizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The style code of a picture: a few hundred numbers in a new tensor [1, 1, 1, C], which can be kept, and
 *  mixed with others. Textures follow the picture's size: scaled to 512 pixels is a good start. Since 0.1. */
GAN_API gan_status gan_model_style_code(gan_model *model, const gan_tensor *style, gan_tensor **code);

/** A new code (1 - amount) a + amount b, for codes of one model; amounts outside 0..1 exaggerate. Since 0.1.
 */
GAN_API gan_status gan_style_code_mix(const gan_tensor *a, const gan_tensor *b, float amount,
                                      gan_tensor **code);

/** The generator of that style: a new model of one input that shares the model's parameters, for
 *  gan_stylizer_create, or gan_model_save. It lacks the style encoder. Since 0.1. */
GAN_API gan_status gan_model_with_style(gan_model **out, gan_model *model, const gan_tensor *code);

/** A style at work on one content after the other, such as the frames of a video. */
typedef struct gan_transfer gan_transfer;

/** Retains the model, copies the code. `options` may be NULL. Threads: one at a time per transfer; several
 * may share a model. Since 0.1. */
GAN_API gan_status gan_transfer_create(gan_transfer **out, gan_model *model, const gan_tensor *code,
                                       const gan_stylizer_options *options);
GAN_API void gan_transfer_free(gan_transfer *transfer);

/** *result is a new picture of the size of `content`. `strength` is 0 to 1. At 1 the code is used as it is,
 *  and the session of the last size is kept; below, it is mixed with the content's own code, which is found
 *  first, and below a half the painted picture is blended with the content too: 0 gives the content itself.
 */
GAN_API gan_status gan_transfer_run(gan_transfer *transfer, const gan_tensor *content, float strength,
                                    gan_tensor **result);

/** The precision that computes, GAN_PRECISION_*; see gan_session_precision. -1 before the first run of a
 * network. */
GAN_API int32_t gan_transfer_precision(const gan_transfer *transfer);

/** All of it for one pair. */
GAN_API gan_status gan_model_transfer(gan_model *model, const gan_tensor *content, const gan_tensor *style,
                                      float strength, gan_tensor **result);

#ifdef __cplusplus
}
#endif
#endif
