/* Pooling of NHWC pictures by windows. */
#ifndef GAN_KERNELS_POOLING_H
#define GAN_KERNELS_POOLING_H

#include "base/context.h"
#include <stdbool.h>

struct pooling {
    int64_t batch, height, width, channels; /* of the input */
    int64_t out_height, out_width;
    int64_t kernel[2], stride[2];
    int64_t pad[4]; /* top, left, bottom, right */
    bool count_padding;
};

/* Windows along one axis, or 0 where the kernel is larger than the padded input. With `ceil` a last window
 * may hang over the edge, but it must start inside the input or the padding before it (as PyTorch). */
int64_t gan_pooling_windows(int64_t size, int64_t kernel, int64_t stride, int64_t before, int64_t after,
                            bool ceil);

/* `winners` (may be NULL) receives for each output element the position in the window that won, counted row
 * by row. NaN wins. */
void gan_max_pool_forward(gan_context *context, const struct pooling *pooling, const float *x, float *y,
                          int32_t *winners);
void gan_max_pool_backward(gan_context *context, const struct pooling *pooling, const int32_t *winners,
                           const float *dy, float *dx);

/* y = the element of x that won in each window. */
void gan_max_pool_select(gan_context *context, const struct pooling *pooling, const int32_t *winners,
                         const float *x, float *y);

void gan_average_pool_forward(gan_context *context, const struct pooling *pooling, const float *x, float *y);
void gan_average_pool_backward(gan_context *context, const struct pooling *pooling, const float *dy,
                               float *dx);

#endif
