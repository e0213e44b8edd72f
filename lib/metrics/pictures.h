/* What metrics demand of tensors. */
#ifndef GAN_METRICS_PICTURES_H
#define GAN_METRICS_PICTURES_H

#include "gan/metrics.h"
#include "tensor/tensor.h"

/* A tensor of float32 that is finite throughout; `name` is used in messages. Errors: ARGUMENT, TYPE, SHAPE
 * (no element), NOT_FINITE. */
gan_status gan_metric_check(const gan_tensor *tensor, const char *name);
/* Two such tensors of one shape. */
gan_status gan_metric_check_pair(const gan_tensor *a, const gan_tensor *b);
/* Two sets of vectors [n, C], [m, C] with n, m >= 2. */
gan_status gan_metric_check_sets(const gan_tensor *a, const gan_tensor *b);

#endif
