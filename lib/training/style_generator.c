/* The generator of the style trainer: the network of Johnson, Alahi and Fei-Fei 2016, but that it grows
 * bilinearly: copies of coarse pixels (nearest) leave stairs along slanting lines until very long training
 * removes them. */
#include "training/style_trainer.h"

struct stage {
    int32_t filters, kernel, stride;
};

static gan_layer *convolve(gan_layer *x, struct stage stage)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = stage.filters,
                                        .kernel = {stage.kernel, stage.kernel},
                                        .stride = {stage.stride, stage.stride},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_REFLECT};
    return gan_conv2d(x, &options);
}

static gan_layer *stage(gan_layer *x, int32_t filters, int32_t kernel, int32_t stride)
{
    return gan_relu(gan_instance_norm(convolve(x, (struct stage){filters, kernel, stride}), NULL));
}

static gan_layer *residual(gan_layer *x, int32_t filters)
{
    gan_layer *y = convolve(stage(x, filters, 3, 1), (struct stage){filters, 3, 1});
    return gan_add(x, gan_instance_norm(y, NULL));
}

static gan_layer *transform(gan_layer *x, const struct style_recipe *recipe)
{
    const int32_t channels = recipe->channels;
    x = stage(x, channels, 9, 1);
    x = stage(x, 2 * channels, 3, 2);
    x = stage(x, 4 * channels, 3, 2);
    for (int32_t i = 0; i < recipe->blocks; i++)
        x = residual(x, 4 * channels);
    x = stage(gan_upsample_bilinear(x, 2), 2 * channels, 3, 1);
    x = stage(gan_upsample_bilinear(x, 2), channels, 3, 1);
    return gan_trainer_finish_picture(convolve(x, (struct stage){3, 9, 1}));
}

gan_layer *gan_trainer_finish_picture(gan_layer *x)
{
    return gan_scale(x, 0.25f, 0.5f);
}

/* The network sees a wider, mirrored picture, and what it makes of the margin is cut off: padding inside the
 * network draws lines along borders. */
static gan_status make_networks(gan_model **generator, gan_model **unclamped, gan_context *context,
                                const struct style_recipe *recipe)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    const int32_t margin = recipe->margin;
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *wide = gan_pad(input, margin, margin, margin, margin, GAN_PADDING_REFLECT);
    gan_layer *picture = gan_crop(transform(wide, recipe), margin, margin, margin, margin);
    gan_layer *output = gan_clamp(picture, 0, 1);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(generator, "generator", &input, 1, &output, 1);
    if (status == GAN_OK)
        status = gan_model_create(unclamped, "unclamped", &input, 1, &picture, 1);
    gan_graph_free(graph);
    return status;
}

static gan_status describe(gan_model *generator)
{
    gan_status status = gan_model_set_metadata(generator, "architecture", "johnson-bilinear-clamped");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "input_range", "0..1");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "output_range", "0..1");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "input_channels", "RGB");
    return status;
}

gan_status gan_trainer_make_generator(gan_model **generator, gan_model **unclamped, gan_context *context,
                                      const struct style_recipe *recipe)
{
    gan_status status = make_networks(generator, unclamped, context, recipe);
    if (status == GAN_OK)
        status = gan_trainer_initialize(*generator, recipe->seed * UINT64_C(0x9e3779b97f4a7c15));
    return status == GAN_OK ? describe(*generator) : status;
}
