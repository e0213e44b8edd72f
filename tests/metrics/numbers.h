/* Tensors of known numbers, and what metrics say of them. */
#ifndef GAN_TESTS_METRIC_NUMBERS_H
#define GAN_TESTS_METRIC_NUMBERS_H

#include "gan/gan.h"

gan_tensor *make_numbers(gan_context *context, const int64_t *shape, int32_t rank);

/* The numbers of make_expected.py. */
void fill_numbers(gan_tensor *to, int64_t seed, float factor);

/* Fail the test where numbers differ by more, or a call did not end so, with these words. */
void is_near(double got, double expected, double tolerance);
void metric_says(gan_status status, gan_status expected, const char *words);

#endif
