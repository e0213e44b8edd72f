#include "base/threads.h"
#include "kernels/convolution_strip.h"
#include "kernels/sizes.h"

#include <string.h>

/* Strips are summed in at most this many parts, whatever the number of threads, and the parts in their order.
 */
enum { MOST_PARTS = 16 };

/* The weight of a kernel position of one channel: the sum of up to four of the caller's. */
static float weight_at(const struct convolution_plan *plan, const float *filter, int64_t row, int64_t column)
{
    const int64_t reach = plan->summed ? 1 : 0;
    float sum = 0.0f;
    for (int64_t r = row - reach; r <= row; r++)
        for (int64_t s = column - reach; s <= column; s++)
            if (r >= 0 && r < plan->kernel_height && s >= 0 && s < plan->kernel_width)
                sum += filter[r * plan->kernel_width + s];
    return sum;
}

static void pack_phase(const struct convolution_plan *plan, const struct convolution_phase *phase,
                       const float *weights, float *out)
{
    const int64_t filter = plan->kernel_height * plan->kernel_width;
    for (int64_t i = 0; i < phase->y->taps; i++)
        for (int64_t j = 0; j < phase->x->taps; j++)
            for (int64_t c = 0; c < plan->out_channels; c++)
                *out++ = weight_at(plan, weights + c * filter, phase->y->weight + i * phase->y->weight_step,
                                   phase->x->weight + j * phase->x->weight_step);
}

void gan_depthwise_pack(const struct convolution_plan *plan, const float *weights, float *packed)
{
    for (int64_t i = 0; i < plan->phase_count; i++)
        pack_phase(plan, &plan->phases[i], weights, packed + plan->phases[i].packed);
}

struct correlation {
    const struct convolution_run *run;
    const float *gradient;
    int64_t strips, parts, sums; /* sums: floats of one part */
    float *partials, *buffers;
};

static int64_t part_count(const struct convolution_plan *plan)
{
    return smaller(MOST_PARTS, gan_strip_count(plan, STRIP_ROWS));
}

size_t gan_depthwise_workspace_size(const gan_context *context, const struct convolution_plan *forward)
{
    const int64_t floats = part_count(forward) * aligned(forward->packed_count) +
                           gan_strip_buffer(forward, STRIP_ROWS) * gan_parallel_workers(context);
    return (size_t)floats * sizeof(float);
}

static void correlate_strip(struct strip *strip, const float *gradient, float *sums)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    strip->chunk = plan->in_channels;
    gan_strip_prepare(strip);
    struct depthwise_row product = {
        .pixel_step = x->stride * strip->pixel_stride,
        .row_step = y->dilation * strip->row_stride,
        .column_step = x->dilation * strip->pixel_stride,
        .rows = y->taps,
        .columns = x->taps,
        .count = x->count,
        .channels = plan->in_channels,
    };
    for (int64_t row = 0; row < strip->rows; row++) {
        const struct pixel_run place = gan_strip_destination(strip, row);
        product.pixels = strip->source + row * y->stride * strip->row_stride;
        plan->depthwise->correlate(&product, gradient + place.offset, place.pixel_stride,
                                   sums + strip->phase->packed);
    }
}

static void correlate_part(void *argument, int64_t part, int32_t worker)
{
    const struct correlation *all = argument;
    const struct convolution_plan *plan = all->run->plan;
    float *sums = all->partials + part * all->sums;
    memset(sums, 0, (size_t)all->sums * sizeof *sums);
    const int64_t end = (part + 1) * all->strips / all->parts;
    for (int64_t i = part * all->strips / all->parts; i < end; i++) {
        struct strip strip = {.run = all->run};
        strip.buffer = all->buffers + worker * gan_strip_buffer(plan, STRIP_ROWS);
        gan_strip_place(&strip, STRIP_ROWS, i);
        correlate_strip(&strip, all->gradient, sums);
    }
}

/* A tap's gradient goes to each of the caller's weights that the tap sums. */
static void spread_tap(const struct convolution_plan *plan, int64_t row, int64_t column, const float *sums,
                       float *weights)
{
    const int64_t reach = plan->summed ? 1 : 0, filter = plan->kernel_height * plan->kernel_width;
    for (int64_t r = row - reach; r <= row; r++)
        for (int64_t s = column - reach; s <= column; s++)
            if (r >= 0 && r < plan->kernel_height && s >= 0 && s < plan->kernel_width)
                for (int64_t c = 0; c < plan->in_channels; c++)
                    weights[c * filter + r * plan->kernel_width + s] += sums[c];
}

static void reduce(const struct correlation *all, float *weights)
{
    const struct convolution_plan *plan = all->run->plan;
    for (int64_t part = 1; part < all->parts; part++)
        for (int64_t i = 0; i < plan->packed_count; i++)
            all->partials[i] += all->partials[part * all->sums + i];
    const int64_t count = plan->in_channels * plan->kernel_height * plan->kernel_width;
    memset(weights, 0, (size_t)count * sizeof *weights);
    const float *sums = all->partials;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const struct phase *y = plan->phases[i].y, *x = plan->phases[i].x;
        for (int64_t r = 0; r < y->taps; r++)
            for (int64_t s = 0; s < x->taps; s++, sums += plan->in_channels)
                spread_tap(plan, y->weight + r * y->weight_step, x->weight + s * x->weight_step, sums,
                           weights);
    }
}

void gan_depthwise_gradient(const struct convolution_run *run, const float *gradient, float *weights)
{
    struct correlation all = {.run = run, .gradient = gradient, .partials = run->workspace};
    all.strips = gan_strip_count(run->plan, STRIP_ROWS);
    all.parts = part_count(run->plan);
    all.sums = aligned(run->plan->packed_count);
    all.buffers = all.partials + all.parts * all.sums;
    gan_parallel(run->context, all.parts, correlate_part, &all);
    reduce(&all, weights);
}
