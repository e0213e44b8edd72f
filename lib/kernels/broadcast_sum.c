/* The sum over stretched axes. The merged axes fall into kept ones, along which a runs, and summed ones. An
 * item is what one row of y gives to the sum (a piece of a row, where the row itself is summed); items are
 * dealt out to a fixed number of parts, each with sums of its own, which are added up in order. */
#include "base/threads.h"
#include "kernels/broadcast.h"
#include "kernels/ranges.h"

#include <string.h>

enum { PIECE = 16384, MOST_PARTS = 32, COLUMNS = 256 };

struct axes {
    int32_t count;
    int32_t axis[GAN_MAX_RANK];
    int64_t total; /* product of the sizes */
};

struct summation {
    const struct broadcast *broadcast;
    float factor;
    const float *y, *b;
    float *a;
    double *sums;             /* [parts, kept.total * columns] */
    struct axes kept, summed; /* without the last axis */
    bool columns_kept;        /* of the last axis */
    int64_t columns, pieces;  /* size of the last axis; into how many pieces it is cut where it is summed */
    int64_t items, parts, elements; /* of a */
};

static void add_axis(struct axes *axes, const struct broadcast *broadcast, int32_t axis)
{
    axes->axis[axes->count++] = axis;
    axes->total *= broadcast->size[axis];
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static struct summation summation_of(const struct broadcast *broadcast)
{
    const int32_t last = broadcast->rank - 1;
    struct summation s = {.broadcast = broadcast, .kept = {.total = 1}, .summed = {.total = 1}};
    for (int32_t i = 0; i < last; i++)
        add_axis(broadcast->a_stride[i] != 0 ? &s.kept : &s.summed, broadcast, i);
    s.columns_kept = broadcast->a_stride[last] != 0;
    s.columns = broadcast->size[last];
    s.pieces = s.columns_kept ? 1 : (s.columns + PIECE - 1) / PIECE;
    s.items = s.summed.total * s.pieces;
    s.elements = s.kept.total * (s.columns_kept ? s.columns : 1);
    const int64_t each = s.items > 0 ? s.summed.total * s.kept.total * s.columns / PIECE : 0;
    const int64_t most = clamp(s.items, 1, MOST_PARTS);
    const int64_t room = s.elements > PIECE ? 1 : most; /* many kept elements are work enough for all */
    s.parts = clamp(each, 1, room);
    return s;
}

/* Where element `index` of these axes lies. */
static int64_t offset_of(const struct summation *s, const struct axes *axes, int64_t index,
                         const int64_t *stride)
{
    int64_t offset = 0;
    for (int32_t i = axes->count - 1; i > 0; i--) {
        const int32_t axis = axes->axis[i];
        offset += index % s->broadcast->size[axis] * stride[axis];
        index /= s->broadcast->size[axis];
    }
    return axes->count > 0 ? offset + index * stride[axes->axis[0]] : 0;
}

/* y and b of one kept and one summed index; b is NULL where there is none. */
struct row {
    const float *y, *b;
};

static struct row row_of(const struct summation *s, int64_t kept, int64_t summed)
{
    const struct broadcast *broadcast = s->broadcast;
    struct row row = {s->y, s->b};
    row.y += offset_of(s, &s->kept, kept, broadcast->y_stride) +
             offset_of(s, &s->summed, summed, broadcast->y_stride);
    if (row.b != NULL)
        row.b += offset_of(s, &s->kept, kept, broadcast->b_stride) +
                 offset_of(s, &s->summed, summed, broadcast->b_stride);
    return row;
}

static void add_columns(const float *y, const float *b, int64_t b_stride, double *sums, int64_t count)
{
    if (b == NULL)
        for (int64_t i = 0; i < count; i++)
            sums[i] += (double)y[i];
    else if (b_stride != 0)
        for (int64_t i = 0; i < count; i++)
            sums[i] += (double)y[i] * (double)b[i];
    else
        for (int64_t i = 0; i < count; i++)
            sums[i] += (double)y[i] * (double)b[0];
}

static double dot(const float *y, const float *b, int64_t count)
{
    enum { LANES = 8 };
    double lanes[LANES] = {0}, total = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)y[i + lane] * (double)b[i + lane];
    for (; i < count; i++)
        total += (double)y[i] * (double)b[i];
    for (int lane = 0; lane < LANES; lane++)
        total += lanes[lane];
    return total;
}

static double sum_row(const float *y, const float *b, int64_t b_stride, int64_t count)
{
    if (b == NULL)
        return gan_sum_floats(y, count);
    return b_stride != 0 ? dot(y, b, count) : gan_sum_floats(y, count) * (double)*b;
}

/* A block of columns that are kept, summed over the items [first, last). */
static void sum_block(const struct summation *s, int64_t kept, int64_t start, int64_t first, int64_t last,
                      double *sums)
{
    const int64_t count = clamp(s->columns - start, 0, COLUMNS);
    const int64_t b_stride = s->broadcast->b_stride[s->broadcast->rank - 1];
    double block[COLUMNS];
    memset(block, 0, sizeof block);
    for (int64_t item = first; item < last; item++) {
        const struct row row = row_of(s, kept, item);
        add_columns(row.y + start, row.b != NULL ? row.b + start * b_stride : NULL, b_stride, block, count);
    }
    memcpy(sums + kept * s->columns + start, block, (size_t)count * sizeof *block);
}

/* One kept element, summed over the items [first, last). */
static void sum_element(const struct summation *s, int64_t kept, int64_t first, int64_t last, double *sums)
{
    const int64_t b_stride = s->broadcast->b_stride[s->broadcast->rank - 1];
    double total = 0;
    for (int64_t item = first; item < last; item++) {
        const struct row row = row_of(s, kept, item / s->pieces);
        const int64_t start = item % s->pieces * PIECE;
        total += sum_row(row.y + start, row.b != NULL ? row.b + start * b_stride : NULL, b_stride,
                         clamp(s->columns - start, 0, PIECE));
    }
    sums[kept] = total;
}

static int64_t blocks_per_row(const struct summation *s)
{
    return s->columns_kept ? (s->columns + COLUMNS - 1) / COLUMNS : 1;
}

static void sum_part(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct summation *s = argument;
    const int64_t blocks = blocks_per_row(s), units = s->kept.total * blocks;
    const int64_t part = index / units, kept = index % units / blocks;
    const int64_t first = s->items * part / s->parts, last = s->items * (part + 1) / s->parts;
    double *sums = s->sums + part * s->elements;
    if (s->columns_kept)
        sum_block(s, kept, index % blocks * COLUMNS, first, last, sums);
    else
        sum_element(s, kept, first, last, sums);
}

static void add_parts(const void *argument, int64_t start, int64_t end)
{
    const struct summation *s = argument;
    for (int64_t i = start; i < end; i++) {
        double total = 0;
        for (int64_t part = 0; part < s->parts; part++)
            total += s->sums[part * s->elements + i];
        s->a[i] = (float)((double)s->factor * total);
    }
}

size_t gan_broadcast_sum_workspace_size(const struct broadcast *broadcast)
{
    const struct summation s = summation_of(broadcast);
    return (size_t)(s.parts * s.elements) * sizeof(double);
}

void gan_broadcast_sum(gan_context *context, const struct broadcast *broadcast, float factor, const float *y,
                       const float *b, float *a, void *workspace)
{
    struct summation s = summation_of(broadcast);
    s.factor = factor;
    s.y = y;
    s.b = b;
    s.a = a;
    s.sums = workspace;
    gan_parallel(context, s.parts * s.kept.total * blocks_per_row(&s), sum_part, &s);
    gan_parallel_ranges(context, s.elements, PIECE, add_parts, &s);
}
