#include "base/threads.h"
#include "kernels/convolution_gradient.h"

#include <string.h>

struct reduction {
    const struct convolution_plan *plan;
    const float *partials;
    int64_t parts, part_step;
    float *weights;
};

static void add_parts(const struct reduction *reduction, const float *first, float *weights)
{
    for (int64_t part = 0; part < reduction->parts; part++, first += reduction->part_step)
        for (int64_t c = 0; c < reduction->plan->in_channels; c++)
            weights[c] += first[c];
}

/* A weight takes part in one summed kernel position, or, upsampled, in its own and the next of each axis. */
static void reduce_filter(void *argument, int64_t filter, int32_t worker)
{
    (void)worker;
    const struct reduction *reduction = argument;
    const struct convolution_plan *plan = reduction->plan;
    const int64_t reach = plan->summed ? 1 : 0, channels = plan->in_channels;
    const int64_t columns = plan->kernel_width + reach, rows = plan->kernel_height + reach;
    const int64_t positions = plan->kernel_height * plan->kernel_width;
    const float *sums = reduction->partials + filter * rows * columns * channels;
    float *weights = reduction->weights + filter * positions * channels;
    memset(weights, 0, (size_t)(positions * channels) * sizeof *weights);
    for (int64_t i = 0; i < positions; i++, weights += channels)
        for (int64_t r = i / plan->kernel_width; r <= i / plan->kernel_width + reach; r++)
            for (int64_t s = i % plan->kernel_width; s <= i % plan->kernel_width + reach; s++)
                add_parts(reduction, sums + (r * columns + s) * channels, weights);
}

void gan_gradient_reduce(gan_context *context, const struct convolution_plan *plan, const float *partials,
                         int64_t parts, int64_t part_step, float *weights)
{
    struct reduction reduction = {plan, partials, parts, part_step, weights};
    gan_parallel(context, plan->groups * plan->out_channels, reduce_filter, &reduction);
}
