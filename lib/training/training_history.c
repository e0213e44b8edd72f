/* What a training leaves for the eye: losses by step, as a table and as curves. */
#include "formats/csv.h"
#include "formats/plot.h"
#include "training/training.h"

#include <math.h>
#include <string.h>

enum { FIRST_ROWS = 1024 };

static const char *const columns_before[TRAINING_COLUMNS_BEFORE_LOSSES] = {"step", "seconds",
                                                                           "learning_rate"};

int32_t gan_training_columns(const struct training *training)
{
    return TRAINING_COLUMNS_BEFORE_LOSSES + training->method->loss_count;
}

static gan_status grow(struct training *training)
{
    if (training->history_count < training->history_capacity)
        return GAN_OK;
    const int64_t columns = gan_training_columns(training);
    const int64_t capacity = training->history_capacity > 0 ? 2 * training->history_capacity : FIRST_ROWS;
    float *rows = gan_allocate_array(training->context, (size_t)(capacity * columns), sizeof *rows);
    if (rows == NULL)
        return gan_fail_memory("the history", (size_t)(capacity * columns) * sizeof *rows);
    if (training->history_count > 0)
        memcpy(rows, training->history, (size_t)(training->history_count * columns) * sizeof *rows);
    gan_release(training->context, training->history);
    training->history = rows;
    training->history_capacity = capacity;
    return GAN_OK;
}

gan_status gan_training_record(struct training *training)
{
    const gan_status status = grow(training);
    if (status != GAN_OK)
        return status;
    float *row = training->history + training->history_count++ * gan_training_columns(training);
    row[0] = (float)training->step;
    row[1] = (float)gan_training_elapsed(training);
    row[2] = (float)((double)training->optimizers[0].rate * gan_training_rate(training));
    memcpy(row + TRAINING_COLUMNS_BEFORE_LOSSES, training->losses,
           (size_t)training->method->loss_count * sizeof *row);
    return GAN_OK;
}

gan_status gan_training_write_history(const struct training *training, const char *path)
{
    const char *names[TRAINING_COLUMNS_BEFORE_LOSSES + TRAINING_MOST_LOSSES];
    memcpy(names, columns_before, sizeof columns_before);
    for (int32_t i = 0; i < training->method->loss_count; i++)
        names[TRAINING_COLUMNS_BEFORE_LOSSES + i] = training->method->loss_names[i];
    return gan_csv_save(training->context, path, names, gan_training_columns(training), training->history,
                        training->history_count);
}

/* One curve: losses jump from batch to batch, so each point is a running mean. */
static void fill_curve(double *y, const struct training *training, int32_t loss)
{
    static const double keep = 0.9;
    const int64_t columns = gan_training_columns(training);
    const float *values = training->history + TRAINING_COLUMNS_BEFORE_LOSSES + loss;
    double mean = 0, weight = 0;
    for (int64_t i = 0; i < training->history_count; i++) {
        mean = keep * mean + (1 - keep) * (double)values[i * columns];
        weight = keep * weight + (1 - keep);
        y[i] = mean / weight;
    }
}

gan_status gan_training_plot_history(const struct training *training, const char *path)
{
    const size_t count = (size_t)training->history_count;
    const int32_t losses = training->method->loss_count;
    double *x = gan_allocate_array(training->context, (count + 1) * (size_t)(1 + losses), sizeof *x);
    if (x == NULL)
        return gan_fail_memory("a plot", count * (size_t)(1 + losses) * sizeof *x);
    struct plot_series series[TRAINING_MOST_LOSSES];
    for (size_t i = 0; i < count; i++)
        x[i] = (double)training->history[i * (size_t)gan_training_columns(training)];
    for (int32_t loss = 0; loss < losses; loss++) {
        double *y = x + (count + 1) * (size_t)(1 + loss);
        fill_curve(y, training, loss);
        series[loss] =
            (struct plot_series){training->method->loss_names[loss], x, y, training->history_count};
    }
    const gan_status status = gan_plot_save(training->context, path, "Losses (running mean of ten steps)",
                                            "step", series, losses, false);
    gan_release(training->context, x);
    return status;
}
