#include "kernels/border.h"
#include "kernels/ranges.h"
#include "kernels/sizes.h"

#include <string.h>

struct pass {
    const struct border *border;
    const float *from;
    float *to;
};

/* Which position of the picture is shown at `position`, counted from the picture's start; -1: none. */
static int64_t shown_at(int64_t position, int64_t size, int32_t mode)
{
    if (position >= 0 && position < size)
        return position;
    if (mode == GAN_PADDING_REFLECT)
        return position < 0 ? -position : 2 * (size - 1) - position;
    if (mode == GAN_PADDING_REPLICATE)
        return position < 0 ? 0 : size - 1;
    if (mode == GAN_PADDING_WRAP)
        return wrapped(position, size);
    if (mode == GAN_PADDING_SYMMETRIC)
        return mirrored(position, size);
    return -1;
}

static int64_t bordered_height(const struct border *b)
{
    return b->top + b->height + b->bottom;
}

static int64_t bordered_width(const struct border *b)
{
    return b->left + b->width + b->right;
}

static void show_pixels(const struct border *b, const float *from, float *to, int64_t first, int64_t last)
{
    for (int64_t column = first; column < last; column++) {
        const int64_t shown = shown_at(column - b->left, b->width, b->mode);
        float *pixel = to + column * b->channels;
        for (int64_t c = 0; c < b->channels; c++)
            pixel[c] = shown < 0 ? 0.0f : from[shown * b->channels + c];
    }
}

static void add_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct border *b = pass->border;
    const int64_t height = bordered_height(b), row_size = bordered_width(b) * b->channels;
    for (int64_t row = start; row < end; row++) {
        const int64_t shown = shown_at(row % height - b->top, b->height, b->mode);
        float *to = pass->to + row * row_size;
        if (shown < 0) {
            memset(to, 0, (size_t)row_size * sizeof *to);
            continue;
        }
        const float *from = pass->from + (row / height * b->height + shown) * b->width * b->channels;
        show_pixels(b, from, to, 0, b->left);
        memcpy(to + b->left * b->channels, from, (size_t)(b->width * b->channels) * sizeof *to);
        show_pixels(b, from, to, b->left + b->width, bordered_width(b));
    }
}

void gan_border_add(gan_context *context, const struct border *border, const float *from, float *to)
{
    const struct pass pass = {border, from, to};
    gan_parallel_ranges(context, border->batch * bordered_height(border),
                        gan_rows_per_task(bordered_width(border) * border->channels), add_rows, &pass);
}

static const float *inside_of(const struct pass *pass, int64_t picture, int64_t bordered_row)
{
    const struct border *b = pass->border;
    const int64_t row = picture * bordered_height(b) + bordered_row;
    return pass->from + (row * bordered_width(b) + b->left) * b->channels;
}

static void cut_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct border *b = pass->border;
    const int64_t row_size = b->width * b->channels;
    for (int64_t row = start; row < end; row++)
        memcpy(pass->to + row * row_size, inside_of(pass, row / b->height, row % b->height + b->top),
               (size_t)row_size * sizeof(float));
}

void gan_border_cut(gan_context *context, const struct border *border, const float *from, float *to)
{
    const struct pass pass = {border, from, to};
    gan_parallel_ranges(context, border->batch * border->height,
                        gan_rows_per_task(border->width * border->channels), cut_rows, &pass);
}

static void add_floats(const float *restrict from, float *restrict to, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        to[i] += from[i];
}

static void fold_pixels(const struct border *b, const float *dy, float *dx, int64_t first, int64_t last)
{
    for (int64_t column = first; column < last; column++) {
        const int64_t shown = shown_at(column, b->width, b->mode);
        if (shown >= 0)
            add_floats(dy + column * b->channels, dx + shown * b->channels, b->channels);
    }
}

/* Add one bordered row to the row of the picture that it shows; dy points behind the left border. */
static void fold_row(const struct border *b, const float *dy, float *dx)
{
    fold_pixels(b, dy, dx, -b->left, 0);
    add_floats(dy, dx, b->width * b->channels);
    fold_pixels(b, dy, dx, b->width, b->width + b->right);
}

static void fold_rows(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct border *b = pass->border;
    const int64_t row_size = b->width * b->channels;
    for (int64_t row = start; row < end; row++) {
        const int64_t picture = row / b->height, position = row % b->height;
        float *dx = pass->to + row * row_size;
        memset(dx, 0, (size_t)row_size * sizeof *dx);
        for (int64_t i = -b->top; i < 0; i++)
            if (shown_at(i, b->height, b->mode) == position)
                fold_row(b, inside_of(pass, picture, i + b->top), dx);
        fold_row(b, inside_of(pass, picture, position + b->top), dx);
        for (int64_t i = b->height; i < b->height + b->bottom; i++)
            if (shown_at(i, b->height, b->mode) == position)
                fold_row(b, inside_of(pass, picture, i + b->top), dx);
    }
}

void gan_border_fold(gan_context *context, const struct border *border, const float *dy, float *dx)
{
    const struct pass pass = {border, dy, dx};
    gan_parallel_ranges(context, border->batch * border->height,
                        gan_rows_per_task(border->width * border->channels), fold_rows, &pass);
}
