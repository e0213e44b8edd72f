/* Convolution by tiles: a task fills a strip with bfloat16 pixels, then multiplies block after block of them
 * with all panels of weights, and finishes the sums while they are hot. */
#include "base/threads.h"
#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_tiles_strip.h"
#include "kernels/sizes.h"

#include <stdalign.h>

static int64_t worker_bytes(const struct convolution_plan *plan)
{
    const struct tile_room room = gan_tile_room(plan);
    return room.pixels + room.values + room.line + room.sums;
}

size_t gan_tiles_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    return (size_t)(worker_bytes(plan) * gan_parallel_workers(context));
}

/* One row of a phase's positions. */
struct tile_row {
    const struct tile_strip *strip;
    const struct convolution_phase *phase;
    struct tile_product product; /* of its first pixel */
    int64_t count;               /* of pixels to multiply */
    int64_t first_panel, end_panel;
};

static struct tile_row describe_row(const struct tile_strip *strip, const struct convolution_phase *phase,
                                    int64_t row)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = phase->y, *x = phase->x;
    const bool reads = y->taps > 0 && x->taps > 0;
    const int64_t down = y->start + (strip->row + row) * y->stride - strip->first_row;
    const int64_t along = plan->unfolded ? 0 : x->start + strip->column * x->stride - strip->first_column;
    const int64_t panels = parts(phase->lanes, TILE_BLOCK);
    return (struct tile_row){
        .strip = strip,
        .phase = phase,
        .product = {.pixels = strip->pixels + (reads ? down * strip->pitch + along * plan->depth : 0),
                    .pixel_step = plan->depth * (plan->unfolded ? 1 : x->stride),
                    .row_step = y->dilation * strip->pitch,
                    .column_step = x->dilation * plan->depth,
                    .rows = y->taps,
                    .columns = plan->unfolded ? 1 : phase->columns,
                    .depth = plan->depth},
        .count = smaller(strip->columns, x->count - strip->column),
        .first_panel = strip->part * panels / plan->cut.parts,
        .end_panel = (strip->part + 1) * panels / plan->cut.parts,
    };
}

/* Multiply the row's pixels with its panels of `lanes` lanes in all. */
static void multiply_row(const struct tile_row *row, int64_t lanes, struct tile_output output, float *out)
{
    const struct convolution_run *run = row->strip->run;
    const struct tile_kernels *tiles = run->plan->tiles;
    const float *bias = output.bias, *residual = output.residual;
    struct tile_product product = row->product;
    alignas(64) float sums[TILE_SUMS];
    for (int64_t pixel = 0; pixel < row->count; pixel += TILE_BLOCK) {
        product.pixels = row->product.pixels + pixel * product.pixel_step;
        product.pixel_count = output.pixels = smaller(TILE_BLOCK, row->count - pixel);
        for (int64_t panel = row->first_panel; panel < row->end_panel; panel++) {
            const int64_t lane = panel * TILE_BLOCK, at = pixel * output.out_step + lane;
            product.lane_count = output.lanes = smaller(TILE_BLOCK, lanes - lane);
            product.weights = gan_tiles_panel(run->plan, run->packed, row->phase, panel);
            output.bias = bias != NULL ? bias + lane : NULL;
            output.residual = residual != NULL ? residual + at : NULL;
            tiles->fetch(&output, out + at);
            tiles->multiply(&product, sums);
            tiles->store(&output, sums, out + at);
        }
    }
}

/* The sums of all (column of taps, channel) pairs, then those that belong together. */
static void multiply_spread(struct tile_row *row, const struct pixel_run *place)
{
    const struct tile_strip *strip = row->strip;
    const struct convolution_run *run = strip->run;
    const struct phase *x = row->phase->x;
    const int64_t step = aligned(row->phase->lanes);
    const struct spread_sums sums = {
        .lines = strip->sums,
        .line_step = step,
        .taps = x->taps,
        .dilation = x->dilation,
        .channels = run->plan->out_channels,
        .count = place->pixels,
    };
    row->count += x->taps > 0 ? (x->taps - 1) * x->dilation : 0;
    multiply_row(row, step, (struct tile_output){.out_step = step}, strip->sums);
    gan_spread_gather(&sums, run->destination + place->offset, place->pixel_stride);
    gan_epilogue_apply(run->context->kernels, run->epilogue, run->destination, place);
}

static bool is_simple(struct activation activation)
{
    return activation.function == ACTIVATION_LINEAR || activation.function == ACTIVATION_RELU ||
           activation.function == ACTIVATION_LEAKY_RELU;
}

static void multiply_plain(const struct tile_row *row, const struct pixel_run *place)
{
    static const struct convolution_epilogue none = {.bias = NULL};
    const struct convolution_run *run = row->strip->run;
    const struct convolution_epilogue *epilogue = run->epilogue != NULL ? run->epilogue : &none;
    const bool simple = is_simple(epilogue->activation);
    const struct tile_output output = {
        .bias = epilogue->bias,
        .residual = epilogue->residual != NULL ? epilogue->residual + place->offset : NULL,
        .activation = simple ? epilogue->activation : none.activation,
        .out_step = place->pixel_stride,
    };
    multiply_row(row, row->phase->lanes, output, run->destination + place->offset);
    if (simple)
        return;
    const struct convolution_epilogue rest = {.activation = epilogue->activation};
    const int64_t first = row->first_panel * TILE_BLOCK;
    struct pixel_run lanes = *place;
    lanes.offset += first;
    lanes.channels = smaller(row->end_panel * TILE_BLOCK, row->phase->lanes) - first;
    gan_epilogue_apply(run->context->kernels, &rest, run->destination, &lanes);
}

static void compute_row(const struct tile_strip *strip, const struct convolution_phase *phase, int64_t index)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = phase->y, *x = phase->x;
    const int64_t line = strip->image * plan->y.destination + y->first + (strip->row + index) * y->step;
    const int64_t pixel = line * plan->x.destination + x->first + strip->column * x->step;
    struct tile_row row = describe_row(strip, phase, index);
    const struct pixel_run place = {
        .offset = pixel * plan->out_channels,
        .pixels = row.count,
        .pixel_stride = x->step * plan->out_channels,
        .channels = plan->out_channels,
    };
    if (row.count < 1)
        return;
    if (plan->spread)
        multiply_spread(&row, &place);
    else
        multiply_plain(&row, &place);
}

static void run_strip(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    struct tile_strip strip;
    gan_tile_strip_place(&strip, run, index, (char *)run->workspace + worker * worker_bytes(plan));
    gan_tile_strip_fill(&strip);
    plan->tiles->enter();
    for (int64_t row = 0; row < strip.rows; row++)
        for (int64_t i = 0; i < plan->phase_count; i++)
            if (strip.row + row < plan->phases[i].y->count)
                compute_row(&strip, &plan->phases[i], row);
    plan->tiles->leave();
}

void gan_tiles_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_tile_strip_count(run->plan), run_strip, (void *)(uintptr_t)run);
}
