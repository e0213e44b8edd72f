#include "kernels/resample.h"
#include "kernels/ranges.h"

#include <string.h>

static struct resample_place place_bilinear(int64_t size, int64_t out_size, int64_t i)
{
    const double centre = ((double)i + 0.5) * (double)size / (double)out_size - 0.5;
    const double bounded = centre > 0.0 ? centre : 0.0;
    const int64_t last = size - 1;
    const int64_t low = (int64_t)bounded < last ? (int64_t)bounded : last;
    return (struct resample_place){low, low < last ? low + 1 : last,
                                   low < last ? (float)(bounded - (double)low) : 0.0f};
}

struct resample_place gan_resample_place(int64_t size, int64_t out_size, bool bilinear, int64_t i)
{
    const int64_t nearest = i * size / out_size;
    return bilinear ? place_bilinear(size, out_size, i) : (struct resample_place){nearest, nearest, 0.0f};
}

static void place(struct resample_axis *axis, const struct resample_part *part, bool bilinear)
{
    for (int64_t i = 0; i < part->out_count; i++) {
        const struct resample_place at =
            gan_resample_place(part->size, part->out_size, bilinear, part->out_first + i);
        axis->low[i] = at.low - part->first;
        axis->high[i] = at.high - part->first;
        axis->weight[i] = at.weight;
    }
}

static void find_readers(struct resample_axis *axis)
{
    for (int64_t i = 0; i < axis->size; i++)
        axis->first[i] = axis->last[i] = 0;
    for (int64_t i = axis->out_size - 1; i >= 0; i--) {
        const int64_t ends[] = {axis->low[i], axis->high[i]};
        for (int end = 0; end < 2; end++) {
            axis->first[ends[end]] = i;
            if (axis->last[ends[end]] == 0)
                axis->last[ends[end]] = i + 1;
        }
    }
}

gan_status gan_resample_axis_create_part(struct resample_axis *axis, gan_context *context,
                                         const struct resample_part *part, bool bilinear)
{
    const int64_t size = part->count, out_size = part->out_count;
    *axis = (struct resample_axis){.size = size, .out_size = out_size};
    axis->low = gan_allocate_array(context, (size_t)out_size, sizeof *axis->low);
    axis->high = gan_allocate_array(context, (size_t)out_size, sizeof *axis->high);
    axis->weight = gan_allocate_array(context, (size_t)out_size, sizeof *axis->weight);
    axis->first = gan_allocate_array(context, (size_t)size, sizeof *axis->first);
    axis->last = gan_allocate_array(context, (size_t)size, sizeof *axis->last);
    if (axis->low == NULL || axis->high == NULL || axis->weight == NULL || axis->first == NULL ||
        axis->last == NULL) {
        gan_resample_axis_free(axis, context);
        return gan_fail_memory("resampling tables", (size_t)(size + out_size) * 2 * sizeof(int64_t));
    }
    place(axis, part, bilinear);
    find_readers(axis);
    return GAN_OK;
}

gan_status gan_resample_axis_create(struct resample_axis *axis, gan_context *context, int64_t size,
                                    int64_t out_size, bool bilinear)
{
    const struct resample_part part = {size, out_size, 0, size, 0, out_size};
    return gan_resample_axis_create_part(axis, context, &part, bilinear);
}

void gan_resample_axis_free(struct resample_axis *axis, gan_context *context)
{
    gan_release(context, axis->low);
    gan_release(context, axis->high);
    gan_release(context, axis->weight);
    gan_release(context, axis->first);
    gan_release(context, axis->last);
    *axis = (struct resample_axis){.size = 0};
}

struct pass {
    const struct resample *resample;
    const float *from;
    float *to;
};

static void copy_pixel(const float *restrict from, float *restrict to, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++)
        to[c] = from[c];
}

/* upper and lower are rows of pixels; a pixel between four others is blended across, then down. */
static void blend_row(const struct resample *r, const float *upper, const float *lower, float down,
                      float *restrict y)
{
    const int64_t channels = r->channels;
    for (int64_t i = 0; i < r->columns.out_size; i++, y += channels) {
        const int64_t left = r->columns.low[i] * channels, right = r->columns.high[i] * channels;
        const float across = r->columns.weight[i];
        for (int64_t c = 0; c < channels; c++) {
            const float top = upper[left + c] + across * (upper[right + c] - upper[left + c]);
            const float bottom = lower[left + c] + across * (lower[right + c] - lower[left + c]);
            y[c] = top + down * (bottom - top);
        }
    }
}

static void pick_row(const struct resample *r, const float *x, float *y)
{
    for (int64_t i = 0; i < r->columns.out_size; i++)
        copy_pixel(x + r->columns.low[i] * r->channels, y + i * r->channels, r->channels);
}

static void blend_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct resample *r = pass->resample;
    const int64_t from_row = r->columns.size * r->channels, to_row = r->columns.out_size * r->channels;
    for (int64_t row = start; row < end; row++) {
        const int64_t i = row % r->rows.out_size;
        const float *picture = pass->from + row / r->rows.out_size * r->rows.size * from_row;
        blend_row(r, picture + r->rows.low[i] * from_row, picture + r->rows.high[i] * from_row,
                  r->rows.weight[i], pass->to + row * to_row);
    }
}

static void pick_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct resample *r = pass->resample;
    const int64_t from_row = r->columns.size * r->channels, to_row = r->columns.out_size * r->channels;
    for (int64_t row = start; row < end; row++) {
        const int64_t i = row % r->rows.out_size;
        const float *picture = pass->from + row / r->rows.out_size * r->rows.size * from_row;
        pick_row(r, picture + r->rows.low[i] * from_row, pass->to + row * to_row);
    }
}

static bool is_nearest(const struct resample_axis *axis)
{
    for (int64_t i = 0; i < axis->out_size; i++)
        if (axis->weight[i] != 0.0f)
            return false;
    return true;
}

void gan_resample_forward(gan_context *context, const struct resample *resample, const float *x, float *y)
{
    const struct pass pass = {resample, x, y};
    const bool nearest = is_nearest(&resample->rows) && is_nearest(&resample->columns);
    gan_parallel_ranges(context, resample->batch * resample->rows.out_size,
                        gan_rows_per_task(resample->columns.out_size * resample->channels),
                        nearest ? pick_rows : blend_rows, &pass);
}

/* How much of input position `position` is in output position i. */
static float part_of(const struct resample_axis *axis, int64_t i, int64_t position)
{
    const float of_low = axis->low[i] == position ? 1.0f - axis->weight[i] : 0.0f;
    return of_low + (axis->high[i] == position ? axis->weight[i] : 0.0f);
}

/* What a pixel gets from one row of the output's gradient. */
static void gather_row(const struct resample *r, const float *dy, int64_t column, float down, float *dx)
{
    for (int64_t i = r->columns.first[column]; i < r->columns.last[column]; i++) {
        const float factor = down * part_of(&r->columns, i, column);
        const float *from = dy + i * r->channels;
        for (int64_t c = 0; c < r->channels; c++)
            dx[c] += factor * from[c];
    }
}

static void gather_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct resample *r = pass->resample;
    const int64_t dx_row = r->columns.size * r->channels, dy_row = r->columns.out_size * r->channels;
    for (int64_t row = start; row < end; row++) {
        const int64_t position = row % r->rows.size;
        const float *picture = pass->from + row / r->rows.size * r->rows.out_size * dy_row;
        float *dx = pass->to + row * dx_row;
        memset(dx, 0, (size_t)dx_row * sizeof *dx);
        for (int64_t i = r->rows.first[position]; i < r->rows.last[position]; i++)
            for (int64_t column = 0; column < r->columns.size; column++)
                gather_row(r, picture + i * dy_row, column, part_of(&r->rows, i, position),
                           dx + column * r->channels);
    }
}

void gan_resample_backward(gan_context *context, const struct resample *resample, const float *dy, float *dx)
{
    const struct pass pass = {resample, dy, dx};
    gan_parallel_ranges(context, resample->batch * resample->rows.size,
                        gan_rows_per_task(resample->columns.size * resample->channels), gather_rows, &pass);
}
