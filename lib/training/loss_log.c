/* Losses as a table and as curves. */
#include "training/loss_log.h"
#include "formats/csv.h"
#include "formats/plot.h"
#include "tensor/tensor.h"
#include "training/state_names.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MOST_LOSSES = 63 };

struct gan_loss_log {
    gan_context *context;
    char *csv_path, *png_path, *title;
    char *names[MOST_LOSSES];
    int32_t count, undrawn;
    bool logarithmic;
    int64_t *steps; /* [row_capacity] */
    float *losses;  /* [row_capacity][count] */
    int64_t row_count, row_capacity;
    int64_t next_writing; /* row count at which the files are written again */
};

void gan_loss_log_free(gan_loss_log *log)
{
    if (log == NULL)
        return;
    gan_context *context = log->context;
    for (int32_t i = 0; i < log->count; i++)
        gan_release(context, log->names[i]);
    gan_release(context, log->csv_path);
    gan_release(context, log->png_path);
    gan_release(context, log->title);
    gan_release(context, log->steps);
    gan_release(context, log->losses);
    gan_release(context, log);
    gan_context_free(context);
}

static gan_status copy_text(gan_loss_log *log, char **to, const char *text)
{
    *to = text != NULL ? gan_copy_string(log->context, text) : NULL;
    return text == NULL || *to != NULL ? GAN_OK : gan_fail_memory("a log of losses", strlen(text));
}

static gan_status copy_texts(gan_loss_log *log, const char *const *names, int32_t count,
                             const gan_loss_log_options *options)
{
    gan_status status = copy_text(log, &log->csv_path, options->csv);
    if (status == GAN_OK)
        status = copy_text(log, &log->png_path, options->png);
    if (status == GAN_OK)
        status = copy_text(log, &log->title, options->title != NULL ? options->title : "Losses");
    for (log->count = 0; status == GAN_OK && log->count < count; log->count++)
        status = copy_text(log, &log->names[log->count], names[log->count]);
    return status;
}

static gan_status check(const gan_context *context, const char *const *names, int32_t count, int32_t undrawn)
{
    if (context == NULL || names == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", context == NULL ? "context" : "names");
    if (count < 1 || count > MOST_LOSSES)
        return gan_fail(GAN_ERROR_ARGUMENT, "there are %" PRId32 " names, expected 1 to %d", count,
                        (int)MOST_LOSSES);
    if (undrawn < 0 || undrawn > count)
        return gan_fail(GAN_ERROR_ARGUMENT, "undrawn is %" PRId32 ", expected 0 to %" PRId32, undrawn, count);
    for (int32_t i = 0; i < count; i++)
        if (names[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "name %" PRId32 " is NULL", i);
    return GAN_OK;
}

gan_status gan_loss_log_create(gan_loss_log **out, gan_context *context, const char *const *names,
                               int32_t count, const gan_loss_log_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_loss_log_create: out is NULL");
    *out = NULL;
    gan_loss_log_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_loss_log_options");
    if (status == GAN_OK)
        status = check(context, names, count, options.undrawn);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_loss_log_create: ");
    gan_loss_log *log = gan_allocate_zeroed(context, sizeof *log);
    if (log == NULL)
        return gan_fail_memory("a log of losses", sizeof *log);
    log->context = gan_context_retain(context);
    log->undrawn = options.undrawn;
    log->logarithmic = options.logarithmic != 0;
    status = copy_texts(log, names, count, &options);
    if (status != GAN_OK) {
        gan_loss_log_free(log);
        return status;
    }
    *out = log;
    return GAN_OK;
}

static gan_status reserve(gan_loss_log *log, int64_t rows)
{
    if (rows <= log->row_capacity)
        return GAN_OK;
    const size_t row = (size_t)log->count * sizeof(float), kept = (size_t)log->row_count;
    const int64_t capacity = rows + log->row_capacity;
    int64_t *steps = gan_allocate_array(log->context, (size_t)capacity, sizeof *steps);
    float *losses = gan_allocate_array(log->context, (size_t)capacity, row);
    if (steps == NULL || losses == NULL) {
        gan_release(log->context, steps);
        gan_release(log->context, losses);
        return gan_fail_memory("a log of losses", (size_t)capacity * (row + sizeof *steps));
    }
    if (kept > 0) {
        memcpy(steps, log->steps, kept * sizeof *steps);
        memcpy(losses, log->losses, kept * row);
    }
    gan_release(log->context, log->steps);
    gan_release(log->context, log->losses);
    log->steps = steps;
    log->losses = losses;
    log->row_capacity = capacity;
    return GAN_OK;
}

gan_status gan_loss_log_append(gan_loss_log *log, int64_t step, const float *losses)
{
    if (log == NULL || losses == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_loss_log_append: %s is NULL",
                        log == NULL ? "log" : "losses");
    gan_status status = reserve(log, log->row_count + 1);
    if (status != GAN_OK)
        return status;
    log->steps[log->row_count] = step;
    memcpy(log->losses + log->row_count * log->count, losses, (size_t)log->count * sizeof *losses);
    log->row_count++;
    return log->row_count >= log->next_writing ? gan_loss_log_write(log) : GAN_OK;
}

/* Losses jump from batch to batch, so each point is a running mean. A gap stays a gap. */
static void fill_curve(const gan_loss_log *log, int32_t loss, double *y)
{
    static const double keep = 0.9;
    double mean = 0, weight = 0;
    for (int64_t i = 0; i < log->row_count; i++) {
        const double value = (double)log->losses[i * log->count + loss];
        y[i] = (double)NAN;
        if (!isfinite(value))
            continue;
        mean = keep * mean + (1 - keep) * value;
        weight = keep * weight + (1 - keep);
        y[i] = mean / weight;
    }
}

static gan_status draw(const gan_loss_log *log)
{
    const int32_t curves = log->count - log->undrawn;
    const size_t rows = (size_t)log->row_count, numbers = rows * (size_t)(1 + curves);
    double *x = gan_allocate_array(log->context, numbers > 0 ? numbers : 1, sizeof *x);
    if (x == NULL)
        return gan_fail_memory("curves", numbers * sizeof *x);
    struct plot_series series[MOST_LOSSES];
    for (size_t i = 0; i < rows; i++)
        x[i] = (double)log->steps[i];
    for (int32_t i = 0; i < curves; i++) {
        double *y = x + rows * (size_t)(1 + i);
        fill_curve(log, log->undrawn + i, y);
        series[i] = (struct plot_series){log->names[log->undrawn + i], x, y, log->row_count};
    }
    const gan_status status =
        gan_plot_save(log->context, log->png_path, log->title, "step", series, curves, log->logarithmic);
    gan_release(log->context, x);
    return status;
}

static gan_status write_table(const gan_loss_log *log)
{
    const char *names[1 + MOST_LOSSES] = {"step"};
    for (int32_t i = 0; i < log->count; i++)
        names[1 + i] = log->names[i];
    const struct csv_table table = {names, 1 + log->count, log->row_count, log->steps, log->losses};
    return gan_csv_save(log->context, log->csv_path, &table);
}

/* Ever more rarely as the rows grow, so that writing never takes much of the time. */
gan_status gan_loss_log_write(gan_loss_log *log)
{
    if (log == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_loss_log_write: log is NULL");
    log->next_writing = log->row_count + 10 + log->row_count / 20;
    const gan_status status = log->csv_path != NULL ? write_table(log) : GAN_OK;
    return status == GAN_OK && log->png_path != NULL ? draw(log) : status;
}

/* ---- State ---- */

int64_t gan_loss_log_count(const gan_loss_log *log)
{
    return log->row_count;
}

void gan_loss_log_shorten(gan_loss_log *log, int64_t rows)
{
    if (rows >= log->row_count)
        return;
    log->row_count = rows;
    log->next_writing = 0;
}

const float *gan_loss_log_last(const gan_loss_log *log)
{
    return log->row_count > 0 ? log->losses + (log->row_count - 1) * log->count : NULL;
}

gan_status gan_loss_log_store_first(const gan_loss_log *log, int64_t rows, gan_tensors *state,
                                    const char *prefix)
{
    const int64_t shape[2] = {rows, log->count};
    gan_tensor *losses;
    gan_status status = gan_tensor_create(&losses, log->context, GAN_FLOAT32, shape, 2);
    if (status != GAN_OK)
        return status;
    if (rows > 0)
        memcpy(losses->data, log->losses, (size_t)gan_tensor_count(losses) * sizeof(float));
    status = gan_state_add(state, prefix, "losses", losses);
    gan_tensor_free(losses);
    return status == GAN_OK ? gan_state_add_integers(state, prefix, "steps", log->steps, rows) : status;
}

gan_status gan_loss_log_store(const gan_loss_log *log, gan_tensors *state, const char *prefix)
{
    if (log == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_loss_log_store: an argument is NULL");
    return gan_loss_log_store_first(log, log->row_count, state, prefix);
}

static gan_status find_rows(const gan_loss_log *log, const gan_tensors *state, const char *prefix,
                            const gan_tensor **losses, const gan_tensor **steps)
{
    char text[SHAPE_TEXT_SIZE];
    const gan_status status = gan_state_find(state, prefix, "losses", losses);
    if (status != GAN_OK)
        return status;
    const struct shape *shape = &(*losses)->shape;
    if (shape->rank != 2 || shape->size[1] != log->count)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s.losses\" has the shape %s, expected [rows,%d]", prefix,
                        gan_shape_text(shape, text), log->count);
    return gan_state_find_integers(state, prefix, "steps", shape->size[0], steps);
}

gan_status gan_loss_log_restore(gan_loss_log *log, const gan_tensors *state, const char *prefix)
{
    if (log == NULL || state == NULL || prefix == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_loss_log_restore: an argument is NULL");
    const gan_tensor *losses = NULL, *steps = NULL;
    gan_status status = find_rows(log, state, prefix, &losses, &steps);
    if (status == GAN_OK)
        status = reserve(log, losses->shape.size[0]);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_loss_log_restore: ");
    log->row_count = losses->shape.size[0];
    if (log->row_count > 0)
        memcpy(log->losses, losses->data, (size_t)gan_tensor_count(losses) * sizeof(float));
    for (int64_t i = 0; i < log->row_count; i++)
        log->steps[i] = gan_state_integer(steps, i);
    log->next_writing = 0;
    return GAN_OK;
}
