/* Pictures whose pixels are fetched from displaced places, by bilinear interpolation. */
#ifndef GAN_KERNELS_WARP_H
#define GAN_KERNELS_WARP_H

#include "base/context.h"

struct warp {
    int64_t batch, height, width, channels;
    const float *displacement; /* [N, H, W, 2]: rows down, columns to the right */
};

/* y(row, column) = x(row + down, column + right), places outside moved to the border. */
void gan_warp_forward(gan_context *context, const struct warp *warp, const float *x, float *y);

/* dx is overwritten. */
void gan_warp_backward(gan_context *context, const struct warp *warp, const float *dy, float *dx);

#endif
