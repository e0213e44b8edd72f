/** Watching a training for what goes wrong without an error. */
#ifndef GAN_HEALTH_H
#define GAN_HEALTH_H

#include "gan/model.h"
#include "gan/tensors.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_health gan_health;

/** Findings, as bits. */
enum {
    GAN_HEALTH_DISCRIMINATOR_WON =
        1,                    /**< it tells all pictures apart, so the generator learns nothing any more */
    GAN_HEALTH_COLLAPSED = 2, /**< the generator's pictures have become alike */
    GAN_HEALTH_LOSS_NOT_FINITE = 4 /**< a loss is NaN or infinite */
};

typedef struct gan_health_options {
    size_t struct_size;
    float won_loss;     /**< loss of the discriminator at which it has won; 0: 0.02 */
    float won_accuracy; /**< part of the pictures that it judges rightly at which it has won; 0: 0.995 */
    int32_t won_steps;  /**< so many steps in a row; 0: 200 */
    float collapse;     /**< diversity below this part of the real pictures', or where none are known of the
                         * highest so     far; 0: 0.2 */
} gan_health_options;

/** Errors: ARGUMENT, OUT_OF_MEMORY; *out is then NULL. Threads: one at a time. Since 0.1. */
GAN_API gan_status gan_health_create(gan_health **out, gan_context *context,
                                     const gan_health_options *options);
GAN_API void gan_health_free(gan_health *health);

/** Tell the losses of a step, and how often the discriminator was right, 0 to 1 (below 0: unknown).
 * Wasserstein losses have no end to reach: give their accuracy and a loss of 1. */
GAN_API void gan_health_step(gan_health *health, int64_t step, float discriminator_loss, float generator_loss,
                             float accuracy);
/** Tell a batch of real, or of generated pictures from different inputs: [N, ...], N >= 2. Diversity is their
 *  gan_mean_pairwise_distance. Errors: as that. */
GAN_API gan_status gan_health_real(gan_health *health, const gan_tensor *pictures);
GAN_API gan_status gan_health_generated(gan_health *health, int64_t step, const gan_tensor *pictures);

/** What is wrong now (sum of GAN_HEALTH_*, 0: nothing); since when and why the latest finding was made, in
 * words, "" before the first (borrowed until the next call). */
GAN_API int32_t gan_health_findings(const gan_health *health);
GAN_API const char *gan_health_message(const gan_health *health);
/** Diversity of the last generated batch; below 0 before the first. */
GAN_API double gan_health_diversity(const gan_health *health);

/** What the monitor has seen, for a checkpoint, as the tensor "<prefix>.numbers", and from there: what is
 * found then is what would have been, and what was told is not told again. The words of the latest finding
 * are not kept. Errors of restoring: FORMAT; the monitor is then as it was. Since 0.1. */
GAN_API gan_status gan_health_store(const gan_health *health, gan_tensors *state, const char *prefix);
GAN_API gan_status gan_health_restore(gan_health *health, const gan_tensors *state, const char *prefix);

/** The first parameter of a model that is not finite. Errors: NOT_FINITE (names it). */
GAN_API gan_status gan_check_parameters(const gan_model *model);

/** Run a model on one input and look at what its normalization layers get: where a layer gets inputs without
 * contrast (variance below its epsilon) in more than half of its groups, it amplifies noise, and gradients
 * explode. A single position per channel is such a case. For models with one input. Errors: STATE (names the
 * first such layer, picture and count of channels), SHAPE, NOT_FINITE (of its input), OUT_OF_MEMORY. */
GAN_API gan_status gan_check_normalization(gan_model *model, const gan_tensor *input);

#ifdef __cplusplus
}
#endif
#endif
