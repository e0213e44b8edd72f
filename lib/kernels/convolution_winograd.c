/* Convolution by Winograd's transforms: of 3x3 or 4x4 kernels, or where every phase has 2x2 taps: upsampling
 * followed by a 3x3 kernel, or a 4x4 kernel of stride 2 transposed. A 4x4 kernel of stride 2 has 2x2 taps too
 * on each of the four pictures of every second row and column, which count as more channels. A task takes
 * some tiles through all steps: their input transforms, which all phases share, then for each phase and block
 * of destination channels the products and the output transform, while all is in cache. */
#include "kernels/convolution_winograd.h"
#include "base/threads.h"
#include "kernels/convolution_rows.h"
#include "kernels/sizes.h"

#include <string.h>

/* A task has about POINT_FLOATS floats of points, and at most as many of them as MOST_TILES tiles of F(4x4,
 * 3x3) have. */
enum { POINT_FLOATS = 170000, LEAST_TILES = 24, MOST_TILES = 48, LINE_FLOATS = 16, JOINED_PHASES = 4 };

struct tile {
    int64_t image, row, column; /* its first virtual position, relative to the first one read */
};

static struct tile place_tile(const struct winograd_grid *grid, int64_t size, int64_t index)
{
    const int64_t line = index / grid->across;
    return (struct tile){line / grid->down, line % grid->down * size, index % grid->across * size};
}

static int64_t tiles_of_task(const struct convolution_plan *plan)
{
    const int64_t points = plan->winograd->points, scale = 36 / points;
    const int64_t fitting = POINT_FLOATS / (points * gan_winograd_channels(plan));
    const int64_t most = larger(LEAST_TILES, smaller(scale * MOST_TILES, fitting));
    return most / plan->kernel->pixels * plan->kernel->pixels;
}

/* A power of two would let the points of a tile fall on few lines of the first-level cache. */
int64_t gan_winograd_point_step(const struct convolution_plan *plan, int64_t tiles)
{
    return aligned(tiles * gan_winograd_channels(plan)) + LINE_FLOATS;
}

struct room {
    int64_t patch, points, products; /* floats */
};

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t tiles = tiles_of_task(plan), points = plan->winograd->points;
    const int64_t side = gan_winograd_grid_part(plan, plan->phases).side;
    return (struct room){
        .patch = aligned(points * gan_winograd_channels(plan)),
        .points = aligned(points * gan_winograd_point_step(plan, tiles)),
        .products = aligned(side * side * tiles * plan->kernel->channels),
    };
}

size_t gan_winograd_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)((room.patch + room.points + room.products) * gan_parallel_workers(context)) *
           sizeof(float);
}

/* The source position of the first of `count` virtual positions that lie side by side in the source too, or
 * -1. */
static int64_t run_start(const struct axis *axis, int64_t first, int64_t count)
{
    const int64_t last = first + count - 1;
    if (last >= axis->virtual_count || axis->map[first] < 0)
        return -1;
    return axis->map[last] - axis->map[first] == count - 1 ? axis->map[first] : -1;
}

/* Copy the square of `size` virtual rows and columns, which lies at the border or has values to be changed;
 * what no output needs is zero. */
static void fill_patch(const struct convolution_run *run, const struct tile *at, int64_t size, float *out)
{
    const struct convolution_plan *plan = run->plan;
    const int64_t channels = plan->in_channels, rows = smaller(size, plan->y.virtual_count - at->row);
    const struct row_window window = {0, channels, at->column,
                                      smaller(size, plan->x.virtual_count - at->column)};
    if (rows < size || window.columns < size)
        memset(out, 0, (size_t)(size * size * channels) * sizeof *out);
    for (int64_t i = 0; i < rows; i++)
        gan_rows_fill(run, at->image, at->row + i, &window, out + i * size * channels);
}

static int64_t first_read(const struct axis *axis)
{
    return axis->phases[0].start - gan_winograd_delay(axis, &axis->phases[0]);
}

/* What happens to the values of a picture while they are transformed. Scale NULL: nothing. */
static struct pixel_change change_of(const struct convolution_run *run, int64_t image)
{
    const struct convolution_input *input = run->input;
    if (input == NULL || input->scale == NULL)
        return (struct pixel_change){0};
    const int64_t offset = image * run->plan->in_channels;
    return (struct pixel_change){input->scale + offset, input->shift + offset, input->activation};
}

struct winograd_patch gan_winograd_patch(const struct convolution_run *run,
                                         const struct winograd_kernels *winograd, int64_t index,
                                         float *scratch)
{
    const struct convolution_plan *plan = run->plan;
    const int64_t stride = gan_winograd_stride(plan), size = winograd->patch * stride;
    const struct winograd_grid grid = gan_winograd_grid(plan, winograd);
    struct tile at = place_tile(&grid, winograd->tile, index);
    at.row = first_read(&plan->y) + at.row * stride;
    at.column = first_read(&plan->x) + at.column * stride;
    const int64_t y = run_start(&plan->y, at.row, size), x = run_start(&plan->x, at.column, size);
    const struct pixel_change change = change_of(run, at.image);
    if (y >= 0 && x >= 0 && (run->input == NULL || gan_winograd_changes(&change))) {
        const int64_t pixel = (at.image * plan->y.source + y) * plan->x.source + x;
        return (struct winograd_patch){run->source + pixel * plan->in_channels,
                                       plan->x.source * plan->in_channels, plan->in_channels, change};
    }
    fill_patch(run, &at, size, scratch);
    return (struct winograd_patch){
        .first = scratch, .row_step = size * plan->in_channels, .pixel_step = plan->in_channels};
}

void gan_winograd_enter(const struct winograd_task *task, int64_t index)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t channels = plan->in_channels, stride = gan_winograd_stride(plan);
    const struct winograd_patch patch =
        gan_winograd_patch(task->run, plan->winograd, task->first + index, task->patch);
    const struct pixel_change *change = patch.change.scale != NULL ? &patch.change : NULL;
    float *points = task->points + index * gan_winograd_channels(plan);
    for (int64_t i = 0; i < stride; i++)
        for (int64_t j = 0; j < stride; j++, points += channels)
            plan->winograd->input(patch.first + i * patch.row_step + j * channels, stride * patch.row_step,
                                  stride * channels, channels, change, points,
                                  gan_winograd_point_step(plan, task->tiles));
}

struct winograd_lanes gan_winograd_lanes(const struct convolution_plan *plan, int64_t index)
{
    const int64_t panels = gan_winograd_panels(plan) / plan->phase_count, width = plan->kernel->channels;
    const int64_t first = index % panels * width;
    return (struct winograd_lanes){&plan->phases[index / panels], first,
                                   smaller(width, plan->out_channels - first)};
}

static struct winograd_target place_target(const struct winograd_task *task, int64_t index,
                                           const struct phase *y, const struct phase *x)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct tile tile = place_tile(&task->grid, plan->winograd->tile, task->first + index);
    const int64_t top = tile.row - gan_winograd_delay(&plan->y, y);
    const int64_t left = tile.column - gan_winograd_delay(&plan->x, x);
    const int64_t row = larger(0, top), column = larger(0, left), size = plan->winograd->tile;
    const int64_t line = tile.image * plan->y.destination + y->first + row * y->step;
    const int64_t pixel = line * plan->x.destination + x->first + column * x->step;
    return (struct winograd_target){
        .part = {row - top, smaller(size, y->count - top), column - left, smaller(size, x->count - left)},
        .offset = pixel * plan->out_step,
    };
}

void gan_winograd_place(struct winograd_task *task, const struct convolution_phase *phase)
{
    for (int64_t i = 0; i < task->tiles; i++)
        task->targets[i] = place_target(task, i, phase->y, phase->x);
}

/* Floats from one row of a phase's output to the next, and from pixel to pixel. */
static int64_t row_step(const struct convolution_plan *plan, const struct winograd_lanes *lanes)
{
    return lanes->phase->y->step * plan->x.destination * plan->out_step;
}

static int64_t pixel_step(const struct convolution_plan *plan, const struct winograd_lanes *lanes)
{
    return lanes->phase->x->step * plan->out_step;
}

void gan_winograd_prefetch(const struct winograd_task *task, int64_t first, int64_t last,
                           const struct winograd_lanes *lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t rows = row_step(plan, lanes), pixels = pixel_step(plan, lanes);
    for (const struct winograd_target *target = task->targets + first; target < task->targets + last;
         target++) {
        const float *out = task->run->destination + target->offset + lanes->first;
        for (int64_t i = 0; i < target->part.row_end - target->part.row; i++)
            for (int64_t j = 0; j < target->part.column_end - target->part.column; j++)
                for (int64_t c = 0; c < lanes->count; c += LINE_FLOATS)
                    __builtin_prefetch(out + i * rows + j * pixels + c, 1);
    }
}

void gan_winograd_multiply(const struct winograd_task *task, const struct winograd_lanes *lanes,
                           const float *panel)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t width = plan->kernel->channels, channels = gan_winograd_channels(plan);
    struct direct_product product = {
        .pixel_step = channels,
        .rows = 1,
        .columns = 1,
        .length = channels,
        .count = task->tiles,
        .channels = lanes->count,
        .out_step = width,
    };
    const struct winograd_grid_part part = gan_winograd_grid_part(plan, lanes->phase);
    const int64_t points = part.rows * part.columns;
    for (int64_t e = 0; e < points; e++) {
        const int64_t row = e / part.columns, column = e % part.columns;
        gan_winograd_prefetch(task, task->tiles * e / points, task->tiles * (e + 1) / points, lanes);
        product.pixels = task->points +
                         (row * plan->winograd->patch + column) * gan_winograd_point_step(plan, task->tiles);
        product.panel = panel + e * channels * width;
        product.out = task->products +
                      (part.first + row * part.row_step + column * part.column_step) * task->tiles * width;
        plan->direct->multiply(&product);
    }
}

/* Moments, and what the transform could not do. */
static void finish_pixels(const struct winograd_task *task, const struct pixel_run *run, bool finished)
{
    const struct convolution_run *all = task->run;
    if (!finished)
        gan_epilogue_finish(all->context->kernels, all->epilogue, all->destination, run);
    gan_epilogue_measure(all->context->kernels, all->destination, run);
}

/* Finish the rows of tiles `first` to `last`, which lie side by side. */
static void finish_tiles(const struct winograd_task *task, int64_t first, int64_t last,
                         const struct winograd_lanes *lanes, bool finished)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct winograd_target *begin = &task->targets[first], *end = &task->targets[last];
    const int64_t pixels = (last - first) * plan->winograd->tile + end->part.column_end - begin->part.column;
    for (int64_t i = 0; i < begin->part.row_end - begin->part.row; i++) {
        const struct pixel_run run = {begin->offset + lanes->first + i * row_step(plan, lanes),
                                      pixels,
                                      pixel_step(plan, lanes),
                                      lanes->first,
                                      lanes->count,
                                      &task->slot};
        finish_pixels(task, &run, finished);
    }
}

static void finish_rows(const struct winograd_task *task, const struct winograd_lanes *lanes, bool finished)
{
    const int64_t across = task->grid.across;
    for (int64_t first = 0, last; first < task->tiles; first = last + 1) {
        const int64_t left = across - (task->first + first) % across;
        last = smaller(first + left, task->tiles) - 1;
        finish_tiles(task, first, last, lanes, finished);
    }
}

/* `points` are the products of the task's first tile. */
static void leave_tile(const struct winograd_task *task, int64_t index, const struct winograd_lanes *lanes,
                       struct winograd_points points, const struct pixel_finish *finish)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct winograd_target *target = &task->targets[index];
    points.first += index * plan->kernel->channels;
    if (target->part.row < target->part.row_end && target->part.column < target->part.column_end)
        plan->winograd->output(&points, lanes->count, finish,
                               task->run->destination + target->offset + lanes->first, row_step(plan, lanes),
                               pixel_step(plan, lanes), &target->part);
}

void gan_winograd_leave(const struct winograd_task *task, const struct winograd_lanes *lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct convolution_epilogue *epilogue = task->run->epilogue;
    const struct winograd_grid_part part = gan_winograd_grid_part(plan, lanes->phase);
    const int64_t step = task->tiles * plan->kernel->channels;
    const struct winograd_points points = {task->products + part.first * step, part.row_step * step,
                                           part.column_step * step};
    const bool simple = gan_epilogue_is_simple(epilogue), finished = epilogue == NULL || simple;
    struct pixel_finish finish = {0};
    if (simple)
        finish = gan_epilogue_pixel_finish(epilogue, lanes->first, 0);
    for (int64_t i = 0; i < task->tiles; i++)
        leave_tile(task, i, lanes, points, simple ? &finish : NULL);
    if (!finished || task->slot.count != NULL)
        finish_rows(task, lanes, finished);
}

static void compute_panel(const struct winograd_task *task, int64_t index)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct winograd_lanes lanes = gan_winograd_lanes(plan, index);
    gan_winograd_multiply(task, &lanes, gan_winograd_panel(plan, task->run->packed, index));
    gan_winograd_leave(task, &lanes);
}

static void compute_phases(struct winograd_task task)
{
    const struct convolution_plan *plan = task.run->plan;
    const int64_t panels = gan_winograd_panels(plan) / plan->phase_count;
    struct winograd_target targets[WINOGRAD_MOST_TILES];
    task.targets = targets;
    for (int64_t phase = 0; phase < plan->phase_count; phase++) {
        gan_winograd_place(&task, &plan->phases[phase]);
        for (int64_t i = 0; i < panels; i++)
            compute_panel(&task, phase * panels + i);
    }
}

/* All phases of some lanes follow each other: later ones read products of the ones before. */
static void compute_joined(struct winograd_task task)
{
    const struct convolution_plan *plan = task.run->plan;
    const int64_t panels = gan_winograd_panels(plan) / plan->phase_count;
    struct winograd_target targets[JOINED_PHASES][WINOGRAD_MOST_TILES];
    for (int64_t phase = 0; phase < JOINED_PHASES; phase++) {
        task.targets = targets[phase];
        gan_winograd_place(&task, &plan->phases[phase]);
    }
    for (int64_t i = 0; i < panels * JOINED_PHASES; i++) {
        task.targets = targets[i % JOINED_PHASES];
        compute_panel(&task, i % JOINED_PHASES * panels + i / JOINED_PHASES);
    }
}

static void run_tiles(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const struct room room = room_needed(plan);
    struct winograd_task task = {.run = run, .first = index * tiles_of_task(plan)};
    task.grid = gan_winograd_grid(plan, plan->winograd);
    task.tiles = smaller(tiles_of_task(plan), gan_winograd_tiles(plan, plan->winograd) - task.first);
    task.patch = (float *)run->workspace + worker * (room.patch + room.points + room.products);
    task.points = task.patch + room.patch;
    task.products = task.points + room.points;
    task.slot = gan_moments_open(run, index, 0, 0);
    for (int64_t i = 0; i < task.tiles; i++)
        gan_winograd_enter(&task, i);
    if (plan->joined)
        compute_joined(task);
    else
        compute_phases(task);
}

int64_t gan_winograd_tasks(const struct convolution_plan *plan)
{
    return plan->by_panels || plan->by_points
               ? plan->phase_count
               : parts(gan_winograd_tiles(plan, plan->winograd), tiles_of_task(plan));
}

void gan_winograd_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_winograd_tasks(run->plan), run_tiles, (void *)(uintptr_t)run);
    gan_moments_close(run);
}
