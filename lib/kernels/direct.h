/* A microkernel that reads pixels where they lie, unpacked: for layers of few output channels, where packing
 * would cost as much as multiplying. */
#ifndef GAN_KERNELS_DIRECT_H
#define GAN_KERNELS_DIRECT_H

#include <stdint.h>

/* out[p * out_step + c] = beta * out[...] + the sum over rows, columns and i of
 *     panel[row][column][i][c] * pixels[p * pixel_step + row * row_step + column * column_step + i]. */
struct direct_product {
    const float *pixels, *panel;
    int64_t pixel_step, row_step, column_step;
    int64_t rows, columns, length;
    int64_t count, channels; /* of pixels, and of out_channels: at most the panel's width */
    float beta;
    float *out;
    int64_t out_step;
};

typedef void (*direct_function)(const struct direct_product *product);

/* The kernel that goes with the panels of a kernel set. */
direct_function gan_direct_kernel(int32_t kernels);

void gan_direct_portable(const struct direct_product *product);
void gan_direct_avx2(const struct direct_product *product);
void gan_direct_avx512(const struct direct_product *product);

#endif
