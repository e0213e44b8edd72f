/* The networks that CycleGAN and CUT share. */
#include "gan/networks.h"
#include "training/recipe.h"

/* The generator halves twice: results of other sizes would be larger than their sources. */
enum { SMALL_DISCRIMINATOR = 128, MULTIPLE = 4 };

gan_status gan_recipe_translator(gan_model **out, const struct recipe *recipe)
{
    const int32_t channels = gan_dataset_channels(recipe->data);
    *out = NULL;
    if (recipe->options.size % MULTIPLE != 0)
        return gan_fail(GAN_ERROR_SHAPE, "the pictures have sides of %d pixels, expected a multiple of %d",
                        recipe->options.size, (int)MULTIPLE);
    const gan_resnet_generator_options options = {.struct_size = sizeof options,
                                                  .input_channels = channels,
                                                  .output_channels = channels,
                                                  .channels = recipe->options.generator_channels,
                                                  .blocks = recipe->options.blocks};
    return gan_resnet_generator_create(out, recipe->context, &options);
}

/* 70x70 pixels of small pictures would be nearly all of them: 34x34 there. */
gan_status gan_recipe_judge(gan_model **out, const struct recipe *recipe)
{
    const gan_patchgan_options options = {
        .struct_size = sizeof options,
        .input_channels = gan_dataset_channels(recipe->data),
        .channels = recipe->options.discriminator_channels,
        .norm = recipe->options.penalty_weight > 0 ? GAN_NORM_NONE : GAN_NORM_INSTANCE,
        .layers = recipe->options.size <= SMALL_DISCRIMINATOR ? 2 : 3,
    };
    return gan_patchgan_create(out, recipe->context, &options);
}
