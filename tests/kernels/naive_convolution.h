/* Convolution and its gradients in float64, as plainly as they are defined, with the magnitude of what is
 * summed, to which errors are compared. */
#ifndef NAIVE_CONVOLUTION_H
#define NAIVE_CONVOLUTION_H

#include "kernels/convolution.h"
#include <math.h>

/* The reference is right by inspection, and slow enough without being watched. */
#define UNWATCHED __attribute__((no_sanitize("address"), no_sanitize("undefined")))

struct value {
    double sum, magnitude;
};

UNWATCHED static inline void accumulate(struct value *value, double term)
{
    value->sum += term;
    value->magnitude += fabs(term);
}

/* The input position that a padded, upsampled position stands for, or -1. */
UNWATCHED static inline int64_t naive_source(int64_t position, int64_t size, int64_t upsample, int32_t mode)
{
    const int64_t high = size * upsample;
    if (position < 0 || position >= high) {
        if (mode == GAN_PADDING_ZERO)
            return -1;
        if (mode == GAN_PADDING_REPLICATE)
            position = position < 0 ? 0 : high - 1;
        else if (mode == GAN_PADDING_WRAP)
            position = (position % high + high) % high;
        else
            position = position < 0 ? -position : 2 * high - 2 - position;
    }
    return position / upsample;
}

/* Call visit for each triple (input index, weight index, output index) that is multiplied. */
typedef void (*naive_visit)(void *argument, int64_t input, int64_t weight, int64_t output);

UNWATCHED static inline void naive_pixel(const struct convolution_shape *s, int64_t n, int64_t oy, int64_t ox,
                                         int64_t r, int64_t c, naive_visit visit, void *argument)
{
    const int64_t y = naive_source(oy * s->stride_height + r * s->dilation_height - s->pad_top, s->height,
                                   s->upsample, s->padding_mode);
    const int64_t x = naive_source(ox * s->stride_width + c * s->dilation_width - s->pad_left, s->width,
                                   s->upsample, s->padding_mode);
    if (y < 0 || x < 0)
        return;
    const int64_t in = s->in_channels / s->groups, out = s->out_channels / s->groups;
    for (int64_t k = 0; k < s->out_channels; k++)
        for (int64_t i = 0; i < in; i++)
            visit(argument, ((n * s->height + y) * s->width + x) * s->in_channels + k / out * in + i,
                  ((k * s->kernel_height + r) * s->kernel_width + c) * in + i,
                  ((n * s->out_height + oy) * s->out_width + ox) * s->out_channels + k);
}

UNWATCHED static inline void naive_convolution(const struct convolution_shape *s, naive_visit visit,
                                               void *argument)
{
    for (int64_t n = 0; n < s->batch; n++)
        for (int64_t oy = 0; oy < s->out_height; oy++)
            for (int64_t ox = 0; ox < s->out_width; ox++)
                for (int64_t r = 0; r < s->kernel_height; r++)
                    for (int64_t c = 0; c < s->kernel_width; c++)
                        naive_pixel(s, n, oy, ox, r, c, visit, argument);
}

#endif
