/* ResNet generator of CycleGAN (Zhu, Park, Isola and Efros 2017). Blocks of depthwise-separable convolutions
 * as in "GAN Compression" (Li, Lin, Ding, Liu, Zhu and Han 2020). */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdio.h>

enum { NAME_SIZE = 64 };

/* What the convolutions of the network differ in. */
struct convolution_sizes {
    int32_t filters, kernel, stride, groups;
};

static gan_layer *convolve(gan_layer *x, const char *name, struct convolution_sizes sizes, int32_t no_bias)
{
    /* As the authors do: reflect padding but where the picture shrinks. */
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = sizes.filters,
                                     .kernel = {sizes.kernel, sizes.kernel},
                                     .stride = {sizes.stride, sizes.stride},
                                     .groups = sizes.groups,
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode =
                                         sizes.stride > 1 ? GAN_PADDING_ZERO : GAN_PADDING_REFLECT,
                                     .no_bias = no_bias,
                                     .initializer = GAN_INITIALIZER_NORMAL};
    return gan_conv2d(x, &conv);
}

/* A bias before a norm is useless. */
static gan_layer *normalized(gan_layer *x, const gan_resnet_generator_options *options, const char *name,
                             struct convolution_sizes sizes)
{
    gan_layer *y = convolve(x, name, sizes, options->norm != GAN_NORM_NONE);
    return gan_build_norm(y, name, options->norm);
}

/* ---- Residual blocks ---- */

static gan_layer *separable(gan_layer *x, const gan_resnet_generator_options *options, const char *name)
{
    char depthwise[NAME_SIZE];
    snprintf(depthwise, sizeof depthwise, "%.*s_depthwise", NAME_SIZE - 11, name);
    const int32_t width = 4 * options->channels;
    gan_layer *y = normalized(x, options, depthwise, (struct convolution_sizes){width, 3, 1, width});
    return normalized(y, options, name, (struct convolution_sizes){width, 1, 1, 1});
}

static gan_layer *block_half(gan_layer *x, const gan_resnet_generator_options *options, int32_t number,
                             int32_t half)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "block%d_conv%d", number, half);
    if (options->separable)
        return separable(x, options, name);
    return normalized(x, options, name, (struct convolution_sizes){4 * options->channels, 3, 1, 1});
}

static gan_layer *residual_block(gan_layer *x, const gan_resnet_generator_options *options, int32_t number)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "block%d", number);
    gan_layer *y = gan_relu(block_half(x, options, number, 1));
    if (options->dropout > 0)
        y = gan_dropout(y, options->dropout);
    return gan_build_name(gan_add(x, block_half(y, options, number, 2)), name);
}

/* ---- The rest ---- */

static gan_layer *transpose(gan_layer *x, const gan_resnet_generator_options *options, const char *name,
                            int32_t filters)
{
    const gan_conv2d_transpose_options conv = {.struct_size = sizeof conv,
                                               .name = name,
                                               .filters = filters,
                                               .kernel = {3, 3},
                                               .stride = {2, 2},
                                               .pad = {1, 1, 1, 1},
                                               .output_padding = {1, 1},
                                               .no_bias = options->norm != GAN_NORM_NONE,
                                               .initializer = GAN_INITIALIZER_NORMAL};
    return gan_build_norm(gan_conv2d_transpose(x, &conv), name, options->norm);
}

static gan_layer *enlarge(gan_layer *x, const gan_resnet_generator_options *options, const char *name,
                          int32_t filters)
{
    if (options->upsampling == GAN_UPSAMPLE_TRANSPOSED)
        return gan_relu(transpose(x, options, name, filters));
    const struct convolution_sizes sizes = {filters, 3, 1, 1};
    return gan_relu(normalized(gan_upsample_nearest(x, 2), options, name, sizes));
}

static gan_layer *translate(gan_layer *x, const gan_resnet_generator_options *options)
{
    const int32_t channels = options->channels;
    gan_layer *y = gan_relu(normalized(x, options, "conv1", (struct convolution_sizes){channels, 7, 1, 1}));
    y = gan_relu(normalized(y, options, "down1", (struct convolution_sizes){2 * channels, 3, 2, 1}));
    y = gan_relu(normalized(y, options, "down2", (struct convolution_sizes){4 * channels, 3, 2, 1}));
    for (int32_t number = 1; number <= options->blocks; number++)
        y = residual_block(y, options, number);
    y = enlarge(y, options, "up1", 2 * channels);
    y = enlarge(y, options, "up2", channels);
    y = convolve(y, "output_conv", (struct convolution_sizes){options->output_channels, 7, 1, 1}, 0);
    return gan_build_name(gan_tanh(y), "output");
}

static void fill_defaults(gan_resnet_generator_options *options)
{
    if (options->input_channels == 0)
        options->input_channels = 3;
    if (options->output_channels == 0)
        options->output_channels = 3;
    if (options->channels == 0)
        options->channels = 64;
    if (options->blocks == 0)
        options->blocks = 9;
}

static gan_status take_options(gan_resnet_generator_options *options,
                               const gan_resnet_generator_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_resnet_generator_options");
    if (status != GAN_OK)
        return status;
    fill_defaults(options);
    const struct {
        const char *name;
        int32_t value;
    } counts[] = {{"input_channels", options->input_channels},
                  {"output_channels", options->output_channels},
                  {"channels", options->channels},
                  {"blocks", options->blocks}};
    for (size_t i = 0; status == GAN_OK && i < sizeof counts / sizeof counts[0]; i++)
        status = gan_build_check(counts[i].name, counts[i].value, 1);
    if (status == GAN_OK &&
        (options->upsampling < GAN_UPSAMPLE_NEAREST || options->upsampling > GAN_UPSAMPLE_TRANSPOSED))
        status =
            gan_fail(GAN_ERROR_ARGUMENT, "upsampling is %d, expected GAN_UPSAMPLE_*", options->upsampling);
    return status == GAN_OK ? gan_build_take_norm(&options->norm, GAN_NORM_INSTANCE) : status;
}

gan_status gan_resnet_generator_create(gan_model **out, gan_context *context,
                                       const gan_resnet_generator_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_resnet_generator_create: out is NULL");
    *out = NULL;
    gan_resnet_generator_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, options.input_channels);
    if (status != GAN_OK)
        return status;
    gan_layer *output = translate(input, &options);
    const struct build_words words = {"resnet_generator", "-1..1", "-1..1"};
    return gan_build_end(out, graph, "generator", &input, 1, &output, 1, &words);
}
