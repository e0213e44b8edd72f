/* L-BFGS: minimisation of a smooth function of many numbers from its values and gradients alone, with
 * curvature from the last few steps (Nocedal 1980; Liu & Nocedal 1989). */
#ifndef GAN_OPTIMIZERS_LBFGS_H
#define GAN_OPTIMIZERS_LBFGS_H

#include "base/context.h"

struct lbfgs_function {
    /* The value and gradient at x. NOT_FINITE means that x lies too far out: a shorter step is tried. */
    gan_status (*evaluate)(void *argument, const float *x, float *gradient, double *value);
    /* After each step; false: stop there. May be NULL. */
    bool (*report)(void *argument, int32_t step, double value);
    void *argument;
};

struct lbfgs_options {
    size_t count;    /* numbers in x */
    int32_t steps;   /* at most */
    int32_t history; /* steps remembered, at least 1; each takes 2 * count floats */
};

/* x is the start and becomes the best point found, also where a step fails. Ends early where no step along
 * the gradient lowers the value any more. */
gan_status gan_lbfgs(gan_context *context, float *x, const struct lbfgs_function *function,
                     const struct lbfgs_options *options);

#endif
