/* Rows of destination pixels, multiplied by a direct kernel where they lie: in the caller's picture, or in a
 * strip of virtual rows made from it. */
#include "base/threads.h"
#include "kernels/convolution_moments.h"
#include "kernels/convolution_strip.h"
#include "kernels/depthwise.h"
#include "kernels/sizes.h"

enum { CACHED_FLOATS = 200000, DEPTHWISE_ROWS = 2 };

/* Spread sums are gathered from whole rows; depthwise strips are cut where the border ends. */
static enum strip_cut cut_of(const struct convolution_plan *plan)
{
    return plan->spread || plan->depthwise != NULL ? STRIP_ROWS : STRIP_BLOCKS;
}

int64_t gan_direct_tasks(const struct convolution_plan *plan)
{
    return plan->groups * gan_strip_count(plan, cut_of(plan));
}

size_t gan_direct_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    return (size_t)((gan_strip_buffer(plan, cut_of(plan)) + gan_strip_line(plan)) *
                    gan_parallel_workers(context)) *
           sizeof(float);
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

static int64_t panel_count(const struct strip *strip)
{
    return parts(strip->phase->lanes, strip->run->plan->kernel->channels);
}

/* The lanes of one panel; `out` is where lane 0 goes. */
static void multiply_panel(const struct strip *strip, struct direct_product *product, int64_t panel,
                           float *out)
{
    const struct convolution_plan *plan = strip->run->plan;
    const int64_t width = plan->kernel->channels;
    /* Lines of spread sums have room for whole vectors. */
    const int64_t lanes = plan->spread ? aligned(strip->phase->lanes) : strip->phase->lanes;
    product->channels = smaller(width, lanes - panel * width);
    product->panel = gan_convolution_plan_panel(plan, strip->run->packed, strip->group, strip->phase,
                                                strip->chunk_start, panel);
    product->out = out + panel * width;
    plan->direct->multiply(product);
}

static void gather_lanes(const struct strip *strip, float *out, int64_t out_step)
{
    const struct spread_sums sums = {
        .lines = strip->line,
        .line_step = aligned(strip->phase->lanes),
        .taps = strip->phase->x->taps,
        .dilation = strip->phase->x->dilation,
        .channels = strip->run->plan->out_channels,
        .count = strip->phase->x->count,
        .add = strip->chunk_start > 0,
    };
    gan_spread_gather(&sums, out, out_step);
}

/* Some rows of all channels, each by itself. */
static void multiply_depthwise(const struct strip *strip, int64_t row, int64_t rows)
{
    const struct pixel_run place = gan_strip_destination(strip, row);
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const struct depthwise_row product = {
        .pixels = strip->source + row * y->stride * strip->row_stride,
        .pixel_step = x->stride * strip->pixel_stride,
        .row_step = y->dilation * strip->row_stride,
        .column_step = x->dilation * strip->pixel_stride,
        .line_step = y->stride * strip->row_stride,
        .rows = y->taps,
        .columns = x->taps,
        .lines = rows,
        .count = strip->pixels,
        .channels = strip->run->plan->out_channels,
    };
    const int64_t next = rows > 1 ? gan_strip_destination(strip, row + 1).offset : place.offset;
    strip->run->plan->depthwise->multiply(&product, (const float *)strip->run->packed + strip->phase->packed,
                                          strip->run->destination + place.offset, next - place.offset,
                                          place.pixel_stride);
}

static void multiply_spread(const struct strip *strip, int64_t row, float *out, int64_t out_step)
{
    struct direct_product product = describe_row(strip, row);
    product.count = strip->columns;
    product.out_step = aligned(strip->phase->lanes);
    for (int64_t panel = 0; panel < panel_count(strip); panel++)
        multiply_panel(strip, &product, panel, strip->line);
    gather_lanes(strip, out, out_step);
}

/* Whether the kernel finishes the sums: it sees all of them at once. */
static bool finishes(const struct strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    return plan->depthwise == NULL && !plan->spread && strip->chunk == plan->in_channels &&
           gan_epilogue_is_simple(strip->run->epilogue);
}

static void describe_finish(const struct strip *strip, int64_t channel, struct direct_product *product)
{
    const struct convolution_epilogue *epilogue = strip->run->epilogue;
    if (!finishes(strip))
        return;
    product->activation = epilogue->activation;
    product->bias = epilogue->bias != NULL ? epilogue->bias + channel : NULL;
}

static void multiply_row_panel(const struct strip *strip, int64_t row, int64_t panel)
{
    const struct pixel_run place = gan_strip_destination(strip, row);
    struct direct_product product = describe_row(strip, row);
    product.count = strip->pixels;
    product.beta = strip->chunk_start == 0 ? 0.0f : 1.0f;
    product.out_step = place.pixel_stride;
    describe_finish(strip, place.channel + panel * strip->run->plan->kernel->channels, &product);
    if (strip->chunk_start == 0 && row + 1 < strip->rows) {
        const struct pixel_run next = gan_strip_destination(strip, row + 1);
        product.coming = strip->run->destination + next.offset + panel * strip->run->plan->kernel->channels;
        product.coming_step = next.pixel_stride;
    }
    multiply_panel(strip, &product, panel, strip->run->destination + place.offset);
}

static void multiply_row(const struct strip *strip, int64_t row)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct pixel_run place = gan_strip_destination(strip, row);
    float *out = strip->run->destination + place.offset;
    if (plan->spread)
        multiply_spread(strip, row, out, place.pixel_stride);
    else
        for (int64_t panel = 0; panel < panel_count(strip); panel++)
            multiply_row_panel(strip, row, panel);
}

static void finish_row(const struct strip *strip, int64_t row)
{
    const struct convolution_run *run = strip->run;
    struct pixel_run place = gan_strip_destination(strip, row);
    place.slot = &strip->slot;
    if (finishes(strip))
        gan_epilogue_measure(run->context->kernels, run->destination, &place);
    else if (strip->chunk_start + strip->chunk == run->plan->in_channels)
        gan_epilogue_apply(run->context->kernels, run->epilogue, run->destination, &place);
}

/* Whether the weights of all panels are too large for the second-level cache: then each panel serves all rows
 * before the next panel. */
static bool goes_by_panels(const struct strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    const int64_t taps = strip->phase->y->taps * strip->phase->columns;
    return !plan->spread && taps * strip->chunk * strip->phase->lanes > CACHED_FLOATS;
}

/* Some destination columns of a depthwise strip. */
static void compute_columns(struct strip *strip, int64_t column, int64_t pixels)
{
    if (pixels == 0)
        return;
    gan_strip_keep(strip, column, pixels);
    gan_strip_prepare(strip);
    for (int64_t row = 0, rows; row < strip->rows; row += rows) {
        rows = smaller(DEPTHWISE_ROWS, strip->rows - row);
        multiply_depthwise(strip, row, rows);
        for (int64_t i = 0; i < rows; i++)
            finish_row(strip, row + i);
    }
}

/* Virtual rows are made for the columns at the border alone: to copy all would take as long as to multiply.
 */
static void compute_depthwise(struct strip *strip)
{
    const int64_t count = strip->phase->x->count;
    int64_t first = 0, end = 0;
    strip->chunk = strip->run->plan->in_channels;
    if (!gan_strip_inner(strip, &first, &end))
        first = end = 0;
    compute_columns(strip, 0, first);
    compute_columns(strip, first, end - first);
    compute_columns(strip, end, count - end);
}

static void compute_chunk(const struct strip *strip)
{

    const bool by_panels = goes_by_panels(strip);
    for (int64_t panel = 0; by_panels && panel < panel_count(strip); panel++)
        for (int64_t row = 0; row < strip->rows; row++)
            multiply_row_panel(strip, row, panel);
    for (int64_t row = 0; row < strip->rows; row++) {
        if (!by_panels)
            multiply_row(strip, row);
        finish_row(strip, row);
    }
}

static void compute_block(struct strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    for (int64_t start = 0; start < plan->in_channels; start += plan->chunk) {
        strip->chunk_start = start;
        strip->chunk = smaller(plan->chunk, plan->in_channels - start);
        gan_strip_prepare(strip);
        compute_chunk(strip);
    }
}

static void compute_strip(struct strip *strip)
{
    const struct convolution_plan *plan = strip->run->plan;
    if (plan->depthwise != NULL) {
        compute_depthwise(strip);
        return;
    }
    const int64_t count = strip->phase->x->count, most = gan_strip_columns(plan, strip->phase, cut_of(plan));
    for (int64_t column = 0; column < count; column += most) {
        gan_strip_keep(strip, column, smaller(most, count - column));
        compute_block(strip);
    }
}

static void run_strip(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const int64_t buffer = gan_strip_buffer(plan, cut_of(plan)), line = gan_strip_line(plan);
    struct strip strip = {.run = run, .group = index % plan->groups};
    strip.buffer = (float *)run->workspace + worker * (buffer + line);
    strip.line = strip.buffer + buffer;
    gan_strip_place(&strip, cut_of(plan), index / plan->groups);
    strip.slot = gan_moments_open(run, index, strip.image, strip.group);
    compute_strip(&strip);
}

void gan_direct_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_direct_tasks(run->plan), run_strip, (void *)(uintptr_t)run);
    gan_moments_close(run);
}
