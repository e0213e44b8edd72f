/* MicroAST (Wang, Zhao, Xing, Chen, Zhao and Xu 2023): any style by adaptive instance normalization and
 * modulated convolutions between two small encoders and a decoder. */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdio.h>

enum { FEATURES = 64, NAME_SIZE = 64 };

/* The layer that holds all that the decoder is told of a style. */
static const char code_name[] = "style_code";

/* What the convolutions of the network differ in. */
struct convolution_sizes {
    int32_t filters, kernel, stride, groups;
};

static gan_layer *convolve(gan_layer *x, const char *side, const char *name, struct convolution_sizes sizes)
{
    char full_name[NAME_SIZE];
    snprintf(full_name, sizeof full_name, "%.24s_%.32s", side, name);
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = full_name,
                                     .filters = sizes.filters,
                                     .kernel = {sizes.kernel, sizes.kernel},
                                     .stride = {sizes.stride, sizes.stride},
                                     .groups = sizes.groups,
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT};
    return gan_conv2d(x, &conv);
}

static gan_layer *name_layer(gan_layer *layer, const char *side, const char *name)
{
    char full_name[NAME_SIZE];
    snprintf(full_name, sizeof full_name, "%.24s_%.32s", side, name);
    return gan_build_name(layer, full_name);
}

/* ---- Encoders ---- */

/* Features of a picture, [N, H / 4, W / 4, 64] (rounded up) each. */
struct features {
    gan_layer *first, *second;
};

/* A convolution within few channels each, then one across all. */
static gan_layer *separable(gan_layer *x, const char *side, const char *name, struct convolution_sizes sizes)
{
    char mix[NAME_SIZE];
    snprintf(mix, sizeof mix, "%.32s_mix", name);
    gan_layer *y = gan_relu(convolve(x, side, name, sizes));
    return gan_relu(convolve(y, side, mix, (struct convolution_sizes){sizes.filters, 1, 1, 1}));
}

static gan_layer *residual_block(gan_layer *x, const char *side, int32_t number)
{
    char name[NAME_SIZE];
    const struct convolution_sizes sizes = {FEATURES, 3, 1, 1};
    snprintf(name, sizeof name, "block%d_conv1", number);
    gan_layer *y = gan_relu(convolve(x, side, name, sizes));
    snprintf(name, sizeof name, "block%d_conv2", number);
    return gan_add(x, convolve(y, side, name, sizes));
}

static struct features encode(gan_layer *picture, const char *side)
{
    gan_layer *x = gan_relu(convolve(picture, side, "conv1", (struct convolution_sizes){16, 9, 1, 1}));
    x = separable(x, side, "down1", (struct convolution_sizes){32, 3, 2, 16});
    x = separable(x, side, "down2", (struct convolution_sizes){FEATURES, 3, 2, 32});
    struct features features;
    features.first = name_layer(residual_block(x, side, 1), side, "features1");
    features.second = name_layer(residual_block(features.first, side, 2), side, "features2");
    return features;
}

/* ---- The style code ---- */

/* Its parts, [N, 1, 1, 64] each, in their order. */
enum { MEAN1, DEVIATION1, MEAN2, DEVIATION2, WEIGHT1, BIAS1, WEIGHT2, BIAS2, CODE_PARTS };

static gan_layer *modulation(gan_layer *features, const char *name)
{
    const struct convolution_sizes sizes = {FEATURES, 3, 1, FEATURES};
    return gan_global_average_pool(convolve(features, "modulator", name, sizes));
}

static gan_layer *style_code(const struct features *style)
{
    gan_layer *parts[CODE_PARTS];
    parts[MEAN1] = gan_global_average_pool(style->first);
    parts[DEVIATION1] = gan_channel_deviation(style->first, 0, 1);
    parts[MEAN2] = gan_global_average_pool(style->second);
    parts[DEVIATION2] = gan_channel_deviation(style->second, 0, 1);
    parts[WEIGHT1] = modulation(style->first, "weight1");
    parts[BIAS1] = modulation(style->first, "bias1");
    parts[WEIGHT2] = modulation(style->second, "weight2");
    parts[BIAS2] = modulation(style->second, "bias2");
    return gan_build_name(gan_concat(parts, CODE_PARTS, -1), code_name);
}

static gan_layer *part_of(gan_layer *code, int32_t part)
{
    return gan_slice(code, 3, (int64_t)part * FEATURES, FEATURES);
}

/* ---- The decoder ---- */

static gan_layer *normalize(gan_layer *x, gan_layer *code, int32_t mean, int32_t deviation, float strength)
{
    gan_layer *scale = gan_flatten(part_of(code, deviation));
    gan_layer *shift = gan_flatten(part_of(code, mean));
    gan_layer *y = gan_adain_affine(x, scale, shift, 0, 1);
    if (strength == 1)
        return y;
    return gan_add(gan_scale(y, strength, 0), gan_scale(x, 1 - strength, 0));
}

/* A residual block both of whose convolutions the style modulates. */
static gan_layer *modulated_block(gan_layer *x, gan_layer *code, int32_t number, int32_t weight_part)
{
    char name[NAME_SIZE];
    const struct convolution_sizes sizes = {FEATURES, 3, 1, 1};
    gan_layer *weight = part_of(code, weight_part), *bias = part_of(code, weight_part + BIAS1 - WEIGHT1);
    snprintf(name, sizeof name, "block%d_conv1", number);
    gan_layer *y = gan_relu(gan_modulate(convolve(x, "decoder", name, sizes), x, weight, bias));
    snprintf(name, sizeof name, "block%d_conv2", number);
    gan_layer *z = gan_modulate(convolve(y, "decoder", name, sizes), y, weight, bias);
    snprintf(name, sizeof name, "block%d", number);
    return name_layer(gan_add(x, z), "decoder", name);
}

static gan_layer *decode(const struct features *content, gan_layer *code, float strength)
{
    gan_layer *x = normalize(content->second, code, MEAN2, DEVIATION2, strength);
    x = modulated_block(gan_build_name(x, "adain"), code, 1, WEIGHT2);
    x = modulated_block(normalize(x, code, MEAN1, DEVIATION1, strength), code, 2, WEIGHT1);
    x = separable(gan_upsample_bilinear(x, 2), "decoder", "up1", (struct convolution_sizes){32, 3, 1, 32});
    x = separable(gan_upsample_bilinear(x, 2), "decoder", "up2", (struct convolution_sizes){16, 3, 1, 16});
    return gan_build_name(convolve(x, "decoder", "output_conv", (struct convolution_sizes){3, 9, 1, 1}),
                          "output");
}

static gan_status take_options(gan_microast_options *options, const gan_microast_options *given)
{
    const gan_status status = gan_copy_options(options, sizeof *options, given, "gan_microast_options");
    if (status == GAN_OK && options->strength == 0)
        options->strength = 1;
    if (status == GAN_OK && !(options->strength > 0 && options->strength <= 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "strength is %g, expected more than 0 and at most 1",
                        (double)options->strength);
    return status;
}

gan_status gan_microast_create(gan_model **out, gan_context *context, const gan_microast_options *given)
{
    static const int64_t picture[4] = {-1, -1, -1, 3};
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_microast_create: out is NULL");
    *out = NULL;
    gan_microast_options options;
    gan_graph *graph;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer *inputs[2] = {gan_input(graph, "content", picture, 4), gan_input(graph, "style", picture, 4)};
    const struct features content = encode(inputs[0], "content"), style = encode(inputs[1], "style");
    gan_layer *output = decode(&content, style_code(&style), options.strength);
    const struct build_words words = {"microast", "0..1", "0..1"};
    status = gan_build_end(out, graph, "microast", inputs, 2, &output, 1, &words);
    if (status == GAN_OK)
        status = gan_model_set_metadata(*out, "style_code", code_name);
    if (status != GAN_OK) {
        gan_model_free(*out);
        *out = NULL;
    }
    return status;
}
