/* Parallel loops over plain arrays, cut by size alone so that results have the same bits for any number of
 * threads. */
#ifndef GAN_KERNELS_RANGES_H
#define GAN_KERNELS_RANGES_H

#include "base/context.h"

/* Elements [start, end). */
typedef void (*range_task)(const void *argument, int64_t start, int64_t end);

/* All of 0..count in ranges of `grain` (at least 1). */
void gan_parallel_ranges(gan_context *context, int64_t count, int64_t grain, range_task task,
                         const void *argument);

/* Elements [start, end) of a row. */
typedef void (*row_task)(const void *argument, int64_t row, int64_t start, int64_t end);

/* All rows of `columns` elements: several short rows make one task, a long row makes several. */
void gan_parallel_rows(gan_context *context, int64_t rows, int64_t columns, row_task task,
                       const void *argument);

/* How many rows of `columns` elements make a task worth its dispatch. */
int64_t gan_rows_per_task(int64_t columns);

/* Sum of what `sum` gives for the ranges of 0..count, added in order; workspace is 8-byte aligned. */
typedef double (*range_sum)(const void *argument, int64_t start, int64_t end);
size_t gan_sum_workspace_size(int64_t count);
double gan_sum_ranges(gan_context *context, int64_t count, range_sum sum, const void *argument,
                      void *workspace);

/* Sum of an array in double. */
double gan_sum_floats(const float *values, int64_t count);

#endif
