/* Moving and filling rectangular parts of arrays at the speed of memory. */
#ifndef GAN_KERNELS_BLOCKS_H
#define GAN_KERNELS_BLOCKS_H

#include "base/context.h"

/* Rows of `columns` floats, strides in floats. */
struct row_copy {
    float *to;
    int64_t to_stride;
    const float *from;
    int64_t from_stride;
    int64_t rows, columns;
};

void gan_copy_rows(gan_context *context, const struct row_copy *copy);
void gan_copy_floats(gan_context *context, float *to, const float *from, int64_t count);
void gan_fill_floats(gan_context *context, float *to, float value, int64_t count);

/* to = factor from + offset; may be in place. */
void gan_scale_floats(gan_context *context, float *to, const float *from, float factor, float offset,
                      int64_t count);

#endif
