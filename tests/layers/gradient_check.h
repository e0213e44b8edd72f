/* Gradients of layers against finite differences, on every kernel set and number of threads. */
#ifndef GRADIENT_CHECK_H
#define GRADIENT_CHECK_H

#include "experiment.h"
#include <stdbool.h>

/* All gradients against central differences of the output, the sum over it in double. */
void check_finite_differences(struct experiment *experiment, double tolerance);

/* The case on every kernel set that the machine runs: finite differences, and the same bits for 1, 2 and 3
 * threads. */
void check_layer(const struct layer_case *layer);

/* Whether this machine runs the kernel set. */
bool kernels_run(int32_t kernels);

/* Both have the same number of elements; the largest difference is at most `tolerance` times the largest
 * magnitude expected. Reports the worst element, and returns that error. */
double expect_near(const char *name, const char *what, const gan_tensor *got, const gan_tensor *expected,
                   double tolerance);

/* The same against double numbers. */
void expect_values(const char *name, const char *what, const gan_tensor *got, const double *expected,
                   double tolerance);

#endif
