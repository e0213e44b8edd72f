/* Means and squares of a convolution's output, gathered while it is hot: every task has a slot of its own,
 * and the slots are merged in the order of tasks. */
#include "kernels/convolution_moments.h"
#include "kernels/convolution_strip.h"
#include "kernels/moments.h"

#include <string.h>

/* A slot begins with the numbers of its picture and of its first channel. */
enum { PICTURE, CHANNEL, HEADER };

bool gan_convolution_measures(const struct convolution *convolution)
{
    const struct convolution_plan *plan = &convolution->forward;
    if (plan->tiles != NULL)
        return false;
    if (plan->winograd != NULL)
        return plan->batch == 1; /* a task may have tiles of several pictures */
    return plan->narrow != NULL || plan->direct != NULL || plan->depthwise != NULL;
}

static int64_t slot_size(const struct convolution_plan *plan)
{
    return HEADER + 3 * plan->out_channels;
}

static int64_t slot_count(const struct convolution_plan *plan)
{
    if (plan->winograd != NULL)
        return gan_winograd_tasks(plan);
    if (plan->narrow != NULL)
        return gan_narrow_tasks(plan);
    if (plan->pointwise)
        return gan_pointwise_tasks(plan);
    return plan->tall != NULL ? gan_tall_tasks(plan) : gan_direct_tasks(plan);
}

size_t gan_convolution_moments_size(const struct convolution *convolution)
{
    const struct convolution_plan *plan = &convolution->forward;
    const int64_t totals = plan->batch * plan->groups * plan->out_channels;
    return (size_t)(totals + slot_count(plan) * slot_size(plan)) * sizeof(double);
}

static const struct convolution_moments *moments_of(const struct convolution_run *run)
{
    return run->epilogue != NULL && run->epilogue->moments.mean != NULL ? &run->epilogue->moments : NULL;
}

static double *slot_at(const struct convolution_run *run, int64_t task)
{
    const struct convolution_plan *plan = run->plan;
    return (double *)moments_of(run)->workspace + plan->batch * plan->groups * plan->out_channels +
           task * slot_size(plan);
}

static struct moments_slot describe(const struct convolution_plan *plan, double *slot)
{
    double *count = slot + HEADER;
    return (struct moments_slot){(int64_t)slot[CHANNEL], count, count + plan->out_channels,
                                 count + 2 * plan->out_channels};
}

struct moments_slot gan_moments_open(const struct convolution_run *run, int64_t task, int64_t picture,
                                     int64_t group)
{
    if (moments_of(run) == NULL)
        return (struct moments_slot){0, NULL, NULL, NULL};
    double *slot = slot_at(run, task);
    memset(slot, 0, (size_t)slot_size(run->plan) * sizeof *slot);
    slot[PICTURE] = (double)picture;
    slot[CHANNEL] = (double)(group * run->plan->out_channels);
    return describe(run->plan, slot);
}

void gan_moments_close(const struct convolution_run *run)
{
    const struct convolution_plan *plan = run->plan;
    const struct convolution_moments *moments = moments_of(run);
    if (moments == NULL)
        return;
    const int64_t channels = plan->groups * plan->out_channels, all = plan->batch * channels;
    double *total = moments->workspace;
    memset(total, 0, (size_t)all * sizeof *total);
    memset(moments->mean, 0, (size_t)all * sizeof *total);
    memset(moments->square, 0, (size_t)all * sizeof *total);
    for (int64_t task = 0; task < slot_count(plan); task++) {
        double *slot = slot_at(run, task);
        const struct moments_slot part = describe(plan, slot);
        const int64_t at = (int64_t)slot[PICTURE] * channels + part.channel;
        gan_moments_merge(total + at, moments->mean + at, moments->square + at, part.count[0], part.mean,
                          part.square, plan->out_channels);
    }
}
