#include "kernels/blocks.h"
#include "kernels/ranges.h"

#include <string.h>

enum { GRAIN = 16384 };

static void copy_row(const void *argument, int64_t row, int64_t start, int64_t end)
{
    const struct row_copy *copy = argument;
    memcpy(copy->to + row * copy->to_stride + start, copy->from + row * copy->from_stride + start,
           (size_t)(end - start) * sizeof(float));
}

void gan_copy_rows(gan_context *context, const struct row_copy *copy)
{
    gan_parallel_rows(context, copy->rows, copy->columns, copy_row, copy);
}

void gan_copy_floats(gan_context *context, float *to, const float *from, int64_t count)
{
    const struct row_copy copy = {to, 0, from, 0, 1, count};
    gan_copy_rows(context, &copy);
}

struct affine {
    float *to;
    const float *from;
    float factor, offset;
};

static void fill(const void *argument, int64_t start, int64_t end)
{
    const struct affine *affine = argument;
    float *to = affine->to;
    const float value = affine->offset;
    for (int64_t i = start; i < end; i++)
        to[i] = value;
}

void gan_fill_floats(gan_context *context, float *to, float value, int64_t count)
{
    const struct affine affine = {.to = to, .offset = value};
    gan_parallel_ranges(context, count, GRAIN, fill, &affine);
}

static void scale(const void *argument, int64_t start, int64_t end)
{
    const struct affine *affine = argument;
    float *to = affine->to;
    const float *from = affine->from;
    const float factor = affine->factor, offset = affine->offset;
    for (int64_t i = start; i < end; i++)
        to[i] = factor * from[i] + offset;
}

void gan_scale_floats(gan_context *context, float *to, const float *from, float factor, float offset,
                      int64_t count)
{
    const struct affine affine = {to, from, factor, offset};
    gan_parallel_ranges(context, count, GRAIN, scale, &affine);
}
