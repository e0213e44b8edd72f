/* PatchGAN (Isola, Zhu, Zhou and Efros 2017): each logit judges one patch. */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdio.h>

enum { NAME_SIZE = 64, MOST_DOUBLINGS = 3, MOST_LAYERS = 8 };

struct convolution_sizes {
    int32_t filters, stride, no_bias;
};

static gan_layer *convolve(gan_layer *x, const gan_patchgan_options *options, const char *name,
                           struct convolution_sizes sizes)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = sizes.filters,
                                     .kernel = {4, 4},
                                     .stride = {sizes.stride, sizes.stride},
                                     .pad = {1, 1, 1, 1},
                                     .no_bias = sizes.no_bias,
                                     .initializer = GAN_INITIALIZER_NORMAL,
                                     .spectral_norm = options->spectral_norm};
    return gan_conv2d(x, &conv);
}

/* Layer `number` from 1; all but the first are normalized, which makes a bias before the norm useless. */
static gan_layer *stage(gan_layer *x, const gan_patchgan_options *options, int32_t number)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "conv%d", number);
    const int32_t doublings = number - 1 < MOST_DOUBLINGS ? number - 1 : MOST_DOUBLINGS;
    const int32_t stride = number <= options->layers ? 2 : 1;
    const int32_t normalized = number > 1 && options->norm != GAN_NORM_NONE;
    gan_layer *y = convolve(x, options, name,
                            (struct convolution_sizes){options->channels << doublings, stride, normalized});
    return gan_leaky_relu(normalized ? gan_build_norm(y, name, options->norm) : y, 0.2f);
}

static gan_layer *judge(gan_layer *x, const gan_patchgan_options *options)
{
    for (int32_t number = 1; number <= options->layers + 1; number++)
        x = stage(x, options, number);
    return convolve(x, options, "logits", (struct convolution_sizes){1, 1, 0});
}

static gan_status take_options(gan_patchgan_options *options, const gan_patchgan_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_patchgan_options");
    if (status != GAN_OK)
        return status;
    if (options->input_channels == 0)
        options->input_channels = 3;
    if (options->channels == 0)
        options->channels = 64;
    if (options->layers == 0)
        options->layers = 3;
    status = gan_build_check("input_channels", options->input_channels, 1);
    if (status == GAN_OK)
        status = gan_build_check("channels", options->channels, 1);
    if (status != GAN_OK)
        return status;
    if (options->layers < 1 || options->layers > MOST_LAYERS)
        return gan_fail(GAN_ERROR_ARGUMENT, "layers is %d, expected 1 to %d", options->layers, MOST_LAYERS);
    return gan_build_take_norm(&options->norm, GAN_NORM_INSTANCE);
}

gan_status gan_patchgan_create(gan_model **out, gan_context *context, const gan_patchgan_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_patchgan_create: out is NULL");
    *out = NULL;
    gan_patchgan_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, options.input_channels);
    if (status != GAN_OK)
        return status;
    gan_layer *logits = judge(input, &options);
    const struct build_words words = {"patchgan", "-1..1", "none"};
    return gan_build_end(out, graph, "patchgan", &input, 1, &logits, 1, &words);
}
