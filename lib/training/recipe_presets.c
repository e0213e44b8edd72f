/* What a recipe does where its user says nothing. */
#include "training/recipe.h"

#include <math.h>
#include <string.h>

struct preset {
    const char *recipe, *name;
    gan_recipe_options values;
};

/* Papers: Radford et al. 2016; Isola et al. 2017; Zhu et al. 2017; Chen, Liu and Chen 2020. Widths and sizes
 * of the small ones are chosen for steps of a fraction of a second on two cores. */
static const struct preset presets[] = {
    {"dcgan",
     "paper",
     {.size = 64,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .batch = 128,
      .generator_channels = 64,
      .discriminator_channels = 64,
      .noise = 100,
      .learning_rate = 2e-4f,
      .penalty_weight = -1,
      .average_images = -1,
      .augment = -1}},
    {"dcgan",
     "small",
     {.size = 32,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .batch = 64,
      .generator_channels = 32,
      .discriminator_channels = 32,
      .noise = 64,
      .learning_rate = 2e-4f,
      .penalty_weight = -1,
      .average_images = 5000,
      .augment = -1}},
    {"pix2pix",
     "paper",
     {.size = 256,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .batch = 1,
      .generator_channels = 64,
      .discriminator_channels = 64,
      .learning_rate = 2e-4f,
      .reconstruction_weight = 100,
      .average_images = -1,
      .augment = -1}},
    {"pix2pix",
     "small",
     {.size = 128,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .batch = 1,
      .generator_channels = 32,
      .discriminator_channels = 32,
      .learning_rate = 2e-4f,
      .reconstruction_weight = 100,
      .average_images = -1,
      .augment = -1}},
    {"cyclegan",
     "paper",
     {.size = 256,
      .batch = 1,
      .generator_channels = 64,
      .discriminator_channels = 64,
      .blocks = 9,
      .loss = GAN_LOSS_LEAST_SQUARES,
      .learning_rate = 2e-4f,
      .reconstruction_weight = 10,
      .identity_weight = 0.5f,
      .average_images = -1,
      .augment = -1}},
    {"cyclegan",
     "small",
     {.size = 128,
      .batch = 1,
      .generator_channels = 24,
      .discriminator_channels = 32,
      .blocks = 4,
      .loss = GAN_LOSS_LEAST_SQUARES,
      .learning_rate = 2e-4f,
      .reconstruction_weight = 10,
      .identity_weight = 0.5f,
      .average_images = 500,
      .augment = -1}},
    {"cut",
     "paper",
     {.size = 256,
      .batch = 1,
      .generator_channels = 64,
      .discriminator_channels = 64,
      .blocks = 9,
      .loss = GAN_LOSS_LEAST_SQUARES,
      .learning_rate = 2e-4f,
      .reconstruction_weight = 1,
      .identity_weight = 1,
      .penalty_weight = -1,
      .average_images = -1,
      .augment = -1}},
    {"cut",
     "small",
     {.size = 128,
      .batch = 1,
      .generator_channels = 24,
      .discriminator_channels = 32,
      .blocks = 4,
      .loss = GAN_LOSS_LEAST_SQUARES,
      .learning_rate = 2e-4f,
      .reconstruction_weight = 1,
      .identity_weight = 1,
      .penalty_weight = -1,
      .average_images = 500,
      .augment = -1}},
    {"cut-single",
     "paper",
     {.size = 64,
      .batch = 16,
      .generator_channels = 64,
      .discriminator_channels = 64,
      .blocks = 6,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .learning_rate = 2e-3f,
      .reconstruction_weight = 4,
      .identity_weight = 1,
      .penalty_weight = 1,
      .average_images = -1,
      .augment = -1}},
    {"cut-single",
     "small",
     {.size = 64,
      .batch = 4,
      .generator_channels = 24,
      .discriminator_channels = 32,
      .blocks = 4,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .learning_rate = 1e-3f,
      .reconstruction_weight = 4,
      .identity_weight = 1,
      .penalty_weight = 1,
      .average_images = 1000,
      .augment = -1}},
    {"anime",
     "paper",
     {.size = 256,
      .batch = 12,
      .generator_channels = 32,
      .discriminator_channels = 32,
      .blocks = 4,
      .loss = GAN_LOSS_LEAST_SQUARES,
      .learning_rate = 2e-5f,
      .average_images = -1,
      .augment = -1}},
    {"anime",
     "cartoon",
     {.size = 256,
      .batch = 4,
      .generator_channels = 64,
      .discriminator_channels = 32,
      .blocks = 8,
      .loss = GAN_LOSS_BCE_WITH_LOGITS,
      .learning_rate = 2e-4f,
      .average_images = -1,
      .augment = -1}},
    {"anime",
     "small",
     {.size = 128,
      .batch = 1,
      .generator_channels = 12,
      .discriminator_channels = 12,
      .blocks = 3,
      .loss = GAN_LOSS_LEAST_SQUARES,
      .learning_rate = 5e-4f,
      .average_images = 500,
      .augment = -1}},
};

enum { PRESETS = sizeof presets / sizeof presets[0] };

static bool is_recipe(const char *recipe)
{
    for (int i = 0; recipe != NULL && i < PRESETS; i++)
        if (strcmp(presets[i].recipe, recipe) == 0)
            return true;
    return false;
}

/* Two of AnimeGANv2's styles differ from the first only in weights (anime_presets.c). */
static const char *base_of(const char *recipe, const char *name)
{
    const bool varies = strcmp(name, "paprika") == 0 || strcmp(name, "shinkai") == 0;
    return varies && strcmp(recipe, "anime") == 0 ? "paper" : name;
}

static const struct preset *find(const char *recipe, const char *name)
{
    name = base_of(recipe, name);
    for (int i = 0; i < PRESETS; i++)
        if (strcmp(presets[i].recipe, recipe) == 0 && strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

static void fill_number(int32_t *value, int32_t preset)
{
    if (*value == 0)
        *value = preset;
}

static void fill_weight(float *value, float preset)
{
    if (*value == 0)
        *value = preset;
}

static void fill(gan_recipe_options *options, const gan_recipe_options *preset)
{
    fill_number(&options->size, preset->size);
    fill_number(&options->batch, preset->batch);
    fill_number(&options->generator_channels, preset->generator_channels);
    fill_number(&options->discriminator_channels, preset->discriminator_channels);
    fill_number(&options->blocks, preset->blocks);
    fill_number(&options->noise, preset->noise);
    fill_number(&options->loss, preset->loss);
    fill_number(&options->augment, preset->augment);
    fill_weight(&options->learning_rate, preset->learning_rate);
    fill_weight(&options->reconstruction_weight, preset->reconstruction_weight);
    fill_weight(&options->identity_weight, preset->identity_weight);
    fill_weight(&options->penalty_weight, preset->penalty_weight);
    fill_weight(&options->average_images, preset->average_images);
}

/* A Wasserstein critic as Gulrajani et al. (2017) train it. */
static void fill_critic(gan_recipe_options *options, bool wasserstein)
{
    fill_number(&options->critic_steps, wasserstein ? 5 : 1);
    fill_weight(&options->penalty_weight, wasserstein ? 10 : 0); /* before the preset, which has none */
}

/* A class's rows learn from that class's pictures alone: with labels the small DCGAN takes larger steps. */
static void fill_conditional(gan_recipe_options *options, const struct preset *preset)
{
    if (options->conditional > 0 && options->loss != GAN_LOSS_WASSERSTEIN &&
        strcmp(preset->recipe, "dcgan") == 0 && strcmp(preset->name, "small") == 0)
        fill_weight(&options->learning_rate, 5e-4f);
}

static gan_status check_range(const char *name, double value, double least, double most)
{
    if (value >= least && value <= most)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected %g to %g", name, value, least, most);
}

/* What a recipe has not is 0 in its presets. */
static gan_status check_unknown(const char *recipe, const char *name, double value, double preset)
{
    if (preset != 0 || !(value > 0))
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, but %s has none", name, value, recipe);
}

static gan_status check_unknowns(const gan_recipe_options *options, const struct preset *preset)
{
    const gan_recipe_options *known = &preset->values;
    const struct {
        const char *name;
        double value, preset;
    } members[] = {
        {"blocks", options->blocks, known->blocks},
        {"noise", options->noise, known->noise},
        {"reconstruction_weight", (double)options->reconstruction_weight,
         (double)known->reconstruction_weight},
        {"identity_weight", (double)options->identity_weight, (double)known->identity_weight},
        {"penalty_weight", (double)options->penalty_weight, (double)known->penalty_weight},
    };
    gan_status status = GAN_OK;
    for (size_t i = 0; status == GAN_OK && i < sizeof members / sizeof members[0]; i++)
        status = check_unknown(preset->recipe, members[i].name, members[i].value, members[i].preset);
    return status;
}

static gan_status check(const gan_recipe_options *options, bool dcgan)
{
    if (options->loss == GAN_LOSS_BCE)
        return gan_fail(GAN_ERROR_ARGUMENT, "loss is GAN_LOSS_BCE, but the discriminators give logits");
    const struct {
        const char *name;
        double value, least, most;
    } members[] = {
        {"size", options->size, 8, 4096},
        {"batch", options->batch, 1, 4096},
        {"generator_channels", options->generator_channels, 1, 1024},
        {"discriminator_channels", options->discriminator_channels, 1, 1024},
        {"blocks", options->blocks, 0, 64},
        {"noise", options->noise, 0, 65536},
        {"loss", options->loss, GAN_LOSS_BCE_WITH_LOGITS, dcgan ? GAN_LOSS_WASSERSTEIN : GAN_LOSS_HINGE},
        {"critic_steps", options->critic_steps, 1, dcgan ? 100 : 1},
        {"learning_rate", (double)options->learning_rate, 1e-12, 10},
        {"reconstruction_weight", (double)options->reconstruction_weight, -HUGE_VAL, 1e6},
        {"identity_weight", (double)options->identity_weight, -HUGE_VAL, 1e6},
        {"penalty_weight", (double)options->penalty_weight, -HUGE_VAL, 1e6},
        {"average_images", (double)options->average_images, -HUGE_VAL, 1e7},
        {"augment", options->augment, -HUGE_VAL, GAN_AUGMENT_ALL},
    };
    gan_status status = GAN_OK;
    for (size_t i = 0; status == GAN_OK && i < sizeof members / sizeof members[0]; i++)
        status = check_range(members[i].name, members[i].value, members[i].least, members[i].most);
    return status;
}

static gan_status complete(const char *recipe, gan_recipe_options *options)
{
    if (!is_recipe(recipe))
        return gan_fail(
            GAN_ERROR_NOT_FOUND,
            "there is no recipe \"%s\"; there are dcgan, pix2pix, cyclegan, cut, cut-single, anime",
            recipe != NULL ? recipe : "NULL");
    const char *name = options->preset != NULL ? options->preset : "paper";
    const struct preset *preset = find(recipe, name);
    if (preset == NULL)
        return gan_fail(GAN_ERROR_NOT_FOUND, "there is no preset \"%s\" of %s; there are %s", name, recipe,
                        strcmp(recipe, "anime") == 0 ? "paper, paprika, shinkai, cartoon and small"
                                                     : "paper and small");
    const gan_status status = check_unknowns(options, preset);
    if (status != GAN_OK)
        return status;
    const bool dcgan = strcmp(recipe, "dcgan") == 0;
    fill_critic(options, dcgan && options->loss == GAN_LOSS_WASSERSTEIN);
    fill_conditional(options, preset); /* before the preset, which has what is right without labels */
    fill(options, &preset->values);
    if (options->augment > 0 && strcmp(recipe, "pix2pix") == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "pix2pix takes no augmentation: its pairs would fall apart");
    if (options->conditional > 0 && !dcgan)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is not conditional: only dcgan learns from labels", recipe);
    if (options->resize_convolution > 0 && strcmp(recipe, "pix2pix") != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "resize_convolution is of pix2pix: %s has no U-Net", recipe);
    return check(options, dcgan);
}

/* A caller with older headers has less room than this library's struct. */
gan_status gan_recipe_complete(const char *recipe, gan_recipe_options *options)
{
    if (options == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_recipe_complete: options is NULL");
    gan_recipe_options all;
    gan_status status = gan_copy_options(&all, sizeof all, options, "gan_recipe_options");
    if (status == GAN_OK)
        status = complete(recipe, &all);
    if (status == GAN_OK)
        memcpy(options, &all, all.struct_size < sizeof all ? all.struct_size : sizeof all);
    return status;
}
