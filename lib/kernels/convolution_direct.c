/* Rows of destination pixels, multiplied by a direct kernel where they lie: in the caller's picture, or in a
 * strip of virtual rows made from it. */
#include "base/threads.h"
#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"
#include "kernels/convolution_rows.h"

#include <string.h>

enum { STRIP_FLOATS = 1 << 17, LEAST_ROWS = 8, LEAST_ROWS_OF_TALL_KERNELS = 16, TALL = 5 };

/* What one task computes: some destination rows of one phase of one image and group. */
struct strip {
    const struct plan_run *run;
    const struct plan_phase *phase;
    int64_t group, image, row, rows;
    int64_t columns; /* virtual columns read */
    int64_t chunk_start, chunk;
    const float *source; /* the first virtual pixel read */
    int64_t pixel_stride, row_stride;
    float *buffer, *line;
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t aligned(int64_t floats)
{
    return (floats + 15) / 16 * 16;
}

/* Virtual positions from the first to the last that `count` destination positions read. */
static int64_t reach(const struct phase *phase, int64_t count)
{
    return (count - 1) * phase->stride + larger(0, phase->taps - 1) * phase->dilation + 1;
}

/* Enough rows to make the virtual rows that they share but few times, few enough for these to stay in cache.
 */
static int64_t rows_of_strip(const struct plan *plan, const struct plan_phase *phase)
{
    const struct phase *y = phase->y;
    const int64_t row_size = reach(phase->x, phase->x->count) * plan->chunk;
    const int64_t wanted = y->taps >= TALL ? LEAST_ROWS_OF_TALL_KERNELS : LEAST_ROWS;
    const int64_t fitting = (STRIP_FLOATS / row_size - reach(y, 1)) / y->stride + 1;
    return smaller(y->count, larger(1, smaller(wanted, fitting)));
}

static int64_t strips_of_image(const struct plan *plan, const struct plan_phase *phase)
{
    const int64_t rows = rows_of_strip(plan, phase);
    return (phase->y->count + rows - 1) / rows;
}

struct room {
    int64_t buffer, line; /* floats */
};

static struct room room_needed(const struct plan *plan)
{
    struct room room = {0, 0};
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];
        const int64_t columns = reach(phase->x, phase->x->count);
        const int64_t rows = reach(phase->y, rows_of_strip(plan, phase));
        room.buffer = larger(room.buffer, aligned(rows * columns * plan->chunk));
        if (plan->spread)
            room.line = larger(room.line, columns * aligned(phase->lanes) + 16);
    }
    return room;
}

size_t gan_direct_workspace_size(const gan_context *context, const struct plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)((room.buffer + room.line) * gan_parallel_workers(context)) * sizeof(float);
}

/* Whether `count` virtual positions from `first` on are as many source positions side by side. */
static bool is_run(const struct axis *axis, int64_t first, int64_t count)
{
    const int64_t low = axis->map[first], high = axis->map[first + count - 1];
    return low >= 0 && high - low == count - 1;
}

/* Let the strip read the caller's picture itself where nothing has to be done to it. */
static void prepare_source(struct strip *strip)
{
    const struct plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const int64_t first = y->start + strip->row * y->stride, rows = reach(y, strip->rows);
    const struct row_window window = {strip->group * plan->in_channels + strip->chunk_start, strip->chunk,
                                      x->start, strip->columns};
    if (strip->run->input == NULL && is_run(&plan->y, first, rows) &&
        is_run(&plan->x, x->start, strip->columns)) {
        strip->pixel_stride = plan->groups * plan->in_channels;
        strip->row_stride = strip->pixel_stride * plan->x.source;
        const int64_t line = strip->image * plan->y.source + plan->y.map[first];
        const int64_t pixel = line * plan->x.source + plan->x.map[x->start];
        strip->source = strip->run->source + pixel * strip->pixel_stride + window.channel;
        return;
    }
    strip->pixel_stride = strip->chunk;
    strip->row_stride = strip->pixel_stride * strip->columns;
    strip->source = strip->buffer;
    for (int64_t v = 0; v < rows; v++)
        gan_rows_fill(strip->run, strip->image, first + v, &window, strip->buffer + v * strip->row_stride);
}

/* The product of `count` pixels from each row's first virtual column on. Column taps that are one run of
 * floats count as more channels. */
static struct direct_product describe_row(const struct strip *strip, int64_t row)
{
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const bool joined = x->dilation == 1 && strip->pixel_stride == strip->chunk;
    return (struct direct_product){
        .pixels = strip->source + row * y->stride * strip->row_stride,
        .pixel_step = x->stride * strip->pixel_stride,
        .row_step = y->dilation * strip->row_stride,
        .column_step = x->dilation * strip->pixel_stride,
        .rows = y->taps,
        .columns = joined ? 1 : strip->phase->columns,
        .length = joined ? strip->phase->columns * strip->chunk : strip->chunk,
    };
}

static void multiply_lanes(const struct strip *strip, struct direct_product *product, float *out)
{
    const struct plan *plan = strip->run->plan;
    const int64_t width = plan->kernel->channels;
    /* Lines of spread sums have room for whole vectors. */
    const int64_t lanes = plan->spread ? aligned(strip->phase->lanes) : strip->phase->lanes;
    for (int64_t lane = 0, panel = 0; lane < strip->phase->lanes; lane += width, panel++) {
        product->channels = smaller(width, lanes - lane);
        product->panel =
            gan_plan_panel(plan, strip->run->packed, strip->group, strip->phase, strip->chunk_start, panel);
        product->out = out + lane;
        plan->direct(product);
    }
}

typedef float four __attribute__((vector_size(16)));

/* The sum over column taps of four lanes, `step` apart. */
static four sum_taps(const float *from, int64_t taps, int64_t step)
{
    four sum = {0};
    for (int64_t s = 0; s < taps; s++, from += step) {
        four value;
        memcpy(&value, from, sizeof value);
        sum += value;
    }
    return sum;
}

/* out[p][k] = sum over column taps s of line[p + s * dilation][s][k], added to out after the first chunk. */
static void gather_lanes(const struct strip *strip, float *out, int64_t out_step)
{
    const struct phase *x = strip->phase->x;
    const int64_t stride = aligned(strip->phase->lanes), channels = strip->run->plan->out_channels;
    const int64_t step = x->dilation * stride + channels;
    for (int64_t p = 0; p < x->count; p++, out += out_step)
        for (int64_t k = 0; k < channels; k += 4) {
            const four sum = sum_taps(strip->line + p * stride + k, x->taps, step);
            float values[4];
            memcpy(values, &sum, sizeof values);
            if (strip->chunk_start == 0 && channels - k >= 4)
                memcpy(out + k, values, sizeof values);
            else
                for (int64_t i = 0; i < smaller(4, channels - k); i++)
                    out[k + i] = strip->chunk_start == 0 ? values[i] : out[k + i] + values[i];
        }
}

static void multiply_row(const struct strip *strip, int64_t row, float *out, int64_t out_step)
{
    struct direct_product product = describe_row(strip, row);
    if (strip->run->plan->spread) {
        product.count = strip->columns;
        product.out_step = aligned(strip->phase->lanes);
        multiply_lanes(strip, &product, strip->line);
        gather_lanes(strip, out, out_step);
    } else {
        product.count = strip->phase->x->count;
        product.beta = strip->chunk_start == 0 ? 0.0f : 1.0f;
        product.out_step = out_step;
        multiply_lanes(strip, &product, out);
    }
}

static struct pixel_run destination_row(const struct strip *strip, int64_t row)
{
    const struct plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const int64_t all = plan->groups * plan->out_channels, channel = strip->group * plan->out_channels;
    const int64_t line = strip->image * plan->y.destination + y->first + (strip->row + row) * y->step;
    return (struct pixel_run){
        .offset = (line * plan->x.destination + x->first) * all + channel,
        .pixels = x->count,
        .pixel_stride = x->step * all,
        .channel = channel,
        .channels = plan->out_channels,
    };
}

static void compute_strip(struct strip *strip)
{
    const struct plan_run *run = strip->run;
    for (int64_t start = 0; start < run->plan->in_channels; start += run->plan->chunk) {
        strip->chunk_start = start;
        strip->chunk = smaller(run->plan->chunk, run->plan->in_channels - start);
        prepare_source(strip);
        for (int64_t row = 0; row < strip->rows; row++) {
            const struct pixel_run place = destination_row(strip, row);
            multiply_row(strip, row, run->destination + place.offset, place.pixel_stride);
            if (start + strip->chunk == run->plan->in_channels)
                gan_epilogue_apply(run->epilogue, run->destination, &place);
        }
    }
}

static void run_strip(void *argument, int64_t index, int32_t worker)
{
    const struct plan_run *run = argument;
    const struct plan *plan = run->plan;
    const struct room room = room_needed(plan);
    struct strip strip = {.run = run, .phase = plan->phases, .group = index % plan->groups};
    strip.buffer = (float *)run->workspace + worker * (room.buffer + room.line);
    strip.line = strip.buffer + room.buffer;
    index /= plan->groups;
    int64_t strips = strips_of_image(plan, strip.phase);
    while (index >= plan->batch * strips) {
        index -= plan->batch * strips;
        strips = strips_of_image(plan, ++strip.phase);
    }
    const int64_t most = rows_of_strip(plan, strip.phase);
    strip.image = index / strips;
    strip.row = index % strips * most;
    strip.rows = smaller(most, strip.phase->y->count - strip.row);
    strip.columns = reach(strip.phase->x, strip.phase->x->count);
    compute_strip(&strip);
}

void gan_direct_run(const struct plan_run *run)
{
    int64_t strips = 0;
    for (int64_t i = 0; i < run->plan->phase_count; i++)
        strips += run->plan->batch * strips_of_image(run->plan, &run->plan->phases[i]);
    gan_parallel(run->context, run->plan->groups * strips, run_strip, (void *)(uintptr_t)run);
}
