#include "base/threads.h"
#include "kernels/convolution_plan.h"
#include "kernels/packing.h"
#include "kernels/sizes.h"

#include <string.h>

static int64_t panel_count(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    return (phase->lanes + plan->kernel->channels - 1) / plan->kernel->channels;
}

static int64_t tap_count(const struct convolution_phase *phase)
{
    return phase->y->taps * phase->columns;
}

void gan_convolution_plan_place_weights(struct convolution_plan *plan)
{
    plan->packed_count = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        struct convolution_phase *phase = &plan->phases[i];
        phase->lanes = plan->out_channels * (plan->spread ? phase->x->taps : 1);
        phase->columns = plan->spread ? 1 : phase->x->taps;
        phase->packed = plan->packed_count;
        if (plan->depthwise != NULL)
            plan->packed_count += tap_count(phase) * plan->out_channels;
        else
            plan->packed_count +=
                tap_count(phase) * plan->in_channels * panel_count(plan, phase) * plan->kernel->channels;
    }
}

static int64_t chunk_size(const struct convolution_plan *plan, int64_t chunk_start)
{
    return smaller(plan->in_channels - chunk_start, plan->chunk);
}

static int64_t panel_offset(const struct convolution_plan *plan, int64_t group,
                            const struct convolution_phase *phase, int64_t chunk_start, int64_t panel)
{
    const int64_t row = tap_count(phase) * plan->kernel->channels;
    return group * plan->packed_count + phase->packed + chunk_start * row * panel_count(plan, phase) +
           panel * row * chunk_size(plan, chunk_start);
}

const float *gan_convolution_plan_panel(const struct convolution_plan *plan, const float *packed,
                                        int64_t group, const struct convolution_phase *phase,
                                        int64_t chunk_start, int64_t panel)
{
    return packed + panel_offset(plan, group, phase, chunk_start, panel);
}

struct packing {
    const struct convolution_plan *plan;
    const float *weights;
    float *packed;
    int64_t panels; /* most panels of a phase */
};

/* The caller's weights seen from the plan: strides of destination and source channels, and where a group's
 * weights for kernel position (0, 0) begin. */
struct weight_view {
    const float *first;
    int64_t lane_step, channel_step, row_step, column_step;
};

static struct weight_view view_weights(const struct convolution_plan *plan, const float *weights,
                                       int64_t group)
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

struct packing_place {
    const struct convolution_plan *plan;
    const struct convolution_phase *phase;
    struct weight_view view;
    int64_t lane; /* the panel's first */
};

/* Add the weights at one kernel position, source channel and run of destination channels. */
static void add_lanes(const struct weight_view *view, const float *at, int64_t lanes, float *out)
{
    for (int64_t i = 0; i < lanes; i++)
        out[i] += at[i * view->lane_step];
}

/* Add the weights of one kernel position, the sum of up to four of the caller's. */
static void add_position(const struct convolution_plan *plan, const struct weight_view *view, int64_t row,
                         int64_t column, const float *base, int64_t lanes, float *out)
{
    const int64_t reach = plan->summed ? 1 : 0;
    for (int64_t r = row - reach; r <= row; r++)
        for (int64_t s = column - reach; s <= column; s++)
            if (r >= 0 && r < plan->kernel_height && s >= 0 && s < plan->kernel_width)
                add_lanes(view, base + r * view->row_step + s * view->column_step, lanes, out);
}

/* One row of a panel: the weights of one source channel at a tap for lanes from `lane` on. */
static void pack_vector(const struct packing_place *place, int64_t i, int64_t j, const float *channel,
                        float *out)
{
    const struct convolution_plan *plan = place->plan;
    const struct phase *y = place->phase->y, *x = place->phase->x;
    const int64_t end = smaller(place->lane + plan->kernel->channels, place->phase->lanes);
    memset(out, 0, (size_t)plan->kernel->channels * sizeof *out);
    for (int64_t lane = place->lane, count; lane < end; lane += count, out += count) {
        const int64_t k = lane % plan->out_channels;
        const int64_t column = plan->spread ? lane / plan->out_channels : j;
        count = smaller(plan->out_channels - k, end - lane);
        add_position(plan, &place->view, y->weight + i * y->weight_step, x->weight + column * x->weight_step,
                     channel + k * place->view.lane_step, count, out);
    }
}

/* Rows of a panel at one tap, for source channels from `channel` on. Where each weight is one of the
 * caller's, they are a transposed or a plain copy. */
static void pack_rows(const struct packing_place *place, int64_t i, int64_t j, int64_t channel, int64_t count,
                      float *out)
{
    const struct convolution_plan *plan = place->plan;
    const struct phase *y = place->phase->y, *x = place->phase->x;
    const struct weight_view *view = &place->view;
    const int64_t width = plan->kernel->channels, lanes = smaller(width, place->phase->lanes - place->lane);
    const float *first = view->first + channel * view->channel_step;
    if (plan->summed || plan->spread) {
        for (int64_t c = 0; c < count; c++, first += view->channel_step, out += width)
            pack_vector(place, i, j, first, out);
        return;
    }
    first += (y->weight + i * y->weight_step) * view->row_step +
             (x->weight + j * x->weight_step) * view->column_step + place->lane * view->lane_step;
    if (view->lane_step == 1) {
        gan_spread_pixels(first, view->channel_step, count, lanes, width, out);
        return;
    }
    const float *starts[MOST_PANEL_CHANNELS];
    for (int64_t lane = 0; lane < lanes; lane++)
        starts[lane] = first + lane * view->lane_step;
    gan_pack_pixels(plan->kernel, starts, lanes, count, width, out);
}

void gan_convolution_plan_weight_rows(const struct convolution_plan *plan,
                                      const struct convolution_phase *phase, const float *weights,
                                      int64_t lane, int64_t row, int64_t column, int64_t channel,
                                      int64_t count, float *out)
{
    const struct packing_place place = {plan, phase, view_weights(plan, weights, 0), lane};
    pack_rows(&place, row, column, channel, count, out);
}

static void pack_taps(const struct packing_place *place, int64_t chunk_start, float *out)
{
    const struct convolution_plan *plan = place->plan;
    const int64_t count = chunk_size(plan, chunk_start);
    for (int64_t i = 0; i < place->phase->y->taps; i++)
        for (int64_t j = 0; j < place->phase->columns; j++, out += count * plan->kernel->channels)
            pack_rows(place, i, j, chunk_start, count, out);
}

/* The panel for the same lanes of every phase that has these lanes. */
static void pack_panel(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct packing *packing = argument;
    const struct convolution_plan *plan = packing->plan;
    const int64_t group = index / packing->panels, panel = index % packing->panels;
    struct packing_place place = {.plan = plan, .view = view_weights(plan, packing->weights, group)};
    place.lane = panel * plan->kernel->channels;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        place.phase = &plan->phases[i];
        if (place.lane >= place.phase->lanes)
            continue;
        for (int64_t start = 0; start < plan->in_channels; start += plan->chunk)
            pack_taps(&place, start, packing->packed + panel_offset(plan, group, place.phase, start, panel));
    }
}

void gan_convolution_plan_pack(gan_context *context, const struct convolution_plan *plan,
                               const float *weights, float *packed)
{
    struct packing packing = {plan, weights, packed, 0};
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const int64_t panels = panel_count(plan, &plan->phases[i]);
        packing.panels = panels > packing.panels ? panels : packing.panels;
    }
    gan_parallel(context, plan->groups * packing.panels, pack_panel, &packing);
    memset(packed + plan->groups * plan->packed_count, 0, PANEL_SLACK);
}
