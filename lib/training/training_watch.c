/* What a training leaves for the eye: losses by step as a table and as curves, and a picture now and then. */
#include "training/training.h"

#include <string.h>

enum { COLUMN_SECONDS, COLUMN_RATE, PREVIEW_FIRST = 10 };

static const char *const columns_before[COLUMNS_BEFORE_LOSSES] = {"seconds", "learning_rate"};

gan_status gan_training_open_log(struct training *training)
{
    const struct training_method *method = training->method;
    const gan_loss_log_options options = {.struct_size = sizeof options,
                                          .csv = training->options.log_csv,
                                          .png = training->options.plot_png,
                                          .title = "Losses (running mean of ten steps)",
                                          .undrawn = COLUMNS_BEFORE_LOSSES,
                                          .logarithmic = training->logarithmic};
    const char *names[COLUMNS_BEFORE_LOSSES + TRAINING_MOST_LOSSES];
    memcpy(names, columns_before, sizeof columns_before);
    memcpy(names + COLUMNS_BEFORE_LOSSES, method->loss_names,
           (size_t)method->loss_count * sizeof method->loss_names[0]);
    return gan_loss_log_create(&training->log, training->context, names,
                               COLUMNS_BEFORE_LOSSES + method->loss_count, &options);
}

gan_status gan_training_tolerate(const struct training *training, gan_status status)
{
    if (status != GAN_ERROR_IO && status != GAN_ERROR_NOT_FOUND)
        return status;
    gan_log(training->context, GAN_LOG_WARNING, "%s", gan_error_message());
    return GAN_OK;
}

gan_status gan_training_record(struct training *training)
{
    float row[COLUMNS_BEFORE_LOSSES + TRAINING_MOST_LOSSES];
    row[COLUMN_SECONDS] = (float)gan_training_elapsed(training);
    row[COLUMN_RATE] = (float)(training->rate_part * (double)training->optimizers[0].rate);
    memcpy(row + COLUMNS_BEFORE_LOSSES, training->losses,
           (size_t)training->method->loss_count * sizeof row[0]);
    return gan_training_tolerate(training, gan_loss_log_append(training->log, training->step, row));
}

static gan_status keep_own(const struct training *training, struct training_state *own)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < training->average_count; i++)
        status = gan_training_state_add_model(own, training->averages[i].model, training->averages[i].name);
    return status;
}

static gan_status show_averages(const struct training *training)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < training->average_count; i++)
        status = gan_average_apply(training->averages[i].average, training->averages[i].model);
    return status;
}

static gan_status take_own(const struct training *training, const struct training_state *own)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < training->average_count; i++)
        status = gan_training_state_get_model(own, training->averages[i].model, training->averages[i].name);
    return status;
}

/* By what would come out now: the averages, in the place of the models' own parameters as long as it takes.
 */
static gan_status draw_preview(const struct training *training, const struct training_state *own)
{
    gan_status status = show_averages(training);
    if (status == GAN_OK)
        status = training->method->preview(training, training->options.preview_png);
    const gan_status taken = take_own(training, own);
    return taken == GAN_OK ? status : taken;
}

static gan_status write_preview(const struct training *training)
{
    struct training_state *own;
    if (training->options.preview_png == NULL || training->method->preview == NULL)
        return GAN_OK;
    gan_status status = gan_training_state_create(&own, training->context, training->fingerprint);
    if (status != GAN_OK)
        return status;
    status = keep_own(training, own);
    if (status == GAN_OK)
        status = draw_preview(training, own);
    gan_training_state_free(own);
    return status;
}

gan_status gan_training_write_watched(const struct training *training)
{
    const gan_status status = gan_loss_log_write(training->log);
    return status == GAN_OK ? write_preview(training) : status;
}

/* The preview, as the log itself, ever more rarely, so that it never takes much of the time. */
gan_status gan_training_watch(struct training *training)
{
    if (training->step < training->next_preview)
        return GAN_OK;
    training->next_preview = training->step + PREVIEW_FIRST + training->step / 20;
    return gan_training_tolerate(training, write_preview(training));
}
