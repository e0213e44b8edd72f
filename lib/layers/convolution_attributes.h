/* What the kinds of convolutions are made with. */
#ifndef GAN_LAYERS_CONVOLUTION_ATTRIBUTES_H
#define GAN_LAYERS_CONVOLUTION_ATTRIBUTES_H

#include "layers/window.h"

#include <stdint.h>

struct conv2d_attributes {
    int32_t in_channels, filters, groups;
    int32_t kernel[2], stride[2], dilation[2];
    int32_t padding, pad[4], padding_mode;
    int32_t no_bias;
};

struct conv2d_transpose_attributes {
    int32_t in_channels, filters;
    int32_t kernel[2], stride[2];
    int32_t padding, pad[4], output_padding[2];
    int32_t no_bias;
};

/* Along axis 0, height, or 1, width. */
static inline struct window gan_convolution_window(const struct conv2d_attributes *attributes, int32_t axis)
{
    return (struct window){.kernel = attributes->kernel[axis],
                           .stride = attributes->stride[axis],
                           .dilation = attributes->dilation[axis],
                           .padding = attributes->padding,
                           .explicit = {attributes->pad[axis], attributes->pad[axis + 2]}};
}

/* The window of the convolution of which this is the gradient. */
static inline struct window gan_transposed_window(const struct conv2d_transpose_attributes *attributes,
                                                  int32_t axis)
{
    return (struct window){.kernel = attributes->kernel[axis],
                           .stride = attributes->stride[axis],
                           .dilation = 1,
                           .padding = attributes->padding,
                           .explicit = {attributes->pad[axis], attributes->pad[axis + 2]}};
}

#endif
