/** Losses: layers of one element (rank 0), the mean over all elements unless they say otherwise. `target` has
 *  the shape of the prediction (gan_fill_like makes a constant one); no gradient flows into it where noted.
 */
#ifndef GAN_LOSSES_H
#define GAN_LOSSES_H

#include "gan/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** -(t log p + (1 - t) log(1 - p)), p a probability; the logarithms are bounded below by -100 as in PyTorch.
 *  No gradient into target. */
GAN_API gan_layer *gan_binary_cross_entropy(gan_layer *probability, gan_layer *target);
/** The same of p = sigmoid(x), computed without overflow: max(x, 0) - x t + log(1 + exp(-|x|)). */
GAN_API gan_layer *gan_binary_cross_entropy_with_logits(gan_layer *logit, gan_layer *target);
/** (x - t)^2: also the least-squares GAN loss (Mao et al. 2017). Gradient into both. */
GAN_API gan_layer *gan_mean_squared_error(gan_layer *x, gan_layer *target);
/** |x - t|. Gradient into both. */
GAN_API gan_layer *gan_mean_absolute_error(gan_layer *x, gan_layer *target);
/** (x - t)^2 / (2 beta) for |x - t| < beta, else |x - t| - beta / 2. beta 0: 1. Gradient into both. */
GAN_API gan_layer *gan_smooth_l1(gan_layer *x, gan_layer *target, float beta);
/** Hinge (Lim & Ye 2017): max(0, 1 - x) on real and max(0, 1 + x) on generated pictures. */
GAN_API gan_layer *gan_hinge_real(gan_layer *x);
GAN_API gan_layer *gan_hinge_fake(gan_layer *x);
/** Wasserstein (Arjovsky et al. 2017): mean of sign * x; a critic takes -1 on real, +1 on generated. */
GAN_API gan_layer *gan_wasserstein(gan_layer *x, float sign);

/** Feature matching (Salimans et al. 2016, Wang et al. 2018): mean over `count` levels (at most 32) of the
 * mean absolute difference of features. No gradient into `real`. */
GAN_API gan_layer *gan_feature_matching_loss(gan_layer *const *generated, gan_layer *const *real,
                                             int32_t count);

/** Distance of colours as AnimeGAN (Chen, Liu and Chen 2020) takes it: with Y, U, V of both pictures (ITU-R
 *  BT.601, [N, H, W, 3] RGB in 0..1) mean |Y - Y'| + Huber(U - U') + Huber(V - V'), Huber's being means of
 *  d^2 / 2 up to 1 and |d| - 1/2 beyond. No gradient into `target`. Errors: SHAPE (no RGB). Since 0.1. */
GAN_API gan_layer *gan_color_loss(gan_layer *picture, gan_layer *target);

/** InfoNCE (van den Oord et al. 2018): queries and keys [N, P, C]; query i belongs to key i, the picture's
 * other keys are its negatives: mean of -log softmax_i(q k^T / temperature). temperature 0: 0.07. Gradient
 * into both. */
GAN_API gan_layer *gan_info_nce(gan_layer *queries, gan_layer *keys, float temperature);

/** PatchNCE (Park et al. 2020): mean over `count` levels (at most 32) of InfoNCE between unit vectors of the
 *  features of generated pictures (queries) and of their sources (keys, no gradient) at the same positions.
 *  `projections[i]` is applied to level i first (gan_patch_projection_create); NULL: none. `positions[i]`
 * [P]: where; NULL: `patches` random ones (0: 256). */
GAN_API gan_layer *gan_patch_nce_loss(gan_layer *const *generated, gan_layer *const *source,
                                      gan_model *const *projections, gan_layer *const *positions,
                                      int32_t count, int32_t patches, float temperature);

/** Penalties on the gradient of a critic's verdicts at the pictures x that they come from, per picture, mean
 * over the batch. gan_gradient_penalty: (|g| - 1)^2, at random interpolations of real and generated pictures
 *  (gan_random_interpolation), weight 10 (Gulrajani et al. 2017). gan_r1_penalty: |g|^2, at real pictures,
 * weight gamma / 2 (Mescheder et al. 2018). What layers a critic may have is said at gan_input_gradient. */
GAN_API gan_layer *gan_gradient_penalty(gan_layer *verdict, gan_layer *x);
GAN_API gan_layer *gan_r1_penalty(gan_layer *verdict, gan_layer *x);

/** How a difference of features or Gram matrices becomes one number. */
enum {
    GAN_REDUCE_MEAN = 0,    /**< mean of squared differences */
    GAN_REDUCE_SUM = 1,     /**< sum of squared differences, mean over the batch */
    GAN_REDUCE_RELATIVE = 2 /**< sum of squared differences / sum of squares of the target, per picture, mean
                             *   over the batch: without dimension, so one weight serves every picture */
};
/** Content loss: x and target are features [N, H, W, C]; target may have N = 1. No gradient into target. */
GAN_API gan_layer *gan_content_loss(gan_layer *x, gan_layer *target, int32_t reduction);
/** Style loss: x and target are style matrices [N, C, C] or vectors [N, C]; target may have N = 1. No
 * gradient into target. */
GAN_API gan_layer *gan_style_matrix_loss(gan_layer *x, gan_layer *target, int32_t reduction);

/** Sum of weights[i] * losses[i]; each one element. */
GAN_API gan_layer *gan_weighted_sum(gan_layer *const *losses, const float *weights, int32_t count);

#ifdef __cplusplus
}
#endif
#endif
