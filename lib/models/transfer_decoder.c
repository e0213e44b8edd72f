/* The decoder for any style: a feature network backwards. */
#include "gan/transfer_decoder.h"
#include "base/context.h"
#include "models/build.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    DEFAULT_FEATURES = 48,
    DEFAULT_CHANNELS = 24,
    DEFAULT_DOUBLINGS = 1,
    MOST_FEATURES = 1024,
    MOST_CHANNELS = 256,
    MOST_DOUBLINGS = 4,
    CONTEXT_DOUBLINGS = 3,
    NAME_SIZE = 32
};

/* Channels at the full size, its half, ..., as multiples of the first. */
static const int32_t widths[MOST_DOUBLINGS + 1] = {1, 2, 4, 4, 4};

static gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t stride)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = name,
                                        .filters = filters,
                                        .kernel = {3, 3},
                                        .stride = {stride, stride},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_REFLECT,
                                        .initializer = GAN_INITIALIZER_HE_NORMAL};
    return gan_conv2d(x, &options);
}

static gan_layer *convolve_part(gan_layer *x, const char *what, int32_t stage, char part, int32_t filters,
                                int32_t stride)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s%" PRId32 "%c", what, stage + 1, part);
    return convolve(x, name, filters, stride);
}

/* What lies around, seen at an eighth of the picture's sides: strokes are wider than what a few convolutions
 * at a larger size take in. */
static gan_layer *add_context(gan_layer *x, const gan_transfer_decoder_options *options)
{
    gan_layer *y = x;
    for (int32_t stage = options->doublings + 1; stage <= CONTEXT_DOUBLINGS; stage++)
        y = gan_relu(convolve_part(y, "context", stage, 'a', widths[stage] * options->channels, 2));
    const int32_t width = widths[CONTEXT_DOUBLINGS] * options->channels;
    gan_layer *z = gan_relu(convolve_part(y, "context", CONTEXT_DOUBLINGS, 'b', width, 1));
    y = gan_relu(gan_add(y, convolve_part(z, "context", CONTEXT_DOUBLINGS, 'c', width, 1)));
    for (int32_t stage = CONTEXT_DOUBLINGS - 1; stage >= options->doublings; stage--) {
        y = convolve_part(gan_upsample_nearest(y, 2), "context", stage, 'd',
                          widths[stage] * options->channels, 1);
        y = gan_relu(stage == options->doublings ? gan_add(y, x) : y);
    }
    return y;
}

/* All at one size; the last already has as many channels as the next larger size takes. */
static gan_layer *decode_stage(gan_layer *x, const gan_transfer_decoder_options *options, int32_t stage)
{
    const int32_t width = widths[stage] * options->channels;
    const bool smallest = stage == options->doublings;
    x = gan_relu(convolve_part(x, "conv", stage, 'a', width, 1));
    if (smallest && options->doublings < CONTEXT_DOUBLINGS)
        x = add_context(x, options);
    if (smallest)
        x = gan_relu(convolve_part(x, "conv", stage, 'b', width, 1));
    if (stage == 0)
        return gan_sigmoid(convolve_part(x, "conv", stage, 'c', 3, 1));
    x = gan_relu(convolve_part(x, "conv", stage, 'c', widths[stage - 1] * options->channels, 1));
    return gan_upsample_nearest(x, 2);
}

static gan_status check(const char *name, int32_t value, int32_t most)
{
    if (value >= 1 && value <= most)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %" PRId32 ", expected 1 to %" PRId32, name, value, most);
}

static gan_status take_options(gan_transfer_decoder_options *options,
                               const gan_transfer_decoder_options *given)
{
    gan_status status = gan_copy_options(options, sizeof *options, given, "gan_transfer_decoder_options");
    if (status != GAN_OK)
        return status;
    options->features = options->features != 0 ? options->features : DEFAULT_FEATURES;
    options->channels = options->channels != 0 ? options->channels : DEFAULT_CHANNELS;
    options->doublings = options->doublings != 0 ? options->doublings : DEFAULT_DOUBLINGS;
    status = check("features", options->features, MOST_FEATURES);
    if (status == GAN_OK)
        status = check("channels", options->channels, MOST_CHANNELS);
    return status == GAN_OK ? check("doublings", options->doublings, MOST_DOUBLINGS) : status;
}

gan_status gan_transfer_decoder_create(gan_model **out, gan_context *context,
                                       const gan_transfer_decoder_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_transfer_decoder_create: out is NULL");
    *out = NULL;
    gan_transfer_decoder_options options;
    gan_graph *graph;
    gan_layer *input;
    gan_status status = take_options(&options, given);
    if (status == GAN_OK)
        status = gan_build_begin(&graph, &input, context, options.features);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_transfer_decoder_create: ");
    gan_layer *y = input;
    for (int32_t stage = options.doublings; stage >= 0; stage--)
        y = decode_stage(y, &options, stage);
    const struct build_words words = {"transfer_decoder", NULL, "0..1"};
    return gan_build_end(out, graph, "transfer_decoder", &input, 1, &y, 1, &words);
}
