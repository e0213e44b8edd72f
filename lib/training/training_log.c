/* What a training leaves for the eye: losses as CSV, their curves, a picture stylised now and then. */
#include "formats/csv.h"
#include "gan/session.h"
#include "training/image_folder.h"
#include "training/style_trainer.h"

#include <string.h>

static gan_status grow(struct style_trainer *trainer)
{
    if (trainer->history_count < trainer->history_capacity)
        return GAN_OK;
    const int64_t capacity = trainer->history_capacity > 0 ? 2 * trainer->history_capacity : 1024;
    struct trainer_row *rows = gan_allocate_array(trainer->context, (size_t)capacity, sizeof *rows);
    if (rows == NULL)
        return gan_fail_memory("the history", (size_t)capacity * sizeof *rows);
    if (trainer->history_count > 0)
        memcpy(rows, trainer->history, (size_t)trainer->history_count * sizeof *rows);
    gan_release(trainer->context, trainer->history);
    trainer->history = rows;
    trainer->history_capacity = capacity;
    return GAN_OK;
}

gan_status gan_trainer_record(struct style_trainer *trainer)
{
    const gan_status status = grow(trainer);
    if (status != GAN_OK)
        return status;
    struct trainer_row *row = &trainer->history[trainer->history_count++];
    row->step = (float)trainer->step;
    row->seconds = (float)gan_trainer_elapsed(trainer);
    row->rate = trainer->rate;
    memcpy(row->losses, trainer->values, sizeof row->losses);
    return GAN_OK;
}

/* The whole table each time: it is small, and never half written. */
static gan_status write_table(const struct style_trainer *trainer, const char *path)
{
    const char *names[ROW_COLUMNS] = {"step", "seconds", "learning_rate"};
    memcpy(names + ROW_COLUMNS - LOSS_COUNT, gan_trainer_loss_names, sizeof gan_trainer_loss_names);
    return gan_csv_save(trainer->context, path, names, ROW_COLUMNS, (const float *)trainer->history,
                        trainer->history_count);
}

static gan_status write_preview(const struct style_trainer *trainer, const char *path)
{
    gan_tensor *photo = NULL, *picture = NULL;
    gan_status status = gan_image_folder_picture(trainer->folder, 0, &photo);
    if (status == GAN_OK)
        status = gan_model_run(trainer->generator, photo, &picture);
    if (status == GAN_OK)
        status = gan_image_save(picture, NULL, path, 0);
    gan_tensor_free(photo);
    gan_tensor_free(picture);
    return status;
}

static gan_status write_files(const struct style_trainer *trainer)
{
    const gan_style_trainer_options *options = trainer->options;
    gan_status status = GAN_OK;
    if (options->log_csv != NULL)
        status = write_table(trainer, options->log_csv);
    if (status == GAN_OK && options->plot_png != NULL)
        status = gan_trainer_plot(trainer, options->plot_png);
    if (status == GAN_OK && options->preview_png != NULL)
        status = write_preview(trainer, options->preview_png);
    return status;
}

/* Ever more rarely as the history grows, so that writing never takes much of the time. */
gan_status gan_trainer_flush_log(struct style_trainer *trainer, bool force)
{
    if (!force && trainer->step < trainer->next_flush)
        return GAN_OK;
    trainer->next_flush = trainer->step + 10 + trainer->step / 20;
    return write_files(trainer);
}
