/* The innermost loops of normalization: over pixels whose channels lie side by side, vectorised along the
 * channels, once for each kernel set. */
#ifndef GAN_KERNELS_CHANNEL_LOOPS_H
#define GAN_KERNELS_CHANNEL_LOOPS_H

#include <stdint.h>

/* y = (x - center) scale + shift, per channel. Subtracting first keeps all digits where mean >> deviation. */
struct channel_affine {
    const float *center, *scale, *shift;
};

/* dx = of_gradient dy + of_input (x - center) + offset, per channel. */
struct channel_blend {
    const float *center, *of_gradient, *of_input, *offset;
};

struct channel_loops {
    /* sum[c] = sum of d, square[c] = sum of d^2 over the pixels, d the difference from the first pixel.
     * Pixels lie `stride` floats apart; meant for few pixels, as the sums are float. */
    void (*deviations)(const float *x, int64_t pixels, int64_t stride, int64_t channels, float *sum,
                       float *square);

    /* sum[c] = sum of dy, product[c] = sum of dy (x - center[c]). */
    void (*products)(const float *x, const float *dy, int64_t pixels, int64_t stride, int64_t channels,
                     const float *center, float *sum, float *product);

    void (*affine)(const float *x, int64_t pixels, int64_t channels, const struct channel_affine *affine,
                   float *y);
    void (*blend)(const float *x, const float *dy, int64_t pixels, int64_t channels,
                  const struct channel_blend *blend, float *dx);

    /* y = of_a a + of_b b, per channel. */
    void (*modulate)(const float *a, const float *b, int64_t pixels, int64_t channels, const float *of_a,
                     const float *of_b, float *y);

    /* The largest of each channel in a window: `rows` rows, `row_step` floats apart, of `columns` pixels side
     * by side. NaN is larger than all numbers. */
    void (*largest)(const float *x, int64_t rows, int64_t row_step, int64_t columns, int64_t channels,
                    float *y);

    /* The way back for such a window: dy to the position that won, 0 to all others. winners[c] is the number
     * of the position in rows of `kernel_columns`; what is given are the first `columns` of each. */
    void (*give_to_winner)(const float *dy, const int32_t *winners, int64_t rows, int64_t row_step,
                           int64_t columns, int64_t kernel_columns, int64_t channels, float *dx);
};

/* `kernels` is GAN_KERNELS_*, approved by gan_kernels_choose. */
const struct channel_loops *gan_channel_loops(int32_t kernels);

extern const struct channel_loops gan_channel_loops_portable, gan_channel_loops_avx2,
    gan_channel_loops_avx512;

#endif
