/* The depthwise kernels for one instruction set, which DEPTHWISE_TARGET names; DEPTHWISE_LANES floats make a
 * vector, DEPTHWISE_TILE pixels a block. */
#include "kernels/depthwise.h"
#include <string.h>

enum { LANES = DEPTHWISE_LANES, TILE = 8 };

/* Lines and pixels whose sums, with the nine weights of a 3x3 filter, fit into the registers. */
enum { BLOCK_LINES = 2, BLOCK_TILE = DEPTHWISE_TILE, TAPS = 3 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

#define DEPTHWISE_INLINE static inline __attribute__((always_inline)) DEPTHWISE_TARGET

/* The first `lanes` floats; a constant LANES everywhere but in the last vector of a row of channels. */
DEPTHWISE_INLINE vector load(const float *from, int64_t lanes)
{
    vector value = {0};
    if (lanes == LANES)
        memcpy(&value, from, sizeof value);
    else
        memcpy(&value, from, (size_t)lanes * sizeof *from);
    return value;
}

DEPTHWISE_INLINE void store(float *to, vector value, int64_t lanes)
{
    if (lanes == LANES)
        memcpy(to, &value, sizeof value);
    else
        memcpy(to, &value, (size_t)lanes * sizeof *to);
}

DEPTHWISE_INLINE void multiply_tile(const struct depthwise_row *row, const float *first, const float *weights,
                                    float *out, int64_t out_step, int64_t tile, int64_t lanes)
{
    vector sum[TILE];
#pragma GCC unroll 8
    for (int64_t p = 0; p < tile; p++)
        sum[p] = (vector){0};
    for (int64_t i = 0; i < row->rows; i++)
        for (int64_t j = 0; j < row->columns; j++, weights += row->channels) {
            const vector weight = load(weights, lanes);
            const float *from = first + i * row->row_step + j * row->column_step;
#pragma GCC unroll 8
            for (int64_t p = 0; p < tile; p++)
                sum[p] += weight * load(from + p * row->pixel_step, lanes);
        }
#pragma GCC unroll 8
    for (int64_t p = 0; p < tile; p++)
        store(out + p * out_step, sum[p], lanes);
}

/* All channels of a tile of pixels before the next tile, so that memory is read in its order. */
DEPTHWISE_INLINE void multiply_channels(const struct depthwise_row *row, const float *first,
                                        const float *weights, float *out, int64_t out_step, int64_t tile)
{
    int64_t c = 0;
    for (; c + LANES <= row->channels; c += LANES)
        multiply_tile(row, first + c, weights + c, out + c, out_step, tile, LANES);
    if (c < row->channels)
        multiply_tile(row, first + c, weights + c, out + c, out_step, tile, row->channels - c);
}

/* A 3x3 filter at neighbouring pixels of some lines: each value is loaded once and used up to six times. */
DEPTHWISE_INLINE void multiply_block(const struct depthwise_row *row, const float *first,
                                     const float *weights, float *out, int64_t out_line, int64_t out_step,
                                     int64_t lines, int64_t tile, int64_t lanes)
{
    vector weight[TAPS * TAPS], sum[BLOCK_LINES][BLOCK_TILE];
#pragma GCC unroll 9
    for (int64_t t = 0; t < TAPS * TAPS; t++)
        weight[t] = load(weights + t * row->channels, lanes);
#pragma GCC unroll 2
    for (int64_t l = 0; l < lines; l++)
#pragma GCC unroll 6
        for (int64_t p = 0; p < tile; p++)
            sum[l][p] = (vector){0};
#pragma GCC unroll 4
    for (int64_t i = 0; i < lines + TAPS - 1; i++)
#pragma GCC unroll 8
        for (int64_t j = 0; j < tile + TAPS - 1; j++) {
            const vector value = load(first + i * row->row_step + j * row->pixel_step, lanes);
#pragma GCC unroll 2
            for (int64_t l = 0; l < lines; l++)
#pragma GCC unroll 6
                for (int64_t p = 0; p < tile; p++)
                    if (i >= l && i < l + TAPS && j >= p && j < p + TAPS)
                        sum[l][p] += weight[(i - l) * TAPS + j - p] * value;
        }
#pragma GCC unroll 2
    for (int64_t l = 0; l < lines; l++)
#pragma GCC unroll 6
        for (int64_t p = 0; p < tile; p++)
            store(out + l * out_line + p * out_step, sum[l][p], lanes);
}

DEPTHWISE_INLINE void multiply_block_channels(const struct depthwise_row *row, const float *first,
                                              const float *weights, float *out, int64_t out_line,
                                              int64_t out_step, int64_t lines, int64_t tile)
{
    int64_t c = 0;
    for (; c + LANES <= row->channels; c += LANES)
        multiply_block(row, first + c, weights + c, out + c, out_line, out_step, lines, tile, LANES);
    if (c < row->channels)
        multiply_block(row, first + c, weights + c, out + c, out_line, out_step, lines, tile,
                       row->channels - c);
}

DEPTHWISE_INLINE void multiply_block_lines(const struct depthwise_row *row, int64_t line,
                                           const float *weights, float *out, int64_t out_line,
                                           int64_t out_step, int64_t lines)
{
    const float *first = row->pixels + line * row->line_step;
    out += line * out_line;
    int64_t p = 0;
    for (; p + BLOCK_TILE <= row->count; p += BLOCK_TILE)
        multiply_block_channels(row, first + p * row->pixel_step, weights, out + p * out_step, out_line,
                                out_step, lines, BLOCK_TILE);
    for (; p < row->count; p++)
        multiply_block_channels(row, first + p * row->pixel_step, weights, out + p * out_step, out_line,
                                out_step, lines, 1);
}

DEPTHWISE_INLINE void multiply_line(const struct depthwise_row *row, int64_t line, const float *weights,
                                    float *out, int64_t out_step)
{
    const float *first = row->pixels + line * row->line_step;
    int64_t p = 0;
    for (; p + TILE <= row->count; p += TILE, first += TILE * row->pixel_step)
        multiply_channels(row, first, weights, out + p * out_step, out_step, TILE);
    for (; p < row->count; p++, first += row->pixel_step)
        multiply_channels(row, first, weights, out + p * out_step, out_step, 1);
}

/* Whether pixels and lines that lie side by side share the values of their taps. */
DEPTHWISE_INLINE int shares_values(const struct depthwise_row *row)
{
    return row->rows == TAPS && row->columns == TAPS && row->column_step == row->pixel_step &&
           row->line_step == row->row_step;
}

DEPTHWISE_TARGET static void multiply(const struct depthwise_row *row, const float *weights, float *out,
                                      int64_t out_line, int64_t out_step)
{
    int64_t line = 0;
    if (shares_values(row)) {
        for (; line + BLOCK_LINES <= row->lines; line += BLOCK_LINES)
            multiply_block_lines(row, line, weights, out, out_line, out_step, BLOCK_LINES);
        for (; line < row->lines; line++)
            multiply_block_lines(row, line, weights, out, out_line, out_step, 1);
    }
    for (; line < row->lines; line++)
        multiply_line(row, line, weights, out + line * out_line, out_step);
}

/* One tap's sum over pixels, four at a time to keep four sums in flight. */
DEPTHWISE_INLINE vector correlate_tap(const struct depthwise_row *row, const float *pixels,
                                      const float *gradient, int64_t gradient_step, int64_t lanes)
{
    enum { FLIGHT = 4 };
    vector sum[FLIGHT] = {{0}};
    int64_t p = 0;
    for (; p + FLIGHT <= row->count; p += FLIGHT)
#pragma GCC unroll 4
        for (int64_t i = 0; i < FLIGHT; i++)
            sum[i] += load(pixels + (p + i) * row->pixel_step, lanes) *
                      load(gradient + (p + i) * gradient_step, lanes);
    for (; p < row->count; p++)
        sum[0] += load(pixels + p * row->pixel_step, lanes) * load(gradient + p * gradient_step, lanes);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

DEPTHWISE_INLINE void correlate_lanes(const struct depthwise_row *row, const float *gradient,
                                      int64_t gradient_step, float *sums, int64_t channel, int64_t lanes)
{
    sums += channel;
    for (int64_t i = 0; i < row->rows; i++)
        for (int64_t j = 0; j < row->columns; j++, sums += row->channels) {
            const float *pixels = row->pixels + channel + i * row->row_step + j * row->column_step;
            store(sums,
                  load(sums, lanes) + correlate_tap(row, pixels, gradient + channel, gradient_step, lanes),
                  lanes);
        }
}

DEPTHWISE_INLINE void correlate_channels(const struct depthwise_row *row, const float *gradient,
                                         int64_t gradient_step, float *sums)
{
    int64_t c = 0;
    for (; c + LANES <= row->channels; c += LANES)
        correlate_lanes(row, gradient, gradient_step, sums, c, LANES);
    if (c < row->channels)
        correlate_lanes(row, gradient, gradient_step, sums, c, row->channels - c);
}

/* Blocks of pixels of which all channels stay in cache while their taps are summed. */
DEPTHWISE_TARGET static void correlate(const struct depthwise_row *row, const float *gradient,
                                       int64_t gradient_step, float *sums)
{
    enum { BLOCK = 16 };
    struct depthwise_row block = *row;
    for (int64_t p = 0; p < row->count; p += BLOCK) {
        block.pixels = row->pixels + p * row->pixel_step;
        block.count = row->count - p < BLOCK ? row->count - p : BLOCK;
        correlate_channels(&block, gradient + p * gradient_step, gradient_step, sums);
    }
}
