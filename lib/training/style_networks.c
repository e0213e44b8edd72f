/* The generator and the discriminator of the style trainer. */
#include "gan/networks.h"
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
static gan_status initialize(gan_model *model, uint64_t seed)
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

/* The network sees a wider, mirrored picture, and what it makes of the margin is cut off: padding inside the
 * network draws lines along borders. */
static gan_status add_margin(gan_model **out, gan_context *context, gan_model *network, int32_t margin)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *wide = gan_pad(input, margin, margin, margin, margin, GAN_PADDING_REFLECT);
    gan_layer *output = gan_crop(gan_apply(network, wide), margin, margin, margin, margin);
    status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = gan_model_create(out, "generator", &input, 1, &output, 1);
    gan_graph_free(graph);
    return status;
}

static gan_status describe(gan_model *generator)
{
    gan_status status = gan_model_set_metadata(generator, "architecture", "johnson");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "input_range", "0..1");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "output_range", "0..1");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "input_channels", "RGB");
    return status;
}

gan_status gan_trainer_make_generator(gan_model **out, gan_context *context,
                                      const struct style_recipe *recipe)
{
    const gan_johnson_options options = {.struct_size = sizeof options,
                                         .channels = recipe->channels,
                                         .blocks = recipe->blocks,
                                         .output = GAN_OUTPUT_SIGMOID};
    gan_model *network, *generator = NULL;
    gan_status status = gan_johnson_create(&network, context, &options);
    if (status != GAN_OK)
        return status;
    status = add_margin(&generator, context, network, recipe->margin);
    gan_model_free(network);
    if (status == GAN_OK)
        status = initialize(generator, recipe->seed * UINT64_C(0x9e3779b97f4a7c15));
    if (status == GAN_OK)
        status = describe(generator);
    if (status != GAN_OK) {
        gan_model_free(generator);
        return status;
    }
    *out = generator;
    return GAN_OK;
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
        status = initialize(discriminator, ~recipe->seed * UINT64_C(0x9e3779b97f4a7c15));
    if (status != GAN_OK) {
        gan_model_free(discriminator);
        return status;
    }
    *out = discriminator;
    return GAN_OK;
}
