/* Sums of whole arrays. */
#ifndef GAN_KERNELS_ACCUMULATE_H
#define GAN_KERNELS_ACCUMULATE_H

#include "base/context.h"
#include "kernels/activation.h"
#include <stdbool.h>

/* target += source. */
void gan_accumulate(gan_context *context, float *target, const float *source, int64_t count);

/* target = factor * source; source is then 0. */
void gan_take_scaled(gan_context *context, float *target, float *source, float factor, int64_t count);

/* Sum of squares in double, the same bits for any number of threads; not finite where an element is not. */
double gan_sum_of_squares(gan_context *context, const float *values, int64_t count);

bool gan_all_finite(const float *values, int64_t count);

/* gradient *= f'(..), from y = f(..), in place and on all threads. */
void gan_activation_backward_in_place(gan_context *context, struct activation activation, const float *y,
                                      float *gradient, int64_t count);

#endif
