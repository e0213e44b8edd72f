/* Generator and discriminator of AnimeGANv2 (Chen, Liu and Chen 2020, and the authors' second version of
 * 2020): inverted residual blocks (Sandler et al. 2018) and layer norms. */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdio.h>

enum {
    NAME_SIZE = 64,
    BLOCK_FACTOR = 8,
    MIDDLE_FACTOR = 4,
    EXPANSION = 2,
    MOST_BLOCKS = 64,
    MOST_HALVINGS = 6
};

/* What the convolutions of the networks differ in. */
struct convolution_sizes {
    int32_t filters, kernel, stride, groups;
};

static gan_layer *normalize(gan_layer *x, const char *name)
{
    char norm_name[NAME_SIZE];
    snprintf(norm_name, sizeof norm_name, "%.*s_norm", NAME_SIZE - 6, name);
    const gan_norm_options options = {.struct_size = sizeof options, .name = norm_name};
    return gan_layer_norm(x, &options);
}

static gan_layer *bend(gan_layer *x)
{
    return gan_leaky_relu(x, 0.2f);
}

/* ---- Generator ---- */

static gan_layer *convolve(gan_layer *x, const char *name, struct convolution_sizes sizes)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = sizes.filters,
                                     .kernel = {sizes.kernel, sizes.kernel},
                                     .stride = {sizes.stride, sizes.stride},
                                     .groups = sizes.groups,
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT,
                                     .no_bias = 1,
                                     .initializer = GAN_INITIALIZER_HE_NORMAL};
    return gan_conv2d(x, &conv);
}

static gan_layer *stage(gan_layer *x, const char *name, struct convolution_sizes sizes)
{
    return bend(normalize(convolve(x, name, sizes), name));
}

/* Widen, look around in each channel by itself, and narrow again without a bend. */
static gan_layer *inverted_block(gan_layer *x, int32_t number, int32_t inputs, int32_t outputs)
{
    char name[NAME_SIZE], part[NAME_SIZE];
    const int32_t width = EXPANSION * inputs;
    snprintf(name, sizeof name, "block%d", number);
    snprintf(part, sizeof part, "block%d_expand", number);
    gan_layer *y = stage(x, part, (struct convolution_sizes){width, 1, 1, 1});
    snprintf(part, sizeof part, "block%d_depthwise", number);
    y = stage(y, part, (struct convolution_sizes){width, 3, 1, width});
    snprintf(part, sizeof part, "block%d_project", number);
    y = normalize(convolve(y, part, (struct convolution_sizes){outputs, 1, 1, 1}), part);
    return inputs == outputs ? gan_build_name(gan_add(x, y), name) : y;
}

static gan_layer *shrink(gan_layer *x, int32_t channels)
{
    x = stage(x, "conv1", (struct convolution_sizes){channels, 7, 1, 1});
    x = stage(x, "down1", (struct convolution_sizes){2 * channels, 3, 2, 1});
    x = stage(x, "conv2", (struct convolution_sizes){2 * channels, 3, 1, 1});
    x = stage(x, "down2", (struct convolution_sizes){MIDDLE_FACTOR * channels, 3, 2, 1});
    return stage(x, "conv3", (struct convolution_sizes){MIDDLE_FACTOR * channels, 3, 1, 1});
}

static gan_layer *rework(gan_layer *x, int32_t channels, int32_t blocks)
{
    int32_t inputs = MIDDLE_FACTOR * channels;
    x = stage(x, "conv4", (struct convolution_sizes){inputs, 3, 1, 1});
    for (int32_t number = 1; number <= blocks; number++) {
        x = inverted_block(x, number, inputs, BLOCK_FACTOR * channels);
        inputs = BLOCK_FACTOR * channels;
    }
    return stage(x, "conv5", (struct convolution_sizes){MIDDLE_FACTOR * channels, 3, 1, 1});
}

static gan_layer *enlarge(gan_layer *x, int32_t channels)
{
    const int32_t middle = MIDDLE_FACTOR * channels;
    x = stage(gan_upsample_bilinear(x, 2), "up1", (struct convolution_sizes){middle, 3, 1, 1});
    x = stage(x, "conv6", (struct convolution_sizes){middle, 3, 1, 1});
    x = stage(gan_upsample_bilinear(x, 2), "up2", (struct convolution_sizes){2 * channels, 3, 1, 1});
    x = stage(x, "conv7", (struct convolution_sizes){2 * channels, 3, 1, 1});
    return stage(x, "conv8", (struct convolution_sizes){channels, 7, 1, 1});
}

static gan_status take_options(gan_anime_network_options *options, const gan_anime_network_options *given,
                               int32_t depth, int32_t most_depth)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_anime_network_options");
    if (status != GAN_OK)
        return status;
    if (options->channels == 0)
        options->channels = 32;
    if (options->depth == 0)
        options->depth = depth;
    status = gan_build_check("channels", options->channels, 1);
    if (status == GAN_OK && (options->depth < 1 || options->depth > most_depth))
        status = gan_fail(GAN_ERROR_ARGUMENT, "depth is %d, expected 1 to %d", options->depth, most_depth);
    return status;
}

gan_status gan_anime_generator_create(gan_model **out, gan_context *context,
                                      const gan_anime_network_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_anime_generator_create: out is NULL");
    *out = NULL;
    gan_anime_network_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given, 4, MOST_BLOCKS);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, 3);
    if (status != GAN_OK)
        return status;
    gan_layer *y =
        enlarge(rework(shrink(input, options.channels), options.channels, options.depth), options.channels);
    y = convolve(y, "output_conv", (struct convolution_sizes){3, 1, 1, 1});
    gan_layer *output = gan_build_name(gan_tanh(y), "output");
    const struct build_words words = {"anime_generator", "-1..1", "-1..1"};
    return gan_build_end(out, graph, "generator", &input, 1, &output, 1, &words);
}

/* ---- Discriminator ---- */

static gan_layer *judge(gan_layer *x, const char *name, int32_t filters, int32_t stride)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters,
                                     .kernel = {3, 3},
                                     .stride = {stride, stride},
                                     .padding = GAN_PAD_HALF,
                                     .no_bias = 1,
                                     .initializer = GAN_INITIALIZER_NORMAL,
                                     .spectral_norm = 1};
    return gan_conv2d(x, &conv);
}

static gan_layer *judge_patches(gan_layer *x, int32_t channels, int32_t halvings)
{
    x = bend(judge(x, "conv1", channels, 1));
    for (int32_t number = 1; number <= halvings; number++) {
        char down[NAME_SIZE], wide[NAME_SIZE];
        snprintf(down, sizeof down, "down%d", number);
        snprintf(wide, sizeof wide, "wide%d", number);
        x = bend(judge(x, down, 2 * channels, 2));
        x = bend(normalize(judge(x, wide, 4 * channels, 1), wide));
        channels *= 2;
    }
    x = bend(normalize(judge(x, "conv2", 2 * channels, 1), "conv2"));
    return judge(x, "logits", 1, 1);
}

gan_status gan_anime_discriminator_create(gan_model **out, gan_context *context,
                                          const gan_anime_network_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_anime_discriminator_create: out is NULL");
    *out = NULL;
    gan_anime_network_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given, 2, MOST_HALVINGS);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, 3);
    if (status != GAN_OK)
        return status;
    gan_layer *logits = judge_patches(input, options.channels, options.depth);
    const struct build_words words = {"anime_discriminator", "-1..1", "none"};
    return gan_build_end(out, graph, "discriminator", &input, 1, &logits, 1, &words);
}
