/* Winograd's convolutions with more weights than the cache of a core holds: a task multiplies one point of a
 * block of tiles, which stays in cache, by the weights of some panels for it. So weights are read once for a
 * large block, and not once for every few tiles. */
#include "base/threads.h"
#include "kernels/convolution_winograd.h"
#include "kernels/sizes.h"

enum { LEAST_WEIGHTS = 1 << 20, LEAST_TILES = 25, POINT_FLOATS = 1 << 17, TASK_PANELS = 4, MOST_PHASES = 4 };

/* Tiles of a block: blocks of about the same size, of whole tiles of the direct kernel. */
static int64_t tiles_of_block(const struct convolution_plan *plan)
{
    const int64_t tiles = gan_winograd_tiles(plan, plan->winograd), width = plan->kernel->pixels;
    const int64_t even = parts(tiles, parts(tiles, WINOGRAD_MOST_TILES));
    return smaller(tiles, smaller(WINOGRAD_MOST_TILES, parts(even, width) * width));
}

bool gan_winograd_by_points_suits(const struct convolution_plan *plan)
{
    const int64_t tiles = tiles_of_block(plan);
    return !plan->changing && plan->phase_count <= MOST_PHASES && tiles >= LEAST_TILES &&
           tiles * gan_winograd_channels(plan) <= POINT_FLOATS &&
           gan_winograd_packed_count(plan) >= LEAST_WEIGHTS;
}

/* Floats of memory: the points and products of a block, and a patch of each worker. */
struct room {
    int64_t points, products, patch;
};

/* Floats of the products of a block with one panel. */
static int64_t products_of_panel(const struct convolution_plan *plan)
{
    return plan->winograd->points * tiles_of_block(plan) * plan->kernel->channels;
}

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t tiles = tiles_of_block(plan), points = plan->winograd->points;
    return (struct room){
        .points = aligned(points * gan_winograd_point_step(plan, tiles)),
        .products = aligned(gan_winograd_panels(plan) * products_of_panel(plan)),
        .patch = aligned(points * gan_winograd_channels(plan)),
    };
}

size_t gan_winograd_by_points_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)(room.points + room.products + room.patch * gan_parallel_workers(context)) * sizeof(float);
}

struct points_run {
    struct winograd_task task;              /* a block */
    struct moments_slot slots[MOST_PHASES]; /* the panels of a phase have channels of their own */
    int64_t patch;
};

static void enter_tile(void *argument, int64_t index, int32_t worker)
{
    const struct points_run *all = argument;
    struct winograd_task task = all->task;
    task.patch += worker * all->patch;
    gan_winograd_enter(&task, index);
}

static int64_t tasks_of_point(const struct convolution_plan *plan)
{
    return parts(gan_winograd_panels(plan), TASK_PANELS);
}

static void multiply_point(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct winograd_task *task = &((const struct points_run *)argument)->task;
    const struct convolution_plan *plan = task->run->plan;
    const int64_t width = plan->kernel->channels, channels = gan_winograd_channels(plan);
    const int64_t point = index / tasks_of_point(plan), first = index % tasks_of_point(plan) * TASK_PANELS;
    struct direct_product product = {
        .pixels = task->points + point * gan_winograd_point_step(plan, task->tiles),
        .pixel_step = channels,
        .rows = 1,
        .columns = 1,
        .length = channels,
        .count = task->tiles,
        .out_step = width,
    };
    for (int64_t i = first; i < smaller(first + TASK_PANELS, gan_winograd_panels(plan)); i++) {
        product.channels = gan_winograd_lanes(plan, i).count;
        product.panel = gan_winograd_panel(plan, task->run->packed, i) + point * channels * width;
        product.out = task->products + i * products_of_panel(plan) + point * task->tiles * width;
        plan->direct->multiply(&product);
    }
}

static void leave_panel(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct points_run *all = argument;
    const struct convolution_plan *plan = all->task.run->plan;
    const struct winograd_lanes lanes = gan_winograd_lanes(plan, index);
    struct winograd_target targets[WINOGRAD_MOST_TILES];
    struct winograd_task task = all->task;
    task.products += index * products_of_panel(plan);
    task.slot = all->slots[index * plan->phase_count / gan_winograd_panels(plan)];
    task.targets = targets;
    gan_winograd_place(&task, lanes.phase);
    gan_winograd_leave(&task, &lanes);
}

static void compute_block(struct points_run *all)
{
    const struct convolution_run *run = all->task.run;
    const struct convolution_plan *plan = run->plan;
    gan_parallel(run->context, all->task.tiles, enter_tile, all);
    gan_parallel(run->context, plan->winograd->points * tasks_of_point(plan), multiply_point, all);
    gan_parallel(run->context, gan_winograd_panels(plan), leave_panel, all);
}

void gan_winograd_by_points_run(const struct convolution_run *run)
{
    const struct convolution_plan *plan = run->plan;
    const struct room room = room_needed(plan);
    struct points_run all = {.task = {.run = run, .points = run->workspace}, .patch = room.patch};
    all.task.grid = gan_winograd_grid(plan, plan->winograd);
    all.task.products = all.task.points + room.points;
    all.task.patch = all.task.products + room.products;
    for (int64_t i = 0; i < plan->phase_count; i++)
        all.slots[i] = gan_moments_open(run, i, 0, 0);
    const int64_t tiles = gan_winograd_tiles(plan, plan->winograd);
    for (; all.task.first < tiles; all.task.first += all.task.tiles) {
        all.task.tiles = smaller(tiles_of_block(plan), tiles - all.task.first);
        compute_block(&all);
    }
    gan_moments_close(run);
}
