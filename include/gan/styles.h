/** Several styles in one generator: conditional instance normalization (Dumoulin et al. 2017). All styles
 * share the convolutions; each has scales and shifts of its own behind every normalization, a few thousand
 * numbers, which can be mixed, and added to. */
#ifndef GAN_STYLES_H
#define GAN_STYLES_H

#include "gan/training.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Train a generator for `count` (1 to 256) style pictures; `names` are theirs, different from one another,
 * of 1 to 63 characters without slash, comma and colon. Options as of gan_train_style, but that the extractor
 * must be given, and adversarial and temporal loss do not take part; each step is of one style, in turn. *out
 * is a generator with the inputs "input" ([N, H, W, 3], 0..1) and "style" ([1, count]: weights of the styles,
 * 1 for the one that is wanted and 0 for the others, or a mixture whose sum is 1); its metadata "styles"
 * holds the names, apart by slashes. Errors: ARGUMENT, and as gan_train_style. Since 0.1. */
GAN_API gan_status gan_train_styles(gan_model **out, gan_context *context, const gan_tensor *const *pictures,
                                    const char *const *names, int32_t count, const char *content_folder,
                                    const gan_style_trainer_options *options);

/** Add a style to a generator that gan_train_styles has made: *out is a new generator with one style more,
 * the last, of which only the scales and shifts are trained; what it paints in the other styles stays as it
 * was. `model` does not change. The options' channels and blocks are the model's. Errors: ARGUMENT (no such
 * model, a name that it has already), and as gan_train_styles. Since 0.1. */
GAN_API gan_status gan_train_added_style(gan_model **out, gan_context *context, const gan_model *model,
                                         const gan_tensor *picture, const char *name,
                                         const char *content_folder,
                                         const gan_style_trainer_options *options);

/** How many styles a generator has; 0: it is none of gan_train_styles. */
GAN_API int32_t gan_model_style_count(const gan_model *model);

/** Its name, copied to `name`, which has room for 64 characters. Errors: ARGUMENT (no such style). */
GAN_API gan_status gan_model_style_name(const gan_model *model, int32_t index, char *name);

/** Weights of the styles from words such as "wave", "2" (counted from 1), or "wave:0.7,scream:0.3"; a style
 * without a weight has 1; the sum is made 1. `weights` has a place for each style. Errors: ARGUMENT (says
 * which styles there are; a weight below 0 or not finite; all 0). Since 0.1. */
GAN_API gan_status gan_model_style_weights(const gan_model *model, const char *words, float *weights);

/** The generator of one mixture: a new model of one input that shares the model's convolutions. Any finite
 * weights may be given. Errors: ARGUMENT, OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_model_mix_styles(gan_model **out, gan_model *model, const float *weights,
                                        int32_t count);

#ifdef __cplusplus
}
#endif
#endif
