/* What the named trainings share: presets, the data set's batches, noise, loss layers, the finished model. */
#ifndef GAN_TRAINING_RECIPE_H
#define GAN_TRAINING_RECIPE_H

#include "gan/layers.h"
#include "training/training.h"

/* First member of each recipe's struct; training.recipe points to that. */
struct recipe {
    struct training training;
    gan_context *context;
    gan_recipe_options options; /* complete */
    gan_dataset *data;
    uint64_t seed;        /* never 0 */
    const char *words;    /* what else decides a step; NULL: nothing */
    gan_tensor *shown[2]; /* by previews of translations; NULL: none */
};

/* Complete the options and open the training. `name` is as in gan_recipe_complete, which has no place for
 * sizes that the data set settles: they follow it. Errors: as there; ARGUMENT (NULL, `domains` is not the
 * data set's). */
gan_status gan_recipe_open(struct recipe *recipe, gan_context *context, const struct training_method *method,
                           gan_dataset *data, int32_t domains, const gan_recipe_options *given);
void gan_recipe_close(struct recipe *recipe);

/* A seed of its own for each purpose and step. */
uint64_t gan_recipe_seed(const struct recipe *recipe, int64_t purpose, int64_t step);

/* A batch tensor [batch, size, size, channels], and the data set's pictures for the next step in it; `second`
 * and `labels` may be NULL. */
gan_status gan_recipe_batch(gan_tensor **out, const struct recipe *recipe, int32_t channels);
gan_status gan_recipe_load(const struct recipe *recipe, gan_tensor *first, gan_tensor *second,
                           gan_tensor *labels);
/* The same of batch `number`, where a step takes several. */
gan_status gan_recipe_load_batch(const struct recipe *recipe, int64_t number, gan_tensor *first,
                                 gan_tensor *second, gan_tensor *labels);

/* All steps. The fingerprint says the options, the data set's identity and the kernel set's name. */
gan_status gan_recipe_run(struct recipe *recipe);

/* The average of a model's weights with the options' half-life, kept in the state; *out NULL where there is
 * to be none. Updating and freeing take NULL. */
gan_status gan_recipe_average(gan_average **out, struct recipe *recipe, const char *name, gan_model *model);
gan_status gan_recipe_update_average(gan_average *average);

/* Measure the running statistics of `model` anew, which are those of other weights where its own are an
 * average's, and of no more than the last few batches anyway. `load` fills `inputs` for batch 0, 1, ..., of
 * `pictures` in all, or some more. */
gan_status gan_recipe_measure(struct recipe *recipe, gan_model *model, const gan_tensor *const *inputs,
                              int64_t pictures, gan_status (*load)(void *recipe, int64_t number));

/* "classes", and "class_names" where the data set has names, in the model's metadata; nothing for 0 classes.
 */
gan_status gan_recipe_write_classes(const struct recipe *recipe, int32_t classes, gan_model *model);

/* What a discriminator sees of a picture: the picture, or its DiffAugment where the options say so. */
gan_layer *gan_recipe_seen(const struct recipe *recipe, gan_layer *picture);

/* Translation between two sides of pictures: ResNet generator and PatchGAN by the options. */
gan_status gan_recipe_translator(gan_model **out, const struct recipe *recipe);
gan_status gan_recipe_judge(gan_model **out, const struct recipe *recipe);

/* A picture file of a batch's pictures (-1..1) in rows of `columns`. */
gan_status gan_recipe_save_grid(gan_context *context, const gan_tensor *pictures, int32_t columns,
                                const char *path);
/* Of two sides, the pictures that previews show: the first samples, the same all along. */
gan_status gan_recipe_choose_shown(struct recipe *recipe);
/* One row for each model: the picture of its side and what the model makes of it; of one model alone the
 * other side's picture too, which is what it should have made. */
gan_status gan_recipe_save_translation(const struct recipe *recipe, gan_model *const *models, int32_t count,
                                       const char *path);

#endif
