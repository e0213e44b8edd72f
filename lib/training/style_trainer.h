/* Inside of the style trainer. */
#ifndef GAN_TRAINING_STYLE_TRAINER_H
#define GAN_TRAINING_STYLE_TRAINER_H

#include "gan/image.h"
#include "gan/training.h"
#include "style/palette.h"
#include "training/training.h"

enum { TRAINER_SCALES = 3 };

/* What is reported of a step, and one column each of the log. */
enum trainer_loss {
    LOSS_TOTAL,
    LOSS_CONTENT,
    LOSS_STYLE,
    LOSS_VARIATION,
    LOSS_RANGE,
    LOSS_ADVERSARIAL,
    LOSS_TEMPORAL,
    LOSS_DISCRIMINATOR,
    LOSS_COUNT
};

/* All that the preset and the caller's options settle; 0 in a weight is none. */
struct style_recipe {
    int32_t channels, blocks, margin;
    int32_t size, batch, style_size;
    float content_weight, style_weight, variation_weight, adversarial_weight, temporal_weight;
    float range_weight;     /* of what leaves 0..1 */
    float longest_gradient; /* longer ones are shortened to this */
    float learning_rate, end_factor;
    float discriminator_rate;
    int32_t discriminator_channels;
    float average; /* how much of the averaged generator stays in a step */
    uint64_t seed;
};

gan_status gan_style_recipe_take(struct style_recipe *recipe, const gan_style_trainer_options *options);

/* What an extractor is asked at one scale: the picture, its half, its quarter. */
struct scale_plan {
    const char *levels[8]; /* as far as they are named; none at all: every level */
    float weight;          /* of the style; 0: the scale is not used */
    float content;         /* weight of the content as the last level sees it; 0: not judged */
};

/* The plans of all scales for an extractor. */
const struct scale_plan *gan_style_recipe_scales(const gan_model *extractor);

struct style_trainer {
    struct training training;
    gan_context *context;
    gan_style_trainer_options options;
    struct style_recipe recipe;

    gan_tensor *style_picture;
    struct palette palette;         /* of the style picture */
    const struct scale_plan *plans; /* NULL: the discriminator's features take the place of an extractor */
    gan_style_loss *losses[TRAINER_SCALES];
    gan_image_folder *folder;
    uint64_t folder_hash, extractor_hash; /* 0 where there is no extractor */

    gan_model *generator, *unclamped, *discriminator;
    gan_average *average; /* of the generator's parameters over the last steps */
    gan_optimizer *generator_optimizer, *discriminator_optimizer;
    gan_objective *generator_objective, *discriminator_objective;
    gan_tensor *content_batch, *target_batch, *style_batch;
    gan_tensor *moved_batch, *displacements; /* NULL where there is no temporal loss */
};

/* Open a trainer's training (style_setup.c). The rate falls in half a cosine to a small part. The first steps
 * are short: Adam's would be far too long while its moments are young. Errors: ARGUMENT,
 * OUT_OF_MEMORY.
 */
gan_status gan_trainer_open(struct training *training, gan_context *context,
                            const struct training_method *method, void *trainer,
                            const gan_style_trainer_options *given, const struct style_recipe *recipe);

/* Setup (style_setup.c): fill a trainer that has its options and an open training; undo it, also where the
 * first failed; all steps. */
gan_status gan_trainer_prepare(struct style_trainer *trainer, const gan_tensor *style_picture,
                               const char *content_folder);
void gan_trainer_release(struct style_trainer *trainer);
gan_status gan_trainer_run(struct style_trainer *trainer);

/* What the trainer of several styles does likewise (style_setup.c): see that a style picture is one; scale it
 * to a longer side; take an extractor with the levels of a plan; tell models apart by their parameters. */
gan_status gan_trainer_check_style(const gan_tensor *picture);
gan_status gan_trainer_scale_style(gan_tensor **out, const gan_tensor *picture, int64_t longer);
gan_status gan_trainer_select_levels(gan_model **out, gan_model *extractor, const struct scale_plan *plan);
gan_status gan_trainer_hash_model(uint64_t *hash, const gan_model *model);

/* Networks (style_generator.c, style_discriminator.c): they start from the recipe's seed, whatever the
 * context has made before. What learns is the generator without its last layer, which clamps to 0..1: where a
 * picture has gone all black, a clamp or a sigmoid has no gradient that would bring it back, and dark parts
 * of photographs became black holes for good. A term of the loss, mean (x - clamp(x))^2, keeps it in range
 * instead. */
gan_status gan_trainer_initialize(gan_model *model, uint64_t seed);
gan_status gan_trainer_make_generator(gan_model **generator, gan_model **unclamped, gan_context *context,
                                      const struct style_recipe *recipe);
gan_layer *gan_trainer_range_term(gan_layer *picture);

/* The last convolution's result to a picture that begins as middle grey, with the slope of a sigmoid there.
 */
gan_layer *gan_trainer_finish_picture(gan_layer *x);
/* Outputs: features of four sizes, then patch logits. */
enum { DISCRIMINATOR_LEVELS = 4 };
gan_status gan_trainer_make_discriminator(gan_model **out, gan_context *context,
                                          const struct style_recipe *recipe);

/* The two objectives over the networks (style_objectives.c). The generator's watches the values of
 * enum trainer_watched. */
enum trainer_watched { WATCHED_PICTURE, WATCHED_PARTS }; /* then content, style, variation, ... */
gan_status gan_trainer_make_objectives(struct style_trainer *trainer);

/* The contents moved, and by how much (style_motion.c): a function of seed and step. */
gan_status gan_trainer_move_contents(const struct style_trainer *trainer);

/* Crops of the style picture for the discriminator, a function of seed and step. */
gan_status gan_trainer_style_crops(const struct style_trainer *trainer, gan_tensor *batch);

#endif
