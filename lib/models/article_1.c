/* The first article: convolutions, upsampling, and a discriminator that never strides. Keras' conventions. */
#include "models/articles.h"

#include <stdio.h>

enum { CHANNELS = 64, STAGES = 2, NAME_SIZE = 32 };

static gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t stride)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters,
                                     .kernel = {3, 3},
                                     .stride = {stride, stride},
                                     .padding = GAN_PAD_SAME,
                                     .initializer = GAN_INITIALIZER_GLOROT_UNIFORM};
    return gan_conv2d(x, &conv);
}

/* Convolution, ReLU, then batch norm: the article's order. */
static gan_layer *stage(gan_layer *x, const char *kind, int32_t number, int32_t stride)
{
    char name[NAME_SIZE], norm_name[NAME_SIZE];
    snprintf(name, sizeof name, "%s%d", kind, number);
    snprintf(norm_name, sizeof norm_name, "%s%d_norm", kind, number);
    const gan_norm_options norm = {
        .struct_size = sizeof norm, .name = norm_name, .epsilon = 1e-3f, .momentum = 0.01f};
    return gan_batch_norm(gan_relu(convolve(x, name, CHANNELS, stride)), &norm);
}

gan_layer *gan_article_1_generator(gan_layer *x, const gan_article_options *options)
{
    for (int32_t i = 1; options->encode > 0 && i <= STAGES; i++)
        x = stage(x, "encode", i, 2);
    for (int32_t i = 1; i <= STAGES; i++)
        x = gan_upsample_nearest(stage(x, "conv", i, 1), 2);
    return gan_build_name(gan_tanh(convolve(x, "picture", 3, 1)), "output");
}

gan_layer *gan_article_1_discriminator(gan_layer *x)
{
    for (int32_t i = 0; i < 3; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "conv%d", i + 1);
        x = gan_leaky_relu(convolve(x, name, CHANNELS << i, 1), 0.2f);
    }
    const gan_dense_options dense = {.struct_size = sizeof dense,
                                     .name = "dense",
                                     .units = 1,
                                     .initializer = GAN_INITIALIZER_GLOROT_UNIFORM};
    return gan_build_name(gan_sigmoid(gan_dense(gan_flatten(x), &dense)), "output");
}
