#include "kernels/ranges.h"
#include "base/threads.h"
#include "kernels/sizes.h"

enum { TASK = 16384 /* elements */ };

struct range_loop {
    range_task task;
    const void *argument;
    int64_t count, grain;
};

static int64_t pieces(int64_t count, int64_t grain)
{
    return (count + grain - 1) / grain;
}

static void run_range(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct range_loop *loop = argument;
    const int64_t start = index * loop->grain;
    loop->task(loop->argument, start, smaller(start + loop->grain, loop->count));
}

void gan_parallel_ranges(gan_context *context, int64_t count, int64_t grain, range_task task,
                         const void *argument)
{
    struct range_loop loop = {task, argument, count, grain};
    gan_parallel(context, pieces(count, grain), run_range, &loop);
}

int64_t gan_rows_per_task(int64_t columns)
{
    return columns < TASK ? TASK / (columns > 0 ? columns : 1) : 1;
}

struct row_loop {
    row_task task;
    const void *argument;
    int64_t rows, columns;
    int64_t rows_per_task, pieces_per_row; /* one of them is 1 */
};

static void run_rows(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct row_loop *loop = argument;
    const int64_t first = index / loop->pieces_per_row * loop->rows_per_task;
    const int64_t last = smaller(first + loop->rows_per_task, loop->rows);
    const int64_t start = index % loop->pieces_per_row * TASK;
    const int64_t end = loop->pieces_per_row > 1 ? smaller(start + TASK, loop->columns) : loop->columns;
    for (int64_t row = first; row < last; row++)
        loop->task(loop->argument, row, start, end);
}

void gan_parallel_rows(gan_context *context, int64_t rows, int64_t columns, row_task task,
                       const void *argument)
{
    if (rows <= 0 || columns <= 0)
        return;
    struct row_loop loop = {task, argument, rows, columns, gan_rows_per_task(columns), pieces(columns, TASK)};
    gan_parallel(context, pieces(rows, loop.rows_per_task) * loop.pieces_per_row, run_rows, &loop);
}

struct sum_loop {
    range_sum sum;
    const void *argument;
    int64_t count;
    double *sums;
};

static void run_sum(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct sum_loop *loop = argument;
    const int64_t start = index * TASK;
    loop->sums[index] = loop->sum(loop->argument, start, smaller(start + TASK, loop->count));
}

size_t gan_sum_workspace_size(int64_t count)
{
    return (size_t)pieces(count, TASK) * sizeof(double);
}

double gan_sum_ranges(gan_context *context, int64_t count, range_sum sum, const void *argument,
                      void *workspace)
{
    struct sum_loop loop = {sum, argument, count, workspace};
    gan_parallel(context, pieces(count, TASK), run_sum, &loop);
    double total = 0;
    for (int64_t i = 0; i < pieces(count, TASK); i++)
        total += loop.sums[i];
    return total;
}

double gan_sum_floats(const float *values, int64_t count)
{
    enum { LANES = 8 };
    double lanes[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)values[i + lane];
    double total = 0;
    for (; i < count; i++)
        total += (double)values[i];
    for (int lane = 0; lane < LANES; lane++)
        total += lanes[lane];
    return total;
}
