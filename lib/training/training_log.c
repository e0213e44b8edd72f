/* What a training leaves for the eye: losses as CSV, their curves, a picture stylised now and then. */
#include "formats/file.h"
#include "gan/session.h"
#include "training/image_folder.h"
#include "training/style_trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_SIZE = 256 };

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

/* Numbers keep their point whatever the program's locale is. */
static int write_number(char *to, size_t size, float value)
{
    const int length = snprintf(to, size, ",%.6g", (double)value);
    for (char *c = to + 1; *c != '\0'; c++)
        if (*c == ',')
            *c = '.';
    return length;
}

static size_t write_line(char line[LINE_SIZE], const struct trainer_row *row)
{
    int at = snprintf(line, LINE_SIZE, "%" PRId64, (int64_t)row->step);
    at += write_number(line + at, (size_t)(LINE_SIZE - at), row->seconds);
    at += write_number(line + at, (size_t)(LINE_SIZE - at), row->rate);
    for (int i = 0; i < LOSS_COUNT; i++)
        at += write_number(line + at, (size_t)(LINE_SIZE - at), row->losses[i]);
    line[at++] = '\n';
    return (size_t)at;
}

/* The whole table each time: it is small, and never half written. */
static gan_status write_table(const struct style_trainer *trainer, const char *path)
{
    static const char heading[] =
        "step,seconds,learning_rate,loss,content,style,variation,adversarial,discriminator\n";
    struct file_writer writer;
    gan_status status = gan_file_writer_open(&writer, trainer->context, path);
    if (status != GAN_OK)
        return status;
    status = gan_file_write(&writer, heading, sizeof heading - 1);
    for (int64_t i = 0; status == GAN_OK && i < trainer->history_count; i++) {
        char line[LINE_SIZE];
        const size_t length = write_line(line, &trainer->history[i]);
        status = gan_file_write(&writer, line, length);
    }
    if (status == GAN_OK)
        return gan_file_writer_commit(&writer);
    gan_file_writer_discard(&writer);
    return status;
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
