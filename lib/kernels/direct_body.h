/* The direct kernels for one instruction set, which DIRECT_TARGET names; DIRECT_LANES floats make a vector,
 * DIRECT_GROUPS times three pixels a tile. */
#include "kernels/direct.h"
#include <string.h>

enum { LANES = DIRECT_LANES, PANEL = 2 * LANES, SPAN = 3, GROUPS = DIRECT_GROUPS };

/* How many floats before their use weights are fetched: those of many points or taps stay in the second-level
 * cache or beyond. */
enum { AHEAD = 1024, LINE = 16 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

#define DIRECT_INLINE static inline __attribute__((always_inline)) DIRECT_TARGET

/* Sums of up to GROUPS * SPAN pixels by up to two vectors; the compiler keeps them in registers, as all
 * calls give constant groups, span and vectors. */
struct sums {
    vector of[GROUPS * SPAN][2];
};

/* One value of each pixel, `at` floats from its start, times the weights of that value. */
DIRECT_INLINE void multiply_value(struct sums *sums, const float *weights, const float *const *pixels,
                                  int64_t step, int64_t at, int groups, int span, int vectors)
{
    vector weight[2];
    for (int v = 0; v < vectors; v++) {
        memcpy(&weight[v], weights + v * LANES, sizeof weight[v]);
        __builtin_prefetch(weights + v * LANES + AHEAD);
    }
#pragma GCC unroll 4
    for (int g = 0; g < groups; g++)
#pragma GCC unroll 4
        for (int j = 0; j < span; j++) {
            const float value = pixels[g][j * step + at];
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++)
                sums->of[g * span + j][v] += weight[v] * value;
        }
}

DIRECT_INLINE const float *multiply_run(struct sums *sums, const float *weights, const float *first,
                                        int64_t step, int64_t length, int groups, int span, int vectors)
{
    const float *pixels[GROUPS];
#pragma GCC unroll 4
    for (int g = 0; g < groups; g++)
        pixels[g] = first + g * span * step;
    int64_t i = 0;
    for (; i + 4 <= length; i += 4, weights += 4 * PANEL) {
#pragma GCC unroll 4
        for (int u = 0; u < 4; u++)
            multiply_value(sums, weights + u * PANEL, pixels, step, u, groups, span, vectors);
#pragma GCC unroll 4
        for (int g = 0; g < groups; g++)
            pixels[g] += 4;
    }
    for (; i < length; i++, weights += PANEL) {
        multiply_value(sums, weights, pixels, step, 0, groups, span, vectors);
#pragma GCC unroll 4
        for (int g = 0; g < groups; g++)
            pixels[g] += 1;
    }
    return weights;
}

DIRECT_INLINE void store_four(float beta, const float *values, float *out)
{
    typedef float four __attribute__((vector_size(16)));
    four value, former;
    memcpy(&value, values, sizeof value);
    if (beta != 0.0f) {
        memcpy(&former, out, sizeof former);
        value += beta * former;
    }
    memcpy(out, &value, sizeof value);
}

typedef int32_t choice __attribute__((vector_size(LANES * sizeof(int32_t))));

/* A NaN compares false and stays. */
DIRECT_INLINE vector activate(const struct activation *activation, vector sum)
{
    const choice below = sum < 0.0f;
    if (activation->function == ACTIVATION_RELU)
        return (vector)((choice)sum & ~below);
    return (vector)(((choice)(activation->slope * sum) & below) | ((choice)sum & ~below));
}

DIRECT_INLINE void store_values(const struct direct_product *product, const vector *sum, float *out,
                                int vectors)
{
    if (product->beta == 0.0f && product->channels == vectors * LANES) {
        memcpy(out, sum, (size_t)vectors * sizeof *sum);
        return;
    }
    float values[PANEL] = {0};
    memcpy(values, sum, (size_t)vectors * sizeof *sum);
    int64_t c = 0;
    for (; c + 4 <= product->channels; c += 4)
        store_four(product->beta, values + c, out + c);
    for (; c < product->channels; c++)
        out[c] = product->beta == 0.0f ? values[c] : values[c] + product->beta * out[c];
}

DIRECT_INLINE void store_pixel(const struct direct_product *product, const vector *sum, float *out,
                               int vectors)
{
    if (product->activation.function == ACTIVATION_LINEAR) {
        store_values(product, sum, out, vectors);
        return;
    }
    vector active[2];
    for (int v = 0; v < vectors; v++)
        active[v] = activate(&product->activation, sum[v]);
    store_values(product, active, out, vectors);
}

/* Fetch the lines that these pixels will be written to by a later product. */
DIRECT_INLINE void fetch_coming(const struct direct_product *product, int64_t pixel, int pixels)
{
    const float *to = product->coming + pixel * product->coming_step;
    for (int p = 0; p < pixels; p++, to += product->coming_step)
        for (int64_t c = 0; c < product->channels; c += LINE)
            __builtin_prefetch(to + c, 1);
}

DIRECT_INLINE void multiply_tile(const struct direct_product *product, const vector *bias, int64_t pixel,
                                 int groups, int span, int vectors)
{
    struct sums sums;
#pragma GCC unroll 12
    for (int p = 0; p < groups * span; p++)
        for (int v = 0; v < vectors; v++)
            sums.of[p][v] = bias[v];
    if (product->coming != NULL)
        fetch_coming(product, pixel, groups * span);
    const float *weights = product->panel;
    const float *first = product->pixels + pixel * product->pixel_step;
    for (int64_t row = 0; row < product->rows; row++)
        for (int64_t column = 0; column < product->columns; column++)
            weights =
                multiply_run(&sums, weights, first + row * product->row_step + column * product->column_step,
                             product->pixel_step, product->length, groups, span, vectors);
#pragma GCC unroll 12
    for (int p = 0; p < groups * span; p++)
        store_pixel(product, sums.of[p], product->out + (pixel + p) * product->out_step, vectors);
}

DIRECT_INLINE void multiply_pixels(const struct direct_product *product, int vectors)
{
    vector bias[2] = {{0}, {0}};
    if (product->bias != NULL)
        memcpy(bias, product->bias, (size_t)product->channels * sizeof *product->bias);
    int64_t pixel = 0;
    for (; pixel + GROUPS * SPAN <= product->count; pixel += GROUPS * SPAN)
        multiply_tile(product, bias, pixel, GROUPS, SPAN, vectors);
    if (GROUPS == 4 && pixel + 8 <= product->count) {
        multiply_tile(product, bias, pixel, 4, 2, vectors);
        pixel += 8;
    }
    for (; pixel + 4 <= product->count; pixel += 4)
        multiply_tile(product, bias, pixel, 2, 2, vectors);
    if (product->count - pixel == 3)
        multiply_tile(product, bias, pixel, 1, 3, vectors);
    else if (product->count - pixel == 2)
        multiply_tile(product, bias, pixel, 1, 2, vectors);
    else if (product->count - pixel == 1)
        multiply_tile(product, bias, pixel, 1, 1, vectors);
}

DIRECT_TARGET static void multiply(const struct direct_product *product)
{
    if (product->channels > LANES)
        multiply_pixels(product, 2);
    else
        multiply_pixels(product, 1);
}

/* One pixel: its values times its gradients. */
DIRECT_INLINE void correlate_pixel(struct sums *sums, const float *source, const float *gradient, int filters,
                                   int vectors)
{
    vector value[2];
    for (int v = 0; v < vectors; v++)
        memcpy(&value[v], source + v * LANES, sizeof value[v]);
#pragma GCC unroll 12
    for (int k = 0; k < filters; k++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
            sums->of[k][v] += value[v] * gradient[k];
}

DIRECT_INLINE void add_sums(const vector *sum, int64_t length, float *out, int vectors)
{
    float values[PANEL] = {0};
    memcpy(values, sum, (size_t)vectors * sizeof *sum);
    int64_t i = 0;
    for (; i + 4 <= length; i += 4)
        store_four(1.0f, values + i, out + i);
    for (; i < length; i++)
        out[i] += values[i];
}

DIRECT_INLINE void correlate_tile(const struct direct_correlation *all, int64_t first, int64_t filter,
                                  int filters, int vectors)
{
    struct sums sums;
#pragma GCC unroll 12
    for (int k = 0; k < filters; k++)
        for (int v = 0; v < vectors; v++)
            sums.of[k][v] = (vector){0};
    for (int64_t row = 0; row < all->rows; row++) {
        const float *source = all->source + row * all->source_row + first;
        const float *gradient = all->gradient + row * all->gradient_row + filter;
        for (int64_t column = 0; column < all->columns; column++) {
            correlate_pixel(&sums, source, gradient, filters, vectors);
            source += all->source_column;
            gradient += all->gradient_column;
        }
    }
#pragma GCC unroll 12
    for (int k = 0; k < filters; k++)
        add_sums(sums.of[k], all->length - first < vectors * LANES ? all->length - first : vectors * LANES,
                 all->sums + (filter + k) * all->sums_step + first, vectors);
}

DIRECT_INLINE void correlate_filters(const struct direct_correlation *all, int64_t first, int vectors)
{
    int64_t k = 0;
    for (; k + GROUPS * SPAN <= all->filters; k += GROUPS * SPAN)
        correlate_tile(all, first, k, GROUPS * SPAN, vectors);
    for (; k + 4 <= all->filters; k += 4)
        correlate_tile(all, first, k, 4, vectors);
    if (all->filters - k == 3)
        correlate_tile(all, first, k, 3, vectors);
    else
        for (; k < all->filters; k++)
            correlate_tile(all, first, k, 1, vectors);
}

DIRECT_TARGET static void correlate(const struct direct_correlation *all)
{
    for (int64_t first = 0; first < all->length; first += PANEL)
        if (all->length - first > LANES)
            correlate_filters(all, first, 2);
        else
            correlate_filters(all, first, 1);
}
