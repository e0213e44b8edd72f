#include "kernels/broadcast.h"
#include "kernels/ranges.h"

/* Dense strides, 0 where the array is stretched. */
static void find_strides(const struct shape *shape, const struct shape *y, int64_t *stride)
{
    int64_t step = 1;
    for (int32_t i = shape->rank - 1; i >= 0; i--) {
        stride[i] = shape->size[i] == 1 && y->size[i] != 1 ? 0 : step;
        step *= shape->size[i];
    }
}

/* An axis joins the one before it where both arrays go on in the same way. */
static bool joins(const int64_t *before, int64_t stride, int64_t size)
{
    return *before == stride * size;
}

static void append_axis(struct broadcast *broadcast, int64_t size, int64_t a, int64_t b, int64_t y)
{
    const int32_t last = broadcast->rank - 1;
    if (last >= 0 && joins(&broadcast->a_stride[last], a, size) &&
        joins(&broadcast->b_stride[last], b, size)) {
        broadcast->size[last] *= size;
    } else {
        broadcast->rank++;
        broadcast->size[last + 1] = size;
    }
    broadcast->a_stride[broadcast->rank - 1] = a;
    broadcast->b_stride[broadcast->rank - 1] = b;
    broadcast->y_stride[broadcast->rank - 1] = y;
}

struct broadcast gan_broadcast_make(const struct shape *a, const struct shape *b, const struct shape *y)
{
    int64_t a_stride[GAN_MAX_RANK], b_stride[GAN_MAX_RANK], y_stride[GAN_MAX_RANK];
    find_strides(a, y, a_stride);
    find_strides(b, y, b_stride);
    find_strides(y, y, y_stride);
    struct broadcast broadcast = {.rank = 0};
    for (int32_t i = 0; i < y->rank; i++)
        if (y->size[i] != 1)
            append_axis(&broadcast, y->size[i], a_stride[i], b_stride[i], y_stride[i]);
    if (broadcast.rank == 0)
        append_axis(&broadcast, 1, 1, 1, 1);
    return broadcast;
}

struct binary {
    const struct broadcast *broadcast;
    enum binary_operation operation;
    const float *a, *b;
    float *y;
};

static void combine(enum binary_operation operation, const float *a, const float *b, float *y, int64_t count)
{
    if (operation == BINARY_ADD)
        for (int64_t i = 0; i < count; i++)
            y[i] = a[i] + b[i];
    else if (operation == BINARY_SUBTRACT)
        for (int64_t i = 0; i < count; i++)
            y[i] = a[i] - b[i];
    else
        for (int64_t i = 0; i < count; i++)
            y[i] = a[i] * b[i];
}

/* y = factor x + offset */
static void affine(const float *x, float factor, float offset, float *y, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        y[i] = factor * x[i] + offset;
}

static void combine_with_a(enum binary_operation operation, float a, const float *b, float *y, int64_t count)
{
    if (operation == BINARY_MULTIPLY)
        for (int64_t i = 0; i < count; i++)
            y[i] = a * b[i];
    else
        affine(b, operation == BINARY_ADD ? 1.0f : -1.0f, a, y, count);
}

static void combine_with_b(enum binary_operation operation, const float *a, float b, float *y, int64_t count)
{
    if (operation == BINARY_MULTIPLY)
        combine_with_a(operation, b, a, y, count);
    else
        affine(a, 1.0f, operation == BINARY_ADD ? b : -b, y, count);
}

static void combine_row(const void *argument, int64_t row, int64_t start, int64_t end)
{
    const struct binary *binary = argument;
    const struct broadcast *broadcast = binary->broadcast;
    const int32_t last = broadcast->rank - 1;
    const bool a_runs = broadcast->a_stride[last] != 0, b_runs = broadcast->b_stride[last] != 0;
    const float *a = binary->a + (a_runs ? start : 0), *b = binary->b + (b_runs ? start : 0);
    float *y = binary->y + row * broadcast->size[last] + start;
    int64_t rest = row;
    for (int32_t i = last - 1; i > 0; i--) {
        a += rest % broadcast->size[i] * broadcast->a_stride[i];
        b += rest % broadcast->size[i] * broadcast->b_stride[i];
        rest /= broadcast->size[i];
    }
    if (last > 0) { /* no division where rows are short and many */
        a += rest * broadcast->a_stride[0];
        b += rest * broadcast->b_stride[0];
    }
    if (a_runs && b_runs)
        combine(binary->operation, a, b, y, end - start);
    else if (a_runs)
        combine_with_b(binary->operation, a, *b, y, end - start);
    else
        combine_with_a(binary->operation, *a, b, y, end - start);
}

/* ---- Short rows ---- */

enum { PATTERN = 256 };

/* A row of b that meets all rows of a, such as one number for each channel, repeated so often that a loop
 * over it is worth its start. */
struct pattern {
    const struct binary *binary;
    int64_t row, rows; /* elements of a row; rows in the pattern */
    float values[PATTERN];
};

static bool repeats_b(const struct broadcast *broadcast)
{
    return broadcast->rank == 2 && broadcast->size[1] <= PATTERN / 4 &&
           broadcast->a_stride[0] == broadcast->size[1] && broadcast->a_stride[1] == 1 &&
           broadcast->b_stride[0] == 0 && broadcast->b_stride[1] == 1;
}

static void combine_with_pattern(const void *argument, int64_t start, int64_t end)
{
    const struct pattern *pattern = argument;
    const struct binary *binary = pattern->binary;
    for (int64_t row = start; row < end; row += pattern->rows) {
        const int64_t rows = end - row < pattern->rows ? end - row : pattern->rows;
        const int64_t at = row * pattern->row;
        combine(binary->operation, binary->a + at, pattern->values, binary->y + at, rows * pattern->row);
    }
}

static void apply_pattern(gan_context *context, const struct binary *binary)
{
    const int64_t row = binary->broadcast->size[1];
    struct pattern pattern = {.binary = binary, .row = row, .rows = PATTERN / row};
    for (int64_t i = 0; i < pattern.rows * row; i++)
        pattern.values[i] = binary->b[i % row];
    gan_parallel_ranges(context, binary->broadcast->size[0], gan_rows_per_task(row), combine_with_pattern,
                        &pattern);
}

void gan_broadcast_apply(gan_context *context, const struct broadcast *broadcast,
                         enum binary_operation operation, const float *a, const float *b, float *y)
{
    const struct binary binary = {broadcast, operation, a, b, y};
    if (repeats_b(broadcast)) {
        apply_pattern(context, &binary);
        return;
    }
    int64_t rows = 1;
    for (int32_t i = 0; i < broadcast->rank - 1; i++)
        rows *= broadcast->size[i];
    gan_parallel_rows(context, rows, broadcast->size[broadcast->rank - 1], combine_row, &binary);
}
