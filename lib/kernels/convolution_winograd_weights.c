/* Packed weights of Winograd's convolutions: points instead of taps. */
#include "base/threads.h"
#include "kernels/convolution_winograd.h"
#include "kernels/sizes.h"

#include <string.h>

/* Source channels whose weights are gathered and transformed at a time. */
enum { PACKED_CHANNELS = 16, JOINED_POINTS = 16 };

/* Panels of one phase. */
static int64_t panel_count(const struct convolution_plan *plan)
{
    return parts(plan->out_channels, plan->kernel->channels);
}

struct winograd_grid_part gan_winograd_grid_part(const struct convolution_plan *plan,
                                                 const struct convolution_phase *phase)
{
    const int64_t size = plan->winograd->patch;
    const bool below = plan->joined && phase->y != &plan->y.phases[0];
    const bool right = plan->joined && phase->x != &plan->x.phases[0];
    struct winograd_grid_part part = {.side = plan->joined ? 2 * size - 1 : size,
                                      .column_step = right ? -1 : 1,
                                      .rows = size - below,
                                      .columns = size - right};
    part.row_step = below ? -part.side : part.side;
    part.first = (below ? part.side * (part.side - 1) : 0) + (right ? part.side - 1 : 0);
    return part;
}

/* Floats of a panel: [row of points][column][row and column of the stride][source channel][lane]. */
static int64_t panel_size(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    const struct winograd_grid_part part = gan_winograd_grid_part(plan, phase);
    return part.rows * part.columns * gan_winograd_channels(plan) * plan->kernel->channels;
}

/* Floats of all panels of the phases before. */
static int64_t phase_start(const struct convolution_plan *plan, int64_t phase)
{
    int64_t floats = 0;
    for (int64_t i = 0; i < phase; i++)
        floats += panel_count(plan) * panel_size(plan, &plan->phases[i]);
    return floats;
}

static int64_t panel_start(const struct convolution_plan *plan, int64_t index)
{
    const int64_t phase = index / panel_count(plan);
    return phase_start(plan, phase) + index % panel_count(plan) * panel_size(plan, &plan->phases[phase]);
}

int64_t gan_winograd_panels(const struct convolution_plan *plan)
{
    return plan->phase_count * panel_count(plan);
}

const float *gan_winograd_panel(const struct convolution_plan *plan, const void *packed, int64_t index)
{
    return (const float *)packed + panel_start(plan, index);
}

int64_t gan_winograd_packed_count(const struct convolution_plan *plan)
{
    return phase_start(plan, plan->phase_count);
}

/* Up to PACKED_CHANNELS channels that are of one row and column of the stride. */
static void pack_channels(const struct convolution_plan *plan, const float *weights, int64_t index,
                          int64_t channel, int64_t count, float *out, int64_t point_step)
{
    const int64_t width = plan->kernel->channels, taps = plan->winograd->taps, tap_step = count * width;
    const int64_t stride = gan_winograd_stride(plan), place = channel / plan->in_channels;
    const struct convolution_phase *phase = &plan->phases[index / panel_count(plan)];
    float filters[WINOGRAD_MOST_TAPS * WINOGRAD_MOST_TAPS * PACKED_CHANNELS * MOST_PANEL_CHANNELS];
    for (int64_t tap = 0; tap < taps * taps; tap++)
        gan_convolution_plan_weight_rows(plan, phase, weights, index % panel_count(plan) * width,
                                         place / stride + tap / taps * stride,
                                         place % stride + tap % taps * stride, channel % plan->in_channels,
                                         count, filters + tap * tap_step);
    plan->winograd->weights(filters, tap_step, tap_step, out, point_step);
}

void gan_winograd_pack_points(const struct convolution_plan *plan, const float *weights, int64_t index,
                              int64_t first, int64_t count, float *out, int64_t point_step)
{
    const int64_t channels = plan->in_channels;
    for (int64_t c = first, now; c < first + count; c += now) {
        now = smaller(PACKED_CHANNELS, smaller(first + count - c, channels - c % channels));
        pack_channels(plan, weights, index, c, now, out + (c - first) * plan->kernel->channels, point_step);
    }
}

struct winograd_packing {
    const struct convolution_plan *plan;
    const float *weights;
    float *packed;
};

/* The points that a phase multiplies itself, of the source channels from `channel` on. */
static void keep_points(const struct convolution_plan *plan, const struct winograd_grid_part *part,
                        const float *all, int64_t count, int64_t channel, float *panel)
{
    const int64_t width = plan->kernel->channels, size = plan->winograd->patch;
    for (int64_t i = 0; i < part->rows; i++)
        for (int64_t j = 0; j < part->columns; j++) {
            const int64_t point = i * part->columns + j;
            memcpy(panel + (point * gan_winograd_channels(plan) + channel) * width,
                   all + (i * size + j) * count * width, (size_t)(count * width) * sizeof *panel);
        }
}

static void pack_joined(const struct winograd_packing *packing, int64_t index, float *panel)
{
    float all[JOINED_POINTS * PACKED_CHANNELS * MOST_PANEL_CHANNELS];
    const struct convolution_plan *plan = packing->plan;
    const int64_t channels = gan_winograd_channels(plan);
    const struct winograd_grid_part part =
        gan_winograd_grid_part(plan, &plan->phases[index / panel_count(plan)]);
    for (int64_t c = 0, count; c < channels; c += count) {
        count = smaller(PACKED_CHANNELS, channels - c);
        gan_winograd_pack_points(plan, packing->weights, index, c, count, all,
                                 count * plan->kernel->channels);
        keep_points(plan, &part, all, count, c, panel);
    }
}

static void pack_panel(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct winograd_packing *packing = argument;
    const struct convolution_plan *plan = packing->plan;
    const int64_t channels = gan_winograd_channels(plan);
    float *panel = packing->packed + panel_start(plan, index);
    if (plan->joined)
        pack_joined(packing, index, panel);
    else
        gan_winograd_pack_points(plan, packing->weights, index, 0, channels, panel,
                                 channels * plan->kernel->channels);
}

void gan_winograd_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                       float *packed)
{
    struct winograd_packing packing = {plan, weights, packed};
    gan_parallel(context, gan_winograd_panels(plan), pack_panel, &packing);
}
