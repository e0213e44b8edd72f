/* The discriminator of the style trainer, and how networks start. */
#include "training/style_trainer.h"

#include <math.h>

/* Glorot's bound (Glorot & Bengio 2010) for weights [O, KH, KW, I]. */
static float weight_bound(const gan_tensor *weight)
{
    const int64_t outputs = gan_tensor_size(weight, 0), inputs = gan_tensor_size(weight, 3);
    const int64_t window = gan_tensor_size(weight, 1) * gan_tensor_size(weight, 2);
    return (float)sqrt(6.0 / (double)((outputs + inputs) * window));
}

/* Weights start from the recipe's seed, not from the context's: the result then depends on the options alone.
 * Biases, scales and shifts start as constants anyway. */
gan_status gan_trainer_initialize(gan_model *model, uint64_t seed)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(model); i++) {
        gan_tensor *value;
        status = gan_model_get_parameter(model, i, &value);
        if (status != GAN_OK)
            return status;
        if (gan_tensor_rank(value) == 4) {
            const float bound = weight_bound(value);
            status = gan_tensor_fill_uniform(value, seed + (uint64_t)i, -bound, bound);
            if (status == GAN_OK)
                status = gan_model_set_parameter(model, i, value);
        }
        gan_tensor_free(value);
    }
    return status;
}

static gan_layer *judge_stage(gan_layer *x, int32_t filters, int32_t kernel, int32_t stride)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = filters,
                                        .kernel = {kernel, kernel},
                                        .stride = {stride, stride},
                                        .pad = {1, 1, 1, 1},
                                        .padding_mode = GAN_PADDING_REFLECT};
    return gan_leaky_relu(gan_conv2d(x, &options), 0.2f);
}

static gan_layer *judge_logits(gan_layer *x)
{
    const gan_conv2d_options options = {.struct_size = sizeof options, .filters = 1, .kernel = {1, 1}};
    return gan_conv2d(x, &options);
}

/* Each logit sees 26x26 pixels: a brush stroke, not the whole scene. */
gan_status gan_trainer_make_discriminator(gan_model **out, gan_context *context,
                                          const struct style_recipe *recipe)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    const int32_t channels = recipe->discriminator_channels;
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *outputs[DISCRIMINATOR_LEVELS + 1];
    outputs[0] = judge_stage(input, channels, 3, 1);
    for (int32_t i = 1; i < DISCRIMINATOR_LEVELS; i++)
        outputs[i] = judge_stage(outputs[i - 1], channels << i, 4, 2);
    outputs[DISCRIMINATOR_LEVELS] = judge_logits(outputs[DISCRIMINATOR_LEVELS - 1]);
    gan_model *discriminator = NULL;
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status =
            gan_model_create(&discriminator, "discriminator", &input, 1, outputs, DISCRIMINATOR_LEVELS + 1);
    gan_graph_free(graph);
    if (status == GAN_OK)
        status = gan_trainer_initialize(discriminator, ~recipe->seed * UINT64_C(0x9e3779b97f4a7c15));
    if (status != GAN_OK) {
        gan_model_free(discriminator);
        return status;
    }
    *out = discriminator;
    return GAN_OK;
}
