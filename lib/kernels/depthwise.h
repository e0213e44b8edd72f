/* Kernels that keep channels apart: rows of pixels times one filter per channel. */
#ifndef GAN_KERNELS_DEPTHWISE_H
#define GAN_KERNELS_DEPTHWISE_H

#include <stdint.h>

/* Pixel p's tap (row, column) lies at pixels[p * pixel_step + row * row_step + column * column_step], for
 * each line of the destination line_step further. */
struct depthwise_row {
    const float *pixels;
    int64_t pixel_step, row_step, column_step, line_step;
    int64_t rows, columns; /* of taps */
    int64_t lines, count, channels;
};

struct depthwise_kernels {
    /* out[l * out_line + p * out_step + c] = the sum over taps of weights[tap][c] * the tap [c] of pixel p of
     * line l. */
    void (*multiply)(const struct depthwise_row *row, const float *weights, float *out, int64_t out_line,
                     int64_t out_step);
    /* One line: sums[tap][c] += the sum over pixels of gradient[p * gradient_step + c] * pixel p's tap [c].
     */
    void (*correlate)(const struct depthwise_row *row, const float *gradient, int64_t gradient_step,
                      float *sums);
};

const struct depthwise_kernels *gan_depthwise_kernels(int32_t kernels);

extern const struct depthwise_kernels gan_depthwise_portable, gan_depthwise_avx2, gan_depthwise_avx512;

#endif
