/* The decoder for any style: a feature network backwards. */
#include "gan/transfer_decoder.h"
#include "base/context.h"
#include "models/build.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DEFAULT_FEATURES = 96,
    DEFAULT_CHANNELS = 24,
    DEFAULT_DOUBLINGS = 2,
    MOST_FEATURES = 1024,
    MOST_CHANNELS = 256,
    MOST_DOUBLINGS = 4,
    NAME_SIZE = 32
};

/* Channels at the full size, its half, ..., as multiples of the first. */
static const int32_t widths[MOST_DOUBLINGS + 1] = {1, 2, 4, 4, 4};

static gan_layer *convolve(gan_layer *x, int32_t stage, char part, int32_t filters)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "conv%" PRId32 "%c", stage + 1, part);
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = name,
                                        .filters = filters,
                                        .kernel = {3, 3},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_REFLECT,
                                        .initializer = GAN_INITIALIZER_HE_NORMAL};
    return gan_conv2d(x, &options);
}

/* All at one size; the last already has as many channels as the next larger size takes. */
static gan_layer *decode_stage(gan_layer *x, const gan_transfer_decoder_options *options, int32_t stage)
{
    const int32_t width = widths[stage] * options->channels;
    const char last = stage == options->doublings ? 'c' : 'b';
    for (char part = 'a'; part < last; part++)
        x = gan_relu(convolve(x, stage, part, width));
    if (stage == 0)
        return gan_sigmoid(convolve(x, stage, last, 3));
    x = gan_relu(convolve(x, stage, last, widths[stage - 1] * options->channels));
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
