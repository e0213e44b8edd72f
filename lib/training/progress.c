/* Time: how long training takes, how many steps fit, and what the caller is told. */
#include "training/style_trainer.h"

#include <math.h>
#include <time.h>

enum { WARM_UP = 30, UNTYPICAL = 2, MEASURED = 10, CORRECTIONS = 8 };

const char *const gan_trainer_loss_names[LOSS_COUNT] = {"loss",      "content",     "style",
                                                        "variation", "adversarial", "discriminator"};

static double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void gan_trainer_start_clock(struct style_trainer *trainer)
{
    trainer->started = clock_seconds();
}

double gan_trainer_elapsed(const struct style_trainer *trainer)
{
    return trainer->elapsed_before + clock_seconds() - trainer->started;
}

static void measure_from_here(struct style_trainer *trainer)
{
    trainer->measured_at = gan_trainer_elapsed(trainer);
    trainer->measured_step = trainer->step;
}

/* The number of steps that fits into the budget at the pace since the last measurement. */
static void freeze(struct style_trainer *trainer)
{
    const double elapsed = gan_trainer_elapsed(trainer);
    const double steps = (double)(trainer->step - trainer->measured_step);
    const double pace = (elapsed - trainer->measured_at) / steps;
    const double left = floor((trainer->options->minutes * 60 - elapsed) / pace);
    trainer->total = trainer->step + (left > 1 ? (int64_t)left : 1);
    measure_from_here(trainer);
}

/* The first steps compile plans and fill caches; their pace says nothing. Later the number stands still but
 * for a few corrections, without which a machine that became busy would break the promise. */
void gan_trainer_plan_steps(struct style_trainer *trainer)
{
    const bool timed = trainer->options->steps == 0;
    if (!timed)
        trainer->total = trainer->options->steps;
    if (trainer->measured_step < 0) {
        if (trainer->step >= trainer->first_step + UNTYPICAL)
            measure_from_here(trainer);
        return;
    }
    const int64_t since = trainer->step - trainer->measured_step;
    const int64_t every = trainer->total / CORRECTIONS;
    if (timed && since >= MEASURED && (trainer->total == 0 || (every > 0 && trainer->step % every == 0)))
        freeze(trainer);
}

bool gan_trainer_finished(const struct style_trainer *trainer)
{
    if (trainer->total > 0 && trainer->step >= trainer->total)
        return true;
    const bool timed = trainer->options->steps == 0;
    return timed && trainer->step > 0 && gan_trainer_elapsed(trainer) >= trainer->options->minutes * 60;
}

/* Half a cosine from the full rate to a small one; the full rate while the end is not known. The first steps
 * are short: Adam's would drive the sigmoid of the generator into saturation. */
float gan_trainer_rate(const struct style_trainer *trainer)
{
    const struct style_recipe *recipe = &trainer->recipe;
    const double pi = 3.14159265358979323846;
    double done = 0;
    if (trainer->total > 0)
        done = (double)trainer->step / (double)trainer->total;
    const double start = fmin((double)(trainer->step + 1) / WARM_UP, 1);
    const double end = (double)recipe->end_factor;
    const double factor = end + (1 - end) * 0.5 * (1 + cos(pi * fmin(done, 1)));
    return (float)((double)recipe->learning_rate * ldexp(start * factor, -trainer->failures));
}

static double remaining(const struct style_trainer *trainer, double elapsed)
{
    if (trainer->total == 0 || trainer->measured_step < 0)
        return -1;
    const int64_t steps = trainer->step - trainer->measured_step;
    if (steps == 0)
        return trainer->options->steps == 0 ? trainer->options->minutes * 60 - elapsed : -1;
    const double pace = (elapsed - trainer->measured_at) / (double)steps;
    return pace * (double)(trainer->total - trainer->step);
}

bool gan_trainer_report(const struct style_trainer *trainer)
{
    if (trainer->options->progress == NULL)
        return false;
    const double elapsed = gan_trainer_elapsed(trainer);
    const gan_progress progress = {.struct_size = sizeof progress,
                                   .step = trainer->step,
                                   .total = trainer->total,
                                   .elapsed = elapsed,
                                   .remaining = remaining(trainer, elapsed),
                                   .loss_count = LOSS_COUNT,
                                   .loss_names = gan_trainer_loss_names,
                                   .losses = trainer->values};
    return trainer->options->progress(trainer->options->progress_user, &progress) != 0;
}
