/* The second article: I_s = G(I_c, S). Its 64x64x5 maps are reached by space-to-depth and a projection; there
 * the style matrix S enters as scale and shift of a normalized map; a decoder leads back to the picture. */
#include "models/articles.h"

enum { CHANNELS = 64, MAP_CHANNELS = 5, MAP_FACTOR = 4, KERNEL = 5 };

static gan_layer *convolve(gan_layer *x, const char *name, int32_t filters, int32_t kernel)
{
    const gan_conv2d_options conv = {.struct_size = sizeof conv,
                                     .name = name,
                                     .filters = filters,
                                     .kernel = {kernel, kernel},
                                     .padding = GAN_PAD_SAME,
                                     .initializer = GAN_INITIALIZER_GLOROT_UNIFORM};
    return gan_conv2d(x, &conv);
}

/* As printed: a reshape that only a batch of one makes comparable, and that never fits. */
static gan_layer *printed(gan_layer *x, int32_t map_size)
{
    const int64_t map[4] = {1, map_size, map_size, MAP_CHANNELS};
    return gan_reshape(convolve(x, "conv", CHANNELS, KERNEL), map, 4);
}

/* [N, s, s, 3] to the map [N, s / 4, s / 4, 5]. */
static gan_layer *map_of(gan_layer *picture)
{
    gan_layer *x = gan_relu(convolve(picture, "encode", CHANNELS, KERNEL));
    return convolve(gan_pixel_unshuffle(x, MAP_FACTOR), "map", MAP_CHANNELS, 1);
}

/* The map normalized, with a scale around 1 and a shift around 0 that follow from S. */
static gan_layer *fuse(gan_layer *map, gan_layer *style)
{
    const gan_dense_options dense = {.struct_size = sizeof dense,
                                     .name = "style",
                                     .units = 2 * MAP_CHANNELS,
                                     .initializer = GAN_INITIALIZER_GLOROT_UNIFORM};
    gan_layer *both = gan_dense(style, &dense);
    gan_layer *scale = gan_scale(gan_slice(both, 1, 0, MAP_CHANNELS), 1, 1);
    gan_layer *shift = gan_slice(both, 1, MAP_CHANNELS, MAP_CHANNELS);
    return gan_adain_affine(map, scale, shift, 1e-5f, 0);
}

static gan_layer *decode(gan_layer *map)
{
    gan_layer *x = gan_relu(convolve(map, "decode", CHANNELS, 1));
    x = gan_relu(convolve(gan_upsample_nearest(x, 2), "up1", CHANNELS, KERNEL));
    x = gan_relu(convolve(gan_upsample_nearest(x, 2), "up2", CHANNELS, KERNEL));
    return gan_tanh(convolve(x, "picture", 3, KERNEL));
}

gan_layer *gan_article_2_generator(gan_layer *content, gan_layer *style, const gan_article_options *options)
{
    if (options->reading == GAN_AS_PRINTED)
        return printed(content, options->size / MAP_FACTOR);
    return gan_build_name(decode(fuse(map_of(content), style)), "output");
}

gan_layer *gan_article_2_discriminator(gan_layer *x, const gan_article_options *options)
{
    if (options->reading == GAN_AS_PRINTED)
        return printed(x, options->size / MAP_FACTOR);
    gan_layer *features = gan_relu(convolve(map_of(x), "conv", CHANNELS, KERNEL));
    return convolve(features, "logits", 1, KERNEL);
}
