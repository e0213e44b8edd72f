/* Time: how long a training takes, how many steps fit, and what the caller is told. */
#include "base/clock.h"
#include "training/training.h"

#include <math.h>

enum { UNTYPICAL = 2, MEASURED = 10 };

void gan_training_start_clock(struct training *training)
{
    training->started = gan_seconds_now();
}

double gan_training_elapsed(const struct training *training)
{
    return training->elapsed_before + gan_seconds_now() - training->started;
}

static double pace(const struct training *training, double elapsed)
{
    return (elapsed - training->measured_at) / (double)(training->step - training->measured_step);
}

/* The first steps compile plans and fill caches; their pace says nothing. Where even they take all the time,
 * they are all. */
void gan_training_plan_steps(struct training *training)
{
    if (training->options.steps > 0)
        training->total = training->options.steps;
    const double elapsed = gan_training_elapsed(training), seconds = training->options.minutes * 60;
    if (training->total == 0 && training->step > 0 && elapsed >= seconds)
        training->total = training->step;
    if (training->measured_step < 0) {
        training->measured_step = training->step + UNTYPICAL;
        return;
    }
    if (training->step == training->measured_step)
        training->measured_at = elapsed;
    if (training->total > 0 || training->step < training->measured_step + MEASURED)
        return;
    const double most = (double)(TRAINING_MOST_STEPS - training->step);
    const double left = fmin(most, floor((seconds - elapsed) / pace(training, elapsed)));
    training->total = training->step + (left > 1 ? (int64_t)left : 1);
}

bool gan_training_finished(const struct training *training)
{
    return training->total > 0 && training->step >= training->total;
}

/* What is left of the way down, from 1 to 0, as the schedule's shape has it. */
static double shaped(enum schedule_shape shape, double left)
{
    const double pi = 3.14159265358979323846;
    return shape == SCHEDULE_COSINE ? 0.5 * (1 - cos(pi * left)) : left;
}

/* The full rate while the end is not known. */
double gan_training_rate(const struct training *training)
{
    const struct training_schedule *schedule = &training->schedule;
    double part = 1;
    if (schedule->warm_up > 0)
        part = fmin(1, (double)(training->step + 1) / (double)schedule->warm_up);
    if (training->total > 0 && schedule->decay < 1) {
        const double done = (double)training->step / (double)training->total;
        const double left = fmax(0, fmin(1, (1 - done) / (1 - schedule->decay)));
        part *= schedule->end + (1 - schedule->end) * shaped(schedule->shape, left);
    }
    return ldexp(part, -training->failures);
}

static double remaining(const struct training *training, double elapsed)
{
    if (training->total == 0 || training->measured_step < 0 || training->step <= training->measured_step)
        return -1;
    return pace(training, elapsed) * (double)(training->total - training->step);
}

bool gan_training_report(const struct training *training)
{
    if (training->options.progress == NULL)
        return false;
    const double elapsed = gan_training_elapsed(training);
    const gan_progress progress = {.struct_size = sizeof progress,
                                   .step = training->step,
                                   .total = training->total,
                                   .elapsed = elapsed,
                                   .remaining = remaining(training, elapsed),
                                   .loss_count = training->method->loss_count,
                                   .loss_names = training->method->loss_names,
                                   .losses = training->losses};
    return training->options.progress(training->options.progress_user, &progress) != 0;
}
