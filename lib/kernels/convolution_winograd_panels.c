/* Winograd's convolutions of few tiles: a task multiplies all of them by one panel of weights. Weights that
 * change from run to run are transformed a part at a time, each just before it is used, and never stored. */
#include "base/threads.h"
#include "kernels/convolution_winograd.h"
#include "kernels/sizes.h"

enum {
    MOST_TILES = 144,
    MOST_POINT_FLOATS = 5 << 19,
    CACHED_FLOATS = 300000,
    CACHED_POINTS = 500000,
    GRANULE = 16,
    MOST_PHASES = 4
};

bool gan_winograd_unpacked_suits(const struct convolution_plan *plan)
{
    const int64_t tiles = gan_winograd_tiles(plan, plan->winograd);
    return plan->changing && tiles <= MOST_TILES && plan->phase_count <= MOST_PHASES &&
           tiles * plan->winograd->points * gan_winograd_channels(plan) <= MOST_POINT_FLOATS;
}

/* Where tasks of some tiles each would be so few that threads wait for one another, and the points of all
 * tiles fit into the second-level cache. */
bool gan_winograd_by_panels_suits(const struct convolution_plan *plan)
{
    const int64_t tiles = gan_winograd_tiles(plan, plan->winograd);
    return tiles <= MOST_TILES && plan->phase_count <= MOST_PHASES && gan_winograd_panels(plan) > 1 &&
           tiles * plan->winograd->points * gan_winograd_channels(plan) <= CACHED_POINTS;
}

/* Channels whose weights are transformed at a time. */
static int64_t chunk_of(const struct convolution_plan *plan)
{
    const int64_t channels = gan_winograd_channels(plan);
    const int64_t most = CACHED_FLOATS / (plan->winograd->points * plan->kernel->channels);
    const int64_t even = parts(channels, parts(channels, most));
    return smaller(channels, parts(even, GRANULE) * GRANULE);
}

/* Floats of memory, but for the points that all share of one worker each. */
struct room {
    int64_t points, patch, weights, products, worker;
};

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t tiles = gan_winograd_tiles(plan, plan->winograd), points = plan->winograd->points;
    const int64_t chunk = plan->unpacked ? chunk_of(plan) : 0;
    struct room room = {
        .points = aligned(points * gan_winograd_point_step(plan, tiles)),
        .patch = aligned(points * gan_winograd_channels(plan)),
        .weights = aligned(points * chunk * plan->kernel->channels),
        .products = aligned(points * tiles * plan->kernel->channels),
    };
    room.worker = larger(room.patch, room.weights + room.products);
    return room;
}

size_t gan_winograd_by_panels_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)(room.points + room.worker * gan_parallel_workers(context)) * sizeof(float);
}

struct panels_run {
    struct winograd_task task;              /* all tiles */
    struct moments_slot slots[MOST_PHASES]; /* the panels of a phase have channels of their own */
    struct room room;
    float *scratch;
};

static void enter_tile(void *argument, int64_t index, int32_t worker)
{
    const struct panels_run *all = argument;
    struct winograd_task task = all->task;
    task.patch = all->scratch + worker * all->room.worker;
    gan_winograd_enter(&task, index);
}

/* The products of all tiles with the weights of `count` channels from `first` on, added to those before. */
static void multiply_chunk(const struct winograd_task *task, const struct winograd_lanes *lanes,
                           const float *weights, int64_t first, int64_t count)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t width = plan->kernel->channels, step = gan_winograd_point_step(plan, task->tiles);
    struct direct_product product = {
        .pixel_step = gan_winograd_channels(plan),
        .rows = 1,
        .columns = 1,
        .length = count,
        .count = task->tiles,
        .channels = lanes->count,
        .beta = first == 0 ? 0.0f : 1.0f,
        .out_step = width,
    };
    for (int64_t e = 0; e < plan->winograd->points; e++) {
        product.pixels = task->points + e * step + first;
        product.panel = weights + e * count * width;
        product.out = task->products + e * task->tiles * width;
        plan->direct->multiply(&product);
    }
}

/* Transforms the panel's weights, as many at a time as the cache holds. */
static void multiply_unpacked(const struct winograd_task *task, const struct winograd_lanes *lanes,
                              int64_t index, float *weights)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t channels = gan_winograd_channels(plan), chunk = chunk_of(plan);
    for (int64_t first = 0, count; first < channels; first += count) {
        count = smaller(chunk, channels - first);
        gan_winograd_pack_points(plan, task->run->packed, index, first, count, weights,
                                 count * plan->kernel->channels);
        multiply_chunk(task, lanes, weights, first, count);
    }
}

static void compute_panel(void *argument, int64_t index, int32_t worker)
{
    const struct panels_run *all = argument;
    struct winograd_target targets[WINOGRAD_MOST_TILES];
    struct winograd_task task = all->task;
    const struct convolution_plan *plan = task.run->plan;
    const struct winograd_lanes lanes = gan_winograd_lanes(plan, index);
    float *weights = all->scratch + worker * all->room.worker;
    task.products = weights + all->room.weights;
    task.slot = all->slots[index * plan->phase_count / gan_winograd_panels(plan)];
    task.targets = targets;
    gan_winograd_place(&task, lanes.phase);
    if (plan->unpacked)
        multiply_unpacked(&task, &lanes, index, weights);
    else
        gan_winograd_multiply(&task, &lanes, gan_winograd_panel(plan, task.run->packed, index));
    gan_winograd_leave(&task, &lanes);
}

void gan_winograd_by_panels_run(const struct convolution_run *run)
{
    const struct convolution_plan *plan = run->plan;
    struct panels_run all = {.task = {.run = run, .points = run->workspace}, .room = room_needed(plan)};
    all.task.grid = gan_winograd_grid(plan, plan->winograd);
    all.task.tiles = gan_winograd_tiles(plan, plan->winograd);
    for (int64_t i = 0; i < plan->phase_count; i++)
        all.slots[i] = gan_moments_open(run, i, 0, 0);
    all.scratch = all.task.points + all.room.points;
    gan_parallel(run->context, all.task.tiles, enter_tile, &all);
    gan_parallel(run->context, gan_winograd_panels(plan), compute_panel, &all);
    gan_moments_close(run);
}
