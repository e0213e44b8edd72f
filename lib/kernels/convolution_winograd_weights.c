/* Packed weights of Winograd's convolutions: points instead of taps. */
#include "base/threads.h"
#include "kernels/convolution_winograd.h"
#include "kernels/sizes.h"

/* Source channels whose weights are gathered and transformed at a time. */
enum { PACKED_CHANNELS = 16 };

/* Panels of one phase. */
static int64_t panel_count(const struct convolution_plan *plan)
{
    return parts(plan->out_channels, plan->kernel->channels);
}

/* Floats of a panel: [point][row and column of the stride][source channel][lane]. */
static int64_t panel_size(const struct convolution_plan *plan)
{
    return plan->winograd->points * gan_winograd_channels(plan) * plan->kernel->channels;
}

int64_t gan_winograd_panels(const struct convolution_plan *plan)
{
    return plan->phase_count * panel_count(plan);
}

const float *gan_winograd_panel(const struct convolution_plan *plan, const void *packed, int64_t index)
{
    return (const float *)packed + index * panel_size(plan);
}

int64_t gan_winograd_packed_count(const struct convolution_plan *plan)
{
    return gan_winograd_panels(plan) * panel_size(plan);
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

static void pack_panel(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct winograd_packing *packing = argument;
    const struct convolution_plan *plan = packing->plan;
    const int64_t channels = gan_winograd_channels(plan);
    gan_winograd_pack_points(plan, packing->weights, index, 0, channels,
                             packing->packed + index * panel_size(plan), channels * plan->kernel->channels);
}

void gan_winograd_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                       float *packed)
{
    struct winograd_packing packing = {plan, weights, packed};
    gan_parallel(context, gan_winograd_panels(plan), pack_panel, &packing);
}
