/* U-Net generator of pix2pix (Isola, Zhu, Zhou and Efros 2017). A stage is one convolution down and the
 * one back up; what lies between them is the next stage, at half the size. */
#include "base/context.h"
#include "gan/networks.h"
#include "models/build.h"

#include <stdbool.h>
#include <stdio.h>

enum { NAME_SIZE = 64, MOST_DOUBLINGS = 3, MOST_DOWNS = 12, DROPOUTS = 3 };

static void stage_name(char name[NAME_SIZE], const char *direction, int32_t number)
{
    snprintf(name, NAME_SIZE, "%s%d", direction, number);
}

/* Channels that stage `number` (from 1) gives downwards. */
static int32_t channels_at(const gan_unet_options *options, int32_t number)
{
    return options->channels << (number - 1 < MOST_DOUBLINGS ? number - 1 : MOST_DOUBLINGS);
}

static gan_layer *shrink(gan_layer *x, const gan_unet_options *options, int32_t number)
{
    char name[NAME_SIZE];
    stage_name(name, "down", number);
    const bool normalized = number > 1 && number < options->downs && options->norm != GAN_NORM_NONE;
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = channels_at(options, number),
                                     .kernel = {4, 4},
                                     .stride = {2, 2},
                                     .pad = {1, 1, 1, 1},
                                     .no_bias = normalized,
                                     .initializer = GAN_INITIALIZER_NORMAL};
    gan_layer *y = gan_conv2d(number > 1 ? gan_leaky_relu(x, 0.2f) : x, &conv);
    return normalized ? gan_build_norm(y, name, options->norm) : y;
}

static gan_layer *transpose(gan_layer *x, const char *name, int32_t filters, int32_t no_bias)
{
    const gan_conv2d_transpose_options conv = {.struct_size = sizeof conv,
                                               .name = name,
                                               .filters = filters,
                                               .kernel = {4, 4},
                                               .stride = {2, 2},
                                               .pad = {1, 1, 1, 1},
                                               .no_bias = no_bias,
                                               .initializer = GAN_INITIALIZER_NORMAL};
    return gan_conv2d_transpose(x, &conv);
}

/* Every pixel comes from as many products as its neighbours, and the border from no zeros. */
static gan_layer *resize(gan_layer *x, const char *name, int32_t filters, int32_t no_bias)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters,
                                     .kernel = {3, 3},
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT,
                                     .no_bias = no_bias,
                                     .initializer = GAN_INITIALIZER_NORMAL};
    return gan_conv2d(gan_upsample_nearest(x, 2), &conv);
}

static gan_layer *enlarge(gan_layer *x, const gan_unet_options *options, int32_t number)
{
    char name[NAME_SIZE];
    stage_name(name, "up", number);
    const int32_t filters = number > 1 ? channels_at(options, number - 1) : options->output_channels;
    const int32_t no_bias = number > 1 && options->norm != GAN_NORM_NONE;
    gan_layer *y = options->resize_convolution ? resize(gan_relu(x), name, filters, no_bias)
                                               : transpose(gan_relu(x), name, filters, no_bias);
    return number > 1 ? gan_build_norm(y, name, options->norm) : y;
}

/* In the stages of full width next to the innermost. */
static bool drops(const gan_unet_options *options, int32_t number)
{
    const int32_t from_inside = options->downs - number;
    return options->dropout > 0 && from_inside >= 1 && from_inside <= DROPOUTS && number > MOST_DOUBLINGS + 1;
}

static gan_layer *translate(gan_layer *x, const gan_unet_options *options)
{
    gan_layer *downward[MOST_DOWNS + 1] = {x};
    for (int32_t number = 1; number <= options->downs; number++)
        downward[number] = shrink(downward[number - 1], options, number);
    gan_layer *y = enlarge(downward[options->downs], options, options->downs);
    for (int32_t number = options->downs - 1; number > 0; number--) {
        y = gan_concat((gan_layer *const[]){downward[number], y}, 2, 3);
        y = enlarge(y, options, number);
        if (drops(options, number))
            y = gan_dropout(y, options->dropout);
    }
    return gan_build_name(gan_tanh(y), "output");
}

static void fill_defaults(gan_unet_options *options)
{
    if (options->input_channels == 0)
        options->input_channels = 3;
    if (options->output_channels == 0)
        options->output_channels = 3;
    if (options->channels == 0)
        options->channels = 64;
    if (options->downs == 0)
        options->downs = 8;
    if (options->dropout == 0)
        options->dropout = 0.5f;
}

static gan_status take_options(gan_unet_options *options, const gan_unet_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_unet_options");
    if (status != GAN_OK)
        return status;
    fill_defaults(options);
    status = gan_build_check("input_channels", options->input_channels, 1);
    if (status == GAN_OK)
        status = gan_build_check("output_channels", options->output_channels, 1);
    if (status == GAN_OK)
        status = gan_build_check("channels", options->channels, 1);
    if (status == GAN_OK && (options->downs < 2 || options->downs > MOST_DOWNS))
        status = gan_fail(GAN_ERROR_ARGUMENT, "downs is %d, expected 2 to %d", options->downs, MOST_DOWNS);
    return status == GAN_OK ? gan_build_take_norm(&options->norm, GAN_NORM_BATCH) : status;
}

/* Each stage halves the size evenly, or the way back up would not meet it. */
static gan_status name_multiple(gan_model **model, int32_t downs)
{
    char text[16];
    snprintf(text, sizeof text, "%d", 1 << downs);
    const gan_status status = gan_model_set_metadata(*model, "size_multiple", text);
    if (status != GAN_OK) {
        gan_model_free(*model);
        *model = NULL;
    }
    return status;
}

gan_status gan_unet_create(gan_model **out, gan_context *context, const gan_unet_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_unet_create: out is NULL");
    *out = NULL;
    gan_unet_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, options.input_channels);
    if (status != GAN_OK)
        return status;
    gan_layer *output = translate(input, &options);
    const struct build_words words = {"unet", "-1..1", "-1..1"};
    status = gan_build_end(out, graph, "generator", &input, 1, &output, 1, &words);
    return status == GAN_OK ? name_multiple(out, options.downs) : status;
}
