/* Layers against plain formulas in double, and the words of their errors. */
#ifndef NAIVE_H
#define NAIVE_H

#include "gradient_check.h"

/* Element `index` of the output as it should be. */
typedef double (*naive_value)(const struct experiment *experiment, int64_t index);

/* Run the case and compare each element, within 1e-6 of the largest magnitude. */
void check_values(const struct layer_case *layer, naive_value value);

/* Element [n, y, x, c] of input `input`, a picture. */
double pixel(const struct experiment *experiment, int32_t input, int64_t n, int64_t y, int64_t x, int64_t c);

/* The place of element `index` of a tensor of rank 4. */
struct place {
    int64_t n, y, x, c;
};
struct place place_of(const gan_tensor *tensor, int64_t index);

/* A constant of the shape of x, its batch replaced where `batch` is above 0; element i is target_at(i),
 * between 0 and 1. */
double target_at(int64_t i);
gan_layer *constant_target(gan_layer *x, int64_t batch);

/* The builder refuses inputs of these shapes in these words. */
typedef gan_layer *(*refused_builder)(gan_layer *const *inputs);
void expect_refusal(refused_builder build, const char *words, int32_t rank, const int64_t *first,
                    const int64_t *second);

#endif
