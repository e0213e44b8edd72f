/* Microkernels that read pixels where they lie, unpacked. */
#ifndef GAN_KERNELS_DIRECT_H
#define GAN_KERNELS_DIRECT_H

#include "kernels/activation.h"

#include <stdint.h>

/* out[p * out_step + c] = activation(beta * out[...] + bias[c] + the sum over rows, columns and i of
 *     panel[row][column][i][c] * pixels[p * pixel_step + row * row_step + column * column_step + i]),
 * with beta 0 unless the activation is none. */
struct direct_product {
    const float *pixels, *panel;
    int64_t pixel_step, row_step, column_step;
    int64_t rows, columns, length;
    int64_t count, channels; /* of pixels, and of out_channels: at most the panel's width */
    float beta;
    const float *bias;            /* or NULL */
    struct activation activation; /* linear, ReLU or leaky ReLU */
    float *out;
    int64_t out_step;
    const float *coming; /* where as many pixels will be written soon, fetched meanwhile; or NULL */
    int64_t coming_step;
};

/* sums[k * sums_step + i] += the sum over rows and columns of gradient[row][column][k] *
 * source[row][column][i] for k < filters and i < length. Up to DIRECT_SLACK floats behind the last of source
 * are read, and not used. */
struct direct_correlation {
    const float *source, *gradient;
    int64_t source_row, source_column, gradient_row, gradient_column; /* steps in floats */
    int64_t rows, columns, filters, length;
    float *sums;
    int64_t sums_step;
};

enum { DIRECT_SLACK = 32 };

struct direct_kernels {
    void (*multiply)(const struct direct_product *product);
    void (*correlate)(const struct direct_correlation *correlation);
};

/* The kernels that go with the panels of a kernel set. */
const struct direct_kernels *gan_direct_kernels(int32_t kernels);

extern const struct direct_kernels gan_direct_portable, gan_direct_avx2, gan_direct_avx512;

#endif
