/* Winograd's transforms (Lavin and Gray 2016, arXiv:1509.09308). Of a patch of inputs and of the filters they
 * make points, whose products give a tile of outputs: F(4x4, 3x3) needs 36 products per channel pair instead
 * of 144, as does F(3x3, 4x4); F(3x3, 2x2) 16 instead of 36, F(4x4, 2x2) 25 instead of 64. */
#ifndef GAN_KERNELS_WINOGRAD_H
#define GAN_KERNELS_WINOGRAD_H

#include "kernels/pixel_loops.h"

#include <stdbool.h>
#include <stdint.h>

/* The part of a tile that is wanted: rows [row, row_end), columns [column, column_end). */
struct winograd_part {
    int64_t row, row_end, column, column_end;
};

/* Where the gradients at a filter's taps go, tap (i, j) to first + i * row_step + j * column_step; added to
 * what is there where `add`. */
struct winograd_taps {
    float *first;
    int64_t row_step, column_step;
    bool add;
};

/* Products of a tile at rows and columns of points. */
struct winograd_points {
    const float *first;
    int64_t row_step, column_step;
};

struct winograd_kernels {
    int64_t taps, tile, patch, points; /* filter, outputs and inputs along an axis; points = patch squared */
    bool sum_last; /* along an axis the last point of a filter is half the sum of its taps */
    const char *name;

    /* points[e * point_step + lane] = (G g G^T)[e] of the filters g[tap] = filters[tap * tap_step + lane],
     * taps in rows. */
    void (*weights)(const float *filters, int64_t tap_step, int64_t lanes, float *points, int64_t point_step);

    /* points[e * point_step + c] = (B^T d B)[e] of the patch d[i][j] = patch[i * row_step + j * pixel_step +
     * c], changed on the way where `change` is not NULL: gan_winograd_changes says which changes it does. */
    void (*input)(const float *patch, int64_t row_step, int64_t pixel_step, int64_t channels,
                  const struct pixel_change *change, float *points, int64_t point_step);

    /* (A^T m A)[i][j] of the wanted part, finished on the way where `finish` is not NULL: it
     * has no residual and a linear activation (as ReLU and its leaky kind count); `out` is where the first
     * wanted pixel goes. */
    void (*output)(const struct winograd_points *points, int64_t channels, const struct pixel_finish *finish,
                   float *out, int64_t row_step, int64_t pixel_step, const struct winograd_part *part);

    /* The adjoints: of tiles of the output's gradient and of patches of inputs come points whose products,
     * summed over all tiles, give the gradient at the weights.
     * points[e * point_step + c] = (A t A^T)[e] of t[i][j] = tile[i * row_step + j * pixel_step + c]. */
    void (*output_adjoint)(const float *tile, int64_t row_step, int64_t pixel_step, int64_t channels,
                           float *points, int64_t point_step);

    /* (G^T u G)[tap] of u[e] = points[e * point_step + lane]. */
    void (*weights_adjoint)(const float *points, int64_t point_step, int64_t lanes,
                            const struct winograd_taps *taps);
};

/* Whether the transform applies this itself: scale and shift with ReLU or nothing. */
bool gan_winograd_changes(const struct pixel_change *change);

enum { WINOGRAD_KINDS = 4, WINOGRAD_MOST_TAPS = 4 };

/* All kinds of a kernel set, [WINOGRAD_KINDS]. */
const struct winograd_kernels *gan_winograd_kernels(int32_t kernels);

extern const struct winograd_kernels gan_winograd_portable[WINOGRAD_KINDS], gan_winograd_avx2[WINOGRAD_KINDS],
    gan_winograd_avx512[WINOGRAD_KINDS];

/* F(3, 3) along one axis, of whole rows of `count` floats: five rows of points from five rows of inputs,
 * three rows of outputs from five rows of points. Rows lie `step` floats apart. */
struct winograd_rows {
    void (*input)(const float *rows, int64_t step, int64_t count, float *points, int64_t point_step);
    void (*output)(const float *points, int64_t point_step, int64_t count, float *rows, int64_t step);
};

const struct winograd_rows *gan_winograd_rows(int32_t kernels);

extern const struct winograd_rows gan_winograd_rows_portable, gan_winograd_rows_avx2,
    gan_winograd_rows_avx512;

/* The five points of filters[tap][lane] of three taps. */
void gan_winograd_rows_weights(const float *filters, int64_t lanes, float *points, int64_t point_step);

#endif
