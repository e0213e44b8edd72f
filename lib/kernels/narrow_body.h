/* The narrow kernels for one instruction set, which NARROW_TARGET names; NARROW_LANES floats make a vector.
 * NARROW_FILTERS filters times three vectors of pixels, or half the filters times six, fill the registers. */
#include "kernels/narrow.h"
#include <string.h>

enum { LANES = NARROW_LANES, FILTERS = NARROW_FILTERS, FEW = 3, MANY = 6 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

#define NARROW_INLINE static inline __attribute__((always_inline)) NARROW_TARGET

/* A value that is to stay in its register: read from memory for every filter again, it would most often lie
 * on two cache lines. */
NARROW_INLINE vector load(const float *from)
{
    vector value;
    memcpy(&value, from, sizeof value);
#if defined(__x86_64__)
    __asm__("" : "+x"(value));
#endif
    return value;
}

/* Where the vectors of a tile begin, in planes and in sums: side by side, or one below the other. */
struct narrow_tile {
    int64_t planes[MANY], sums[MANY];
};

NARROW_INLINE struct narrow_tile place_tile(const struct narrow_row *row, int64_t first, int vectors)
{
    const int64_t across = (row->count + LANES - 1) / LANES;
    struct narrow_tile tile;
    for (int v = 0; v < vectors; v++) {
        const int64_t line = (first + v) / across, pixel = (first + v) % across * LANES;
        tile.planes[v] = line * row->line_step + pixel;
        tile.sums[v] = line * row->sums_line + pixel;
    }
    return tile;
}

/* The sums of some filters for some vectors of pixels; calls give both numbers as constants. */
NARROW_INLINE void multiply_tile(const struct narrow_row *row, int64_t first, int64_t filter, int filters,
                                 int vectors)
{
    const struct narrow_tile tile = place_tile(row, first, vectors);
    vector sum[FILTERS][MANY];
#pragma GCC unroll 8
    for (int f = 0; f < filters; f++)
#pragma GCC unroll 6
        for (int v = 0; v < vectors; v++)
            sum[f][v] = (vector){0};
    const float *weights = row->weights + filter;
    for (int64_t i = 0; i < row->rows; i++)
        for (int64_t j = 0; j < row->columns; j++) {
            const float *from = row->planes + i * row->row_step + j * row->column_step;
            for (int64_t c = 0; c < row->channels; c++, from += row->plane_step, weights += row->filters) {
                vector value[MANY];
#pragma GCC unroll 6
                for (int v = 0; v < vectors; v++)
                    value[v] = load(from + tile.planes[v]);
#pragma GCC unroll 8
                for (int f = 0; f < filters; f++)
#pragma GCC unroll 6
                    for (int v = 0; v < vectors; v++)
                        sum[f][v] += value[v] * weights[f];
            }
        }
#pragma GCC unroll 8
    for (int f = 0; f < filters; f++)
#pragma GCC unroll 6
        for (int v = 0; v < vectors; v++)
            memcpy(row->sums + (filter + f) * row->sums_step + tile.sums[v], &sum[f][v], sizeof sum[f][v]);
}

NARROW_INLINE void multiply_filters(const struct narrow_row *row, int64_t filter, int filters)
{
    const int vectors = 2 * filters > FILTERS ? FEW : MANY;
    const int64_t all = (row->count + LANES - 1) / LANES * row->lines;
    int64_t first = 0;
    for (; first + vectors <= all; first += vectors)
        multiply_tile(row, first, filter, filters, vectors);
    for (; first + 2 <= all; first += 2)
        multiply_tile(row, first, filter, filters, 2);
    if (first < all)
        multiply_tile(row, first, filter, filters, 1);
}

NARROW_TARGET static void multiply(const struct narrow_row *row)
{
    int64_t filter = 0;
    for (; filter + FILTERS <= row->filters; filter += FILTERS)
        multiply_filters(row, filter, FILTERS);
    if (FILTERS > 4 && filter + 4 <= row->filters) {
        multiply_filters(row, filter, 4);
        filter += 4;
    }
    const int64_t left = row->filters - filter;
    if (left == 3)
        multiply_filters(row, filter, 3);
    else if (left == 2)
        multiply_filters(row, filter, 2);
    else if (left == 1)
        multiply_filters(row, filter, 1);
}
