/* Decoders of Universal Style Transfer (Li et al. 2017): pictures out of what VGG-19 sees at relu1_1, relu2_1
 * or relu3_1; the network backwards, with nearest upsampling in the place of pooling. */
#include "models/build.h"
#include "models/vgg19.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* As the published files number their modules. */
static const struct {
    int32_t module;
    bool upsample_before;
} convolutions[VGG19_DECODER_LAYERS] = {{1, false}, {5, true}, {8, false}, {12, true}, {15, false}};

static const int32_t filters[VGG19_DECODERS][VGG19_DECODER_LAYERS] = {
    {3}, {64, 64, 3}, {128, 128, 64, 64, 3}};

int32_t gan_vgg19_decoder_layers(int32_t level)
{
    return 2 * level - 1;
}

int32_t gan_vgg19_decoder_module(int32_t layer)
{
    return convolutions[layer].module;
}

static gan_layer *convolve(gan_layer *x, int32_t level, int32_t layer)
{
    char name[16];
    snprintf(name, sizeof name, "conv%" PRId32, layer + 1);
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters[level - 1][layer],
                                     .kernel = {3, 3},
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT,
                                     .initializer = GAN_INITIALIZER_HE_NORMAL};
    gan_layer *y = gan_conv2d(convolutions[layer].upsample_before ? gan_upsample_nearest(x, 2) : x, &conv);
    return layer + 1 < gan_vgg19_decoder_layers(level) ? gan_relu(y) : y;
}

gan_status gan_vgg19_decoder_create(gan_model **out, gan_context *context, int32_t level)
{
    static const int32_t channels[VGG19_DECODERS] = {64, 128, 256};
    gan_graph *graph;
    gan_layer *input;
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_vgg19_decoder_create: out is NULL");
    *out = NULL;
    if (level < 1 || level > VGG19_DECODERS)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_vgg19_decoder_create: level is %" PRId32 ", expected 1 to %d", level,
                        VGG19_DECODERS);
    const gan_status status = gan_build_begin(&graph, &input, context, channels[level - 1]);
    if (status != GAN_OK)
        return status;
    gan_layer *y = input;
    for (int32_t layer = 0; layer < gan_vgg19_decoder_layers(level); layer++)
        y = convolve(y, level, layer);
    const struct build_words words = {"vgg19_decoder", NULL, "0..1"};
    return gan_build_end(out, graph, "vgg19_decoder", &input, 1, &y, 1, &words);
}
