/* Winograd's transforms for one instruction set, which WINOGRAD_TARGET names; WINOGRAD_LANES floats make a
 * vector. */
#include "kernels/winograd.h"
#include <string.h>

enum { LANES = WINOGRAD_LANES };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

#define WINOGRAD_INLINE static inline __attribute__((always_inline)) WINOGRAD_TARGET

/* The first `lanes` floats; a constant LANES everywhere but in the last vector of the channels. */
WINOGRAD_INLINE vector load(const float *from, int64_t lanes)
{
    vector value = {0};
    if (lanes == LANES)
        memcpy(&value, from, sizeof value);
    else
        memcpy(&value, from, (size_t)lanes * sizeof *from);
    return value;
}

WINOGRAD_INLINE void store(float *to, vector value, int64_t lanes)
{
    if (lanes == LANES)
        memcpy(to, &value, sizeof value);
    else
        memcpy(to, &value, (size_t)lanes * sizeof *to);
}

/* The points are 0, +-1/sqrt 2, +-sqrt 2 and infinity: with 1 and 2 instead, rounding errors are four times
 * as large. */
static const float root_half = 0.70710678f, root_two = 1.41421356f;

/* B^T d */
WINOGRAD_INLINE void transform_six(const vector d[6], vector t[6])
{
    const vector even = d[4] - 2.0f * d[2], odd = root_half * (d[3] - 2.0f * d[1]);
    const vector near = d[4] - 0.5f * d[2], far = root_two * (d[3] - 0.5f * d[1]);
    t[0] = d[0] - 2.5f * d[2] + d[4];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = near + far;
    t[4] = near - far;
    t[5] = d[1] - 2.5f * d[3] + d[5];
}

/* A^T m */
WINOGRAD_INLINE void transform_four(const vector m[6], vector y[4])
{
    const vector sum = m[1] + m[2], difference = m[1] - m[2];
    const vector outer_sum = m[3] + m[4], outer_difference = m[3] - m[4];
    y[0] = m[0] + sum + outer_sum;
    y[1] = root_half * (difference + 2.0f * outer_difference);
    y[2] = 0.5f * sum + 2.0f * outer_sum;
    y[3] = root_half * (0.5f * difference + 4.0f * outer_difference) + m[5];
}

WINOGRAD_INLINE void input_lanes(const float *patch, int64_t row_step, int64_t pixel_step, float *points,
                                 int64_t point_step, int64_t lanes)
{
    vector half[6][6]; /* [column][row] */
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) {
        vector column[6];
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++)
            column[i] = load(patch + i * row_step + j * pixel_step, lanes);
        transform_six(column, half[j]);
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; i++) {
        vector row[6], whole[6];
#pragma GCC unroll 6
        for (int j = 0; j < 6; j++)
            row[j] = half[j][i];
        transform_six(row, whole);
#pragma GCC unroll 6
        for (int j = 0; j < 6; j++)
            store(points + (i * 6 + j) * point_step, whole[j], lanes);
    }
}

WINOGRAD_INLINE void output_lanes(const float *points, int64_t point_step, float *out, int64_t row_step,
                                  int64_t pixel_step, int64_t rows, int64_t columns, int64_t lanes)
{
    vector half[6][4]; /* [column][row] */
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) {
        vector column[6];
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++)
            column[i] = load(points + (i * 6 + j) * point_step, lanes);
        transform_four(column, half[j]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        vector row[6], whole[4];
        if (i >= rows)
            return;
#pragma GCC unroll 6
        for (int j = 0; j < 6; j++)
            row[j] = half[j][i];
        transform_four(row, whole);
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++)
            if (j < columns)
                store(out + i * row_step + j * pixel_step, whole[j], lanes);
    }
}

WINOGRAD_TARGET static void input(const float *patch, int64_t row_step, int64_t pixel_step, int64_t channels,
                                  float *points, int64_t point_step)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        input_lanes(patch + c, row_step, pixel_step, points + c, point_step, LANES);
    if (c < channels)
        input_lanes(patch + c, row_step, pixel_step, points + c, point_step, channels - c);
}

WINOGRAD_TARGET static void output(const float *points, int64_t point_step, int64_t channels, float *out,
                                   int64_t row_step, int64_t pixel_step, int64_t rows, int64_t columns)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        output_lanes(points + c, point_step, out + c, row_step, pixel_step, rows, columns, LANES);
    if (c < channels)
        output_lanes(points + c, point_step, out + c, row_step, pixel_step, rows, columns, channels - c);
}
