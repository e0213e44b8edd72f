/* Inside of the style trainer. */
#ifndef GAN_TRAINING_STYLE_TRAINER_H
#define GAN_TRAINING_STYLE_TRAINER_H

#include "base/context.h"
#include "gan/image.h"
#include "gan/training.h"
#include "training/checkpoint.h"
#include "training/style_palette.h"

#include <stdbool.h>

enum { TRAINER_SCALES = 3, TRAINER_MOST_PARAMETERS = 512 };

/* What is reported of a step, and one column each of the log. */
enum trainer_loss {
    LOSS_TOTAL,
    LOSS_CONTENT,
    LOSS_STYLE,
    LOSS_VARIATION,
    LOSS_ADVERSARIAL,
    LOSS_DISCRIMINATOR,
    LOSS_COUNT
};

extern const char *const gan_trainer_loss_names[LOSS_COUNT];

/* All that the preset and the caller's options settle; 0 in a weight is none. */
struct style_recipe {
    int32_t channels, blocks, margin;
    int32_t size, batch, style_size;
    float content_weight, style_weight, variation_weight, adversarial_weight;
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

/* A row of the history of losses. */
struct trainer_row {
    float step, seconds, rate, losses[LOSS_COUNT];
};
enum { ROW_COLUMNS = 3 + LOSS_COUNT };

struct style_trainer {
    gan_context *context;
    const gan_style_trainer_options *options;
    struct style_recipe recipe;
    char *fingerprint; /* what a checkpoint must have been made with */

    gan_tensor *style_picture;
    struct style_palette palette; /* of the style picture */
    const struct scale_plan *plans; /* NULL: the discriminator's features take the place of an extractor */
    gan_style_loss *losses[TRAINER_SCALES];
    gan_image_folder *folder;

    gan_model *generator, *discriminator;
    gan_tensor *average[TRAINER_MOST_PARAMETERS]; /* of the generator's parameters over the last steps */
    gan_optimizer *generator_optimizer, *discriminator_optimizer;
    gan_objective *generator_objective, *discriminator_objective;
    gan_tensor *content_batch, *target_batch, *style_batch;

    int64_t step, total;            /* total 0: not known yet */
    int64_t first_step;             /* of this run */
    double elapsed_before, started; /* seconds of former runs; clock at the start of this one */
    double measured_at;             /* elapsed when the pace was last measured */
    int64_t measured_step;
    float rate;       /* of the last step */
    int32_t failures; /* each halves the learning rate */
    float values[LOSS_COUNT];
    struct trainer_row *history;
    int64_t history_count, history_capacity, next_flush;
    struct training_state *good; /* to go back to where numbers cease to be finite */
};

/* Setup (style_setup.c): fill a zeroed trainer whose context, options and start are set; undo it, also where
 * the first failed. */
gan_status gan_trainer_prepare(struct style_trainer *trainer, const gan_tensor *style_picture,
                               const char *content_folder);
void gan_trainer_release(struct style_trainer *trainer);

/* All steps (style_trainer.c). */
gan_status gan_trainer_run(struct style_trainer *trainer);

/* Networks (style_generator.c, style_discriminator.c): they start from the recipe's seed, whatever the
 * context has made before. */
gan_status gan_trainer_initialize(gan_model *model, uint64_t seed);
gan_status gan_trainer_make_generator(gan_model **out, gan_context *context,
                                      const struct style_recipe *recipe);
/* Outputs: features of four sizes, then patch logits. */
enum { DISCRIMINATOR_LEVELS = 4 };
gan_status gan_trainer_make_discriminator(gan_model **out, gan_context *context,
                                          const struct style_recipe *recipe);

/* The two objectives over the networks (style_objectives.c). The generator's watches the values of
 * enum trainer_watched. */
enum trainer_watched { WATCHED_PICTURE, WATCHED_PARTS }; /* then content, style, variation, adversarial */
gan_status gan_trainer_make_objectives(struct style_trainer *trainer);

/* Crops of the style picture for the discriminator, a function of seed and step. */
gan_status gan_trainer_style_crops(const struct style_trainer *trainer, gan_tensor *batch);

/* State (style_state.c). */
gan_status gan_trainer_capture(const struct style_trainer *trainer, struct training_state **out);
gan_status gan_trainer_restore(struct style_trainer *trainer, const struct training_state *state);

/* Time (progress.c): seconds of training so far; the number of steps that the budget allows, frozen after a
 * few steps and corrected at some later ones; the learning rate; the caller's callback. */
void gan_trainer_start_clock(struct style_trainer *trainer);
double gan_trainer_elapsed(const struct style_trainer *trainer);
void gan_trainer_plan_steps(struct style_trainer *trainer);
bool gan_trainer_finished(const struct style_trainer *trainer);
float gan_trainer_rate(const struct style_trainer *trainer);
bool gan_trainer_report(const struct style_trainer *trainer);

/* Log (training_log.c). `force` also where it is not due yet. */
gan_status gan_trainer_record(struct style_trainer *trainer);
gan_status gan_trainer_flush_log(struct style_trainer *trainer, bool force);
gan_status gan_trainer_plot(const struct style_trainer *trainer, const char *path);

#endif
