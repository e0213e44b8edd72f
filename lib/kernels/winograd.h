/* The transforms of Winograd's F(4x4, 3x3) (Lavin and Gray 2016, arXiv:1509.09308): a 4x4 tile of outputs
 * from a 6x6 tile of inputs with 36 multiplications per channel pair instead of 144. */
#ifndef GAN_KERNELS_WINOGRAD_H
#define GAN_KERNELS_WINOGRAD_H

#include <stdint.h>

enum { WINOGRAD_TILE = 4, WINOGRAD_PATCH = 6, WINOGRAD_POINTS = 36 };

struct winograd_kernels {
    /* points[e * point_step + c] = (B^T d B)[e] of the patch d[i][j] = patch[i * row_step + j * pixel_step +
     * c]. */
    void (*input)(const float *patch, int64_t row_step, int64_t pixel_step, int64_t channels, float *points,
                  int64_t point_step);
    /* out[i * row_step + j * pixel_step + c] = (A^T m A)[i][j] for i < rows, j < columns. */
    void (*output)(const float *points, int64_t point_step, int64_t channels, float *out, int64_t row_step,
                   int64_t pixel_step, int64_t rows, int64_t columns);
};

const struct winograd_kernels *gan_winograd_kernels(int32_t kernels);

extern const struct winograd_kernels gan_winograd_portable, gan_winograd_avx2, gan_winograd_avx512;

/* points[e][lane] = (G g G^T)[e] of the filters g[tap][lane], for 3x3 taps in rows. */
void gan_winograd_weights(const float *filters, int64_t lanes, float *points, int64_t point_step);

#endif
