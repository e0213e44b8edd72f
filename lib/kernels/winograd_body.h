/* Winograd's transforms for one instruction set, which WINOGRAD_TARGET names; WINOGRAD_LANES floats make a
 * vector. The kernels are called WINOGRAD_KERNELS and WINOGRAD_ROWS. */
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

/* ---- F(4, 3) ---- */

/* The points are 0, +-1/sqrt 2, +-sqrt 2 and infinity: with 1 and 2 instead, rounding errors are four times
 * as large. */
static const float root_half = 0.70710678f, root_two = 1.41421356f;
static const float two_thirds = 0.66666667f, one_sixth = 0.16666667f;

/* B^T d */
WINOGRAD_INLINE void enter_three(const vector *d, vector *t)
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

/* G g */
WINOGRAD_INLINE void filter_three(const vector *g, vector *u)
{
    const vector near = g[0] + 0.5f * g[2], near_odd = root_half * g[1];
    const vector far = g[0] + 2.0f * g[2], far_odd = root_two * g[1];
    u[0] = g[0];
    u[1] = -two_thirds * (near + near_odd);
    u[2] = -two_thirds * (near - near_odd);
    u[3] = one_sixth * (far + far_odd);
    u[4] = one_sixth * (far - far_odd);
    u[5] = g[2];
}

/* A^T m */
WINOGRAD_INLINE void leave_three(const vector *m, vector *y)
{
    const vector sum = m[1] + m[2], difference = m[1] - m[2];
    const vector outer_sum = m[3] + m[4], outer_difference = m[3] - m[4];
    y[0] = m[0] + sum + outer_sum;
    y[1] = root_half * (difference + 2.0f * outer_difference);
    y[2] = 0.5f * sum + 2.0f * outer_sum;
    y[3] = root_half * (0.5f * difference + 4.0f * outer_difference) + m[5];
}

/* ---- F(3, 2), at the points 0, -1, infinity and 1 ---- */

/* The last point has the sum of a filter's taps, see winograd_kernels.sum_last. */

WINOGRAD_INLINE void enter_two(const vector *d, vector *t)
{
    t[0] = d[0] - d[2];
    t[1] = d[2] - d[1];
    t[2] = d[3] - d[1];
    t[3] = d[1] + d[2];
}

WINOGRAD_INLINE void filter_two(const vector *g, vector *u)
{
    u[0] = g[0];
    u[1] = 0.5f * (g[0] - g[1]);
    u[2] = g[1];
    u[3] = 0.5f * (g[0] + g[1]);
}

WINOGRAD_INLINE void leave_two(const vector *m, vector *y)
{
    const vector sum = m[3] + m[1];
    y[0] = m[0] + sum;
    y[1] = m[3] - m[1];
    y[2] = sum + m[2];
}

#include "kernels/winograd_points.h"

/* ---- All, in two dimensions ---- */

enum { MOST_PATCH = 6, MOST_TILE = 4 };

typedef void (*transform)(const vector *from, vector *to);

/* What is done to a patch's values while they are loaded: constant where it is used. */
enum change_kind { AS_THEY_ARE, SCALED, SCALED_RELU };

struct change {
    enum change_kind kind;
    vector scale, shift;
};

WINOGRAD_INLINE struct change load_change(const struct pixel_change *change, enum change_kind kind,
                                          int64_t channel, int64_t lanes)
{
    struct change loaded = {.kind = kind};
    if (kind != AS_THEY_ARE) {
        loaded.scale = load(change->scale + channel, lanes);
        loaded.shift = load(change->shift + channel, lanes);
    }
    return loaded;
}

typedef int32_t choice __attribute__((vector_size(LANES * sizeof(int32_t))));

/* A NaN compares false and stays. */
WINOGRAD_INLINE vector positive_part(vector value)
{
    const choice below = value < 0.0f;
    return (vector)((choice)value & ~below);
}

WINOGRAD_INLINE vector apply_change(const struct change *change, vector value)
{
    if (change->kind == AS_THEY_ARE)
        return value;
    const vector scaled = value * change->scale + change->shift;
    return change->kind == SCALED_RELU ? positive_part(scaled) : scaled;
}

WINOGRAD_INLINE void input_lanes(const float *patch, int64_t row_step, int64_t pixel_step,
                                 const struct change *change, float *points, int64_t point_step,
                                 int64_t lanes, int size, transform enter)
{
    vector half[MOST_PATCH][MOST_PATCH]; /* [column][row] */
#pragma GCC unroll 6
    for (int j = 0; j < size; j++) {
        vector column[MOST_PATCH];
#pragma GCC unroll 6
        for (int i = 0; i < size; i++)
            column[i] = apply_change(change, load(patch + i * row_step + j * pixel_step, lanes));
        enter(column, half[j]);
    }
#pragma GCC unroll 6
    for (int i = 0; i < size; i++) {
        vector row[MOST_PATCH], whole[MOST_PATCH];
#pragma GCC unroll 6
        for (int j = 0; j < size; j++)
            row[j] = half[j][i];
        enter(row, whole);
#pragma GCC unroll 6
        for (int j = 0; j < size; j++)
            store(points + (i * size + j) * point_step, whole[j], lanes);
    }
}

WINOGRAD_INLINE void filter_lanes(const float *filters, int64_t tap_step, float *points, int64_t point_step,
                                  int64_t lanes, int taps, int size, transform filter)
{
    vector half[WINOGRAD_MOST_TAPS][MOST_PATCH]; /* [column][row] */
#pragma GCC unroll 4
    for (int j = 0; j < taps; j++) {
        vector column[WINOGRAD_MOST_TAPS];
#pragma GCC unroll 4
        for (int i = 0; i < taps; i++)
            column[i] = load(filters + (i * taps + j) * tap_step, lanes);
        filter(column, half[j]);
    }
#pragma GCC unroll 6
    for (int i = 0; i < size; i++) {
        vector row[WINOGRAD_MOST_TAPS], whole[MOST_PATCH];
#pragma GCC unroll 4
        for (int j = 0; j < taps; j++)
            row[j] = half[j][i];
        filter(row, whole);
#pragma GCC unroll 6
        for (int j = 0; j < size; j++)
            store(points + (i * size + j) * point_step, whole[j], lanes);
    }
}

struct place {
    float *out;
    int64_t row_step, pixel_step;
    struct winograd_part part;
};

WINOGRAD_INLINE vector finish_value(vector value, vector bias, const struct activation *activation)
{
    const vector sum = value + bias;
    if (activation->function == ACTIVATION_RELU)
        return positive_part(sum);
    if (activation->function == ACTIVATION_LEAKY_RELU) {
        const choice below = sum < 0.0f;
        return (vector)(((choice)(activation->slope * sum) & below) | ((choice)sum & ~below));
    }
    return sum;
}

WINOGRAD_INLINE void output_lanes(const struct winograd_points *points, const struct pixel_finish *finish,
                                  const struct place *place, int64_t channel, int64_t lanes, int size,
                                  int tile, transform leave)
{
    vector bias = {0};
    if (finish != NULL && finish->bias != NULL)
        bias = load(finish->bias + channel, lanes);
    vector half[MOST_PATCH][MOST_TILE]; /* [column][row] */
#pragma GCC unroll 6
    for (int j = 0; j < size; j++) {
        vector column[MOST_PATCH];
#pragma GCC unroll 6
        for (int i = 0; i < size; i++)
            column[i] = load(points->first + i * points->row_step + j * points->column_step + channel, lanes);
        leave(column, half[j]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < tile; i++) {
        vector row[MOST_PATCH], whole[MOST_TILE];
        if (i < place->part.row || i >= place->part.row_end)
            continue;
#pragma GCC unroll 6
        for (int j = 0; j < size; j++)
            row[j] = half[j][i];
        leave(row, whole);
        if (finish != NULL)
#pragma GCC unroll 4
            for (int j = 0; j < tile; j++)
                whole[j] = finish_value(whole[j], bias, &finish->activation);
        float *out = place->out + (i - place->part.row) * place->row_step + channel;
#pragma GCC unroll 4
        for (int j = 0; j < tile; j++)
            if (j >= place->part.column && j < place->part.column_end)
                store(out + (j - place->part.column) * place->pixel_step, whole[j], lanes);
    }
}

WINOGRAD_INLINE void input_channels_as(const float *patch, int64_t row_step, int64_t pixel_step,
                                       int64_t channels, const struct pixel_change *given,
                                       enum change_kind kind, float *points, int64_t point_step, int size,
                                       transform enter)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES) {
        const struct change change = load_change(given, kind, c, LANES);
        input_lanes(patch + c, row_step, pixel_step, &change, points + c, point_step, LANES, size, enter);
    }
    if (c < channels) {
        const struct change change = load_change(given, kind, c, channels - c);
        input_lanes(patch + c, row_step, pixel_step, &change, points + c, point_step, channels - c, size,
                    enter);
    }
}

WINOGRAD_INLINE void input_channels(const float *patch, int64_t row_step, int64_t pixel_step,
                                    int64_t channels, const struct pixel_change *change, float *points,
                                    int64_t point_step, int size, transform enter)
{
    if (change == NULL)
        input_channels_as(patch, row_step, pixel_step, channels, NULL, AS_THEY_ARE, points, point_step, size,
                          enter);
    else if (change->activation.function == ACTIVATION_RELU)
        input_channels_as(patch, row_step, pixel_step, channels, change, SCALED_RELU, points, point_step,
                          size, enter);
    else
        input_channels_as(patch, row_step, pixel_step, channels, change, SCALED, points, point_step, size,
                          enter);
}

WINOGRAD_INLINE void output_channels(const struct winograd_points *points, int64_t channels,
                                     const struct pixel_finish *finish, const struct place *place, int size,
                                     int tile, transform leave)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        output_lanes(points, finish, place, c, LANES, size, tile, leave);
    if (c < channels)
        output_lanes(points, finish, place, c, channels - c, size, tile, leave);
}

WINOGRAD_INLINE void filter_all(const float *filters, int64_t tap_step, int64_t lanes, float *points,
                                int64_t point_step, int taps, int size, transform filter)
{
    int64_t lane = 0;
    for (; lane + LANES <= lanes; lane += LANES)
        filter_lanes(filters + lane, tap_step, points + lane, point_step, LANES, taps, size, filter);
    if (lane < lanes)
        filter_lanes(filters + lane, tap_step, points + lane, point_step, lanes - lane, taps, size, filter);
}

WINOGRAD_TARGET static void weights_three(const float *filters, int64_t tap_step, int64_t lanes,
                                          float *points, int64_t point_step)
{
    filter_all(filters, tap_step, lanes, points, point_step, 3, 6, filter_three);
}

WINOGRAD_TARGET static void weights_two(const float *filters, int64_t tap_step, int64_t lanes, float *points,
                                        int64_t point_step)
{
    filter_all(filters, tap_step, lanes, points, point_step, 2, 4, filter_two);
}

WINOGRAD_TARGET static void weights_four(const float *filters, int64_t tap_step, int64_t lanes, float *points,
                                         int64_t point_step)
{
    filter_all(filters, tap_step, lanes, points, point_step, 4, 6, filter_four);
}

WINOGRAD_TARGET static void weights_pair(const float *filters, int64_t tap_step, int64_t lanes, float *points,
                                         int64_t point_step)
{
    filter_all(filters, tap_step, lanes, points, point_step, 2, 5, filter_pair);
}

WINOGRAD_TARGET static void input_three(const float *patch, int64_t row_step, int64_t pixel_step,
                                        int64_t channels, const struct pixel_change *change, float *points,
                                        int64_t point_step)
{
    input_channels(patch, row_step, pixel_step, channels, change, points, point_step, 6, enter_three);
}

WINOGRAD_TARGET static void input_two(const float *patch, int64_t row_step, int64_t pixel_step,
                                      int64_t channels, const struct pixel_change *change, float *points,
                                      int64_t point_step)
{
    input_channels(patch, row_step, pixel_step, channels, change, points, point_step, 4, enter_two);
}

WINOGRAD_TARGET static void input_pair(const float *patch, int64_t row_step, int64_t pixel_step,
                                       int64_t channels, const struct pixel_change *change, float *points,
                                       int64_t point_step)
{
    input_channels(patch, row_step, pixel_step, channels, change, points, point_step, 5, enter_pair);
}

WINOGRAD_TARGET static void output_three(const struct winograd_points *points, int64_t channels,
                                         const struct pixel_finish *finish, float *out, int64_t row_step,
                                         int64_t pixel_step, const struct winograd_part *part)
{
    const struct place place = {out, row_step, pixel_step, *part};
    output_channels(points, channels, finish, &place, 6, 4, leave_three);
}

WINOGRAD_TARGET static void output_two(const struct winograd_points *points, int64_t channels,
                                       const struct pixel_finish *finish, float *out, int64_t row_step,
                                       int64_t pixel_step, const struct winograd_part *part)
{
    const struct place place = {out, row_step, pixel_step, *part};
    output_channels(points, channels, finish, &place, 4, 3, leave_two);
}

WINOGRAD_TARGET static void output_four(const struct winograd_points *points, int64_t channels,
                                        const struct pixel_finish *finish, float *out, int64_t row_step,
                                        int64_t pixel_step, const struct winograd_part *part)
{
    const struct place place = {out, row_step, pixel_step, *part};
    output_channels(points, channels, finish, &place, 6, 3, leave_four);
}

WINOGRAD_TARGET static void output_pair(const struct winograd_points *points, int64_t channels,
                                        const struct pixel_finish *finish, float *out, int64_t row_step,
                                        int64_t pixel_step, const struct winograd_part *part)
{
    const struct place place = {out, row_step, pixel_step, *part};
    output_channels(points, channels, finish, &place, 5, 4, leave_pair);
}

#include "kernels/winograd_adjoints.h"

const struct winograd_kernels WINOGRAD_KERNELS[WINOGRAD_KINDS] = {
    {3, 4, 6, 36, false, "Winograd F(4x4, 3x3)", weights_three, input_three, output_three, tile_three,
     taps_three},
    {4, 3, 6, 36, false, "Winograd F(3x3, 4x4)", weights_four, input_three, output_four, tile_four,
     taps_four},
    {2, 3, 4, 16, true, "Winograd F(3x3, 2x2)", weights_two, input_two, output_two, tile_two, taps_two},
    {2, 4, 5, 25, false, "Winograd F(4x4, 2x2)", weights_pair, input_pair, output_pair, tile_pair, taps_pair},
};

#include "kernels/winograd_rows.h"
