/* Gradients at the weights without packing: vectors of neighbouring source values (the channels, or column
 * taps and channels where these are one run of floats) times single values of the output's gradient. Where
 * there are too few of the former to fill a vector, filters do, and the sums are turned in the end. */
#include "base/threads.h"
#include "kernels/convolution_gradient.h"
#include "kernels/convolution_strip.h"
#include "kernels/sizes.h"

#include <string.h>

/* Strips are summed in at most this many parts, whatever the number of threads, and the parts in their order.
 */
enum { MOST_PARTS = 16, FEW_CHANNELS = 64, FEW_VALUES = 8, FILTERS = 16 };

bool gan_correlation_suits(const struct convolution_plan *forward)
{
    return forward->in_channels <= FEW_CHANNELS || forward->out_channels <= FEW_CHANNELS;
}

/* The sums of one part: [group][filter][row][column][channel] over the plan's kernel positions; `turned`:
 * gathered as [row][column][channel][filter], whole vectors of them. */
struct layout {
    int64_t rows, columns, channels, filter, sums;
    bool turned;
};

static struct layout lay_out(const struct convolution_plan *plan)
{
    const int64_t more = plan->summed ? 1 : 0;
    struct layout layout = {
        plan->kernel_height + more, plan->kernel_width + more, plan->in_channels, 0, 0, false};
    layout.turned = plan->groups == 1 && layout.columns * layout.channels <= FEW_VALUES &&
                    plan->out_channels % FILTERS == 0;
    layout.filter = layout.rows * layout.columns * layout.channels;
    layout.sums = aligned(plan->groups * plan->out_channels * layout.filter);
    return layout;
}

static int64_t part_count(const struct convolution_plan *plan)
{
    return smaller(MOST_PARTS, gan_strip_count(plan, STRIP_ROWS));
}

/* Floats of a worker's strip, and behind it of sums that are not yet turned. */
static int64_t strip_floats(const struct convolution_plan *plan)
{
    return aligned(gan_strip_buffer(plan, STRIP_ROWS) + DIRECT_SLACK);
}

static int64_t buffer_floats(const struct convolution_plan *plan)
{
    const struct layout layout = lay_out(plan);
    return strip_floats(plan) + (layout.turned ? layout.sums : 0);
}

size_t gan_correlation_workspace_size(const gan_context *context, const struct convolution_plan *forward)
{
    const struct layout layout = lay_out(forward);
    return (size_t)(part_count(forward) * layout.sums +
                    buffer_floats(forward) * gan_parallel_workers(context)) *
           sizeof(float);
}

struct correlation_run {
    const struct convolution_run *run;
    const struct direct_kernels *kernels;
    const float *gradient;
    struct layout layout;
    int64_t strips, parts;
    float *partials, *buffers;
};

/* Whether the column taps of a pixel are one run of floats in source and sums alike. */
static bool taps_are_joined(const struct strip *strip)
{
    const struct phase *x = strip->phase->x;
    return x->dilation == 1 && x->weight_step == 1 && strip->pixel_stride == strip->run->plan->in_channels;
}

/* The same sums with the two sides in each other's place. */
static struct direct_correlation exchange(const struct direct_correlation *given, int64_t filters)
{
    struct direct_correlation turned = *given;
    turned.source = given->gradient;
    turned.source_row = given->gradient_row;
    turned.source_column = given->gradient_column;
    turned.gradient = given->source;
    turned.gradient_row = given->source_row;
    turned.gradient_column = given->source_column;
    turned.filters = given->length;
    turned.length = filters;
    turned.sums_step = filters;
    return turned;
}

static void correlate_chunk(const struct correlation_run *all, const struct strip *strip, float *sums)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const struct pixel_run place = gan_strip_destination(strip, 0);
    const bool joined = taps_are_joined(strip);
    struct direct_correlation correlation = {
        .gradient = all->gradient + place.offset,
        .source_row = y->stride * strip->row_stride,
        .source_column = x->stride * strip->pixel_stride,
        .gradient_row = y->step * plan->x.destination * plan->groups * plan->out_channels,
        .gradient_column = place.pixel_stride,
        .rows = strip->rows,
        .columns = x->count,
        .filters = plan->out_channels,
        .length = joined ? x->taps * strip->chunk : strip->chunk,
        .sums_step = all->layout.filter,
    };
    for (int64_t i = 0; i < y->taps; i++)
        for (int64_t j = 0; j < (joined ? 1 : x->taps); j++) {
            const int64_t row = y->weight + i * y->weight_step, column = x->weight + j * x->weight_step;
            correlation.source =
                strip->source + i * y->dilation * strip->row_stride + j * x->dilation * strip->pixel_stride;
            const int64_t tap = (row * all->layout.columns + column) * plan->in_channels + strip->chunk_start;
            const bool turned = all->layout.turned;
            correlation.sums = turned ? sums + tap * plan->out_channels
                                      : sums + strip->group * plan->out_channels * all->layout.filter + tap;
            const struct direct_correlation exchanged = exchange(&correlation, plan->out_channels);
            all->kernels->correlate(turned ? &exchanged : &correlation);
        }
}

static void correlate_strip(const struct correlation_run *all, struct strip *strip, float *sums)
{
    const struct convolution_plan *plan = strip->run->plan;
    for (strip->group = 0; strip->group < plan->groups; strip->group++)
        for (int64_t start = 0; start < plan->in_channels; start += plan->chunk) {
            strip->chunk_start = start;
            strip->chunk = smaller(plan->chunk, plan->in_channels - start);
            gan_strip_prepare(strip);
            correlate_chunk(all, strip, sums);
        }
}

static void turn_sums(const struct correlation_run *all, const float *turned, float *sums)
{
    const int64_t filters = all->run->plan->out_channels, values = all->layout.filter;
    for (int64_t k = 0; k < filters; k++)
        for (int64_t i = 0; i < values; i++)
            sums[k * values + i] = turned[i * filters + k];
}

static void correlate_part(void *argument, int64_t part, int32_t worker)
{
    const struct correlation_run *all = argument;
    float *buffer = all->buffers + worker * buffer_floats(all->run->plan);
    float *result = all->partials + part * all->layout.sums;
    float *sums = all->layout.turned ? buffer + strip_floats(all->run->plan) : result;
    memset(sums, 0, (size_t)all->layout.sums * sizeof *sums);
    const int64_t end = (part + 1) * all->strips / all->parts;
    for (int64_t i = part * all->strips / all->parts; i < end; i++) {
        struct strip strip = {.run = all->run, .copied = true};
        strip.buffer = buffer;
        gan_strip_place(&strip, STRIP_ROWS, i);
        correlate_strip(all, &strip, sums);
    }
    if (all->layout.turned)
        turn_sums(all, sums, result);
}

void gan_correlation_run(const struct convolution_run *run, const float *gradient, float *weights)
{
    struct correlation_run all = {.run = run, .gradient = gradient};
    all.kernels = gan_direct_kernels(run->context->kernels);
    all.layout = lay_out(run->plan);
    all.strips = gan_strip_count(run->plan, STRIP_ROWS);
    all.parts = part_count(run->plan);
    all.partials = run->workspace;
    all.buffers = all.partials + all.parts * all.layout.sums;
    gan_parallel(run->context, all.parts, correlate_part, &all);
    gan_gradient_reduce(run->context, run->plan, all.partials, all.parts, all.layout.sums, weights);
}
