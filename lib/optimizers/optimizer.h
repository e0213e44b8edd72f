/* Inside of optimizers: one fused pass over flat slabs of parameters, gradients and moments. */
#ifndef GAN_OPTIMIZERS_OPTIMIZER_H
#define GAN_OPTIMIZERS_OPTIMIZER_H

#include "base/context.h"
#include "gan/optimizer.h"
#include <stdbool.h>

enum { OPTIMIZER_SLABS = 2 }; /* most that any kind keeps */

/* One run of contiguous floats that an optimizer changes. */
struct optimizer_run {
    float *values;
    const float *gradients;
    size_t count;
};

/* A piece of a run with the moments that belong to it: the work of one task. */
struct optimizer_chunk {
    float *values;
    const float *gradients;
    float *slabs[OPTIMIZER_SLABS];
    size_t count;
    float gradient_factor;
    float bound; /* gradients are clamped to [-bound, bound]; infinity where they are not */
    double rate;
};

struct optimizer_kind {
    const char *name;
    int32_t (*slab_count)(const gan_optimizer *optimizer);
    void (*update)(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk);
};

struct gan_optimizer {
    atomic_int references;
    gan_context *context;
    const struct optimizer_kind *kind;
    gan_adam_options adam; /* only the one of the kind is used; defaults are filled in */
    gan_sgd_options sgd;
    float learning_rate;
    gan_schedule_options schedule;
    int64_t step_count;
    uint64_t *keys; /* NULL before the first bind */
    int32_t key_count, slab_count;
    size_t total; /* floats in each slab */
    float *slabs[OPTIMIZER_SLABS];
};

/* An optimizer of that kind without options. Errors: ARGUMENT, OUT_OF_MEMORY. */
gan_status gan_optimizer_make(gan_optimizer **out, gan_context *context, const struct optimizer_kind *kind);
gan_optimizer *gan_optimizer_retain(gan_optimizer *optimizer);

/* An error naming the option unless `value` is finite and not negative. */
gan_status gan_optimizer_check(const char *option, float value);

/* Rate of the next step, before rounding. */
double gan_optimizer_rate(const gan_optimizer *optimizer);

/* The parameters served: keys tell them apart, total counts their elements. The first bind allocates zeroed
 * moments; a later one must name the same list. Errors: ARGUMENT, OUT_OF_MEMORY. */
gan_status gan_optimizer_bind(gan_optimizer *optimizer, const uint64_t *keys, int32_t key_count,
                              size_t total);

/* One step over all runs in order; moments lie in the same order, one after another. gradient_factor
 * multiplies the gradients first (clipping by norm), clip_value > 0 clamps them then. */
void gan_optimizer_apply(gan_optimizer *optimizer, const struct optimizer_run *runs, int32_t run_count,
                         float gradient_factor, float clip_value);

/* g as the update sees it: scaled, clamped, with weight decay. */
static inline float optimizer_gradient(const struct optimizer_chunk *chunk, float gradient, float value,
                                       float weight_decay)
{
    const float scaled = gradient * chunk->gradient_factor;
    const float above = scaled < -chunk->bound ? -chunk->bound : scaled;
    const float clamped = above > chunk->bound ? chunk->bound : above;
    return clamped + weight_decay * value;
}

#endif
