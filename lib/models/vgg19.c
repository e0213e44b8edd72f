/* VGG-19 (Simonyan and Zisserman 2015), normalised so that each filter's mean activation is one (Gatys et al.
 * 2015), as Universal Style Transfer (Li et al. 2017) publishes it: a first 1x1 convolution turns RGB 0..1
 * into the network's own input, and borders are reflected. */
#include "models/vgg19.h"
#include "models/build.h"

#include <stdbool.h>
#include <stdio.h>

static const struct {
    const char *name;
    int32_t filters;
    bool pool_before;
} convolutions[VGG19_LAYERS] = {
    {"normalize", 3, false}, {"1_1", 64, false},  {"1_2", 64, false},
    {"2_1", 128, true},      {"2_2", 128, false}, {"3_1", 256, true},
};

static gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t kernel)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters,
                                     .kernel = {kernel, kernel},
                                     .padding = GAN_PAD_HALF,
                                     .padding_mode = GAN_PADDING_REFLECT,
                                     .initializer = GAN_INITIALIZER_HE_NORMAL};
    return gan_conv2d(x, &conv);
}

static gan_layer *stage(gan_layer *x, int32_t index)
{
    char conv_name[16], relu_name[16];
    snprintf(conv_name, sizeof conv_name, "conv%s", convolutions[index].name);
    snprintf(relu_name, sizeof relu_name, "relu%s", convolutions[index].name);
    gan_layer *y = convolutions[index].pool_before ? gan_max_pool(x, NULL) : x;
    y = gan_relu(convolve(y, conv_name, convolutions[index].filters, 3));
    return gan_build_name(y, relu_name);
}

gan_status gan_vgg19_build(gan_model **out, gan_context *context, int32_t count)
{
    gan_graph *graph;
    gan_layer *input;
    const gan_status status = gan_build_begin(&graph, &input, context, 3);
    if (status != GAN_OK)
        return status;
    gan_layer *outputs[VGG19_LAYERS];
    outputs[0] = convolve(input, convolutions[0].name, convolutions[0].filters, 1);
    for (int32_t i = 1; i < count; i++)
        outputs[i] = stage(outputs[i - 1], i);
    const struct build_words words = {"vgg19", "0..1", "none"};
    return gan_build_end(out, graph, "vgg19", &input, 1, outputs + 1, count - 1, &words);
}

gan_status gan_vgg19_create(gan_model **out, gan_context *context)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_vgg19_create: out is NULL");
    *out = NULL;
    return gan_vgg19_build(out, context, VGG19_LAYERS);
}
