/** Iterative optimisation of a picture (Gatys et al. 2016): no generator is trained; the picture's own pixels
 *  follow the gradient of the content/style loss. Slow, needs no training, and as good as the loss is. */
#ifndef GAN_PICTURE_OPTIMIZATION_H
#define GAN_PICTURE_OPTIMIZATION_H

#include "gan/style.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_OPTIMIZE_LBFGS = 0, GAN_OPTIMIZE_ADAM = 1 };
enum { GAN_START_CONTENT = 0, GAN_START_NOISE = 1 };

/** A style, how much of it, and where. */
typedef struct gan_painted_style {
    size_t struct_size;
    gan_style_loss *loss;   /**< its style S and weights */
    float weight;           /**< times the loss's own style weight; 0: 1 */
    const gan_tensor *mask; /**< [1, H, W, 1] in 0..1, of the content's size: where the style belongs, edges
                             * as soft as the mask's; NULL: everywhere */
} gan_painted_style;

/** Called after each step with the loss so far; not 0 ends the work with what there is. Scales and steps
 *  count from 0. */
typedef int32_t (*gan_optimization_progress)(void *argument, int32_t scale, int32_t step, float loss);

typedef struct gan_picture_optimization_options {
    size_t struct_size;
    int32_t method;      /**< GAN_OPTIMIZE_LBFGS, or GAN_OPTIMIZE_ADAM, which needs less memory */
    int32_t steps;       /**< at each scale; 0: 200 */
    int32_t scales;      /**< each half as wide as the next one, the last is the content's; 0: 1 */
    int32_t history;     /**< steps that L-BFGS remembers; each takes two pictures of memory; 0: 10 */
    float learning_rate; /**< of Adam; 0: 0.02 */
    int32_t start;       /**< GAN_START_* at the first scale */
    uint64_t seed;       /**< of the noise */
    gan_optimization_progress progress; /**< may be NULL */
    void *progress_argument;
} gan_picture_optimization_options;

/** A new picture [1, H, W, 3] in 0..1 with the content of `content` ([1, H, W, 3], 0..1) and the `count` (1
 * to 16) styles, whose losses have one extractor. Content weight, content level and total variation are those
 *  of the first loss. The picture is unbounded while it is worked on, and clamped at the end.
 *  Errors: ARGUMENT, SHAPE (content or mask; a scale too small for the extractor), TYPE, UNSUPPORTED (a mask
 *  with GAN_GRAM_COVARIANCE), NOT_FINITE, OUT_OF_MEMORY. Threads: may be called from several at a time with
 *  losses of their own. Since 0.1. */
GAN_API gan_status gan_picture_optimize(gan_tensor **out, const gan_tensor *content,
                                        const gan_painted_style *const *styles, int32_t count,
                                        const gan_picture_optimization_options *options);

#ifdef __cplusplus
}
#endif
#endif
