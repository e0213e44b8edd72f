/* A model of one parameter vector p whose loss is sum(p g), g the input of each step: so g is the gradient.
 */
#ifndef DESCENT_H
#define DESCENT_H

#include "gan/context.h"
#include "gan/layers.h"
#include "gan/objective.h"

struct descent {
    gan_context *context;
    gan_graph *graph;
    gan_model *model;
    gan_optimizer *optimizer;
    gan_objective *objective;
    gan_tensor *one, *gradient;
    int64_t count;
};

/* Takes over the caller's hold on the optimizer; it belongs to a context with this number of threads. */
typedef gan_optimizer *(*optimizer_maker)(gan_context *context, const void *options);
void descent_create(struct descent *descent, int64_t count, int32_t threads, optimizer_maker make,
                    const void *optimizer_options, const gan_objective_options *objective_options);
void descent_free(struct descent *descent);

void descent_set(struct descent *descent, const float *values);
void descent_step(struct descent *descent, const float *gradient);
void descent_get(const struct descent *descent, float *values);

/* Makers for gan_adam_options and gan_sgd_options. */
gan_optimizer *make_adam(gan_context *context, const void *options);
gan_optimizer *make_sgd(gan_context *context, const void *options);

/* The k-th gradient of the tests, and where parameters start. */
double test_gradient(int64_t step, int64_t index);
double test_start(int64_t index);

/* Step five times over these gradients from there; the values must come out within 1e-6 of `expected`. */
typedef void (*naive_step)(const void *options, int64_t step, double gradient, double *value, double *state);
void check_descent(optimizer_maker make, const void *options, naive_step step);

#endif
