/* The curves of a training. */
#include "formats/plot.h"
#include "training/style_trainer.h"

#include <math.h>

/* One curve: losses jump from picture to picture, so each point is a running mean. */
static void fill_curve(double *y, const struct style_trainer *trainer, int loss)
{
    static const double keep = 0.9;
    double mean = 0, weight = 0;
    for (int64_t i = 0; i < trainer->history_count; i++) {
        const double value = (double)trainer->history[i].losses[loss];
        mean = keep * mean + (1 - keep) * value;
        weight = keep * weight + (1 - keep);
        y[i] = value != 0 ? mean / weight : (double)NAN;
    }
}

gan_status gan_trainer_plot(const struct style_trainer *trainer, const char *path)
{
    const size_t count = (size_t)trainer->history_count;
    double *x = gan_allocate_array(trainer->context, count * (1 + LOSS_COUNT), sizeof *x);
    if (x == NULL)
        return gan_fail_memory("a plot", count * (1 + LOSS_COUNT) * sizeof *x);
    struct plot_series series[LOSS_COUNT];
    for (size_t i = 0; i < count; i++)
        x[i] = (double)trainer->history[i].step;
    for (int loss = 0; loss < LOSS_COUNT; loss++) {
        double *y = x + count * (size_t)(1 + loss);
        fill_curve(y, trainer, loss);
        series[loss] = (struct plot_series){gan_trainer_loss_names[loss], x, y, trainer->history_count};
    }
    const gan_status status = gan_plot_save(trainer->context, path, "Losses (running mean of ten steps)",
                                            "step", series, LOSS_COUNT, true);
    gan_release(trainer->context, x);
    return status;
}
