/* The loops of pixel_loops.h, compiled once for each kernel set: the including file defines
 * PIXEL_LOOPS_TARGET, the attribute that names the instructions to use. No include guard: one file includes
 * this once. */
#include "kernels/pixel_loops.h"
#include <stdbool.h>
#include <stddef.h>

/* Pixels of fewer channels than a vector has lanes are taken GROUP at a time, as one pixel of many channels
 * whose coefficients repeat. */
enum { GROUP = 16, FEW = 16, LEAST_PIXELS = 4 * GROUP };

#define PIXEL_LOOPS_INLINE static inline __attribute__((always_inline)) PIXEL_LOOPS_TARGET

/* A NaN compares false and stays. */
PIXEL_LOOPS_INLINE float activate(float value, int32_t function, float slope)
{
    if (function == ACTIVATION_RELU)
        return value < 0.0f ? 0.0f : value;
    if (function == ACTIVATION_LEAKY_RELU)
        return value < 0.0f ? slope * value : value;
    return value;
}

PIXEL_LOOPS_INLINE void repeat(const float *values, int64_t channels, float *out)
{
    for (int64_t i = 0; i < GROUP; i++)
        for (int64_t c = 0; c < channels; c++)
            out[i * channels + c] = values[c];
}

/* ---- Before multiplication ---- */

PIXEL_LOOPS_INLINE void change_as(const float *from, int64_t step, int64_t pixels, int64_t channels,
                                  const struct pixel_change *change, float *to, int32_t function, bool scaled)
{
    const float slope = change->activation.slope;
    const float *restrict scale = change->scale, *restrict shift = change->shift;
    for (int64_t p = 0; p < pixels; p++, from += step, to += channels) {
        const float *restrict x = from;
        float *restrict y = to;
        for (int64_t c = 0; c < channels; c++)
            y[c] = activate(scaled ? x[c] * scale[c] + shift[c] : x[c], function, slope);
    }
}

PIXEL_LOOPS_INLINE void change_scaled(const float *from, int64_t step, int64_t pixels, int64_t channels,
                                      const struct pixel_change *change, float *to, bool scaled)
{
    switch (change->activation.function) {
    case ACTIVATION_RELU:
        change_as(from, step, pixels, channels, change, to, ACTIVATION_RELU, scaled);
        return;
    case ACTIVATION_LEAKY_RELU:
        change_as(from, step, pixels, channels, change, to, ACTIVATION_LEAKY_RELU, scaled);
        return;
    default:
        change_as(from, step, pixels, channels, change, to, ACTIVATION_LINEAR, scaled);
    }
}

PIXEL_LOOPS_TARGET static void change_pixels(const float *from, int64_t step, int64_t pixels,
                                             int64_t channels, const struct pixel_change *change, float *to)
{
    if (change->scale != NULL)
        change_scaled(from, step, pixels, channels, change, to, true);
    else
        change_scaled(from, step, pixels, channels, change, to, false);
}

/* Change all whole groups of pixels side by side; returns how many pixels that were. */
PIXEL_LOOPS_TARGET static int64_t change_groups(const float *from, int64_t pixels, int64_t channels,
                                                const struct pixel_change *change, float *to)
{
    float scale[GROUP * FEW], shift[GROUP * FEW];
    struct pixel_change wide = *change;
    if (change->scale != NULL) {
        repeat(change->scale, channels, scale);
        repeat(change->shift, channels, shift);
        wide.scale = scale;
        wide.shift = shift;
    }
    change_pixels(from, GROUP * channels, pixels / GROUP, GROUP * channels, &wide, to);
    return pixels / GROUP * GROUP;
}

PIXEL_LOOPS_TARGET static void change(const float *from, int64_t step, int64_t pixels, int64_t channels,
                                      const struct pixel_change *change, float *to)
{
    int64_t done = 0;
    if (channels < FEW && step == channels && pixels >= LEAST_PIXELS)
        done = change_groups(from, pixels, channels, change, to);
    change_pixels(from + done * step, step, pixels - done, channels, change, to + done * channels);
}

/* ---- After multiplication ---- */

PIXEL_LOOPS_INLINE void finish_as(float *out, int64_t step, int64_t pixels, int64_t channels,
                                  const struct pixel_finish *finish, int32_t function, bool biased,
                                  bool summed)
{
    const float slope = finish->activation.slope;
    const float *restrict bias = finish->bias, *residual = finish->residual;
    for (int64_t p = 0; p < pixels; p++, out += step) {
        float *restrict y = out;
        const float *restrict r = summed ? residual + p * step : NULL;
        for (int64_t c = 0; c < channels; c++) {
            const float value = biased ? y[c] + bias[c] : y[c];
            y[c] = activate(summed ? value + r[c] : value, function, slope);
        }
    }
}

PIXEL_LOOPS_INLINE void finish_sums(float *out, int64_t step, int64_t pixels, int64_t channels,
                                    const struct pixel_finish *finish, bool biased, bool summed)
{
    switch (finish->activation.function) {
    case ACTIVATION_RELU:
        finish_as(out, step, pixels, channels, finish, ACTIVATION_RELU, biased, summed);
        return;
    case ACTIVATION_LEAKY_RELU:
        finish_as(out, step, pixels, channels, finish, ACTIVATION_LEAKY_RELU, biased, summed);
        return;
    default:
        if (biased || summed)
            finish_as(out, step, pixels, channels, finish, ACTIVATION_LINEAR, biased, summed);
    }
}

PIXEL_LOOPS_TARGET static void finish_pixels(float *out, int64_t step, int64_t pixels, int64_t channels,
                                             const struct pixel_finish *finish)
{
    if (finish->bias != NULL && finish->residual != NULL)
        finish_sums(out, step, pixels, channels, finish, true, true);
    else if (finish->bias != NULL)
        finish_sums(out, step, pixels, channels, finish, true, false);
    else if (finish->residual != NULL)
        finish_sums(out, step, pixels, channels, finish, false, true);
    else
        finish_sums(out, step, pixels, channels, finish, false, false);
}

PIXEL_LOOPS_TARGET static int64_t finish_groups(float *out, int64_t pixels, int64_t channels,
                                                const struct pixel_finish *finish)
{
    float bias[GROUP * FEW];
    struct pixel_finish wide = *finish;
    if (finish->bias != NULL) {
        repeat(finish->bias, channels, bias);
        wide.bias = bias;
    }
    finish_pixels(out, GROUP * channels, pixels / GROUP, GROUP * channels, &wide);
    return pixels / GROUP * GROUP;
}

PIXEL_LOOPS_TARGET static void finish(float *out, int64_t step, int64_t pixels, int64_t channels,
                                      const struct pixel_finish *finish)
{
    struct pixel_finish rest = *finish;
    int64_t done = 0;
    if (channels < FEW && step == channels && pixels >= LEAST_PIXELS)
        done = finish_groups(out, pixels, channels, finish);
    if (rest.residual != NULL)
        rest.residual += done * step;
    finish_pixels(out + done * step, step, pixels - done, channels, &rest);
}
