#include "base/threads.h"
#include "kernels/convolution_plan.h"

#include <string.h>

static int64_t panel_count(const struct plan *plan)
{
    return (plan->out_channels + plan->kernel->channels - 1) / plan->kernel->channels;
}

static int64_t tap_count(const struct plan_phase *phase)
{
    return phase->y->taps * phase->x->taps;
}

void gan_plan_place_weights(struct plan *plan)
{
    plan->packed_count = 0;
    const int64_t lanes = panel_count(plan) * plan->kernel->channels;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        plan->phases[i].packed = plan->packed_count;
        plan->packed_count += tap_count(&plan->phases[i]) * plan->in_channels * lanes;
    }
}

static int64_t chunk_size(const struct plan *plan, int64_t chunk_start)
{
    const int64_t rest = plan->in_channels - chunk_start;
    return rest < plan->chunk ? rest : plan->chunk;
}

static int64_t panel_offset(const struct plan *plan, int64_t group, const struct plan_phase *phase,
                            int64_t chunk_start, int64_t panel)
{
    const int64_t row = tap_count(phase) * plan->kernel->channels;
    return group * plan->packed_count + phase->packed + chunk_start * row * panel_count(plan) +
           panel * row * chunk_size(plan, chunk_start);
}

const float *gan_plan_panel(const struct plan *plan, const float *packed, int64_t group,
                            const struct plan_phase *phase, int64_t chunk_start, int64_t panel)
{
    return packed + panel_offset(plan, group, phase, chunk_start, panel);
}

struct packing {
    const struct plan *plan;
    const float *weights;
    float *packed;
};

/* The caller's weights seen from the plan: strides of destination and source channels, and where a group's
 * weights for kernel position (0, 0) begin. */
struct weight_view {
    const float *first;
    int64_t lane_step, channel_step, row_step, column_step;
};

static struct weight_view view_weights(const struct plan *plan, const float *weights, int64_t group)
{
    const int64_t column = plan->transposed ? plan->out_channels : plan->in_channels;
    const int64_t filter = plan->kernel_height * plan->kernel_width * column;
    const int64_t filters = plan->transposed ? plan->in_channels : plan->out_channels;
    return (struct weight_view){
        .first = weights + group * filters * filter,
        .lane_step = plan->transposed ? 1 : filter,
        .channel_step = plan->transposed ? filter : 1,
        .row_step = plan->kernel_width * column,
        .column_step = column,
    };
}

/* Add the weights at one kernel position, source channel and run of destination channels. */
static void add_lanes(const struct weight_view *view, const float *at, int64_t lanes, float *out)
{
    for (int64_t i = 0; i < lanes; i++)
        out[i] += at[i * view->lane_step];
}

static void pack_vector(const struct plan *plan, const struct weight_view *view, int64_t row, int64_t column,
                        const float *base, int64_t lanes, float *out)
{
    memset(out, 0, (size_t)plan->kernel->channels * sizeof *out);
    const int64_t reach = plan->summed ? 1 : 0;
    for (int64_t r = row - reach; r <= row; r++)
        for (int64_t s = column - reach; s <= column; s++)
            if (r >= 0 && r < plan->kernel_height && s >= 0 && s < plan->kernel_width)
                add_lanes(view, base + r * view->row_step + s * view->column_step, lanes, out);
}

static void pack_taps(const struct plan *plan, const struct weight_view *view, const struct plan_phase *phase,
                      int64_t chunk_start, int64_t lane, float *out)
{
    const int64_t rest = plan->out_channels - lane;
    const int64_t lanes = rest < plan->kernel->channels ? rest : plan->kernel->channels;
    const float *base = view->first + lane * view->lane_step + chunk_start * view->channel_step;
    for (int64_t i = 0; i < phase->y->taps; i++)
        for (int64_t j = 0; j < phase->x->taps; j++)
            for (int64_t c = 0; c < chunk_size(plan, chunk_start); c++, out += plan->kernel->channels)
                pack_vector(plan, view, phase->y->weight + i * phase->y->weight_step,
                            phase->x->weight + j * phase->x->weight_step, base + c * view->channel_step,
                            lanes, out);
}

static void pack_panel(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct packing *packing = argument;
    const struct plan *plan = packing->plan;
    const int64_t group = index / panel_count(plan), panel = index % panel_count(plan);
    const struct weight_view view = view_weights(plan, packing->weights, group);
    for (int64_t i = 0; i < plan->phase_count; i++)
        for (int64_t start = 0; start < plan->in_channels; start += plan->chunk) {
            const struct plan_phase *phase = &plan->phases[i];
            float *out = packing->packed + panel_offset(plan, group, phase, start, panel);
            pack_taps(plan, &view, phase, start, panel * plan->kernel->channels, out);
        }
}

void gan_plan_pack(gan_context *context, const struct plan *plan, const float *weights, float *packed)
{
    struct packing packing = {plan, weights, packed};
    gan_parallel(context, plan->groups * panel_count(plan), pack_panel, &packing);
    memset(packed + plan->groups * plan->packed_count, 0, PANEL_SLACK);
}
