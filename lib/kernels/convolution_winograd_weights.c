/* Packed weights of Winograd's convolutions: points instead of taps. */
#include "base/threads.h"
#include "kernels/convolution_plan.h"
#include "kernels/sizes.h"

/* Source channels whose weights are gathered and transformed at a time. */
enum { PACKED_CHANNELS = 16 };

/* Panels of one phase. */
static int64_t panel_count(const struct convolution_plan *plan)
{
    return parts(plan->out_channels, plan->kernel->channels);
}

/* Floats of a panel: [point][source channel][lane]. */
static int64_t panel_size(const struct convolution_plan *plan)
{
    return plan->winograd->points * plan->in_channels * plan->kernel->channels;
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

struct winograd_packing {
    const struct convolution_plan *plan;
    const float *weights;
    float *packed;
};

static void pack_channels(const struct winograd_packing *packing, int64_t index, int64_t channel,
                          int64_t count)
{
    const struct convolution_plan *plan = packing->plan;
    const int64_t width = plan->kernel->channels, taps = plan->winograd->taps, tap_step = count * width;
    const struct convolution_phase *phase = &plan->phases[index / panel_count(plan)];
    const int64_t lane = index % panel_count(plan) * width;
    float filters[WINOGRAD_MOST_TAPS * WINOGRAD_MOST_TAPS * PACKED_CHANNELS * MOST_PANEL_CHANNELS];
    for (int64_t tap = 0; tap < taps * taps; tap++)
        gan_convolution_plan_weight_rows(plan, phase, packing->weights, lane, tap / taps, tap % taps, channel,
                                         count, filters + tap * tap_step);
    float *points = packing->packed + index * panel_size(plan) + channel * width;
    plan->winograd->weights(filters, tap_step, tap_step, points, plan->in_channels * width);
}

static void pack_panel(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct winograd_packing *packing = argument;
    const int64_t channels = packing->plan->in_channels;
    for (int64_t c = 0; c < channels; c += PACKED_CHANNELS)
        pack_channels(packing, index, c, smaller(PACKED_CHANNELS, channels - c));
}

void gan_winograd_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                       float *packed)
{
    struct winograd_packing packing = {plan, weights, packed};
    gan_parallel(context, gan_winograd_panels(plan), pack_panel, &packing);
}
