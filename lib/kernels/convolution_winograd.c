/* Convolution by Winograd's F(4x4, 3x3), or F(3x3, 2x2) where every phase has 2x2 taps: upsampling followed
 * by a 3x3 kernel, or a 4x4 kernel of stride 2 transposed. A task takes some tiles through all steps: their
 * input transforms, which all phases share, then for each phase and block of destination channels the
 * products and the output transform, while all is in cache. */
#include "base/threads.h"
#include "kernels/convolution_moments.h"
#include "kernels/convolution_plan.h"
#include "kernels/convolution_rows.h"
#include "kernels/sizes.h"

#include <string.h>

/* A task has about POINT_FLOATS floats of points, and at most as many of them as MOST_TILES tiles of F(4x4,
 * 3x3) have. */
enum {
    POINT_FLOATS = 170000,
    LEAST_TILES = 24,
    MOST_TILES = 48,
    LEAST_CHANNELS = 16,
    LEAST_COUNT = 8,
    LINE_FLOATS = 16
};

/* Multiplications that take as long as a float of packed weights does to be made and read. */
enum { PACKING_COST = 100 };

/* How much later than the axis' first phase a phase begins to read. */
static int64_t delay(const struct axis *axis, const struct phase *phase)
{
    int64_t first = axis->phases[0].start;
    for (int64_t i = 1; i < axis->phase_count; i++)
        first = smaller(first, axis->phases[i].start);
    return phase->start - first;
}

static bool axis_suits(const struct axis *axis, int64_t taps)
{
    for (int64_t i = 0; i < axis->phase_count; i++) {
        const struct phase *phase = &axis->phases[i];
        if (phase->taps != taps || phase->stride != 1 || phase->dilation != 1 || delay(axis, phase) > 1)
            return false;
    }
    return true;
}

static bool is_large(const struct axis *axis)
{
    return axis->phase_count == 1 || axis->phases[axis->phase_count - 1].count >= LEAST_COUNT;
}

/* Rows and columns of tiles of an image. */
struct tile_grid {
    int64_t down, across;
};

struct winograd_task {
    const struct convolution_run *run;
    struct tile_grid grid;
    int64_t first, tiles;
    float *patch, *points, *products;
    struct moments_slot slot;
};

/* The number of tiles that cover all phases of an axis: in phase p, tile t has the positions from t * tile -
 * delay on. */
static int64_t tiles_of_axis(const struct axis *axis, int64_t tile)
{
    int64_t tiles = 0;
    for (int64_t i = 0; i < axis->phase_count; i++)
        tiles = larger(tiles, parts(axis->phases[i].count + delay(axis, &axis->phases[i]), tile));
    return tiles;
}

struct tile {
    int64_t image, row, column; /* its first virtual position, relative to the first one read */
};

static struct tile_grid grid_of(const struct convolution_plan *plan)
{
    return (struct tile_grid){tiles_of_axis(&plan->y, plan->winograd->tile),
                              tiles_of_axis(&plan->x, plan->winograd->tile)};
}

static struct tile place_tile(const struct convolution_plan *plan, const struct tile_grid *grid,
                              int64_t index)
{
    const int64_t line = index / grid->across, size = plan->winograd->tile;
    return (struct tile){line / grid->down, line % grid->down * size, index % grid->across * size};
}

int64_t gan_winograd_tiles(const struct convolution_plan *plan)
{
    const struct tile_grid grid = grid_of(plan);
    return plan->batch * grid.down * grid.across;
}

/* Whether the multiplications saved are worth the larger packed weights, where these are made for each run.
 * Both are counted for one pair of channels. */
static bool pays(const struct convolution_plan *plan, const struct winograd_kernels *winograd)
{
    const int64_t taps = winograd->taps * winograd->taps, size = winograd->tile;
    const int64_t tiles = plan->batch * tiles_of_axis(&plan->x, size) * tiles_of_axis(&plan->y, size);
    const int64_t direct = plan->batch * plan->y.destination * plan->x.destination * taps;
    const int64_t larger_by = plan->phase_count * (winograd->points - taps);
    return direct - tiles * plan->phase_count * winograd->points >= PACKING_COST * larger_by;
}

const struct winograd_kernels *gan_winograd_choose(const struct convolution_plan *plan, int32_t kernels)
{
    const int64_t taps = plan->y.phases[0].taps;
    const struct winograd_kernels *winograd = gan_winograd_kernels(kernels, taps);
    if (winograd == NULL || plan->groups != 1 || plan->in_channels < LEAST_CHANNELS ||
        plan->out_channels < LEAST_CHANNELS || !axis_suits(&plan->y, taps) || !axis_suits(&plan->x, taps) ||
        !is_large(&plan->y) || !is_large(&plan->x) ||
        plan->y.destination * plan->x.destination < winograd->tile * winograd->tile)
        return NULL;
    return plan->changing && !pays(plan, winograd) ? NULL : winograd;
}

static int64_t tiles_of_task(const struct convolution_plan *plan)
{
    const int64_t points = plan->winograd->points, scale = 36 / points;
    const int64_t fitting = POINT_FLOATS / (points * plan->in_channels);
    const int64_t most = larger(LEAST_TILES, smaller(scale * MOST_TILES, fitting));
    return most / plan->kernel->pixels * plan->kernel->pixels;
}

/* Floats from one point of all tiles to the next: a power of two would let the points of a tile fall on few
 * lines of the first-level cache. */
static int64_t point_step(const struct convolution_plan *plan, int64_t tiles)
{
    return aligned(tiles * plan->in_channels) + LINE_FLOATS;
}

struct room {
    int64_t patch, points, products; /* floats */
};

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t tiles = tiles_of_task(plan), points = plan->winograd->points;
    return (struct room){
        .patch = aligned(points * plan->in_channels),
        .points = aligned(points * point_step(plan, tiles)),
        .products = aligned(points * tiles * plan->kernel->channels),
    };
}

size_t gan_winograd_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)((room.patch + room.points + room.products) * gan_parallel_workers(context)) *
           sizeof(float);
}

/* The source position of the first of a patch's virtual positions that lie side by side in the source too, or
 * -1. */
static int64_t run_start(const struct axis *axis, int64_t first, int64_t patch)
{
    const int64_t last = first + patch - 1;
    if (last >= axis->virtual_count || axis->map[first] < 0)
        return -1;
    return axis->map[last] - axis->map[first] == patch - 1 ? axis->map[first] : -1;
}

/* Copy a patch at the border, or one whose values are to be changed; what no output needs is zero. */
static void fill_patch(const struct convolution_run *run, int64_t image, int64_t row, int64_t column,
                       float *out)
{
    const struct convolution_plan *plan = run->plan;
    const int64_t channels = plan->in_channels, patch = plan->winograd->patch;
    const int64_t rows = smaller(patch, plan->y.virtual_count - row);
    const struct row_window window = {0, channels, column, smaller(patch, plan->x.virtual_count - column)};
    if (rows < patch || window.columns < patch)
        memset(out, 0, (size_t)(plan->winograd->points * channels) * sizeof *out);
    for (int64_t i = 0; i < rows; i++)
        gan_rows_fill(run, image, row + i, &window, out + i * patch * channels);
}

static int64_t first_read(const struct axis *axis)
{
    return axis->phases[0].start - delay(axis, &axis->phases[0]);
}

struct winograd_patch gan_winograd_patch(const struct convolution_run *run, int64_t index, float *scratch)
{
    const struct convolution_plan *plan = run->plan;
    const struct tile_grid grid = grid_of(plan);
    const struct tile tile = place_tile(plan, &grid, index);
    const int64_t channels = plan->in_channels, patch = plan->winograd->patch;
    const int64_t row = first_read(&plan->y) + tile.row, column = first_read(&plan->x) + tile.column;
    const int64_t y = run_start(&plan->y, row, patch), x = run_start(&plan->x, column, patch);
    if (y >= 0 && x >= 0 && run->input == NULL) {
        const int64_t pixel = (tile.image * plan->y.source + y) * plan->x.source + x;
        return (struct winograd_patch){run->source + pixel * channels, plan->x.source * channels};
    }
    fill_patch(run, tile.image, row, column, scratch);
    return (struct winograd_patch){scratch, patch * channels};
}

static void transform_tile(const struct winograd_task *task, int64_t index)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t channels = plan->in_channels;
    const struct winograd_patch patch = gan_winograd_patch(task->run, task->first + index, task->patch);
    plan->winograd->input(patch.first, patch.row_step, channels, channels, task->points + index * channels,
                          point_step(plan, task->tiles));
}

/* Some destination channels of one phase. */
struct lanes {
    const struct convolution_phase *phase;
    const float *panel;
    int64_t first, count;
};

/* Where the part of a tile that lies inside a phase goes; nowhere where part.row_end <= part.row, or the same
 * of columns. */
struct target {
    struct winograd_part part;
    int64_t offset, row_step, pixel_step;
};

static struct target place_target(const struct winograd_task *task, int64_t index, const struct lanes *lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct phase *y = lanes->phase->y, *x = lanes->phase->x;
    const struct tile tile = place_tile(plan, &task->grid, task->first + index);
    const int64_t top = tile.row - delay(&plan->y, y), left = tile.column - delay(&plan->x, x);
    const int64_t row = larger(0, top), column = larger(0, left), size = plan->winograd->tile;
    const int64_t line = tile.image * plan->y.destination + y->first + row * y->step;
    const int64_t pixel = line * plan->x.destination + x->first + column * x->step;
    return (struct target){
        .part = {row - top, smaller(size, y->count - top), column - left, smaller(size, x->count - left)},
        .offset = pixel * plan->out_step + lanes->first,
        .row_step = y->step * plan->x.destination * plan->out_step,
        .pixel_step = x->step * plan->out_step,
    };
}

/* Fetch the lines that a tile will be written to, while the processor multiplies. */
static void prefetch_tile(const struct winograd_task *task, int64_t index, const struct lanes *lanes)
{
    const struct target target = place_target(task, index, lanes);
    const struct winograd_part *part = &target.part;
    const float *out = task->run->destination + target.offset;
    for (int64_t i = 0; i < part->row_end - part->row; i++)
        for (int64_t j = 0; j < part->column_end - part->column; j++)
            for (int64_t c = 0; c < lanes->count; c += LINE_FLOATS)
                __builtin_prefetch(out + i * target.row_step + j * target.pixel_step + c, 1);
}

static void multiply_points(const struct winograd_task *task, const struct lanes *lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t width = plan->kernel->channels;
    struct direct_product product = {
        .pixel_step = plan->in_channels,
        .rows = 1,
        .columns = 1,
        .length = plan->in_channels,
        .count = task->tiles,
        .channels = lanes->count,
        .out_step = width,
    };
    for (int64_t e = 0, fetched = 0; e < plan->winograd->points; e++) {
        for (; fetched < task->tiles * (e + 1) / plan->winograd->points; fetched++)
            prefetch_tile(task, fetched, lanes);
        product.pixels = task->points + e * point_step(plan, task->tiles);
        product.panel = lanes->panel + e * plan->in_channels * width;
        product.out = task->products + e * task->tiles * width;
        plan->direct->multiply(&product);
    }
}

static void leave_tile(const struct winograd_task *task, int64_t index, const struct lanes *lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct target target = place_target(task, index, lanes);
    const int64_t width = plan->kernel->channels;
    if (target.part.row < target.part.row_end && target.part.column < target.part.column_end)
        plan->winograd->output(task->products + index * width, task->tiles * width, lanes->count,
                               task->run->destination + target.offset, target.row_step, target.pixel_step,
                               &target.part);
}

/* Finish the rows of tiles `first` to `last`, which lie side by side. */
static void finish_tiles(const struct winograd_task *task, int64_t first, int64_t last,
                         const struct lanes *lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct target begin = place_target(task, first, lanes), end = place_target(task, last, lanes);
    const int64_t pixels = (last - first) * plan->winograd->tile + end.part.column_end - begin.part.column;
    for (int64_t i = 0; i < begin.part.row_end - begin.part.row; i++) {
        const struct pixel_run run = {begin.offset + i * begin.row_step,
                                      pixels,
                                      begin.pixel_step,
                                      lanes->first,
                                      lanes->count,
                                      &task->slot};
        gan_epilogue_apply(task->run->context->kernels, task->run->epilogue, task->run->destination, &run);
    }
}

static void finish_lanes(const struct winograd_task *task, const struct lanes *lanes)
{
    const int64_t across = task->grid.across;
    for (int64_t first = 0, last; first < task->tiles; first = last + 1) {
        const int64_t left = across - (task->first + first) % across;
        last = smaller(first + left, task->tiles) - 1;
        finish_tiles(task, first, last, lanes);
    }
}

static void compute_panel(const struct winograd_task *task, int64_t index)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t panels = gan_winograd_panels(plan) / plan->phase_count;
    struct lanes lanes = {.phase = &plan->phases[index / panels]};
    lanes.panel = gan_winograd_panel(plan, task->run->packed, index);
    lanes.first = index % panels * plan->kernel->channels;
    lanes.count = smaller(plan->kernel->channels, plan->out_channels - lanes.first);
    multiply_points(task, &lanes);
    for (int64_t i = 0; i < task->tiles; i++)
        leave_tile(task, i, &lanes);
    finish_lanes(task, &lanes);
}

static void run_tiles(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const struct room room = room_needed(plan);
    struct winograd_task task = {.run = run, .grid = grid_of(plan), .first = index * tiles_of_task(plan)};
    task.tiles = smaller(tiles_of_task(plan), gan_winograd_tiles(plan) - task.first);
    task.patch = (float *)run->workspace + worker * (room.patch + room.points + room.products);
    task.points = task.patch + room.patch;
    task.products = task.points + room.points;
    task.slot = gan_moments_open(run, index, 0, 0);
    for (int64_t i = 0; i < task.tiles; i++)
        transform_tile(&task, i);
    for (int64_t i = 0; i < gan_winograd_panels(plan); i++)
        compute_panel(&task, i);
}

int64_t gan_winograd_tasks(const struct convolution_plan *plan)
{
    return parts(gan_winograd_tiles(plan), tiles_of_task(plan));
}

void gan_winograd_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_winograd_tasks(run->plan), run_tiles, (void *)(uintptr_t)run);
    gan_moments_close(run);
}
