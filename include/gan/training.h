/** Training generators: the adversarial step, data, and the style trainer. */
#ifndef GAN_TRAINING_H
#define GAN_TRAINING_H

#include "gan/model.h"
#include "gan/objective.h"
#include "gan/style.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What long work tells its caller. Valid only during the call. */
typedef struct gan_progress {
    size_t struct_size;
    int64_t step, total;       /**< steps done, steps in all (0: bounded by time) */
    double elapsed, remaining; /**< seconds; remaining < 0: not known yet */
    int32_t loss_count;
    const char *const *loss_names;
    const float *losses;
} gan_progress;

/** Return nonzero to stop after this step; what is trained so far is kept. */
typedef int32_t (*gan_progress_function)(void *user, const gan_progress *progress);

/** Folder of pictures as training data: a deterministic order from the seed; each picture scaled, cropped at
 *  random and flipped at random. Pictures are decoded ahead by a thread of the folder's own and kept, scaled
 *  down, in memory (up to 512 MB; beyond that they are decoded again). Files that are no pictures are skipped
 * and counted when they are reached, and the first reasons logged; one that cannot be read for another reason
 * is an error of the batch. Threads: one at a time. */
typedef struct gan_image_folder gan_image_folder;
typedef struct gan_image_folder_options {
    size_t struct_size;
    int32_t size;        /**< side of a crop in pixels; 0: 160 */
    float largest_scale; /**< crops are taken from up to this factor times size, then scaled; 0: 1.6 */
    int32_t no_flip;
    uint64_t seed;
} gan_image_folder_options;
/** `path`: a folder (searched with its subfolders) or one picture. Errors: NOT_FOUND, IO, FORMAT (no readable
 *  picture; the message says how many files were tried and what was wrong with the first). */
GAN_API gan_status gan_image_folder_open(gan_image_folder **out, gan_context *context, const char *path,
                                         const gan_image_folder_options *options);
GAN_API void gan_image_folder_free(gan_image_folder *folder);
/** Files with the ending of a picture that have not turned out to be unreadable, and those that have: exact
 * after one epoch. */
GAN_API int64_t gan_image_folder_count(const gan_image_folder *folder);
GAN_API int64_t gan_image_folder_skipped(const gan_image_folder *folder);
/** Batch number `index` (any, from 0): [N, size, size, 3] in 0..1 written to `batch`. The same for the same
 *  index, seed and files. */
GAN_API gan_status gan_image_folder_batch(gan_image_folder *folder, int64_t index, gan_tensor *batch);

/** Training a feed-forward generator for one style (Johnson et al. 2016), with a content/style loss over an
 *  extractor's features, total variation, what leaves 0..1, and an adversarial patch discriminator on the
 *  style picture. Gradients are shortened to a length of 1. Zero members take the preset's value. */
typedef struct gan_style_trainer_options {
    size_t struct_size;
    const char *preset;       /**< "small", "balanced" (default), "detailed"; see the manual */
    gan_model *extractor;     /**< "vgg19" and "squeezenet1.1" are known: their best levels are used, at up to
                               * three     scales; of others all. NULL: the discriminator's own features */
    int32_t channels, blocks; /**< of the generator */
    int32_t size, batch;      /**< crop side, pictures per step */
    int32_t style_size;       /**< long side of the style picture in pixels */
    float content_weight, style_weight, variation_weight, adversarial_weight; /**< below 0: none */
    float learning_rate;
    int64_t steps;  /**< 0: by time */
    double minutes; /**< 0: by steps; both 0: 5 minutes. The first steps are measured; the number that fits is
                     *   then settled for good, and kept in checkpoints */
    uint64_t seed;  /**< of weights, crops and order; the context's seed has no influence */
    const char *checkpoint;   /**< file for the whole state, also written at the end; NULL: none */
    int64_t checkpoint_every; /**< steps; 0: 100 */
    const char *resume;   /**< checkpoint to go on from, with the same bits as without the break; its options
                           *   must be these, but for steps, minutes and files; NULL: none */
    const char *log_csv;  /**< losses, one line a step; NULL: none */
    const char *plot_png; /**< loss curves, refreshed; NULL: none */
    const char *preview_png; /**< a picture stylised now and then; NULL: none */
    gan_progress_function progress;
    void *progress_user;
    /** For video: mean absolute difference between the result of a picture that has moved (shifted, bent,
     * with noise) and the result of the picture, moved likewise (after ReReVST, Wang et al. 2020). A step
     * then takes one more pass of the generator. 0: none. */
    float temporal_weight;
} gan_style_trainer_options;

/** Train; *out is a new generator ([N, H, W, 3], 0..1 to 0..1) whose metadata holds method, options, seed,
 * style hash and final losses. Returns GAN_OK also where the progress callback stopped it. Errors: NOT_FINITE
 * (after the learning rate was halved several times), and those of its parts. Since 0.1. */
GAN_API gan_status gan_train_style(gan_model **out, gan_context *context, const gan_tensor *style_picture,
                                   const char *content_folder, const gan_style_trainer_options *options);

/** The adversarial step over a generator and a discriminator: D on real and generated pictures, then G
 * through the frozen D, each an objective with its own optimizer. Wasserstein (Arjovsky et al. 2017) wants a
 * D without batch norm, a gradient penalty, and several steps of D for one of G (Gulrajani et al. 2017: 5).
 */
typedef struct gan_adversarial gan_adversarial;
enum {
    GAN_LOSS_DEFAULT = 0, /**< of logits; of a recipe its own */
    GAN_LOSS_BCE_WITH_LOGITS = 1,
    GAN_LOSS_BCE = 2,
    GAN_LOSS_LEAST_SQUARES = 3,
    GAN_LOSS_HINGE = 4,
    GAN_LOSS_WASSERSTEIN = 5
};
typedef struct gan_adversarial_options {
    size_t struct_size;
    int32_t loss;      /**< GAN_LOSS_* */
    int32_t precision; /**< GAN_PRECISION_DEFAULT or _EXACT */
    float real_label;  /**< what D shall say of real pictures, up to 1: one-sided label smoothing (Salimans et
                        * al.  2016), of BCE and least squares; 0: 1 */
    float
        gradient_penalty; /**< weight of gan_gradient_penalty between real and generated pictures; 0: none */
    float r1;             /**< gamma: gan_r1_penalty at real pictures with weight gamma / 2; 0: none */
    int32_t augment;      /**< sum of GAN_AUGMENT_COLOUR, _TRANSLATION, _CUTOUT (_ALL) for all that D sees, in
                           * both steps; penalties are taken at the pictures as D sees them. 0: none */
} gan_adversarial_options;
GAN_API gan_status gan_adversarial_create(gan_adversarial **out, gan_model *generator,
                                          gan_model *discriminator, gan_optimizer *generator_optimizer,
                                          gan_optimizer *discriminator_optimizer,
                                          const gan_adversarial_options *options);
GAN_API void gan_adversarial_free(gan_adversarial *adversarial);
/** One step: `input` of G (noise or pictures), `real` of D. D learns from the generated batch without a
 * gradient to G; then G learns through the updated D from the same pictures, which are computed once. Running
 * statistics of G move once, those of D with each batch that D sees. Losses may be NULL: d_real and d_fake
 * are the two halves of D's loss, which is their sum. */
GAN_API gan_status gan_adversarial_step(gan_adversarial *adversarial, const gan_tensor *input,
                                        const gan_tensor *real, float *d_real, float *d_fake, float *g);
/** The two halves of such a step, for several steps of D before one of G. Running statistics of G move with
 * each of the first. `penalty` is the weighted sum of the penalties, which D's loss has besides; 0 where
 * there are none. Since 0.1. */
GAN_API gan_status gan_adversarial_discriminate(gan_adversarial *adversarial, const gan_tensor *input,
                                                const gan_tensor *real, float *d_real, float *d_fake,
                                                float *penalty);
GAN_API gan_status gan_adversarial_generate(gan_adversarial *adversarial, const gan_tensor *input, float *g);

#ifdef __cplusplus
}
#endif
#endif
