/* Pixel panels of consecutive destination pixels, whatever rows and images they lie in: every source value is
 * packed once per tap. Serves all shapes, and small pictures best. */
#include "base/threads.h"
#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"
#include "kernels/convolution_rows.h"
#include "kernels/packing.h"
#include "kernels/sizes.h"

#include <string.h>

enum { TASK_PIXELS = 240, BUFFER = 1 << 17, SLACK = PANEL_SLACK / sizeof(float) };

/* How the destination rows of a phase are cut into tasks: whole small images together, or rows of one. */
struct cut {
    int64_t images, rows;                  /* of one task */
    int64_t image_parts, row_parts;        /* number of tasks */
    int64_t virtual_rows, virtual_columns; /* that a task reads of an image */
};

/* What one task computes and where it works. */
struct work {
    const struct convolution_run *run;
    const struct convolution_phase *phase;
    int64_t group;
    int64_t image, images, row, rows; /* destination rows of the phase */
    int64_t virtual_rows, virtual_columns;
    int64_t chunk_start, chunk;
    const float *source; /* the first virtual pixel of the task */
    int64_t pixel_stride, row_stride, image_stride;
    float *buffer, *panel, *result;
    int64_t result_stride;
};

static int64_t reach(const struct phase *phase, int64_t count)
{
    return (count - 1) * phase->stride + (phase->taps > 0 ? (phase->taps - 1) * phase->dilation : 0) + 1;
}

/* Rows of one task of a picture that is not small: enough to read virtual rows that they share but few times,
 * few enough for these to stay in cache. */
static int64_t rows_of_task(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    const struct phase *y = phase->y;
    const int64_t row_size = reach(phase->x, phase->x->count) * plan->chunk;
    const int64_t wanted = larger(TASK_PIXELS / phase->x->count, y->taps > 4 ? 16 : 8);
    const int64_t fitting = (BUFFER / row_size - reach(y, 1)) / y->stride + 1;
    return smaller(y->count, larger(1, smaller(wanted, fitting)));
}

static struct cut cut_phase(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    struct cut cut = {.images = 1, .rows = phase->y->count};
    const int64_t pixels = phase->y->count * phase->x->count;
    if (pixels * 2 <= TASK_PIXELS)
        cut.images = smaller(plan->batch, TASK_PIXELS / pixels);
    else
        cut.rows = rows_of_task(plan, phase);
    cut.image_parts = parts(plan->batch, cut.images);
    cut.row_parts = parts(phase->y->count, cut.rows);
    cut.virtual_rows = reach(phase->y, cut.rows);
    cut.virtual_columns = reach(phase->x, phase->x->count);
    return cut;
}

/* Whether a phase's pixels follow each other in the destination, so that tiles can be computed in place. */
static bool in_place(const struct convolution_phase *phase)
{
    return phase->y->step == 1 && phase->x->step == 1;
}

struct room {
    int64_t buffer, panel, result; /* floats */
};

/* The scratch memory of one worker. */
static struct room room_needed(const struct convolution_plan *plan)
{
    struct room room = {0, 0, 0};
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const struct convolution_phase *phase = &plan->phases[i];
        const struct cut cut = cut_phase(plan, phase);
        const int64_t depth = phase->y->taps * phase->x->taps * plan->chunk;
        room.buffer = larger(room.buffer, cut.images * cut.virtual_rows * cut.virtual_columns * plan->chunk);
        room.panel = larger(room.panel, depth * plan->kernel->pixels);
        if (!in_place(phase))
            room.result = larger(room.result, cut.images * cut.rows * phase->x->count * plan->out_channels);
    }
    room.buffer = aligned(room.buffer);
    room.panel = aligned(room.panel + SLACK);
    room.result = aligned(room.result);
    return room;
}

static int64_t room_total(const struct room *room)
{
    return room->buffer + room->panel + room->result;
}

size_t gan_flat_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)(room_total(&room) * gan_parallel_workers(context)) * sizeof(float);
}

/* Let the work's source be the caller's picture itself, or virtual rows made from it. */
static void prepare_source(struct work *work)
{
    const struct convolution_plan *plan = work->run->plan;
    const int64_t row = work->phase->y->start + work->row * work->phase->y->stride;
    struct row_window window = {work->group * plan->in_channels + work->chunk_start, work->chunk,
                                work->phase->x->start, work->virtual_columns};
    if (work->phase->y->taps * work->phase->x->taps == 0)
        return;
    if (gan_rows_plain(work->run)) {
        work->pixel_stride = plan->groups * plan->in_channels;
        work->row_stride = work->pixel_stride * plan->x.source;
        work->image_stride = work->row_stride * plan->y.source;
        work->source = work->run->source + work->image * work->image_stride + row * work->row_stride +
                       window.column * work->pixel_stride + window.channel;
        return;
    }
    work->pixel_stride = work->chunk;
    work->row_stride = work->pixel_stride * work->virtual_columns;
    work->image_stride = work->row_stride * work->virtual_rows;
    work->source = work->buffer;
    for (int64_t n = 0; n < work->images; n++)
        for (int64_t v = 0; v < work->virtual_rows; v++)
            gan_rows_fill(work->run, work->image + n, row + v, &window,
                          work->buffer + n * work->image_stride + v * work->row_stride);
}

/* Whether the column taps of a pixel are one run of floats, so that they count as more channels. */
static bool taps_are_joined(const struct work *work)
{
    return work->phase->x->dilation == 1 && work->pixel_stride == work->chunk;
}

/* Pack all taps of `count` pixels from pixel `first` of the task. */
static void pack_block(const struct work *work, int64_t first, int64_t count)
{
    const struct phase *y = work->phase->y, *x = work->phase->x;
    const float *pixels[MOST_PANEL_PIXELS], *moved[MOST_PANEL_PIXELS];
    for (int64_t p = 0; p < count; p++) {
        const int64_t column = (first + p) % x->count, line = (first + p) / x->count;
        const int64_t image = line / work->rows, row = line % work->rows;
        pixels[p] = work->source + image * work->image_stride + row * y->stride * work->row_stride +
                    column * x->stride * work->pixel_stride;
    }
    const bool joined = taps_are_joined(work);
    const int64_t taps = joined ? 1 : x->taps, length = joined ? x->taps * work->chunk : work->chunk;
    const int64_t width = work->run->plan->kernel->pixels;
    float *panel = work->panel;
    for (int64_t i = 0; i < y->taps; i++)
        for (int64_t j = 0; j < taps; j++, panel += length * width) {
            const int64_t offset = i * y->dilation * work->row_stride + j * x->dilation * work->pixel_stride;
            for (int64_t p = 0; p < count; p++)
                moved[p] = pixels[p] + offset;
            gan_pack_pixels(work->run->plan->kernel, moved, count, length, width, panel);
        }
}

static void multiply_block(const struct work *work, int64_t first, int64_t count)
{
    const struct convolution_plan *plan = work->run->plan;
    const int64_t depth = work->phase->y->taps * work->phase->x->taps * work->chunk;
    const float beta = work->chunk_start == 0 ? 0.0f : 1.0f;
    for (int64_t lane = 0, panel = 0; lane < plan->out_channels; lane += plan->kernel->channels, panel++) {
        const float *weights = gan_convolution_plan_panel(plan, work->run->packed, work->group, work->phase,
                                                          work->chunk_start, panel);
        plan->kernel->multiply(smaller(plan->kernel->channels, plan->out_channels - lane), count, depth,
                               weights, work->panel, beta, work->result + first * work->result_stride + lane,
                               work->result_stride);
    }
}

static struct pixel_run destination_row(const struct work *work, int64_t image, int64_t row)
{
    const struct convolution_plan *plan = work->run->plan;
    const struct phase *y = work->phase->y, *x = work->phase->x;
    const int64_t channel = work->group * plan->out_channels;
    const int64_t line = image * plan->y.destination + y->first + row * y->step;
    return (struct pixel_run){
        .offset = (line * plan->x.destination + x->first) * plan->out_step + channel,
        .pixels = x->count,
        .pixel_stride = x->step * plan->out_step,
        .channel = channel,
        .channels = plan->out_channels,
    };
}

/* Move a finished result that was not computed in place to where it belongs. */
static void deliver(const struct work *work)
{
    const float *from = work->result;
    for (int64_t n = 0; n < work->images; n++)
        for (int64_t i = 0; i < work->rows; i++) {
            const struct pixel_run row = destination_row(work, work->image + n, work->row + i);
            float *to = work->run->destination + row.offset;
            for (int64_t p = 0; p < row.pixels; p++, from += row.channels)
                memcpy(to + p * row.pixel_stride, from, (size_t)row.channels * sizeof *to);
            gan_epilogue_apply(work->run->context->kernels, work->run->epilogue, work->run->destination,
                               &row);
        }
}

static void compute_chunk(const struct work *work, bool finished)
{
    const struct convolution_plan *plan = work->run->plan;
    const int64_t pixels = work->images * work->rows * work->phase->x->count;
    struct pixel_run run = destination_row(work, work->image, work->row);
    for (int64_t first = 0; first < pixels;
         first += run.pixels, run.offset += run.pixels * run.pixel_stride) {
        run.pixels = smaller(plan->kernel->pixels, pixels - first);
        pack_block(work, first, run.pixels);
        multiply_block(work, first, run.pixels);
        if (finished)
            gan_epilogue_apply(work->run->context->kernels, work->run->epilogue, work->run->destination,
                               &run);
    }
}

static void compute(struct work *work)
{
    const struct convolution_plan *plan = work->run->plan;
    const bool direct = in_place(work->phase);
    const struct pixel_run run = destination_row(work, work->image, work->row);
    work->result_stride = direct ? run.pixel_stride : plan->out_channels;
    if (direct)
        work->result = work->run->destination + run.offset;
    for (int64_t start = 0; start < plan->in_channels; start += plan->chunk) {
        work->chunk_start = start;
        work->chunk = smaller(plan->chunk, plan->in_channels - start);
        prepare_source(work);
        compute_chunk(work, direct && start + work->chunk == plan->in_channels);
    }
    if (!direct)
        deliver(work);
}

/* Find the phase and the rows of task `index` within a group. */
static void place_work(struct work *work, int64_t index)
{
    const struct convolution_plan *plan = work->run->plan;
    const struct convolution_phase *phase = plan->phases;
    struct cut cut = cut_phase(plan, phase);
    while (index >= cut.image_parts * cut.row_parts) {
        index -= cut.image_parts * cut.row_parts;
        cut = cut_phase(plan, ++phase);
    }
    work->phase = phase;
    work->image = index / cut.row_parts * cut.images;
    work->images = smaller(cut.images, plan->batch - work->image);
    work->row = index % cut.row_parts * cut.rows;
    work->rows = smaller(cut.rows, phase->y->count - work->row);
    work->virtual_rows = reach(phase->y, work->rows);
    work->virtual_columns = cut.virtual_columns;
}

static int64_t tasks_of_group(const struct convolution_plan *plan)
{
    int64_t tasks = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const struct cut cut = cut_phase(plan, &plan->phases[i]);
        tasks += cut.image_parts * cut.row_parts;
    }
    return tasks;
}

static void run_task(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct room room = room_needed(run->plan);
    const int64_t tasks = tasks_of_group(run->plan);
    float *scratch = (float *)run->workspace + worker * room_total(&room);
    struct work work = {.run = run, .group = index / tasks};
    work.buffer = scratch;
    work.panel = work.buffer + room.buffer;
    work.result = work.panel + room.panel;
    place_work(&work, index % tasks);
    compute(&work);
}

void gan_flat_run(const struct convolution_run *run)
{
    gan_parallel(run->context, run->plan->groups * tasks_of_group(run->plan), run_task,
                 (void *)(uintptr_t)run);
}
