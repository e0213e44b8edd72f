/* Convolutions of few pixels: all are packed first, then each weight is read once. A task takes a panel of
 * destination channels of one phase and some pixels: it multiplies these by a part of the weights, and goes
 * on to the next part. Weights that change from run to run are read where they lie, each part packed in
 * cache. */
#include "base/threads.h"
#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"
#include "kernels/packing.h"
#include "kernels/pixel_loops.h"
#include "kernels/sizes.h"

#include <string.h>

enum { DEPTH = 512, MOST_FLOATS = 1 << 21, SLACK = PANEL_SLACK / sizeof(float) };

/* Pixels of a phase, with weights that are packed in each run, and with others. Panels of pixels are shared
 * out where there are fewer than so many tasks, at least some to each. */
enum { MOST_PIXELS_UNPACKED = 1024, MOST_PIXELS_PACKED = 256, TASKS = 8, LEAST_PANELS = 4 };

static int64_t phase_pixels(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    return plan->batch * phase->y->count * phase->x->count;
}

/* Values of a pixel under all taps of a phase. */
static int64_t phase_depth(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    return phase->y->taps * phase->x->taps * plan->in_channels;
}

static int64_t pixel_panels(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    return parts(phase_pixels(plan, phase), plan->kernel->pixels);
}

static int64_t lane_panels(const struct convolution_plan *plan)
{
    return parts(plan->out_channels, plan->kernel->channels);
}

/* How many tasks share the pixels of a phase. */
static int64_t pixel_parts(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    const int64_t most = pixel_panels(plan, phase) / LEAST_PANELS;
    return larger(1, smaller(TASKS / (plan->phase_count * lane_panels(plan)), most));
}

/* Floats of a phase's packed pixels, [panel][tap][source channel][pixel]. */
static int64_t packed_floats(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    return pixel_panels(plan, phase) * phase_depth(plan, phase) * plan->kernel->pixels;
}

/* Floats of memory: the source with the input's changes, a pixel of zeros, the packed pixels; of each worker
 * the weights and results of one panel. */
struct room {
    int64_t source, zeros, pixels, weights, results;
};

static struct room room_needed(const struct convolution_plan *plan)
{
    struct room room = {
        .source = aligned(plan->batch * plan->y.source * plan->x.source * plan->in_channels),
        .zeros = aligned(plan->in_channels),
        .weights = plan->unpacked ? aligned(DEPTH * plan->kernel->channels + SLACK) : 0,
    };
    for (int64_t i = 0; i < plan->phase_count; i++) {
        room.pixels += packed_floats(plan, &plan->phases[i]);
        room.results = larger(room.results, phase_pixels(plan, &plan->phases[i]) * plan->kernel->channels);
    }
    room.pixels = aligned(room.pixels);
    room.results = aligned(room.results);
    return room;
}

bool gan_few_suits(const struct convolution_plan *plan)
{
    const int64_t most = plan->changing ? MOST_PIXELS_UNPACKED : MOST_PIXELS_PACKED;
    if (plan->groups != 1 || plan->direct != NULL || plan->depthwise != NULL || plan->tiles != NULL ||
        plan->winograd != NULL)
        return false;
    for (int64_t i = 0; i < plan->phase_count; i++)
        if (phase_pixels(plan, &plan->phases[i]) > most)
            return false;
    return room_needed(plan).pixels <= MOST_FLOATS;
}

size_t gan_few_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)(room.source + room.zeros + room.pixels +
                    (room.weights + room.results) * gan_parallel_workers(context)) *
           sizeof(float);
}

struct few_run {
    const struct convolution_run *run;
    struct room room;
    const float *source;
    float *changed, *zeros, *pixels, *scratch;
};

static void change_row(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct few_run *all = argument;
    const struct convolution_plan *plan = all->run->plan;
    const struct convolution_input *input = all->run->input;
    const int64_t channels = plan->in_channels, row = index * plan->x.source * channels;
    const int64_t offset = index / plan->y.source * channels;
    const bool scaled = input->scale != NULL;
    const struct pixel_change change = {scaled ? input->scale + offset : NULL,
                                        scaled ? input->shift + offset : NULL, input->activation};
    gan_pixels_change(all->run->context->kernels, all->run->source + row, channels, plan->x.source, channels,
                      &change, all->changed + row);
}

/* Source pixel under a tap, or zeros. */
static const float *pixel_at(const struct few_run *all, int64_t image, int64_t virtual_row,
                             int64_t virtual_column)
{
    const struct convolution_plan *plan = all->run->plan;
    const int64_t row = plan->y.map[virtual_row], column = plan->x.map[virtual_column];
    if (row < 0 || column < 0)
        return all->zeros;
    return all->source + ((image * plan->y.source + row) * plan->x.source + column) * plan->in_channels;
}

/* One panel of pixels under all taps. */
static void pack_panel(const struct few_run *all, const struct convolution_phase *phase, int64_t panel,
                       float *out)
{
    const struct convolution_plan *plan = all->run->plan;
    const struct phase *y = phase->y, *x = phase->x;
    const int64_t width = plan->kernel->pixels, first = panel * width;
    const int64_t count = smaller(width, phase_pixels(plan, phase) - first);
    const float *pixels[MOST_PANEL_PIXELS];
    for (int64_t i = 0; i < y->taps; i++)
        for (int64_t j = 0; j < x->taps; j++, out += plan->in_channels * width) {
            for (int64_t p = 0; p < count; p++) {
                const int64_t line = (first + p) / x->count, column = (first + p) % x->count;
                pixels[p] =
                    pixel_at(all, line / y->count, y->start + line % y->count * y->stride + i * y->dilation,
                             x->start + column * x->stride + j * x->dilation);
            }
            gan_pack_pixels(plan->kernel, pixels, count, plan->in_channels, width, out);
        }
}

static void pack_pixels(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct few_run *all = argument;
    const struct convolution_plan *plan = all->run->plan;
    const struct convolution_phase *phase = plan->phases;
    float *out = all->pixels;
    for (; index >= pixel_panels(plan, phase); phase++) {
        index -= pixel_panels(plan, phase);
        out += packed_floats(plan, phase);
    }
    pack_panel(all, phase, index, out + index * phase_depth(plan, phase) * plan->kernel->pixels);
}

/* What one task computes: some lanes of the pixels [first, end) of one phase. */
struct work {
    const struct few_run *all;
    const struct convolution_phase *phase;
    const float *pixels; /* all packed ones of the phase */
    int64_t first, end;
    int64_t lane, lanes;
    float *weights, *results;
};

/* Weights of the values [first, first + count) of a pixel under all taps, of the caller's. */
static void pack_weights(const struct work *work, int64_t first, int64_t count)
{
    const struct convolution_plan *plan = work->all->run->plan;
    const int64_t channels = plan->in_channels, columns = work->phase->x->taps;
    float *out = work->weights;
    for (int64_t at = first, now; at < first + count; at += now, out += now * plan->kernel->channels) {
        const int64_t tap = at / channels, channel = at % channels;
        now = smaller(channels - channel, first + count - at);
        gan_convolution_plan_weight_rows(plan, work->phase, work->all->run->packed, work->lane, tap / columns,
                                         tap % columns, channel, now, out);
    }
}

static const float *weights_from(const struct work *work, int64_t first, int64_t count)
{
    const struct convolution_run *run = work->all->run;
    const int64_t width = run->plan->kernel->channels;
    if (!run->plan->unpacked)
        return gan_convolution_plan_panel(run->plan, run->packed, 0, work->phase, 0, work->lane / width) +
               first * width;
    pack_weights(work, first, count);
    return work->weights;
}

static void multiply(const struct work *work)
{
    const struct convolution_plan *plan = work->all->run->plan;
    const struct microkernel *kernel = plan->kernel;
    const int64_t depth = phase_depth(plan, work->phase);
    int64_t first = 0;
    do { /* once even where there is no tap, for zeros */
        const int64_t count = smaller(DEPTH, depth - first);
        const float *weights = weights_from(work, first, count);
        for (int64_t p = work->first; p < work->end; p += kernel->pixels)
            kernel->multiply(work->lanes, smaller(kernel->pixels, work->end - p), count, weights,
                             work->pixels + p * depth + first * kernel->pixels, first == 0 ? 0.0f : 1.0f,
                             work->results + (p - work->first) * kernel->channels, kernel->channels);
        first += count;
    } while (first < depth);
}

/* Pixels of the phase from `first` on, which lie in one row of the destination. */
static struct pixel_run destination_of(const struct work *work, int64_t first)
{
    const struct convolution_plan *plan = work->all->run->plan;
    const struct phase *y = work->phase->y, *x = work->phase->x;
    const int64_t line = first / x->count, column = first % x->count;
    const int64_t row = line / y->count * plan->y.destination + y->first + line % y->count * y->step;
    return (struct pixel_run){
        .offset = (row * plan->x.destination + x->first + column * x->step) * plan->out_step + work->lane,
        .pixels = smaller(x->count - column, work->end - first),
        .pixel_stride = x->step * plan->out_step,
        .channel = work->lane,
        .channels = work->lanes,
    };
}

static void deliver(const struct work *work)
{
    const struct convolution_run *run = work->all->run;
    const float *from = work->results;
    for (int64_t first = work->first; first < work->end;) {
        const struct pixel_run pixels = destination_of(work, first);
        for (int64_t p = 0; p < pixels.pixels; p++, from += run->plan->kernel->channels)
            memcpy(run->destination + pixels.offset + p * pixels.pixel_stride, from,
                   (size_t)pixels.channels * sizeof *from);
        gan_epilogue_apply(run->context->kernels, run->epilogue, run->destination, &pixels);
        first += pixels.pixels;
    }
}

/* Task `index`: lanes of a part of the pixels of a phase. */
static struct work place_work(const struct few_run *all, int64_t index)
{
    const struct convolution_plan *plan = all->run->plan;
    struct work work = {.all = all, .phase = plan->phases, .pixels = all->pixels};
    int64_t tasks = lane_panels(plan) * pixel_parts(plan, work.phase);
    for (; index >= tasks; tasks = lane_panels(plan) * pixel_parts(plan, work.phase)) {
        index -= tasks;
        work.pixels += packed_floats(plan, work.phase++);
    }
    const int64_t panels = pixel_panels(plan, work.phase), count = pixel_parts(plan, work.phase);
    const int64_t part = index / lane_panels(plan), width = plan->kernel->pixels;
    work.first = part * panels / count * width;
    work.end = smaller((part + 1) * panels / count * width, phase_pixels(plan, work.phase));
    work.lane = index % lane_panels(plan) * plan->kernel->channels;
    work.lanes = smaller(plan->kernel->channels, plan->out_channels - work.lane);
    return work;
}

static void compute_panel(void *argument, int64_t index, int32_t worker)
{
    const struct few_run *all = argument;
    struct work work = place_work(all, index);
    work.weights = all->scratch + worker * (all->room.weights + all->room.results);
    work.results = work.weights + all->room.weights;
    multiply(&work);
    deliver(&work);
}

void gan_few_run(const struct convolution_run *run)
{
    const struct convolution_plan *plan = run->plan;
    struct few_run all = {.run = run, .room = room_needed(plan), .source = run->source};
    all.changed = run->workspace;
    all.zeros = all.changed + all.room.source;
    all.pixels = all.zeros + all.room.zeros;
    all.scratch = all.pixels + all.room.pixels;
    memset(all.zeros, 0, (size_t)all.room.zeros * sizeof(float));
    if (run->input != NULL) {
        gan_parallel(run->context, plan->batch * plan->y.source, change_row, &all);
        all.source = all.changed;
    }
    int64_t panels = 0, tasks = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        panels += pixel_panels(plan, &plan->phases[i]);
        tasks += lane_panels(plan) * pixel_parts(plan, &plan->phases[i]);
    }
    gan_parallel(run->context, panels, pack_pixels, &all);
    gan_parallel(run->context, tasks, compute_panel, &all);
}
