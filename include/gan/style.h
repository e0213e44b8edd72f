/** Style and content: the style matrix S, the content features I_c, and the loss that compares a picture with
 *  both, so that a generator can learn I_s = G(I_c, S). */
#ifndef GAN_STYLE_H
#define GAN_STYLE_H

#include "gan/layers.h"
#include "gan/losses.h"
#include "gan/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options of a style matrix. */
typedef struct gan_style_options {
    size_t struct_size;
    int32_t normalization; /**< GAN_GRAM_* */
    int32_t scales; /**< 1 to 8: each picture is looked at in so many sizes, each half of the one before, and
                     * what is seen is averaged; 0: 1 */
    const gan_tensor *const
        *masks; /**< one for each picture: [1, H, W, 1] in 0..1, of its size, edges as soft as they
                 *   are: what of it counts (guided Gram matrices, Gatys et al. 2017). NULL, also for
                 *   a single one: all. Not with GAN_GRAM_COVARIANCE */
} gan_style_options;

/** S: for each output (level) of `extractor`, a model with one picture input in 0..1 RGB and named feature
 *  outputs [N, H, W, C], the Gram matrix [C, C], mean [C] and standard deviation [C] over one or more
 *  pictures ([1, H, W, 3], averaged). Retains the extractor. Errors: ARGUMENT (a black mask), SHAPE (a
 * picture too small for the extractor, a mask of another size), UNSUPPORTED, OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_status gan_style_create(gan_style **out, gan_model *extractor, const gan_tensor *const *pictures,
                                    int32_t count, const gan_style_options *options);
GAN_API void gan_style_free(gan_style *style);
GAN_API int32_t gan_style_level_count(const gan_style *style);
/** Name of a level: the extractor's output. */
GAN_API const char *gan_style_level_name(const gan_style *style, int32_t level);
/** Borrowed tensors: [1, C, C], [1, C], [1, C]; NULL where there is no such level. */
GAN_API const gan_tensor *gan_style_gram(const gan_style *style, int32_t level);
GAN_API const gan_tensor *gan_style_mean(const gan_style *style, int32_t level);
GAN_API const gan_tensor *gan_style_deviation(const gan_style *style, int32_t level);
/** Sum of weights[i] styles[i], for `count` styles of one extractor and normalization; `weights` NULL: their
 * mean. Errors: ARGUMENT (another extractor or normalization), NOT_FINITE, OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_status gan_style_average(gan_style **out, const gan_style *const *styles, const float *weights,
                                     int32_t count);
/** (1 - amount) a + amount b, for styles of one extractor and normalization. */
GAN_API gan_status gan_style_interpolate(gan_style **out, const gan_style *a, const gan_style *b,
                                         float amount);
/** Save and load (safetensors, kilobytes). Loading checks that the style was made with this extractor's
 *  levels. */
GAN_API gan_status gan_style_save(const gan_style *style, const char *path);
GAN_API gan_status gan_style_load(gan_style **out, gan_model *extractor, const char *path);

/** I_c: the features of a picture at each output of the extractor. */
GAN_API gan_status gan_content_create(gan_content **out, gan_model *extractor, const gan_tensor *picture);
GAN_API void gan_content_free(gan_content *content);
GAN_API int32_t gan_content_level_count(const gan_content *content);
GAN_API const gan_tensor *gan_content_features(const gan_content *content, int32_t level); /**< borrowed */

/** Weights and conventions of the loss; see lib/style and the manual for the presets' sources. */
typedef struct gan_style_loss_options {
    size_t struct_size;
    float content_weight;      /**< 0: 1; below 0: none */
    float style_weight;        /**< 0: 1; below 0: none */
    float variation_weight;    /**< total variation, mean form; 0: none */
    const char *content_level; /**< output of the extractor; NULL: what its metadata "content_level" names, or
                                  its last */
    const float *level_weights; /**< per level of the style; NULL: all 1; copied */
    int32_t reduction;          /**< GAN_REDUCE_* of both; content and style */
    int32_t default_reduction;  /**< 1: use `reduction` even if it is 0 (MEAN); else 0 means RELATIVE */
} gan_style_loss_options;

/** The content/style loss for one style S over an extractor. Retains both. */
GAN_API gan_status gan_style_loss_create(gan_style_loss **out, gan_style *style,
                                         const gan_style_loss_options *options);
GAN_API void gan_style_loss_free(gan_style_loss *loss);

/** Parts of the loss as layers (each one element), for progress and plots. */
typedef struct gan_style_loss_parts {
    size_t struct_size;
    gan_layer *content, *style, *variation; /**< before weighting; NULL where the weight is none */
} gan_style_loss_parts;

/** The loss as a layer: `picture` [N, H, W, 3] in 0..1 is judged against the style, and against the content
 *  of `content_picture` (a layer of the same shape; no gradient flows into it). `parts` may be NULL. */
GAN_API gan_layer *gan_style_loss_apply(gan_style_loss *loss, gan_layer *picture, gan_layer *content_picture,
                                        gan_style_loss_parts *parts);

/** The numbers for one picture [1, H, W, 3] against S and I_c: content, style, variation (each may be NULL).
 */
GAN_API gan_status gan_style_loss_evaluate(gan_style_loss *loss, const gan_tensor *picture,
                                           const gan_content *content, float *content_value,
                                           float *style_value, float *variation_value);

#ifdef __cplusplus
}
#endif
#endif
