/* Convolutions of few channels: the virtual rows are split into planes, one per channel, so that the lanes of
 * a vector are pixels and none is idle. A task makes the planes of a rectangle once for all phases. */
#include "base/threads.h"
#include "kernels/convolution_moments.h"
#include "kernels/convolution_rows.h"
#include "kernels/narrow.h"
#include "kernels/sizes.h"

#include <string.h>

enum {
    TASK_ROWS = 16,
    TASK_ROWS_OF_MANY = 8,
    MOST_COLUMNS = 288,
    FEW_CHANNELS = 16,
    MOST_CHANNELS = 128,
    FEW_SPREAD_LANES = 8,
    LEAST_COLUMNS = 12,
    TILE_PIXELS = 96
};

/* Whether there are few channels to turn, or so few sums for each pixel that it pays for many too. */
static bool has_few_channels(const struct convolution_plan *plan, int64_t lanes)
{
    int64_t spread = 0;
    for (int64_t i = 0; i < plan->x.phase_count; i++)
        spread = larger(spread, plan->x.phases[i].taps * plan->out_channels);
    return 2 * plan->out_channels <= lanes &&
           (plan->in_channels <= FEW_CHANNELS ||
            (plan->in_channels <= MOST_CHANNELS && spread <= FEW_SPREAD_LANES));
}

/* Whether idle lanes cost more than pixels and their sums do to be turned: with one tap there is nothing to
 * win, and with a vector full of channels none is idle. */
const struct narrow_kernels *gan_narrow_choose(const struct convolution_plan *plan, int32_t kernels)
{
    const struct narrow_kernels *narrow = gan_narrow_kernels(kernels);
    int64_t most_taps = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const int64_t taps = plan->phases[i].y->taps * plan->phases[i].x->taps;
        if (taps == 0 || plan->phases[i].x->stride != 1)
            return NULL;
        most_taps = larger(most_taps, taps);
    }
    return plan->groups == 1 && has_few_channels(plan, narrow->lanes) && most_taps > 1 &&
                   plan->x.phases[0].count >= LEAST_COLUMNS
               ? narrow
               : NULL;
}

/* ---- Weights: [row][column][source channel][destination channel] of every phase ---- */

void gan_narrow_place_weights(struct convolution_plan *plan)
{
    plan->packed_count = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        struct convolution_phase *phase = &plan->phases[i];
        phase->packed = plan->packed_count;
        plan->packed_count += phase->y->taps * phase->x->taps * plan->in_channels * plan->out_channels;
    }
}

static void pack_tap(const struct convolution_plan *plan, const struct convolution_phase *phase,
                     const float *weights, int64_t row, int64_t column, float *out)
{
    float lanes[MOST_CHANNELS * MOST_PANEL_CHANNELS];
    gan_convolution_plan_weight_rows(plan, phase, weights, 0, row, column, 0, plan->in_channels, lanes);
    for (int64_t c = 0; c < plan->in_channels; c++)
        memcpy(out + c * plan->out_channels, lanes + c * plan->kernel->channels,
               (size_t)plan->out_channels * sizeof *out);
}

void gan_narrow_pack(const struct convolution_plan *plan, const float *weights, float *packed)
{
    float *out = packed;
    for (int64_t i = 0; i < plan->phase_count; i++)
        for (int64_t row = 0; row < plan->phases[i].y->taps; row++)
            for (int64_t column = 0; column < plan->phases[i].x->taps; column++) {
                pack_tap(plan, &plan->phases[i], weights, row, column, out);
                out += plan->in_channels * plan->out_channels;
            }
    memset(out, 0, PANEL_SLACK);
}

/* ---- Tasks ---- */

/* The positions that tasks cover on an axis, the same of all phases, and the virtual positions that the
 * largest task needs. */
struct narrow_axis {
    int64_t tasks, positions, reach;
};

static int64_t first_read(const struct axis *axis)
{
    int64_t first = axis->phases[0].start;
    for (int64_t i = 1; i < axis->phase_count; i++)
        first = smaller(first, axis->phases[i].start);
    return first;
}

static struct narrow_axis cut_axis(const struct axis *axis, int64_t most)
{
    int64_t count = 0, reach = 1;
    for (int64_t i = 0; i < axis->phase_count; i++)
        count = larger(count, axis->phases[i].count);
    const int64_t tasks = parts(count, most), positions = parts(count, tasks);
    for (int64_t i = 0; i < axis->phase_count; i++) {
        const struct phase *phase = &axis->phases[i];
        if (phase->taps > 0)
            reach = larger(reach, phase->start - first_read(axis) + (positions - 1) * phase->stride +
                                      (phase->taps - 1) * phase->dilation + 1);
    }
    return (struct narrow_axis){tasks, positions, reach};
}

struct narrow_cut {
    struct narrow_axis y, x;
    int64_t plane_step;         /* floats of a plane's row */
    int64_t lines;              /* rows that are summed at once, so that short ones fill a tile */
    int64_t sums_step;          /* floats of a filter's sums */
    int64_t line, planes, sums; /* floats of a worker's room */
};

static struct narrow_cut cut_plan(const struct convolution_plan *plan)
{
    const int64_t rows = plan->in_channels <= FEW_CHANNELS ? TASK_ROWS : TASK_ROWS_OF_MANY;
    struct narrow_cut cut = {cut_axis(&plan->y, rows), cut_axis(&plan->x, MOST_COLUMNS), 0, 0, 0, 0, 0, 0};
    cut.lines = larger(1, TILE_PIXELS / aligned(cut.x.positions));
    cut.sums_step = cut.lines * aligned(cut.x.positions);
    cut.plane_step = aligned(cut.x.reach + NARROW_MOST_LANES);
    cut.line = aligned(cut.x.reach * plan->in_channels);
    cut.planes = cut.y.reach * plan->in_channels * cut.plane_step;
    cut.sums = cut.sums_step * plan->out_channels + NARROW_MOST_LANES;
    return cut;
}

int64_t gan_narrow_tasks(const struct convolution_plan *plan)
{
    const struct narrow_cut cut = cut_plan(plan);
    return plan->batch * cut.y.tasks * cut.x.tasks;
}

size_t gan_narrow_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct narrow_cut cut = cut_plan(plan);
    return (size_t)((cut.line + cut.planes + cut.sums) * gan_parallel_workers(context)) * sizeof(float);
}

struct narrow_task {
    const struct convolution_run *run;
    struct narrow_cut cut;
    int64_t image, row, column; /* the first position of each phase */
    float *line, *planes, *sums;
    struct moments_slot slot;
};

/* Split a row of the source that nothing is done to. */
static void split_source(const struct narrow_task *task, int64_t row, const struct row_window *window,
                         float *planes)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t *map = plan->x.map + window->column, step = task->cut.plane_step;
    const float *source =
        task->run->source + (task->image * plan->y.source + row) * plan->x.source * plan->in_channels;
    for (int64_t v = 0, length; v < window->columns; v += length) {
        for (length = 1; v + length < window->columns && map[v] >= 0 && map[v + length] == map[v] + length;)
            length++;
        if (map[v] >= 0)
            gan_planes_split(source + map[v] * plan->in_channels, length, plan->in_channels, planes + v,
                             step);
        else
            for (int64_t c = 0; c < plan->in_channels; c++)
                planes[c * step + v] = 0.0f;
    }
}

/* Rows of planes lie as [virtual row][channel][column]; what lies behind a row's columns goes into sums of no
 * pixel. */
static void make_planes(const struct narrow_task *task)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t channels = plan->in_channels, step = task->cut.plane_step;
    const int64_t row = first_read(&plan->y) + task->row * plan->y.phases[0].stride;
    const int64_t column = first_read(&plan->x) + task->column;
    const int64_t rows = smaller(task->cut.y.reach, plan->y.virtual_count - row);
    const struct row_window window = {0, channels, column,
                                      smaller(task->cut.x.reach, plan->x.virtual_count - column)};
    for (int64_t i = 0; i < rows; i++) {
        float *planes = task->planes + i * channels * step;
        if (task->run->input == NULL && plan->y.map[row + i] >= 0) {
            split_source(task, plan->y.map[row + i], &window, planes);
        } else {
            gan_rows_fill(task->run, task->image, row + i, &window, task->line);
            gan_planes_split(task->line, window.columns, channels, planes, step);
        }
    }
}

static struct pixel_run destination_row(const struct narrow_task *task, const struct convolution_phase *phase,
                                        int64_t row)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct phase *y = phase->y, *x = phase->x;
    const int64_t line = task->image * plan->y.destination + y->first + (task->row + row) * y->step;
    const int64_t pixel = line * plan->x.destination + x->first + task->column * x->step;
    return (struct pixel_run){
        .offset = pixel * plan->out_step,
        .pixels = smaller(task->cut.x.positions, x->count - task->column),
        .pixel_stride = x->step * plan->out_step,
        .channels = plan->out_channels,
        .slot = &task->slot,
    };
}

/* The rows that are summed at once lie one after the other in each filter's sums. */
static void finish_row(const struct narrow_task *task, const struct pixel_run *place, int64_t line)
{
    const struct convolution_run *run = task->run;
    gan_planes_join(task->sums + line * aligned(task->cut.x.positions), task->cut.sums_step, place->pixels,
                    run->plan->out_channels, run->destination + place->offset, place->pixel_stride);
    gan_epilogue_apply(run->context->kernels, run->epilogue, run->destination, place);
}

static void compute_rows(const struct narrow_task *task, const struct convolution_phase *phase, int64_t row,
                         int64_t rows)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct phase *y = phase->y, *x = phase->x;
    const int64_t plane_row = plan->in_channels * task->cut.plane_step;
    const struct narrow_row product = {
        .planes = task->planes + (y->start - first_read(&plan->y) + row * y->stride) * plane_row + x->start -
                  first_read(&plan->x),
        .row_step = y->dilation * plane_row,
        .plane_step = task->cut.plane_step,
        .column_step = x->dilation,
        .line_step = y->stride * plane_row,
        .rows = y->taps,
        .columns = x->taps,
        .channels = plan->in_channels,
        .filters = plan->out_channels,
        .lines = rows,
        .count = smaller(task->cut.x.positions, x->count - task->column),
        .weights = (const float *)task->run->packed + phase->packed,
        .sums = task->sums,
        .sums_step = task->cut.sums_step,
        .sums_line = aligned(task->cut.x.positions),
    };
    plan->narrow->multiply(&product);
    for (int64_t i = 0; i < rows; i++) {
        const struct pixel_run place = destination_row(task, phase, row + i);
        finish_row(task, &place, i);
    }
}

static void compute_phase(const struct narrow_task *task, const struct convolution_phase *phase)
{
    const int64_t count = smaller(task->cut.y.positions, phase->y->count - task->row);
    if (task->column >= phase->x->count)
        return;
    for (int64_t row = 0, rows; row < count; row += rows) {
        rows = smaller(task->cut.lines, count - row);
        compute_rows(task, phase, row, rows);
    }
}

static void run_task(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    struct narrow_task task = {.run = run, .cut = cut_plan(plan)};
    const int64_t across = task.cut.x.tasks, down = task.cut.y.tasks;
    task.image = index / across / down;
    task.row = index / across % down * task.cut.y.positions;
    task.column = index % across * task.cut.x.positions;
    task.line = (float *)run->workspace + worker * (task.cut.line + task.cut.planes + task.cut.sums);
    task.planes = task.line + task.cut.line;
    task.sums = task.planes + task.cut.planes;
    task.slot = gan_moments_open(run, index, task.image, 0);
    make_planes(&task);
    for (int64_t i = 0; i < plan->phase_count; i++)
        compute_phase(&task, &plan->phases[i]);
}

void gan_narrow_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_narrow_tasks(run->plan), run_task, (void *)(uintptr_t)run);
    gan_moments_close(run);
}
