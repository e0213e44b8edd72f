/* PatchGAN (Isola, Zhu, Zhou and Efros 2017): each logit judges one patch, at several sizes of the picture in
 * pix2pixHD (Wang et al. 2018), or one pixel. */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdio.h>

enum { NAME_SIZE = 64, MOST_DOUBLINGS = 3, MOST_LAYERS = 8, MOST_SCALES = 8 };

struct convolution_sizes {
    int32_t filters, kernel, stride, no_bias;
};

static gan_layer *convolve(gan_layer *x, const gan_patchgan_options *options, const char *name,
                           struct convolution_sizes sizes)
{
    const int32_t pad = sizes.kernel > 1 ? 1 : 0;
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = sizes.filters,
                                     .kernel = {sizes.kernel, sizes.kernel},
                                     .stride = {sizes.stride, sizes.stride},
                                     .pad = {pad, pad, pad, pad},
                                     .no_bias = sizes.no_bias,
                                     .initializer = GAN_INITIALIZER_NORMAL,
                                     .spectral_norm = options->spectral_norm};
    return gan_conv2d(x, &conv);
}

/* Layer `number` from 1; all but the first are normalized, which makes a bias before the norm useless. */
static gan_layer *stage(gan_layer *x, const gan_patchgan_options *options, const char *prefix, int32_t number,
                        int32_t kernel)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%sconv%d", prefix, number);
    const int32_t doublings = number - 1 < MOST_DOUBLINGS ? number - 1 : MOST_DOUBLINGS;
    const struct convolution_sizes sizes = {.filters = options->channels << doublings,
                                            .kernel = kernel,
                                            .stride = kernel > 1 && number <= options->layers ? 2 : 1,
                                            .no_bias = number > 1 && options->norm != GAN_NORM_NONE};
    gan_layer *y = convolve(x, options, name, sizes);
    return gan_leaky_relu(sizes.no_bias ? gan_build_norm(y, name, options->norm) : y, 0.2f);
}

/* What the layers of one PatchGAN are called begins with the prefix. */
static gan_layer *judge(gan_layer *x, const gan_patchgan_options *options, const char *prefix, int32_t kernel)
{
    char name[NAME_SIZE];
    for (int32_t number = 1; number <= options->layers + 1; number++)
        x = stage(x, options, prefix, number, kernel);
    snprintf(name, sizeof name, "%slogits", prefix);
    return convolve(x, options, name, (struct convolution_sizes){1, kernel, 1, 0});
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
    gan_layer *logits = judge(input, &options, "", 4);
    const struct build_words words = {"patchgan", "-1..1", "none"};
    return gan_build_end(out, graph, "patchgan", &input, 1, &logits, 1, &words);
}

/* ---- Pixels ---- */

gan_status gan_pixel_discriminator_create(gan_model **out, gan_context *context,
                                          const gan_patchgan_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_pixel_discriminator_create: out is NULL");
    *out = NULL;
    gan_patchgan_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK && given != NULL && given->layers != 0)
        status = gan_fail(GAN_ERROR_ARGUMENT, "layers is %d, expected 0: a pixel discriminator has two",
                          given->layers);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, options.input_channels);
    if (status != GAN_OK)
        return status;
    options.layers = 1;
    gan_layer *logits = judge(input, &options, "", 1);
    const struct build_words words = {"pixel_discriminator", "-1..1", "none"};
    return gan_build_end(out, graph, "pixel_discriminator", &input, 1, &logits, 1, &words);
}

/* ---- Several sizes ---- */

/* Half the size: means of 3x3 pixels of the picture, as pix2pixHD takes them. */
static gan_layer *halve(gan_layer *picture)
{
    const gan_pool_options pool = {
        .struct_size = sizeof pool, .kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1, 1, 1}};
    return gan_average_pool(picture, &pool);
}

static void judge_scales(gan_layer *picture, const gan_patchgan_options *options, gan_layer **logits,
                         int32_t scales)
{
    for (int32_t i = 0; i < scales; i++) {
        char prefix[NAME_SIZE / 2];
        snprintf(prefix, sizeof prefix, "scale%d_", i + 1);
        logits[i] = judge(picture, options, prefix, 4);
        if (i + 1 < scales)
            picture = halve(picture);
    }
}

gan_status gan_multiscale_patchgan_create(gan_model **out, gan_context *context, int32_t scales,
                                          const gan_patchgan_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_multiscale_patchgan_create: out is NULL");
    *out = NULL;
    gan_patchgan_options options;
    gan_graph *graph;
    gan_layer *input, *logits[MOST_SCALES];
    gan_status status = take_options(&options, given);
    if (status == GAN_OK && (scales < 0 || scales > MOST_SCALES))
        status = gan_fail(GAN_ERROR_ARGUMENT, "scales is %d, expected 1 to %d", scales, MOST_SCALES);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, options.input_channels);
    if (status != GAN_OK)
        return status;
    const int32_t count = scales > 0 ? scales : 3;
    judge_scales(input, &options, logits, count);
    const struct build_words words = {"multiscale_patchgan", "-1..1", "none"};
    return gan_build_end(out, graph, "multiscale_patchgan", &input, 1, logits, count, &words);
}
