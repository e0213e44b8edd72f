/* Image-transformation network of Johnson, Alahi and Fei-Fei 2016 (supplementary material, table 1), with
 * reflect padding at every convolution. */
#include "models/johnson.h"
#include "base/context.h"

#include <stdbool.h>
#include <stdio.h>

enum { NAME_SIZE = 64 };

/* What the convolutions of the network differ in. */
struct convolution_sizes {
    int32_t filters, kernel, stride;
};

static gan_layer *convolve(gan_layer *x, const gan_johnson_options *options, const char *name,
                           struct convolution_sizes sizes)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = sizes.filters,
                                     .kernel = {sizes.kernel, sizes.kernel},
                                     .stride = {sizes.stride, sizes.stride},
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT,
                                     .no_bias = options->no_bias};
    return gan_conv2d(x, &conv);
}

/* The instance norm that belongs to the convolution `name`. */
static gan_layer *normalize(gan_layer *x, const gan_johnson_options *options, const char *name)
{
    char norm_name[NAME_SIZE];
    snprintf(norm_name, sizeof norm_name, "%.*s_norm", NAME_SIZE - 6, name);
    const gan_norm_options norm = {
        .struct_size = sizeof norm, .name = norm_name, .epsilon = options->epsilon};
    return gan_instance_norm(x, &norm);
}

static gan_layer *stage(gan_layer *x, const gan_johnson_options *options, const char *name,
                        struct convolution_sizes sizes)
{
    return gan_relu(normalize(convolve(x, options, name, sizes), options, name));
}

static gan_layer *residual_block(gan_layer *x, const gan_johnson_options *options, int32_t number)
{
    char first[NAME_SIZE], second[NAME_SIZE];
    snprintf(first, sizeof first, "block%d_conv1", number);
    snprintf(second, sizeof second, "block%d_conv2", number);
    const struct convolution_sizes sizes = {4 * options->channels, 3, 1};
    gan_layer *y = stage(x, options, first, sizes);
    return gan_add(x, normalize(convolve(y, options, second, sizes), options, second));
}

static gan_layer *transpose(gan_layer *x, const gan_johnson_options *options, const char *name,
                            int32_t filters)
{
    const gan_conv2d_transpose_options conv = {.struct_size = sizeof conv,
                                               .name = name,
                                               .filters = filters,
                                               .kernel = {3, 3},
                                               .stride = {2, 2},
                                               .padding = GAN_PAD_SAME,
                                               .no_bias = options->no_bias};
    return gan_conv2d_transpose(x, &conv);
}

static gan_layer *upsample(gan_layer *x, const gan_johnson_options *options, const char *name,
                           int32_t filters)
{
    if (options->upsampling == GAN_UPSAMPLE_TRANSPOSED)
        return gan_relu(normalize(transpose(x, options, name, filters), options, name));
    return stage(gan_upsample_nearest(x, 2), options, name, (struct convolution_sizes){filters, 3, 1});
}

static gan_layer *finish(gan_layer *x, const gan_johnson_options *options,
                         const struct johnson_variant *variant)
{
    gan_layer *y = convolve(x, options, "output_conv", (struct convolution_sizes){3, options->kernel, 1});
    if (options->normalize_output)
        y = normalize(y, options, "output_conv");
    if (options->output == GAN_OUTPUT_SIGMOID)
        y = gan_sigmoid(y);
    if (options->output == GAN_OUTPUT_TANH)
        y = gan_tanh(y);
    if (variant->output_factor != 0)
        y = gan_scale(y, variant->output_factor, variant->output_offset);
    return gan_build_name(y, "output");
}

static gan_layer *transform(gan_layer *x, const gan_johnson_options *options,
                            const struct johnson_variant *variant)
{
    const int32_t channels = options->channels;
    gan_layer *y = stage(x, options, "conv1", (struct convolution_sizes){channels, options->kernel, 1});
    y = stage(y, options, "down1", (struct convolution_sizes){2 * channels, 3, 2});
    y = stage(y, options, "down2", (struct convolution_sizes){4 * channels, 3, 2});
    for (int32_t i = 0; i < options->blocks; i++)
        y = residual_block(y, options, i + 1);
    y = upsample(y, options, "up1", 2 * channels);
    y = upsample(y, options, "up2", channels);
    return finish(y, options, variant);
}

static gan_status check(const gan_johnson_options *options)
{
    gan_status status = gan_build_check("channels", options->channels, 1);
    if (status == GAN_OK)
        status = gan_build_check("blocks", options->blocks, 1);
    if (status == GAN_OK)
        status = gan_build_check("kernel", options->kernel, 1);
    if (status != GAN_OK)
        return status;
    if (options->kernel % 2 == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "kernel is %d, expected an odd number", options->kernel);
    if (options->upsampling < GAN_UPSAMPLE_NEAREST || options->upsampling > GAN_UPSAMPLE_TRANSPOSED)
        return gan_fail(GAN_ERROR_ARGUMENT, "upsampling is %d, expected GAN_UPSAMPLE_*", options->upsampling);
    if (options->output < GAN_OUTPUT_SIGMOID || options->output > GAN_OUTPUT_LINEAR)
        return gan_fail(GAN_ERROR_ARGUMENT, "output is %d, expected GAN_OUTPUT_*", options->output);
    return GAN_OK;
}

gan_status gan_johnson_build(gan_model **out, gan_context *context, const gan_johnson_options *options,
                             const struct johnson_variant *variant)
{
    gan_graph *graph;
    gan_layer *input;
    gan_status status = check(options);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, 3);
    if (status != GAN_OK)
        return status;
    gan_layer *output = transform(input, options, variant);
    return gan_build_end(out, graph, "johnson", &input, 1, &output, 1, &variant->words);
}

static void fill_defaults(gan_johnson_options *options)
{
    if (options->channels == 0)
        options->channels = 32;
    if (options->blocks == 0)
        options->blocks = 5;
    if (options->kernel == 0)
        options->kernel = 9;
}

gan_status gan_johnson_create(gan_model **out, gan_context *context, const gan_johnson_options *given)
{
    static const char *const ranges[] = {"0..1", "-1..1", "none"};
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_johnson_create: out is NULL");
    *out = NULL;
    gan_johnson_options options;
    const gan_status status = gan_copy_options(&options, sizeof options, given, "gan_johnson_options");
    if (status != GAN_OK)
        return status;
    fill_defaults(&options);
    const bool known = options.output >= GAN_OUTPUT_SIGMOID && options.output <= GAN_OUTPUT_LINEAR;
    const struct johnson_variant variant = {
        .words = {"johnson", "0..1", known ? ranges[options.output] : NULL}};
    return gan_johnson_build(out, context, &options, &variant);
}
