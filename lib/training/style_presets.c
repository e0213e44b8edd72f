/* What the style trainer does where its caller does not say. */
#include "training/style_trainer.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct style_preset {
    const char *name;
    struct style_recipe recipe;
} presets[] = {
    {"small", {.channels = 12, .blocks = 2, .size = 144, .batch = 1, .style_size = 640}},
    {"balanced", {.channels = 16, .blocks = 3, .size = 160, .batch = 1, .style_size = 768}},
    {"detailed", {.channels = 24, .blocks = 4, .size = 192, .batch = 2, .style_size = 768}},
};

enum { PRESETS = sizeof presets / sizeof presets[0] };

/* What all presets have in common. An extractor's judgement makes strokes enough; a discriminator beside it
 * costs time and gains little in the minutes of a usual training, so it works only where it is asked for or
 * where its features are the only ones. Gradients are shortened: errors of Gram matrices grow with the fourth
 * power of the features, and one outlier in Adam's second moments stops the learning for a thousand steps. */
static void complete(struct style_recipe *recipe, bool extractor)
{
    recipe->margin = 8;
    recipe->content_weight = 1;
    recipe->style_weight = extractor ? 1.5f : 2.5f;
    recipe->variation_weight = 4;
    recipe->range_weight = 10;
    recipe->longest_gradient = 1;
    recipe->adversarial_weight = extractor ? 0 : 0.1f;
    recipe->learning_rate = extractor ? 3e-3f : 2e-3f;
    recipe->end_factor = 0.02f;
    recipe->discriminator_rate = 2e-4f;
    recipe->discriminator_channels = 16;
    recipe->average = 0.99f;
}

static gan_status find(struct style_recipe *recipe, const char *name, bool extractor)
{
    for (int i = 0; i < PRESETS; i++)
        if (strcmp(name, presets[i].name) == 0) {
            *recipe = presets[i].recipe;
            complete(recipe, extractor);
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_ARGUMENT, "preset is \"%s\", expected \"small\", \"balanced\" or \"detailed\"",
                    name);
}

static void override_count(int32_t *value, int32_t option)
{
    if (option != 0)
        *value = option;
}

static void override_weight(float *value, float option)
{
    if (option != 0)
        *value = option > 0 ? option : 0;
}

static void override_preset(struct style_recipe *recipe, const gan_style_trainer_options *options)
{
    override_count(&recipe->channels, options->channels);
    override_count(&recipe->blocks, options->blocks);
    override_count(&recipe->size, options->size);
    override_count(&recipe->batch, options->batch);
    override_count(&recipe->style_size, options->style_size);
    override_weight(&recipe->content_weight, options->content_weight);
    override_weight(&recipe->style_weight, options->style_weight);
    override_weight(&recipe->variation_weight, options->variation_weight);
    override_weight(&recipe->adversarial_weight, options->adversarial_weight);
    override_weight(&recipe->temporal_weight, options->temporal_weight);
    if (options->learning_rate != 0)
        recipe->learning_rate = options->learning_rate;
    recipe->seed = options->seed;
}

static gan_status check_count(const char *name, int32_t value, int32_t least, int32_t most)
{
    if (value >= least && value <= most)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %" PRId32 ", expected %" PRId32 " to %" PRId32, name, value,
                    least, most);
}

static gan_status check_number(const char *name, float value)
{
    if (isfinite(value) && value >= 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected a finite number of at least 0", name,
                    (double)value);
}

static gan_status check_counts(const struct style_recipe *recipe)
{
    gan_status status = check_count("channels", recipe->channels, 1, 256);
    if (status == GAN_OK)
        status = check_count("blocks", recipe->blocks, 1, 32);
    if (status == GAN_OK)
        status = check_count("size", recipe->size, 32, 1024);
    if (status == GAN_OK)
        status = check_count("batch", recipe->batch, 1, 256);
    if (status == GAN_OK)
        status = check_count("style_size", recipe->style_size, 32, 8192);
    return status;
}

static gan_status check_numbers(const struct style_recipe *recipe)
{
    gan_status status = check_number("content_weight", recipe->content_weight);
    if (status == GAN_OK)
        status = check_number("style_weight", recipe->style_weight);
    if (status == GAN_OK)
        status = check_number("variation_weight", recipe->variation_weight);
    if (status == GAN_OK)
        status = check_number("adversarial_weight", recipe->adversarial_weight);
    if (status == GAN_OK)
        status = check_number("temporal_weight", recipe->temporal_weight);
    if (status == GAN_OK)
        status = check_number("learning_rate", recipe->learning_rate);
    return status;
}

static gan_status check(const struct style_recipe *recipe, const gan_style_trainer_options *options)
{
    gan_status status = check_counts(recipe);
    if (status == GAN_OK)
        status = check_numbers(recipe);
    if (status != GAN_OK)
        return status;
    if (recipe->content_weight + recipe->style_weight + recipe->adversarial_weight == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "content, style and adversarial loss all have no weight");
    if (options->steps < 0 || options->checkpoint_every < 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "steps and checkpoint_every must not be negative");
    if (!(options->minutes >= 0) || !isfinite(options->minutes))
        return gan_fail(GAN_ERROR_ARGUMENT, "minutes is %g, expected 0 or more", options->minutes);
    return GAN_OK;
}

gan_status gan_style_recipe_take(struct style_recipe *recipe, const gan_style_trainer_options *options)
{
    const gan_status status =
        find(recipe, options->preset != NULL ? options->preset : "balanced", options->extractor != NULL);
    if (status != GAN_OK)
        return status;
    override_preset(recipe, options);
    return check(recipe, options);
}

/* Wide strokes are judged on a smaller picture, which costs a quarter; there a level sees twice as far, too.
 * The content is judged on the whole picture most of all: on its half alone a generator may draw a second
 * outline beside each edge. */
static const struct scale_plan vgg19_scales[TRAINER_SCALES] = {
    {.levels = {"relu1_1", "relu2_1", "relu3_1"}, .weight = 1, .content = 1},
    {.levels = {"relu2_1", "relu3_1"}, .weight = 1, .content = 0.5f},
    {.levels = {"relu2_1", "relu3_1"}, .weight = 0.5f},
};

/* Its first layer has a stride of 2 already. */
static const struct scale_plan squeezenet_scales[TRAINER_SCALES] = {
    {.levels = {"relu1", "fire2", "fire3", "fire4", "fire5"}, .weight = 1, .content = 1},
    {.levels = {"relu1", "fire2", "fire3"}, .weight = 0.5f},
};

/* libgan's own (gan/feature_network.h): as of VGG-19, from which the first three levels are learned. */
static const struct scale_plan feature_network_scales[TRAINER_SCALES] = {
    {.levels = {"level1", "level2", "level3", "level4"}, .weight = 1, .content = 1},
    {.levels = {"level2", "level3"}, .weight = 1, .content = 0.5f},
    {.levels = {"level2", "level3"}, .weight = 0.5f},
};

static const struct scale_plan other_scales[TRAINER_SCALES] = {
    {.weight = 1, .content = 1},
    {.weight = 0.5f},
};

const struct scale_plan *gan_style_recipe_scales(const gan_model *extractor)
{
    const char *architecture = gan_model_metadata(extractor, "architecture");
    if (architecture != NULL && strcmp(architecture, "vgg19") == 0)
        return vgg19_scales;
    if (architecture != NULL && strcmp(architecture, "squeezenet1.1") == 0)
        return squeezenet_scales;
    if (architecture != NULL && strcmp(architecture, "features") == 0)
        return feature_network_scales;
    return other_scales;
}
