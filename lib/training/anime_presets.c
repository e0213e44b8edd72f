/* What gan_train_anime does where its caller says nothing. */
#include "base/context.h"
#include "gan/recipes.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* AnimeGANv2's weights of content and Gram matrices belong to VGG-19's features as they are, whose size is in
 * the hundreds. Here the losses are parts of the features' size, so its weights are taken times this. */
#define FEATURE_UNIT 100.0f

static const struct preset {
    const char *name;
    gan_anime_options values;
} presets[] = {
    {"paper",
     {.content_weight = 1.5f * FEATURE_UNIT,
      .gram_weight = 2.5f * FEATURE_UNIT,
      .color_weight = 15,
      .variation_weight = 0.5f, /* the authors take half the squares, with twice this weight */
      .adversarial_weight = 300,
      .real_weight = 1.2f,
      .fake_weight = 1.2f,
      .grey_weight = 1.2f,
      .smooth_weight = 0.8f,
      .initialization = 0.1f,
      .initialization_rate = 2e-4f,
      .discriminator_rate = 4e-5f}},
    {"paprika",
     {.content_weight = 2.0f * FEATURE_UNIT,
      .gram_weight = 0.6f * FEATURE_UNIT,
      .color_weight = 50,
      .variation_weight = 0.05f,
      .adversarial_weight = 300,
      .real_weight = 1,
      .fake_weight = 1,
      .grey_weight = 1,
      .smooth_weight = 0.005f,
      .initialization = 0.1f,
      .initialization_rate = 2e-4f,
      .discriminator_rate = 4e-5f}},
    {"shinkai",
     {.content_weight = 1.2f * FEATURE_UNIT,
      .gram_weight = 2.0f * FEATURE_UNIT,
      .color_weight = 10,
      .variation_weight = 0.5f,
      .adversarial_weight = 300,
      .real_weight = 1.7f,
      .fake_weight = 1.7f,
      .grey_weight = 1.7f,
      .smooth_weight = 1,
      .initialization = 0.1f,
      .initialization_rate = 2e-4f,
      .discriminator_rate = 4e-5f}},
    /* CartoonGAN: no Gram matrices, no colours, no grey drawings. */
    {"cartoon",
     {.content_weight = 10,
      .gram_weight = -1,
      .color_weight = -1,
      .variation_weight = -1,
      .adversarial_weight = 1,
      .real_weight = 1,
      .fake_weight = 1,
      .grey_weight = -1,
      .smooth_weight = 1,
      .initialization = 0.05f,
      .initialization_rate = 2e-4f,
      .discriminator_rate = 2e-4f,
      .residual = 1}},
    /* Few steps: more weight on what a generator without practice does worst. */
    {"small",
     {.content_weight = 1.5f * FEATURE_UNIT,
      .gram_weight = 1.5f * FEATURE_UNIT,
      .color_weight = 400,
      .variation_weight = 0.5f,
      .adversarial_weight = 150,
      .real_weight = 1.2f,
      .fake_weight = 1.2f,
      .grey_weight = 1.2f,
      .smooth_weight = 0.8f,
      .initialization = 0.1f,
      .initialization_rate = 1e-3f,
      .discriminator_rate = 4e-4f}},
};

enum { PRESETS = sizeof presets / sizeof presets[0] };

static const gan_anime_options *find(const char *name)
{
    for (int i = 0; i < PRESETS; i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i].values;
    return NULL;
}

static void fill_weight(float *value, float preset)
{
    if (*value == 0)
        *value = preset;
}

static void fill(gan_anime_options *options, const gan_anime_options *preset)
{
    fill_weight(&options->content_weight, preset->content_weight);
    fill_weight(&options->gram_weight, preset->gram_weight);
    fill_weight(&options->color_weight, preset->color_weight);
    fill_weight(&options->variation_weight, preset->variation_weight);
    fill_weight(&options->adversarial_weight, preset->adversarial_weight);
    fill_weight(&options->real_weight, preset->real_weight);
    fill_weight(&options->fake_weight, preset->fake_weight);
    fill_weight(&options->grey_weight, preset->grey_weight);
    fill_weight(&options->smooth_weight, preset->smooth_weight);
    fill_weight(&options->initialization, preset->initialization);
    fill_weight(&options->initialization_rate, preset->initialization_rate);
    fill_weight(&options->discriminator_rate, preset->discriminator_rate);
    if (options->residual == 0)
        options->residual = preset->residual;
}

static gan_status check(const gan_anime_options *options)
{
    const struct {
        const char *name;
        float value;
        double least, most;
    } members[] = {
        {"content_weight", options->content_weight, -HUGE_VAL, 1e6},
        {"gram_weight", options->gram_weight, -HUGE_VAL, 1e6},
        {"color_weight", options->color_weight, -HUGE_VAL, 1e6},
        {"variation_weight", options->variation_weight, -HUGE_VAL, 1e6},
        {"adversarial_weight", options->adversarial_weight, 1e-9, 1e6},
        {"real_weight", options->real_weight, 1e-9, 1e6},
        {"fake_weight", options->fake_weight, 1e-9, 1e6},
        {"grey_weight", options->grey_weight, -HUGE_VAL, 1e6},
        {"smooth_weight", options->smooth_weight, -HUGE_VAL, 1e6},
        {"initialization", options->initialization, -HUGE_VAL, 0.999},
        {"initialization_rate", options->initialization_rate, 1e-12, 10},
        {"discriminator_rate", options->discriminator_rate, 1e-12, 10},
        {"residual", (float)options->residual, -HUGE_VAL, 1},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (!((double)members[i].value >= members[i].least && (double)members[i].value <= members[i].most))
            return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected %g to %g", members[i].name,
                            (double)members[i].value, members[i].least, members[i].most);
    if (options->initialization > 0 && options->content_weight < 0)
        return gan_fail(
            GAN_ERROR_ARGUMENT,
            "content_weight is %g, but an initialization learns the content: expected above 0, or "
            "an initialization below 0",
            (double)options->content_weight);
    return GAN_OK;
}

static gan_status complete(gan_anime_options *options)
{
    gan_recipe_options recipe = {.struct_size = sizeof recipe};
    gan_status status = GAN_OK;
    if (options->recipe != NULL)
        status = gan_copy_options(&recipe, sizeof recipe, options->recipe, "gan_recipe_options");
    const char *name = recipe.preset != NULL ? recipe.preset : "paper";
    if (status == GAN_OK)
        status = gan_recipe_complete("anime", &recipe);
    if (status != GAN_OK)
        return status;
    fill(options, find(name));
    return check(options);
}

/* A caller with older headers has less room than this library's struct. */
gan_status gan_anime_complete(gan_anime_options *options)
{
    if (options == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_anime_complete: options is NULL");
    gan_anime_options all;
    gan_status status = gan_copy_options(&all, sizeof all, options, "gan_anime_options");
    if (status == GAN_OK)
        status = complete(&all);
    if (status == GAN_OK)
        memcpy(options, &all, all.struct_size < sizeof all ? all.struct_size : sizeof all);
    return status;
}
