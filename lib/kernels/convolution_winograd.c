/* 3x3 convolution by Winograd's F(4x4, 3x3). A task takes some tiles through all steps: their input
 * transforms, then for each block of destination channels the 36 products and the output transform, while all
 * is in cache. */
#include "base/threads.h"
#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"
#include "kernels/convolution_rows.h"
#include "kernels/sizes.h"

#include <string.h>

enum { POINT_FLOATS = 170000, LEAST_TILES = 24, MOST_TILES = 48, LEAST_CHANNELS = 16 };

static bool axis_suits(const struct axis *axis)
{
    const struct phase *phase = &axis->phases[0];
    return axis->phase_count == 1 && phase->taps == 3 && phase->stride == 1 && phase->dilation == 1 &&
           phase->step == 1;
}

bool gan_winograd_suits(const struct convolution_plan *plan)
{
    return plan->groups == 1 && plan->in_channels >= LEAST_CHANNELS && plan->out_channels >= LEAST_CHANNELS &&
           axis_suits(&plan->y) && axis_suits(&plan->x) &&
           plan->y.destination * plan->x.destination >= WINOGRAD_TILE * WINOGRAD_TILE;
}

struct winograd_task {
    const struct convolution_run *run;
    int64_t first, tiles;
    float *patch, *points, *products;
};

struct tile {
    int64_t image, row, column; /* its first destination pixel */
    int64_t rows, columns;      /* that lie inside the destination */
};

static struct tile place_tile(const struct convolution_plan *plan, int64_t index)
{
    const int64_t across = parts(plan->x.destination, WINOGRAD_TILE);
    const int64_t down = parts(plan->y.destination, WINOGRAD_TILE);
    struct tile tile = {.image = index / across / down};
    tile.row = index / across % down * WINOGRAD_TILE;
    tile.column = index % across * WINOGRAD_TILE;
    tile.rows = smaller(WINOGRAD_TILE, plan->y.destination - tile.row);
    tile.columns = smaller(WINOGRAD_TILE, plan->x.destination - tile.column);
    return tile;
}

static int64_t tile_count(const struct convolution_plan *plan)
{
    return plan->batch * parts(plan->x.destination, WINOGRAD_TILE) *
           parts(plan->y.destination, WINOGRAD_TILE);
}

static int64_t tiles_of_task(const struct convolution_plan *plan)
{
    const int64_t fitting = POINT_FLOATS / (WINOGRAD_POINTS * plan->in_channels);
    const int64_t most = fitting > MOST_TILES ? MOST_TILES : fitting < LEAST_TILES ? LEAST_TILES : fitting;
    const int64_t pixels = plan->kernel->pixels;
    return most / pixels * pixels;
}

struct room {
    int64_t patch, points, products; /* floats */
};

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t tiles = tiles_of_task(plan);
    return (struct room){
        .patch = aligned(WINOGRAD_POINTS * plan->in_channels),
        .points = aligned(WINOGRAD_POINTS * tiles * plan->in_channels),
        .products = aligned(WINOGRAD_POINTS * tiles * plan->kernel->channels),
    };
}

size_t gan_winograd_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)((room.patch + room.points + room.products) * gan_parallel_workers(context)) *
           sizeof(float);
}

int64_t gan_winograd_packed_count(const struct convolution_plan *plan)
{
    return parts(plan->out_channels, plan->kernel->channels) * plan->kernel->channels * WINOGRAD_POINTS *
           plan->in_channels;
}

struct winograd_packing {
    const struct convolution_plan *plan;
    const float *weights;
    float *packed;
};

/* One panel of lanes: [point][source channel][lane]. */
static void pack_panel(void *argument, int64_t panel, int32_t worker)
{
    (void)worker;
    const struct winograd_packing *packing = argument;
    const struct convolution_plan *plan = packing->plan;
    const int64_t width = plan->kernel->channels, size = plan->in_channels * width;
    float filters[9 * MOST_PANEL_CHANNELS];
    for (int64_t c = 0; c < plan->in_channels; c++) {
        for (int64_t tap = 0; tap < 9; tap++)
            gan_convolution_plan_weight_row(plan, packing->weights, panel * width, tap / 3, tap % 3, c,
                                            filters + tap * width);
        gan_winograd_weights(filters, width, packing->packed + panel * WINOGRAD_POINTS * size + c * width,
                             size);
    }
}

void gan_winograd_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                       float *packed)
{
    struct winograd_packing packing = {plan, weights, packed};
    gan_parallel(context, parts(plan->out_channels, plan->kernel->channels), pack_panel, &packing);
}

/* The source position of the first of six virtual positions that lie side by side in the source too, or -1.
 */
static int64_t run_start(const struct axis *axis, int64_t first)
{
    const int64_t last = first + WINOGRAD_PATCH - 1;
    if (last >= axis->virtual_count || axis->map[first] < 0)
        return -1;
    return axis->map[last] - axis->map[first] == WINOGRAD_PATCH - 1 ? axis->map[first] : -1;
}

/* Copy a patch at the border, or one whose values are to be changed; what no output needs is zero. */
static void fill_patch(const struct winograd_task *task, const struct tile *tile, int64_t row, int64_t column)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t channels = plan->in_channels;
    const int64_t columns = tile->columns + 2, rows = tile->rows + 2;
    const struct row_window window = {0, channels, column, columns};
    if (rows < WINOGRAD_PATCH || columns < WINOGRAD_PATCH)
        memset(task->patch, 0, (size_t)(WINOGRAD_POINTS * channels) * sizeof *task->patch);
    for (int64_t i = 0; i < rows; i++)
        gan_rows_fill(task->run, tile->image, row + i, &window, task->patch + i * WINOGRAD_PATCH * channels);
}

static void transform_tile(const struct winograd_task *task, int64_t index)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct tile tile = place_tile(plan, task->first + index);
    const int64_t channels = plan->in_channels;
    const int64_t row = plan->y.phases[0].start + tile.row, column = plan->x.phases[0].start + tile.column;
    const int64_t y = run_start(&plan->y, row), x = run_start(&plan->x, column);
    float *points = task->points + index * channels;
    if (y >= 0 && x >= 0 && task->run->input == NULL) {
        const int64_t pixel = (tile.image * plan->y.source + y) * plan->x.source + x;
        plan->winograd->input(task->run->source + pixel * channels, plan->x.source * channels, channels,
                              channels, points, task->tiles * channels);
        return;
    }
    fill_patch(task, &tile, row, column);
    plan->winograd->input(task->patch, WINOGRAD_PATCH * channels, channels, channels, points,
                          task->tiles * channels);
}

/* The 36 products for destination channels from `lane` on. */
static void multiply_points(const struct winograd_task *task, int64_t lane, int64_t lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t width = plan->kernel->channels, size = plan->in_channels * width;
    struct direct_product product = {
        .pixel_step = plan->in_channels,
        .rows = 1,
        .columns = 1,
        .length = plan->in_channels,
        .count = task->tiles,
        .channels = lanes,
        .out_step = width,
    };
    for (int64_t e = 0; e < WINOGRAD_POINTS; e++) {
        product.pixels = task->points + e * task->tiles * plan->in_channels;
        product.panel = (const float *)task->run->packed + (lane / width * WINOGRAD_POINTS + e) * size;
        product.out = task->products + e * task->tiles * width;
        plan->direct->multiply(&product);
    }
}

static void finish_tile(const struct winograd_task *task, int64_t index, int64_t lane, int64_t lanes)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct tile tile = place_tile(plan, task->first + index);
    const int64_t width = plan->kernel->channels, channels = plan->out_channels;
    const int64_t line = (tile.image * plan->y.destination + tile.row) * plan->x.destination;
    const int64_t offset = (line + tile.column) * channels + lane, row_step = plan->x.destination * channels;
    plan->winograd->output(task->products + index * width, task->tiles * width, lanes,
                           task->run->destination + offset, row_step, channels, tile.rows, tile.columns);
    for (int64_t i = 0; i < tile.rows; i++) {
        const struct pixel_run run = {offset + i * row_step, tile.columns, channels, lane, lanes};
        gan_epilogue_apply(task->run->context->kernels, task->run->epilogue, task->run->destination, &run);
    }
}

static void run_tiles(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const struct room room = room_needed(plan);
    struct winograd_task task = {.run = run, .first = index * tiles_of_task(plan)};
    task.tiles = smaller(tiles_of_task(plan), tile_count(plan) - task.first);
    task.patch = (float *)run->workspace + worker * (room.patch + room.points + room.products);
    task.points = task.patch + room.patch;
    task.products = task.points + room.points;
    for (int64_t i = 0; i < task.tiles; i++)
        transform_tile(&task, i);
    for (int64_t lane = 0; lane < plan->out_channels; lane += plan->kernel->channels) {
        const int64_t lanes = smaller(plan->kernel->channels, plan->out_channels - lane);
        multiply_points(&task, lane, lanes);
        for (int64_t i = 0; i < task.tiles; i++)
            finish_tile(&task, i, lane, lanes);
    }
}

void gan_winograd_run(const struct convolution_run *run)
{
    gan_parallel(run->context, parts(tile_count(run->plan), tiles_of_task(run->plan)), run_tiles,
                 (void *)(uintptr_t)run);
}
