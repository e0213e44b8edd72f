/* The loops of channel_loops.h, compiled once for each kernel set: the including file defines
 * CHANNEL_LOOPS_TARGET, the attribute that names the instructions to use, and CHANNEL_LOOPS_LANES, the floats
 * of a vector. No include guard: one file includes this once. */
#include "kernels/channel_loops.h"

#include <string.h>

/* Four pixels at a time: a quarter of the loads and stores of the sums. */
CHANNEL_LOOPS_TARGET static void deviations_of_four(const float *restrict x, int64_t stride, int64_t channels,
                                                    const float *restrict first, float *restrict sum,
                                                    float *restrict square)
{
    const float *restrict x1 = x + stride, *restrict x2 = x + 2 * stride, *restrict x3 = x + 3 * stride;
    for (int64_t c = 0; c < channels; c++) {
        const float d0 = x[c] - first[c], d1 = x1[c] - first[c];
        const float d2 = x2[c] - first[c], d3 = x3[c] - first[c];
        sum[c] += (d0 + d1) + (d2 + d3);
        square[c] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
    }
}

CHANNEL_LOOPS_TARGET static void deviations(const float *x, int64_t pixels, int64_t stride, int64_t channels,
                                            float *restrict sum, float *restrict square)
{
    const float *restrict first = x;
    for (int64_t c = 0; c < channels; c++)
        sum[c] = square[c] = 0;
    int64_t p = 0;
    for (; p + 4 <= pixels; p += 4)
        deviations_of_four(x + p * stride, stride, channels, first, sum, square);
    for (; p < pixels; p++) {
        const float *restrict pixel = x + p * stride;
        for (int64_t c = 0; c < channels; c++) {
            const float d = pixel[c] - first[c];
            sum[c] += d;
            square[c] += d * d;
        }
    }
}

CHANNEL_LOOPS_TARGET static void products_of_two(const float *restrict x, const float *restrict dy,
                                                 int64_t stride, int64_t channels,
                                                 const float *restrict center, float *restrict sum,
                                                 float *restrict product)
{
    const float *restrict x1 = x + stride, *restrict dy1 = dy + stride;
    for (int64_t c = 0; c < channels; c++) {
        sum[c] += dy[c] + dy1[c];
        product[c] += dy[c] * (x[c] - center[c]) + dy1[c] * (x1[c] - center[c]);
    }
}

CHANNEL_LOOPS_TARGET static void products(const float *x, const float *dy, int64_t pixels, int64_t stride,
                                          int64_t channels, const float *restrict center, float *restrict sum,
                                          float *restrict product)
{
    for (int64_t c = 0; c < channels; c++)
        sum[c] = product[c] = 0;
    int64_t p = 0;
    for (; p + 2 <= pixels; p += 2)
        products_of_two(x + p * stride, dy + p * stride, stride, channels, center, sum, product);
    for (; p < pixels; p++) {
        const float *restrict pixel = x + p * stride, *restrict gradient = dy + p * stride;
        for (int64_t c = 0; c < channels; c++) {
            sum[c] += gradient[c];
            product[c] += gradient[c] * (pixel[c] - center[c]);
        }
    }
}

CHANNEL_LOOPS_TARGET static void affine(const float *x, int64_t pixels, int64_t channels,
                                        const struct channel_affine *affine, float *y)
{
    const float *restrict center = affine->center, *restrict scale = affine->scale,
                          *restrict shift = affine->shift;
    for (int64_t p = 0; p < pixels; p++) {
        const float *restrict from = x + p * channels;
        float *restrict to = y + p * channels;
        for (int64_t c = 0; c < channels; c++)
            to[c] = (from[c] - center[c]) * scale[c] + shift[c];
    }
}

CHANNEL_LOOPS_TARGET static void blend(const float *x, const float *dy, int64_t pixels, int64_t channels,
                                       const struct channel_blend *blend, float *dx)
{
    const float *restrict center = blend->center, *restrict of_gradient = blend->of_gradient,
                          *restrict of_input = blend->of_input, *restrict offset = blend->offset;
    for (int64_t p = 0; p < pixels; p++) {
        const float *restrict from = x + p * channels, *restrict gradient = dy + p * channels;
        float *restrict to = dx + p * channels;
        for (int64_t c = 0; c < channels; c++)
            to[c] = of_gradient[c] * gradient[c] + (of_input[c] * (from[c] - center[c]) + offset[c]);
    }
}

CHANNEL_LOOPS_TARGET static void modulate(const float *a, const float *b, int64_t pixels, int64_t channels,
                                          const float *restrict of_a, const float *restrict of_b, float *y)
{
    for (int64_t p = 0; p < pixels; p++) {
        const float *restrict from_a = a + p * channels, *restrict from_b = b + p * channels;
        float *restrict to = y + p * channels;
        for (int64_t c = 0; c < channels; c++)
            to[c] = of_a[c] * from_a[c] + of_b[c] * from_b[c];
    }
}

enum { LANES = CHANNEL_LOOPS_LANES };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t choice __attribute__((vector_size(LANES * sizeof(int32_t))));

#define CHANNEL_LOOPS_INLINE static inline __attribute__((always_inline)) CHANNEL_LOOPS_TARGET

/* Of some channels, side by side in one vector, over all pixels of the window. */
CHANNEL_LOOPS_INLINE void largest_of_lanes(const float *x, int64_t rows, int64_t row_step, int64_t columns,
                                           int64_t channels, int64_t lanes, float *y)
{
    const size_t size = (size_t)lanes * sizeof *x;
    vector best = {0}, value = {0};
    memcpy(&best, x, size);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            memcpy(&value, x + i * row_step + j * channels, size);
            const choice stays = (value <= best) | (best != best);
            best = (vector)(((choice)best & stays) | ((choice)value & ~stays));
        }
    memcpy(y, &best, size);
}

CHANNEL_LOOPS_TARGET static void largest(const float *x, int64_t rows, int64_t row_step, int64_t columns,
                                         int64_t channels, float *y)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        largest_of_lanes(x + c, rows, row_step, columns, channels, LANES, y + c);
    if (c < channels)
        largest_of_lanes(x + c, rows, row_step, columns, channels, channels - c, y + c);
}

CHANNEL_LOOPS_INLINE void give_lanes_to_winner(const float *dy, const int32_t *winners, int64_t rows,
                                               int64_t row_step, int64_t columns, int64_t kernel_columns,
                                               int64_t channels, int64_t lanes, float *dx)
{
    const size_t size = (size_t)lanes * sizeof *dy;
    choice gradient = {0}, winner = {0};
    memcpy(&gradient, dy, size);
    memcpy(&winner, winners, size);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            const choice given = gradient & (winner == (int32_t)(i * kernel_columns + j));
            memcpy(dx + i * row_step + j * channels, &given, size);
        }
}

CHANNEL_LOOPS_TARGET static void give_to_winner(const float *dy, const int32_t *winners, int64_t rows,
                                                int64_t row_step, int64_t columns, int64_t kernel_columns,
                                                int64_t channels, float *dx)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        give_lanes_to_winner(dy + c, winners + c, rows, row_step, columns, kernel_columns, channels, LANES,
                             dx + c);
    if (c < channels)
        give_lanes_to_winner(dy + c, winners + c, rows, row_step, columns, kernel_columns, channels,
                             channels - c, dx + c);
}
