/* Elementwise arithmetic on two arrays of which either may be stretched along axes of size 1. */
#ifndef GAN_KERNELS_BROADCAST_H
#define GAN_KERNELS_BROADCAST_H

#include "base/context.h"
#include "tensor/shape.h"

/* The output's axes, neighbours merged where they step alike; the last one is contiguous. A stride of 0 is
 * a stretched axis. */
struct broadcast {
    int32_t rank;
    int64_t size[GAN_MAX_RANK];
    int64_t a_stride[GAN_MAX_RANK], b_stride[GAN_MAX_RANK], y_stride[GAN_MAX_RANK];
};

/* `a` and `b` have the rank of `y`, and in each axis its size or 1. */
struct broadcast gan_broadcast_make(const struct shape *a, const struct shape *b, const struct shape *y);

enum binary_operation { BINARY_ADD, BINARY_SUBTRACT, BINARY_MULTIPLY };

/* y = a operation b */
void gan_broadcast_apply(gan_context *context, const struct broadcast *broadcast,
                         enum binary_operation operation, const float *a, const float *b, float *y);

/* a = sum of factor * y * b over the axes along which a is stretched; without * b where b is NULL.
 * In double, with fixed cuts; workspace is 8-byte aligned. */
size_t gan_broadcast_sum_workspace_size(const struct broadcast *broadcast);
void gan_broadcast_sum(gan_context *context, const struct broadcast *broadcast, float factor, const float *y,
                       const float *b, float *a, void *workspace);

#endif
