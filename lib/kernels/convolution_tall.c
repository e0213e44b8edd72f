/* Kernels of eight or nine rows by Winograd's F(3, 3) along the rows. The kernel is cut into three blocks of
 * three rows, and the source into patches of five rows, three rows apart: of each patch come five rows of
 * points, on which the rows of the blocks' points are multiplied by the direct kernel, 15 rows instead of 27
 * for three rows of the destination. A task goes down a rectangle in bands whose points stay in cache, and
 * carries from band to band what the next one reads too. */
#include "base/threads.h"
#include "kernels/convolution_moments.h"
#include "kernels/convolution_rows.h"
#include "kernels/sizes.h"

#include <string.h>

enum { TAPS = 3, TILE = 3, PATCH = 5, BLOCKS = 3, LEAST_TAPS = 8 };
enum { BAND_TILES = 3, TASK_BANDS = 5, MOST_COLUMNS = 188, LEAST_SIZE = 24, LEAST_SPREAD_CHANNELS = 16 };

/* Patches of a band, of which the first are those that the band before has made too, but for the first band;
 * the same of the source's rows. */
enum { PATCHES = BAND_TILES + BLOCKS - 1, SOURCE_ROWS = TILE * (PATCHES - 1) + PATCH };
enum { CARRIED_PATCHES = BLOCKS - 1, CARRIED_ROWS = PATCH - TILE };

bool gan_tall_suits(const struct convolution_plan *plan)
{
    const struct phase *y = &plan->y.phases[0], *x = &plan->x.phases[0];
    return plan->direct != NULL && plan->groups == 1 && plan->phase_count == 1 && y->stride == 1 &&
           y->dilation == 1 && y->taps >= LEAST_TAPS && y->taps <= BLOCKS * TAPS && x->stride == 1 &&
           x->taps > 0 && y->count >= LEAST_SIZE && x->count >= LEAST_SIZE &&
           plan->chunk == plan->in_channels && plan->out_step == plan->out_channels &&
           (!plan->spread || plan->in_channels >= LEAST_SPREAD_CHANNELS); /* else moving sums takes longest */
}

/* A rectangle of the destination, and where its task works. */
struct tall_task {
    const struct convolution_run *run;
    const struct convolution_phase *phase;
    int64_t image, row, rows, column, columns;
    int64_t virtual_columns, row_size; /* floats of a row of the source, or of points */
    float *source, *points, *sums;
    struct moments_slot slot;
};

static int64_t virtual_columns(const struct convolution_plan *plan, int64_t columns)
{
    const struct phase *x = &plan->x.phases[0];
    return columns + (x->taps - 1) * x->dilation;
}

/* Pixels that are multiplied for a row, and the floats that each gives. */
static int64_t line_pixels(const struct convolution_plan *plan, int64_t columns)
{
    return plan->spread ? virtual_columns(plan, columns) : columns;
}

static int64_t line_step(const struct convolution_plan *plan)
{
    return plan->spread ? aligned(plan->phases[0].lanes) : plan->out_channels;
}

struct room {
    int64_t source, points, sums; /* floats */
};

static int64_t tasks_across(const struct convolution_plan *plan)
{
    return parts(plan->x.phases[0].count, MOST_COLUMNS);
}

static int64_t columns_of_task(const struct convolution_plan *plan)
{
    return parts(plan->x.phases[0].count, tasks_across(plan));
}

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t columns = columns_of_task(plan);
    const int64_t row_size = virtual_columns(plan, columns) * plan->in_channels;
    const int64_t line = line_pixels(plan, columns) * line_step(plan);
    return (struct room){
        .source = aligned(SOURCE_ROWS * row_size),
        .points = aligned(PATCH * PATCHES * row_size),
        .sums = aligned((PATCH + TILE) * line + 16),
    };
}

size_t gan_tall_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    const struct room room = room_needed(plan);
    return (size_t)((room.source + room.points + room.sums) * gan_parallel_workers(context)) * sizeof(float);
}

/* ---- Weights ---- */

/* Floats of one point of a panel: [block][column of taps][source channel][lane]. */
static int64_t point_size(const struct convolution_plan *plan)
{
    return BLOCKS * plan->phases[0].columns * plan->in_channels * plan->kernel->channels;
}

static int64_t panel_count(const struct convolution_plan *plan)
{
    return parts(plan->phases[0].lanes, plan->kernel->channels);
}

int64_t gan_tall_packed_count(const struct convolution_plan *plan)
{
    return panel_count(plan) * PATCH * point_size(plan);
}

struct tall_packing {
    const struct convolution_plan *plan;
    const float *weights;
    float *packed;
};

/* The points of one block at one column of taps and one source channel. */
static void pack_block(const struct tall_packing *packing, int64_t lane, int64_t block, int64_t column,
                       int64_t channel, float *out)
{
    const struct convolution_plan *plan = packing->plan;
    const int64_t width = plan->kernel->channels;
    float filters[TAPS * MOST_PANEL_CHANNELS] = {0};
    for (int64_t i = 0; i < TAPS; i++)
        if (block * TAPS + i < plan->phases[0].y->taps)
            gan_convolution_plan_weight_rows(plan, &plan->phases[0], packing->weights, lane, block * TAPS + i,
                                             column, channel, 1, filters + i * width);
    gan_winograd_rows_weights(filters, width, out, point_size(plan));
}

static void pack_panel(void *argument, int64_t panel, int32_t worker)
{
    (void)worker;
    const struct tall_packing *packing = argument;
    const struct convolution_plan *plan = packing->plan;
    float *out = packing->packed + panel * PATCH * point_size(plan);
    for (int64_t block = 0; block < BLOCKS; block++)
        for (int64_t column = 0; column < plan->phases[0].columns; column++)
            for (int64_t c = 0; c < plan->in_channels; c++, out += plan->kernel->channels)
                pack_block(packing, panel * plan->kernel->channels, block, column, c, out);
}

void gan_tall_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                   float *packed)
{
    struct tall_packing packing = {plan, weights, packed};
    gan_parallel(context, panel_count(plan), pack_panel, &packing);
    memset(packed + plan->packed_count, 0, PANEL_SLACK);
}

/* ---- Products ---- */

/* Make the source's rows of a band from row `from` of them on; what no output needs is zero. */
static void fill_source(const struct tall_task *task, int64_t band, int64_t from)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t first = task->phase->y->start + task->row + band * BAND_TILES * TILE;
    const int64_t there = smaller(SOURCE_ROWS, plan->y.virtual_count - first);
    const struct row_window window = {0, plan->in_channels, task->phase->x->start + task->column,
                                      task->virtual_columns};
    for (int64_t i = from; i < there; i++)
        gan_rows_fill(task->run, task->image, first + i, &window, task->source + i * task->row_size);
    for (int64_t i = larger(from, there); i < SOURCE_ROWS; i++)
        memset(task->source + i * task->row_size, 0, (size_t)task->row_size * sizeof *task->source);
}

/* Points lie as [point][patch][row of floats]. */
static void make_points(const struct tall_task *task, int64_t from)
{
    for (int64_t i = from; i < PATCHES; i++)
        task->run->plan->tall->input(task->source + i * TILE * task->row_size, task->row_size, task->row_size,
                                     task->points + i * task->row_size, PATCHES * task->row_size);
}

/* Move the last of `count` rows to where the first were. */
static void carry(const struct tall_task *task, float *rows, int64_t count, int64_t carried)
{
    memcpy(rows, rows + (count - carried) * task->row_size,
           (size_t)(carried * task->row_size) * sizeof *rows);
}

static void prepare_band(const struct tall_task *task, int64_t band)
{
    if (band == 0) {
        fill_source(task, band, 0);
        make_points(task, 0);
        return;
    }
    carry(task, task->source + CARRIED_PATCHES * TILE * task->row_size, BAND_TILES * TILE + CARRIED_ROWS,
          CARRIED_ROWS);
    for (int64_t point = 0; point < PATCH; point++)
        carry(task, task->points + point * PATCHES * task->row_size, PATCHES, CARRIED_PATCHES);
    fill_source(task, band, CARRIED_PATCHES * TILE + CARRIED_ROWS);
    make_points(task, CARRIED_PATCHES);
}

/* One point's sums of one tile of rows; meanwhile the row that begins at `coming` is fetched. */
static void multiply_point(const struct tall_task *task, int64_t tile, int64_t point, const float *coming,
                           float *out)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct phase *x = task->phase->x;
    const int64_t width = plan->kernel->channels;
    const bool joined = x->dilation == 1;
    struct direct_product product = {
        .pixels = task->points + (point * PATCHES + tile) * task->row_size,
        .pixel_step = plan->in_channels,
        .row_step = task->row_size,
        .column_step = x->dilation * plan->in_channels,
        .rows = BLOCKS,
        .columns = joined ? 1 : task->phase->columns,
        .length = joined ? task->phase->columns * plan->in_channels : plan->in_channels,
        .count = line_pixels(plan, task->columns),
        .out_step = line_step(plan),
        .coming_step = plan->out_channels,
    };
    for (int64_t panel = 0; panel < panel_count(plan); panel++) {
        product.channels = smaller(width, line_step(plan) - panel * width);
        product.panel = (const float *)task->run->packed + (panel * PATCH + point) * point_size(plan);
        product.out = out + panel * width;
        product.coming = coming == NULL ? NULL : coming + panel * width;
        plan->direct->multiply(&product);
    }
}

static struct pixel_run destination_row(const struct tall_task *task, int64_t row)
{
    const struct convolution_plan *plan = task->run->plan;
    const struct phase *y = task->phase->y, *x = task->phase->x;
    const int64_t line = task->image * plan->y.destination + y->first + (task->row + row) * y->step;
    const int64_t pixel = line * plan->x.destination + x->first + task->column * x->step;
    return (struct pixel_run){pixel * plan->out_channels, task->columns, x->step * plan->out_channels, 0,
                              plan->out_channels,         &task->slot};
}

/* Bring a finished line to its place in the destination. */
static void deliver(const struct tall_task *task, const float *line, const struct pixel_run *place)
{
    const struct convolution_plan *plan = task->run->plan;
    float *out = task->run->destination + place->offset;
    const struct spread_sums sums = {
        .lines = line,
        .line_step = line_step(plan),
        .taps = plan->spread ? task->phase->x->taps : 1,
        .dilation = task->phase->x->dilation,
        .channels = plan->out_channels,
        .count = task->columns,
    };
    if (plan->spread || place->pixel_stride != plan->out_channels)
        gan_spread_gather(&sums, out, place->pixel_stride);
    else
        memcpy(out, line, (size_t)(task->columns * plan->out_channels) * sizeof *out);
    gan_epilogue_apply(task->run->context->kernels, task->run->epilogue, task->run->destination, place);
}

/* Whether the three rows of a tile can be left where they belong. */
static bool lies_in_place(const struct tall_task *task, const struct pixel_run *place, int64_t rows)
{
    const struct convolution_plan *plan = task->run->plan;
    return !plan->spread && place->pixel_stride == plan->out_channels && rows == TILE;
}

/* The destination row to fetch while point number `point` is multiplied, or NULL. */
static const float *coming_row(const struct tall_task *task, int64_t row, int64_t rows, int64_t point)
{
    if (point >= rows)
        return NULL;
    const struct pixel_run place = destination_row(task, row + point);
    return lies_in_place(task, &place, rows) ? task->run->destination + place.offset : NULL;
}

static void leave_rows(const struct tall_task *task, int64_t row, int64_t rows)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t line = line_pixels(plan, task->columns) * line_step(plan);
    const struct pixel_run first = destination_row(task, row);
    float *lines = task->sums + PATCH * line;
    if (lies_in_place(task, &first, rows)) {
        const int64_t step = task->phase->y->step * plan->x.destination * plan->out_channels;
        plan->tall->output(task->sums, line, line, task->run->destination + first.offset, step);
        for (int64_t i = 0; i < rows; i++) {
            const struct pixel_run place = destination_row(task, row + i);
            gan_epilogue_apply(task->run->context->kernels, task->run->epilogue, task->run->destination,
                               &place);
        }
        return;
    }
    plan->tall->output(task->sums, line, line, lines, line);
    for (int64_t i = 0; i < rows; i++) {
        const struct pixel_run place = destination_row(task, row + i);
        deliver(task, lines + i * line, &place);
    }
}

static void compute_band(const struct tall_task *task, int64_t band)
{
    const struct convolution_plan *plan = task->run->plan;
    const int64_t line = line_pixels(plan, task->columns) * line_step(plan);
    prepare_band(task, band);
    for (int64_t tile = 0; tile < BAND_TILES; tile++) {
        const int64_t row = (band * BAND_TILES + tile) * TILE;
        if (row >= task->rows)
            return;
        const int64_t rows = smaller(TILE, task->rows - row);
        for (int64_t point = 0; point < PATCH; point++)
            multiply_point(task, tile, point, coming_row(task, row, rows, point), task->sums + point * line);
        leave_rows(task, row, rows);
    }
}

enum { TASK_ROWS = TASK_BANDS * BAND_TILES * TILE };

static int64_t tasks_down(const struct convolution_plan *plan)
{
    return parts(plan->y.phases[0].count, TASK_ROWS);
}

int64_t gan_tall_tasks(const struct convolution_plan *plan)
{
    return plan->batch * tasks_down(plan) * tasks_across(plan);
}

static void run_task(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const struct room room = room_needed(plan);
    const int64_t across = tasks_across(plan), down = tasks_down(plan), columns = columns_of_task(plan);
    struct tall_task task = {.run = run, .phase = &plan->phases[0], .image = index / across / down};
    task.row = index / across % down * TASK_ROWS;
    task.rows = smaller(TASK_ROWS, task.phase->y->count - task.row);
    task.column = index % across * columns;
    task.columns = smaller(columns, task.phase->x->count - task.column);
    task.virtual_columns = virtual_columns(plan, task.columns);
    task.row_size = task.virtual_columns * plan->in_channels;
    task.source = (float *)run->workspace + worker * (room.source + room.points + room.sums);
    task.points = task.source + room.source;
    task.sums = task.points + room.points;
    task.slot = gan_moments_open(run, index, task.image, 0);
    for (int64_t band = 0; band * BAND_TILES * TILE < task.rows; band++)
        compute_band(&task, band);
}

void gan_tall_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_tall_tasks(run->plan), run_task, (void *)(uintptr_t)run);
    gan_moments_close(run);
}
