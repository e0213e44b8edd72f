/* Convolutions of many groups of few channels: the groups lie side by side in vectors, as the channels of a
 * depthwise convolution do. For that a pixel's channels are sorted by their place within the group; source
 * channels of a group then count as more taps, and each destination channel of a group is a pass of its own.
 */
#include "base/threads.h"
#include "kernels/convolution_strip.h"
#include "kernels/sizes.h"

enum { LEAST_GROUPS = 8, MOST_CHANNELS = 4 };

bool gan_grouped_suits(const struct convolution_plan *plan)
{
    if (plan->groups < LEAST_GROUPS || plan->in_channels > MOST_CHANNELS ||
        plan->out_channels > MOST_CHANNELS)
        return false;
    /* Channels that count as taps have to be as far apart as the taps. */
    return plan->in_channels == 1 || plan->x.phases[0].dilation == 1;
}

/* ---- Weights: [phase][destination channel][row][column][source channel][group] ---- */

static int64_t filter_size(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    return phase->y->taps * phase->x->taps * plan->in_channels * plan->groups;
}

int64_t gan_grouped_packed_count(const struct convolution_plan *plan)
{
    int64_t count = 0;
    for (int64_t i = 0; i < plan->phase_count; i++)
        count += plan->out_channels * filter_size(plan, &plan->phases[i]);
    return count / plan->groups;
}

static const float *phase_weights(const struct convolution_plan *plan, const struct convolution_phase *phase,
                                  const float *packed)
{
    for (const struct convolution_phase *before = plan->phases; before < phase; before++)
        packed += plan->out_channels * filter_size(plan, before);
    return packed;
}

/* A group's channel pair at one kernel position. */
struct weight_place {
    int64_t group, lane, channel; /* destination and source channel within the group */
};

static float weight_of(const struct convolution_plan *plan, const float *weights, struct weight_place place,
                       int64_t row, int64_t column)
{
    const int64_t filters = plan->transposed ? plan->in_channels : plan->out_channels;
    const int64_t channels = plan->transposed ? plan->out_channels : plan->in_channels;
    const int64_t filter = place.group * filters + (plan->transposed ? place.channel : place.lane);
    const int64_t position = (filter * plan->kernel_height + row) * plan->kernel_width + column;
    return weights[position * channels + (plan->transposed ? place.lane : place.channel)];
}

/* The weight of a kernel position: the sum of up to four of the caller's. */
static float weight_at(const struct convolution_plan *plan, const float *weights, struct weight_place place,
                       int64_t row, int64_t column)
{
    const int64_t reach = plan->summed ? 1 : 0;
    float sum = 0.0f;
    for (int64_t r = row - reach; r <= row; r++)
        for (int64_t s = column - reach; s <= column; s++)
            if (r >= 0 && r < plan->kernel_height && s >= 0 && s < plan->kernel_width)
                sum += weight_of(plan, weights, place, r, s);
    return sum;
}

static float *pack_filter(const struct convolution_plan *plan, const struct convolution_phase *phase,
                          const float *weights, int64_t lane, float *out)
{
    const struct phase *y = phase->y, *x = phase->x;
    for (int64_t i = 0; i < y->taps; i++)
        for (int64_t j = 0; j < x->taps; j++)
            for (int64_t channel = 0; channel < plan->in_channels; channel++)
                for (int64_t group = 0; group < plan->groups; group++)
                    *out++ = weight_at(plan, weights, (struct weight_place){group, lane, channel},
                                       y->weight + i * y->weight_step, x->weight + j * x->weight_step);
    return out;
}

void gan_grouped_pack(const struct convolution_plan *plan, const float *weights, float *packed)
{
    for (int64_t i = 0; i < plan->phase_count; i++)
        for (int64_t lane = 0; lane < plan->out_channels; lane++)
            packed = pack_filter(plan, &plan->phases[i], weights, lane, packed);
}

/* ---- Pixels ---- */

/* [groups][channels] to [channels][groups]. */
static void sort_pixel(const float *restrict from, int64_t groups, int64_t channels, float *restrict to)
{
    for (int64_t channel = 0; channel < channels; channel++)
        for (int64_t group = 0; group < groups; group++)
            to[channel * groups + group] = from[group * channels + channel];
}

/* The virtual pixels of a strip, sorted, into its second buffer. */
static void sort_strip(struct strip *strip, float *sorted)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y;
    const int64_t rows = (strip->rows - 1) * y->stride + larger(0, y->taps - 1) * y->dilation + 1;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t column = 0; column < strip->columns; column++)
            sort_pixel(strip->source + row * strip->row_stride + column * strip->pixel_stride, plan->groups,
                       plan->in_channels, sorted + (row * strip->columns + column) * strip->chunk);
    strip->source = sorted;
    strip->pixel_stride = strip->chunk;
    strip->row_stride = strip->columns * strip->chunk;
}

/* A line of pixels [channels][groups] to the destination's [groups][channels]. */
static void unsort_line(const struct convolution_plan *plan, const float *restrict line, int64_t count,
                        float *restrict out, int64_t out_step)
{
    const int64_t groups = plan->groups, channels = plan->out_channels;
    for (int64_t p = 0; p < count; p++, line += groups * channels, out += out_step)
        for (int64_t channel = 0; channel < channels; channel++)
            for (int64_t group = 0; group < groups; group++)
                out[group * channels + channel] = line[channel * groups + group];
}

/* ---- Strips ---- */

static int64_t line_size(const struct convolution_plan *plan)
{
    int64_t most = 0;
    for (int64_t i = 0; i < plan->phase_count && plan->out_channels > 1; i++)
        most = larger(most, plan->phases[i].x->count * plan->groups * plan->out_channels);
    return aligned(most);
}

/* Floats of a worker: virtual pixels, these sorted, and a line of results. */
static int64_t worker_size(const struct convolution_plan *plan)
{
    return gan_strip_buffer(plan, STRIP_ROWS) * (plan->in_channels > 1 ? 2 : 1) + line_size(plan);
}

size_t gan_grouped_workspace_size(const gan_context *context, const struct convolution_plan *plan)
{
    return (size_t)(worker_size(plan) * gan_parallel_workers(context)) * sizeof(float);
}

static void multiply_row(const struct strip *strip, int64_t row, const struct pixel_run *place)
{
    const struct convolution_plan *plan = strip->run->plan;
    const struct phase *y = strip->phase->y, *x = strip->phase->x;
    const bool sorted = plan->in_channels > 1, collected = plan->out_channels > 1;
    const struct depthwise_row product = {
        .pixels = strip->source + row * y->stride * strip->row_stride,
        .pixel_step = x->stride * strip->pixel_stride,
        .row_step = y->dilation * strip->row_stride,
        .column_step = sorted ? plan->groups : x->dilation * strip->pixel_stride,
        .line_step = y->dilation * strip->row_stride,
        .rows = y->taps,
        .columns = x->taps * plan->in_channels,
        .lines = 1,
        .count = x->count,
        .channels = plan->groups,
    };
    float *out = strip->run->destination + place->offset, *to = collected ? strip->line : out;
    const int64_t step = collected ? plan->groups * plan->out_channels : place->pixel_stride;
    const float *weights = phase_weights(plan, strip->phase, strip->run->packed);
    for (int64_t lane = 0; lane < plan->out_channels; lane++)
        gan_depthwise_kernels(strip->run->context->kernels)
            ->multiply(&product, weights + lane * filter_size(plan, strip->phase), to + lane * plan->groups,
                       0, step);
    if (collected)
        unsort_line(plan, strip->line, x->count, out, place->pixel_stride);
}

static void run_strip(void *argument, int64_t index, int32_t worker)
{
    const struct convolution_run *run = argument;
    const struct convolution_plan *plan = run->plan;
    const int64_t buffer = gan_strip_buffer(plan, STRIP_ROWS);
    struct strip strip = {.run = run, .chunk = plan->chunk};
    strip.buffer = (float *)run->workspace + worker * worker_size(plan);
    strip.line = strip.buffer + worker_size(plan) - line_size(plan);
    gan_strip_place(&strip, STRIP_ROWS, index);
    gan_strip_prepare(&strip);
    if (plan->in_channels > 1)
        sort_strip(&strip, strip.buffer + buffer);
    for (int64_t row = 0; row < strip.rows; row++) {
        struct pixel_run place = gan_strip_destination(&strip, row);
        place.channels = plan->groups * plan->out_channels;
        multiply_row(&strip, row, &place);
        gan_epilogue_apply(run->context->kernels, run->epilogue, run->destination, &place);
    }
}

void gan_grouped_run(const struct convolution_run *run)
{
    gan_parallel(run->context, gan_strip_count(run->plan, STRIP_ROWS), run_strip, (void *)(uintptr_t)run);
}
