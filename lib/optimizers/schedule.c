#include "optimizers/optimizer.h"

#include <inttypes.h>
#include <math.h>

static gan_status check(const gan_schedule_options *options)
{
    if (options->kind < GAN_SCHEDULE_CONSTANT || options->kind > GAN_SCHEDULE_COSINE)
        return gan_fail(GAN_ERROR_ARGUMENT, "kind is %" PRId32 ", expected a GAN_SCHEDULE_*", options->kind);
    if (options->warm_up < 0 || options->start < 0)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "warm_up is %" PRId64 " and start %" PRId64 ", expected at least 0", options->warm_up,
                        options->start);
    if (options->kind != GAN_SCHEDULE_CONSTANT && options->total <= options->start)
        return gan_fail(GAN_ERROR_ARGUMENT, "total is %" PRId64 ", expected more than start = %" PRId64,
                        options->total, options->start);
    if (!(options->end_factor >= 0.0f && options->end_factor <= 1.0f))
        return gan_fail(GAN_ERROR_ARGUMENT, "end_factor is %g, expected 0 to 1", (double)options->end_factor);
    return GAN_OK;
}

gan_status gan_optimizer_set_schedule(gan_optimizer *optimizer, const gan_schedule_options *given)
{
    if (optimizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_optimizer_set_schedule: optimizer is NULL");
    gan_schedule_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_schedule_options");
    if (status == GAN_OK)
        status = check(&options);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_optimizer_set_schedule: ");
    optimizer->schedule = options;
    return GAN_OK;
}

/* The first step moves already, and the last of the warm-up has the full rate. */
static double warm_up_factor(const gan_schedule_options *schedule, int64_t step)
{
    return step < schedule->warm_up ? (double)(step + 1) / (double)schedule->warm_up : 1.0;
}

static double decay_factor(const gan_schedule_options *schedule, int64_t step)
{
    if (schedule->kind == GAN_SCHEDULE_CONSTANT || step <= schedule->start)
        return 1.0;
    const double end = (double)schedule->end_factor;
    if (step >= schedule->total)
        return end;
    const double done = (double)(step - schedule->start) / (double)(schedule->total - schedule->start);
    const double left =
        schedule->kind == GAN_SCHEDULE_COSINE ? 0.5 * (1.0 + cos(3.14159265358979323846 * done)) : 1.0 - done;
    return end + (1.0 - end) * left;
}

double gan_optimizer_rate(const gan_optimizer *optimizer)
{
    const gan_schedule_options *schedule = &optimizer->schedule;
    const int64_t step = optimizer->step_count;
    return (double)optimizer->learning_rate * warm_up_factor(schedule, step) * decay_factor(schedule, step);
}

float gan_optimizer_learning_rate(const gan_optimizer *optimizer)
{
    return optimizer != NULL ? (float)gan_optimizer_rate(optimizer) : 0.0f;
}
