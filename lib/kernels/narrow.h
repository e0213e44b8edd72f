/* Kernels for few channels on either side: the lanes of their vectors are pixels. */
#ifndef GAN_KERNELS_NARROW_H
#define GAN_KERNELS_NARROW_H

#include <stdint.h>

/* Some lines of pixels of all filters, from rows of planes (one per channel, columns side by side):
 *     sums[f * sums_step + l * sums_line + p] = the sum over rows i, columns j and channels c of
 *         weights[i][j][c][f] * planes[l * line_step + i * row_step + c * plane_step + j * column_step + p]
 * for p < count. Sums are written, and planes read, up to the next multiple of NARROW_MOST_LANES of count. */
struct narrow_row {
    const float *planes;
    int64_t row_step, plane_step, column_step, line_step;
    int64_t rows, columns, channels, filters, lines, count;
    const float *weights;
    float *sums;
    int64_t sums_step, sums_line;
};

enum { NARROW_MOST_LANES = 16 };

struct narrow_kernels {
    int64_t lanes;
    void (*multiply)(const struct narrow_row *row);
};

const struct narrow_kernels *gan_narrow_kernels(int32_t kernels);

extern const struct narrow_kernels gan_narrow_portable, gan_narrow_avx2, gan_narrow_avx512;

/* planes[c * plane_step + p] = pixels[p * channels + c]. */
void gan_planes_split(const float *pixels, int64_t count, int64_t channels, float *planes,
                      int64_t plane_step);

/* pixels[p * pixel_step + c] = planes[c * plane_step + p]. */
void gan_planes_join(const float *planes, int64_t plane_step, int64_t count, int64_t channels, float *pixels,
                     int64_t pixel_step);

#endif
