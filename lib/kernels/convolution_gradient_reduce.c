#include "base/threads.h"
#include "kernels/convolution_gradient.h"
#include "kernels/sizes.h"

enum { BLOCK = 16 };

struct reduction {
    const struct convolution_plan *plan;
    const float *partials;
    const struct gradient_size *size;
    float *weights;
};

/* Add up the parts of one kernel position's sums for one source channel and a block of filters. */
static void add_parts(const struct reduction *reduction, const float *first, int64_t lanes,
                      float total[BLOCK])
{
    const int64_t stride = reduction->plan->groups * reduction->size->sums;
    for (int64_t part = 0; part < reduction->size->parts; part++)
        for (int64_t i = 0; i < lanes; i++)
            total[i] += first[part * stride + i];
}

/* A weight takes part in one summed kernel position, or, upsampled, in its own and the next of each axis. */
static void reduce_block(const struct reduction *reduction, const float *group_sums, int64_t position,
                         int64_t channel, int64_t lane, float total[BLOCK])
{
    const struct convolution_plan *plan = reduction->plan;
    const int64_t row = position / plan->kernel_width, column = position % plan->kernel_width;
    const int64_t reach = plan->summed ? 1 : 0, columns = plan->kernel_width + reach;
    const int64_t lanes = smaller(BLOCK, plan->out_channels - lane);
    for (int64_t i = row; i <= row + reach; i++)
        for (int64_t j = column; j <= column + reach; j++) {
            const int64_t pixel = (i * columns + j) * plan->in_channels + channel;
            add_parts(reduction, group_sums + pixel * plan->out_channels + lane, lanes, total);
        }
}

static void reduce_filters(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct reduction *reduction = argument;
    const struct convolution_plan *plan = reduction->plan;
    const int64_t positions = plan->kernel_height * plan->kernel_width;
    const int64_t blocks = (plan->out_channels + BLOCK - 1) / BLOCK;
    const int64_t group = index / blocks, lane = index % blocks * BLOCK;
    const int64_t lanes = smaller(BLOCK, plan->out_channels - lane);
    const float *sums = reduction->partials + group * reduction->size->sums;
    for (int64_t position = 0; position < positions; position++)
        for (int64_t c = 0; c < plan->in_channels; c++) {
            float total[BLOCK] = {0};
            reduce_block(reduction, sums, position, c, lane, total);
            float *to = reduction->weights +
                        ((group * plan->out_channels + lane) * positions + position) * plan->in_channels + c;
            for (int64_t i = 0; i < lanes; i++)
                to[i * positions * plan->in_channels] = total[i];
        }
}

void gan_gradient_reduce(gan_context *context, const struct convolution_plan *plan, const float *partials,
                         const struct gradient_size *size, float *weights)
{
    struct reduction reduction = {plan, partials, size, weights};
    const int64_t blocks = (plan->out_channels + BLOCK - 1) / BLOCK;
    gan_parallel(context, plan->groups * blocks, reduce_filters, &reduction);
}
