/* Inside of the trainer of several styles. */
#ifndef GAN_TRAINING_STYLES_TRAINER_H
#define GAN_TRAINING_STYLES_TRAINER_H

#include "gan/styles.h"
#include "training/style_trainer.h"

enum { MOST_STYLES = 256, STYLE_NAME_SIZE = 64 };

enum styles_loss {
    STYLES_TOTAL,
    STYLES_CONTENT,
    STYLES_STYLE,
    STYLES_VARIATION,
    STYLES_RANGE,
    STYLES_LOSSES
};

/* One of the styles: its matrices at each scale, and its colours. */
struct one_style {
    gan_style *scales[TRAINER_SCALES];
    struct palette palette;
    uint64_t hash;
};

/* They share their parameters: the generator; the same without its last layer, the clamp (as of
 * gan_trainer_make_generator); and its table, from the input "style" to all scales and shifts. */
struct styles_networks {
    gan_model *generator, *unclamped, *table;
};

struct styles_trainer {
    struct training training;
    gan_context *context;
    gan_style_trainer_options options;
    struct style_recipe recipe;
    const struct scale_plan *plans;
    gan_model *extractors[TRAINER_SCALES]; /* with the levels of each plan */
    struct one_style *styles;              /* those that are learned */
    int32_t style_count, first, total;     /* learned ones, the number of the first of them, all */
    gan_image_folder *folder;
    uint64_t folder_hash, extractor_hash;
    struct styles_networks networks;
    gan_model *learner; /* what may change: the generator, or its table of styles */
    gan_average *average;
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_tensor *content_batch, *target_batch, *weights;
};

/* The generator of gan_train_style with scales and shifts that follow from the input "style", [1, styles]
 * (styles_generator.c). After a failure there may be some of the networks, to be freed as otherwise. */
gan_status gan_styles_make_networks(struct styles_networks *networks, gan_context *context,
                                    const struct style_recipe *recipe, int32_t styles);
void gan_styles_free_networks(struct styles_networks *networks);

/* The recipe's channels and blocks become those of a generator; its parameters go to one that has a style
 * more, which begins as the mean of the others. Errors: ARGUMENT (no such generator). */
gan_status gan_styles_read_size(struct style_recipe *recipe, const gan_model *generator);
gan_status gan_styles_copy(gan_model *to, const gan_model *from);

/* Names (styles_names.c): that each is one, and none is there twice, among those of a former generator (NULL:
 * none) and the new ones; all of them in the generator's metadata. */
gan_status gan_styles_check_names(const gan_model *former, const char *const *names, int32_t count);
gan_status gan_styles_write_names(gan_model *generator, const gan_model *former, const char *const *names,
                                  int32_t count);

/* What is minimised (styles_objective.c); its inputs are the photographs, what their content is judged
 * against, the weights of the styles, and the Gram matrices of the style of the step in the order of
 * gan_styles_grams. */
enum { STYLES_MOST_INPUTS = 3 + 8 * TRAINER_SCALES };
gan_status gan_styles_make_objective(struct styles_trainer *trainer);
int32_t gan_styles_grams(const struct styles_trainer *trainer, int32_t style, const gan_tensor **grams);

#endif
