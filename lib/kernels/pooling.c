#include "kernels/pooling.h"
#include "kernels/channel_loops.h"
#include "kernels/ranges.h"

#include <string.h>

int64_t gan_pooling_windows(int64_t size, int64_t kernel, int64_t stride, int64_t before, int64_t after,
                            bool ceil)
{
    const int64_t room = size + before + after - kernel;
    if (room < 0)
        return 0;
    const int64_t windows = (room + (ceil ? stride - 1 : 0)) / stride + 1;
    return ceil && (windows - 1) * stride >= size + before ? windows - 1 : windows;
}

struct pass {
    const struct pooling *pooling;
    int32_t kernels;
    const float *from;
    float *to;
    const int32_t *winners;
    int32_t *new_winners;
};

/* The part of a window that lies in the picture: kernel positions [first, last), `origin` + position. */
struct span {
    int64_t origin, first, last;
};

static struct span span_of(int64_t window, int64_t stride, int64_t before, int64_t kernel, int64_t size)
{
    const int64_t origin = window * stride - before;
    return (struct span){origin, origin < 0 ? -origin : 0, origin + kernel > size ? size - origin : kernel};
}

static struct span rows_of(const struct pooling *p, int64_t window)
{
    return span_of(window, p->stride[0], p->pad[0], p->kernel[0], p->height);
}

static struct span columns_of(const struct pooling *p, int64_t window)
{
    return span_of(window, p->stride[1], p->pad[1], p->kernel[1], p->width);
}

/* Windows [first, last) that cover a position of the picture. */
static void covering(int64_t position, int64_t stride, int64_t before, int64_t kernel, int64_t windows,
                     int64_t *first, int64_t *last)
{
    const int64_t padded = position + before;
    *first = padded < kernel ? 0 : (padded - kernel) / stride + 1;
    *last = padded / stride + 1 < windows ? padded / stride + 1 : windows;
}

/* Masks rather than branches, so that the loops over channels are vectorised; a NaN stays the largest. */
static inline int32_t stays(float best, float x)
{
    return -(int32_t)((x <= best) | (best != best));
}

static void keep_winner(const float *x, float *best, int32_t *winner, int32_t position, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++) {
        const int32_t stay = stays(best[c], x[c]);
        winner[c] = (winner[c] & stay) | (position & ~stay);
        best[c] = stay ? best[c] : x[c];
    }
}

static void largest_of_window(const struct pass *pass, const float *picture, struct span rows,
                              struct span columns, float *best)
{
    const struct pooling *p = pass->pooling;
    const int64_t first = (rows.origin + rows.first) * p->width + columns.origin + columns.first;
    gan_channel_loops(pass->kernels)
        ->largest(picture + first * p->channels, rows.last - rows.first, p->width * p->channels,
                  columns.last - columns.first, p->channels, best);
}

static void winner_of_window(const struct pass *pass, const float *picture, struct span rows,
                             struct span columns, float *best, int32_t *winner)
{
    const struct pooling *p = pass->pooling;
    const int64_t channels = p->channels;
    bool started = false;
    for (int64_t i = rows.first; i < rows.last; i++)
        for (int64_t j = columns.first; j < columns.last; j++, started = true) {
            const float *x = picture + ((rows.origin + i) * p->width + columns.origin + j) * channels;
            const int32_t position = (int32_t)(i * p->kernel[1] + j);
            if (!started)
                memcpy(best, x, (size_t)channels * sizeof *best);
            for (int64_t c = 0; c < channels && !started; c++)
                winner[c] = position;
            if (started)
                keep_winner(x, best, winner, position, channels);
        }
}

static void max_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct pooling *p = pass->pooling;
    for (int64_t row = start; row < end; row++) {
        const float *picture = pass->from + row / p->out_height * p->height * p->width * p->channels;
        const struct span rows = rows_of(p, row % p->out_height);
        for (int64_t column = 0; column < p->out_width; column++) {
            const int64_t at = (row * p->out_width + column) * p->channels;
            if (pass->new_winners != NULL)
                winner_of_window(pass, picture, rows, columns_of(p, column), pass->to + at,
                                 pass->new_winners + at);
            else
                largest_of_window(pass, picture, rows, columns_of(p, column), pass->to + at);
        }
    }
}

/* The elements that one row of pictures, or of windows, costs: for cutting into tasks. */
static int64_t row_grain(const struct pooling *p, int64_t width)
{
    return gan_rows_per_task(width * p->channels);
}

void gan_max_pool_forward(gan_context *context, const struct pooling *pooling, const float *x, float *y,
                          int32_t *winners)
{
    const struct pass pass = {
        .pooling = pooling, .kernels = context->kernels, .from = x, .to = y, .new_winners = winners};
    gan_parallel_ranges(context, pooling->batch * pooling->out_height, row_grain(pooling, pooling->out_width),
                        max_rows, &pass);
}

/* dx += dy where this position won. */
static void take_wins(const float *dy, const int32_t *winner, int32_t position, float *dx, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++)
        dx[c] += winner[c] == position ? dy[c] : 0.0f;
}

static void add_scaled(const float *dy, float factor, float *dx, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++)
        dx[c] += factor * dy[c];
}

/* Elements over which an average is taken: valid ones, or those of the padded picture, but never those beyond
 * it. */
static float share(const struct pooling *p, struct span rows, struct span columns)
{
    int64_t height = rows.last - rows.first, width = columns.last - columns.first;
    if (p->count_padding) {
        const int64_t bottom = p->height + p->pad[2] - rows.origin;
        const int64_t right = p->width + p->pad[3] - columns.origin;
        height = bottom < p->kernel[0] ? bottom : p->kernel[0];
        width = right < p->kernel[1] ? right : p->kernel[1];
    }
    return (float)(1.0 / (double)(height * width));
}

/* What a pixel gets from the windows that cover it, in their order. */
static void gather_pixel(const struct pass *pass, int64_t picture, int64_t row, int64_t column, float *dx)
{
    const struct pooling *p = pass->pooling;
    int64_t top, bottom, left, right;
    covering(row, p->stride[0], p->pad[0], p->kernel[0], p->out_height, &top, &bottom);
    covering(column, p->stride[1], p->pad[1], p->kernel[1], p->out_width, &left, &right);
    memset(dx, 0, (size_t)p->channels * sizeof *dx);
    for (int64_t i = top; i < bottom; i++)
        for (int64_t j = left; j < right; j++) {
            const struct span rows = rows_of(p, i), columns = columns_of(p, j);
            const int64_t at = ((picture * p->out_height + i) * p->out_width + j) * p->channels;
            const int64_t position = (row - rows.origin) * p->kernel[1] + column - columns.origin;
            if (pass->winners != NULL)
                take_wins(pass->from + at, pass->winners + at, (int32_t)position, dx, p->channels);
            else
                add_scaled(pass->from + at, share(p, rows, columns), dx, p->channels);
        }
}

static void gather_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct pooling *p = pass->pooling;
    for (int64_t row = start; row < end; row++)
        for (int64_t column = 0; column < p->width; column++)
            gather_pixel(pass, row / p->height, row % p->height, column,
                         pass->to + (row * p->width + column) * p->channels);
}

/* From the first pixel on, so that a pixel belongs to one at most. */
static bool windows_lie_side_by_side(const struct pooling *p)
{
    return p->stride[0] == p->kernel[0] && p->stride[1] == p->kernel[1] && p->pad[0] == 0 && p->pad[1] == 0;
}

/* Pixels that no window covers, beside or below the last one, win nothing. */
static void clear_columns(const struct pooling *p, float *rows, int64_t count, int64_t first)
{
    const int64_t rest = p->width - first;
    for (int64_t i = 0; rest > 0 && i < count; i++)
        memset(rows + (i * p->width + first) * p->channels, 0, (size_t)(rest * p->channels) * sizeof *rows);
}

static void give_row_of_windows(const struct pass *pass, int64_t row)
{
    const struct pooling *p = pass->pooling;
    const int64_t window = row % p->out_height;
    float *picture = pass->to + row / p->out_height * p->height * p->width * p->channels;
    const struct span rows = rows_of(p, window);
    struct span columns = {0, 0, 0};
    for (int64_t column = 0; column < p->out_width; column++) {
        const int64_t at = (row * p->out_width + column) * p->channels;
        columns = columns_of(p, column);
        gan_channel_loops(pass->kernels)
            ->give_to_winner(pass->from + at, pass->winners + at, rows.last, p->width * p->channels,
                             columns.last, p->kernel[1], p->channels,
                             picture + (rows.origin * p->width + columns.origin) * p->channels);
    }
    clear_columns(p, picture + rows.origin * p->width * p->channels, rows.last,
                  columns.origin + columns.last);
    if (window + 1 == p->out_height)
        clear_columns(p, picture + (rows.origin + rows.last) * p->width * p->channels,
                      p->height - rows.origin - rows.last, 0);
}

static void give_rows(const void *argument, int64_t start, int64_t end)
{
    for (int64_t row = start; row < end; row++)
        give_row_of_windows(argument, row);
}

void gan_max_pool_backward(gan_context *context, const struct pooling *pooling, const int32_t *winners,
                           const float *dy, float *dx)
{
    const struct pass pass = {
        .pooling = pooling, .kernels = context->kernels, .from = dy, .to = dx, .winners = winners};
    if (windows_lie_side_by_side(pooling)) {
        gan_parallel_ranges(context, pooling->batch * pooling->out_height,
                            row_grain(pooling, pooling->width * pooling->kernel[0]), give_rows, &pass);
        return;
    }
    gan_parallel_ranges(context, pooling->batch * pooling->height, row_grain(pooling, pooling->width),
                        gather_rows, &pass);
}

static void average_window(const struct pooling *p, const float *picture, struct span rows,
                           struct span columns, float *y)
{
    memset(y, 0, (size_t)p->channels * sizeof *y);
    for (int64_t i = rows.first; i < rows.last; i++)
        for (int64_t j = columns.first; j < columns.last; j++)
            add_scaled(picture + ((rows.origin + i) * p->width + columns.origin + j) * p->channels, 1.0f, y,
                       p->channels);
    const float factor = share(p, rows, columns);
    for (int64_t c = 0; c < p->channels; c++)
        y[c] *= factor;
}

static void average_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct pooling *p = pass->pooling;
    for (int64_t row = start; row < end; row++) {
        const float *picture = pass->from + row / p->out_height * p->height * p->width * p->channels;
        const struct span rows = rows_of(p, row % p->out_height);
        for (int64_t column = 0; column < p->out_width; column++)
            average_window(p, picture, rows, columns_of(p, column),
                           pass->to + (row * p->out_width + column) * p->channels);
    }
}

/* Rows of the output. */
static void select_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct pooling *p = pass->pooling;
    for (int64_t i = start * p->out_width * p->channels; i < end * p->out_width * p->channels; i++) {
        const int64_t row = i / (p->out_width * p->channels), winner = pass->winners[i];
        const int64_t y = row % p->out_height * p->stride[0] - p->pad[0] + winner / p->kernel[1];
        const int64_t x = i / p->channels % p->out_width * p->stride[1] - p->pad[1] + winner % p->kernel[1];
        const int64_t pixel = (row / p->out_height * p->height + y) * p->width + x;
        pass->to[i] = pass->from[pixel * p->channels + i % p->channels];
    }
}

void gan_max_pool_select(gan_context *context, const struct pooling *pooling, const int32_t *winners,
                         const float *x, float *y)
{
    const struct pass pass = {.pooling = pooling, .from = x, .to = y, .winners = winners};
    gan_parallel_ranges(context, pooling->batch * pooling->out_height, row_grain(pooling, pooling->out_width),
                        select_rows, &pass);
}

void gan_average_pool_forward(gan_context *context, const struct pooling *pooling, const float *x, float *y)
{
    const struct pass pass = {.pooling = pooling, .from = x, .to = y};
    gan_parallel_ranges(context, pooling->batch * pooling->out_height, row_grain(pooling, pooling->out_width),
                        average_rows, &pass);
}

void gan_average_pool_backward(gan_context *context, const struct pooling *pooling, const float *dy,
                               float *dx)
{
    const struct pass pass = {.pooling = pooling, .from = dy, .to = dx};
    gan_parallel_ranges(context, pooling->batch * pooling->height, row_grain(pooling, pooling->width),
                        gather_rows, &pass);
}
