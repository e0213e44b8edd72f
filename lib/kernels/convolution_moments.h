/* Means and squares of a convolution's output: what its tasks and its runs do for them. */
#ifndef GAN_KERNELS_CONVOLUTION_MOMENTS_H
#define GAN_KERNELS_CONVOLUTION_MOMENTS_H

#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"

/* The slot of a task, empty, for a group's channels of one picture; without memory where the run's epilogue
 * asks for no moments. */
struct moments_slot gan_moments_open(const struct convolution_run *run, int64_t task, int64_t picture,
                                     int64_t group);

/* Merge the slots, after all tasks are done. */
void gan_moments_close(const struct convolution_run *run);

#endif
