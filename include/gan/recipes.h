/** Trainings by name: DCGAN, pix2pix, CycleGAN, CUT, AnimeGAN. What `gan train` runs, as calls. */
#ifndef GAN_RECIPES_H
#define GAN_RECIPES_H

#include "gan/dataset.h"
#include "gan/training.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What all trainings share. */
typedef struct gan_training_options {
    size_t struct_size;
    int64_t steps;  /**< 0: by time */
    double minutes; /**< at most 1e6; 0: by steps; both 0: 5 minutes. The first steps are measured; the number
                     * that fits is then settled for good, and kept in checkpoints */
    uint64_t seed;  /**< of weights, noise, order and crops; the context's seed has no influence */
    const char *checkpoint;   /**< file for the whole state, also written at the end; NULL: none */
    int64_t checkpoint_every; /**< steps; 0: 100. Each is written once the step after it has succeeded */
    const char *resume;       /**< checkpoint to go on from, with the same bits as without the break for any
                               *   number of threads; made by the same version of
                               *   the library with the same options, but for steps, minutes and
                               *   files; NULL: none */
    const char *log_csv;      /**< losses, one line a step; NULL: none */
    const char *plot_png;     /**< loss curves, refreshed; NULL: none */
    const char *preview_png;  /**< what the networks make of fixed noise or of the data set's first
                               * pictures, refreshed; NULL: none */
    gan_progress_function progress;
    void *progress_user;
} gan_training_options;

/** Settings of a recipe. Zero members take the preset's value, which gan_recipe_complete tells. Members that
 * are said to be of other recipes stay 0 (or below, where that means none). */
typedef struct gan_recipe_options {
    size_t struct_size;
    const char *preset; /**< "paper" (default): the publication's; "small": pleasant on two cores; of "anime"
                         *   also "paprika", "shinkai", "cartoon" */
    int32_t size;       /**< side of the pictures; of an IDX data set the pictures' own */
    int32_t batch;
    int32_t generator_channels, discriminator_channels; /**< of the first (DCGAN: picture-sized) layer */
    int32_t blocks;                                     /**< residual blocks (CycleGAN, CUT, anime) */
    int32_t noise;                                      /**< length of z (DCGAN) */
    int32_t loss; /**< GAN_LOSS_* but for GAN_LOSS_BCE (verdicts are logits), WASSERSTEIN only of DCGAN;
                   *   0: the recipe's own, of logits for DCGAN, pix2pix and cut-single, least squares
                   *   for the others */
    float learning_rate;         /**< of both networks (Adam); "small" has more where conditional is 1 */
    float reconstruction_weight; /**< L1 of pix2pix, cycle loss of CycleGAN, PatchNCE of CUT; below 0: none */
    float identity_weight; /**< CycleGAN: L1, as a part of the cycle loss; CUT: PatchNCE of the second side's
                            * own pictures, as a part of the other; below 0: none */
    float penalty_weight;  /**< CUT, DCGAN: gamma of R1 (Mescheder et al. 2018); DCGAN with
                            * GAN_LOSS_WASSERSTEIN:  of the gradient penalty (Gulrajani et al. 2017), 0: 10.
                            * The  discriminator then  has no norms; below 0: none */
    float average_images;  /**< at most 1e7: half-life in pictures of the average of the generator's weights,
                            * which is what comes out; below 0: none, the last weights */
    int32_t augment; /**< sum of GAN_AUGMENT_COLOUR, _TRANSLATION, _CUTOUT (_ALL): DiffAugment of all that the
                      *   discriminators see (not pix2pix); below 0: none */
    const gan_training_options *training; /**< NULL: all defaults */
    int32_t conditional;  /**< DCGAN, 1: the networks see the data set's labels, and the generator takes noise
                           * and labels [N]; its metadata says "classes" (how many) and, where they have names,
                           *   "class_names" (apart by slashes) */
    int32_t critic_steps; /**< DCGAN: steps of the discriminator for one of the generator; 0: 1, with
                           *   GAN_LOSS_WASSERSTEIN 5 */
    int32_t resize_convolution; /**< pix2pix, 1: as in gan_unet_options */
} gan_recipe_options;

/** Fill the members that are zero with the preset's values. `recipe` is "dcgan", "pix2pix", "cyclegan",
 * "cut", "cut-single" or "anime". Errors: NOT_FOUND (the recipe or the preset; says which there are),
 * ARGUMENT (a member that is out of range, or that the recipe does not have; a wrong struct_size); the
 * options then stay as they are. Since 0.1. */
GAN_API gan_status gan_recipe_complete(const char *recipe, gan_recipe_options *options);

/** Train. Pictures are -1..1; the data set's size rules. *generator is a new model whose metadata holds the
 *  recipe, options, seed, steps and last losses; it is given also where the progress callback stopped the
 *  training. `options` may be NULL. Errors: those of gan_recipe_complete; SHAPE (pictures that the networks
 *  cannot have); ARGUMENT (a data set of the wrong sort: sides, pairs, range; a checkpoint made with other
 * options); NOT_FINITE (after the learning rate was halved several times); IO. Since 0.1.
 *
 *  DCGAN (Radford et al. 2016): noise [N, noise] to pictures. */
GAN_API gan_status gan_train_dcgan(gan_model **generator, gan_context *context, gan_dataset *data,
                                   const gan_recipe_options *options);

/** pix2pix (Isola et al. 2017): U-Net and PatchGAN over pairs (gan_dataset_open_pairs): the first of each
 * pair is what the generator sees, the second what it should make of it. */
GAN_API gan_status gan_train_pix2pix(gan_model **generator, gan_context *context, gan_dataset *pairs,
                                     const gan_recipe_options *options);

/** CycleGAN (Zhu et al. 2017) over two folders (gan_dataset_open_unpaired): `generator` goes from the first
 * to the second, `inverse` (may be NULL) back. */
GAN_API gan_status gan_train_cyclegan(gan_model **generator, gan_model **inverse, gan_context *context,
                                      gan_dataset *sides, const gan_recipe_options *options);

/** CUT (Park et al. 2020) over two folders, one direction; `single` 1: the variant for one picture each side.
 */
GAN_API gan_status gan_train_cut(gan_model **generator, gan_context *context, gan_dataset *sides,
                                 int32_t single, const gan_recipe_options *options);

/** Settings of gan_train_anime. Zero members take the preset's value, which gan_anime_complete tells. A
 * weight below 0: none. Losses are means, so weights do not depend on sizes. */
typedef struct gan_anime_options {
    size_t struct_size;
    const gan_recipe_options *recipe; /**< of "anime": preset, size, batch, channels, blocks, loss, augment,
                                       * average_images, training; learning_rate is the generator's. NULL: all
                                       * defaults */
    float content_weight; /**< |difference| of features from the photograph's, as a part of the mean |feature|
                           *   of photographs; has to be there where there is an initialization */
    float gram_weight;  /**< the same of Gram matrices and those of the other side's pictures without colours:
                         *   texture, but no colour, comes from there */
    float color_weight; /**< gan_color_loss between result and photograph, which keeps its colours */
    float variation_weight;   /**< gan_total_variation (mean) of the result in -1..1 */
    float adversarial_weight; /**< above 0 */
    float real_weight,
        fake_weight;     /**< above 0: of the discriminator's verdicts on drawings and on results */
    float grey_weight;   /**< of its verdicts on drawings without colours, which are to be taken for false: so
                          *   results do not become grey */
    float smooth_weight; /**< of its verdicts on drawings with blurred edges (without colours where
                          * grey_weight is above 0), likewise: so results get clear edges */
    float initialization; /**< share of all steps, below 1, in which the generator learns the content alone;
                           * below 0: none */
    float initialization_rate, discriminator_rate; /**< learning rates of Adam, from 1e-12 to 10 */
    int32_t residual; /**< 1: gan_resnet_generator_create's generator; below 0: gan_anime_generator_create's;
                       * 0: the preset's, which is the second but for "cartoon" */
} gan_anime_options;

/** Fill the members that are zero with those of the preset that options->recipe names ("paper": AnimeGANv2's
 * for "Hayao"), recipe itself aside. Errors: NOT_FOUND (the preset), ARGUMENT (a member that is out of range;
 * a wrong struct_size); the options then stay as they are. Since 0.1. */
GAN_API gan_status gan_anime_complete(gan_anime_options *options);

/** AnimeGANv2 (Chen, Liu and Chen 2020; the authors' second version) and CartoonGAN (Chen, Lai and Liu 2018):
 * photographs, the first side of `sides` (gan_dataset_open_unpaired), to drawings like those of the second.
 * First the generator learns to keep what is on the photographs; then it learns from a discriminator that
 * tells drawings from its results, from drawings without colours and from drawings without clear edges
 * (Canny's edges, widened to 5x5 pixels, blurred), which are made from each batch; content, Gram matrices and
 * colours are compared as in gan_anime_options. `features` is a feature network with RGB input in 0..1, whose
 * output "content_level" (metadata) or else best-known or last one is compared; it is retained for the time
 * of the call, and does not change. While `minutes` has not settled the number of steps, the first steps only
 * measure: they change nothing. Sizes are multiples of 4. Errors: as above; ARGUMENT (`features` is NULL or
 * has several inputs, grey pictures), SHAPE (pictures too small for it). Since 0.1. */
GAN_API gan_status gan_train_anime(gan_model **generator, gan_context *context, gan_dataset *sides,
                                   gan_model *features, const gan_anime_options *options);

#ifdef __cplusplus
}
#endif
#endif
