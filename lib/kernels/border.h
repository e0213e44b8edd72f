/* Adding a border to NHWC pictures, and the gradient of that. */
#ifndef GAN_KERNELS_BORDER_H
#define GAN_KERNELS_BORDER_H

#include "base/context.h"

struct border {
    int64_t batch, height, width, channels; /* without the border */
    int64_t top, left, bottom, right;
    int32_t mode; /* GAN_PADDING_* */
};

/* to: [batch, top + height + bottom, left + width + right, channels]. Reflection needs borders smaller than
 * the picture. */
void gan_border_add(gan_context *context, const struct border *border, const float *from, float *to);

/* The inside of a bordered picture: to is [batch, height, width, channels]. */
void gan_border_cut(gan_context *context, const struct border *border, const float *from, float *to);

/* Gradient of gan_border_add: what the border shows is added where it comes from. */
void gan_border_fold(gan_context *context, const struct border *border, const float *dy, float *dx);

#endif
