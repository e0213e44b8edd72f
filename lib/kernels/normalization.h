/* y = scale (x - mean) / sqrt(variance + epsilon) + shift, forward and backward, for every normalization:
 * they differ in the set of elements that share a mean and a variance. */
#ifndef GAN_KERNELS_NORMALIZATION_H
#define GAN_KERNELS_NORMALIZATION_H

#include "kernels/activation.h"
#include "kernels/moments.h"
#include <stdbool.h>

struct normalization {
    struct pixel_field field;
    int64_t sets; /* per picture, each of channels / sets channels and all pixels; divides channels */
    double epsilon;
    bool sample_variance;       /* over n - 1 instead of n */
    bool fixed;                 /* the statistics are given: no gradient flows through them */
    const float *scale, *shift; /* [channels] per picture; NULL: 1 and 0 */
    int64_t affine_step;        /* from one picture's scale and shift to the next one's: 0 or channels */
    const float *residual;      /* shape of y, added before the activation (forward only); or NULL */
};

/* [batch, sets] of these are what backward needs from forward. */
struct set_statistics {
    double mean, variance;
};

/* 8-byte aligned scratch memory of all functions below. */
size_t gan_normalization_workspace_size(const struct normalization *normalization);

void gan_normalization_statistics(gan_context *context, const struct normalization *normalization,
                                  const float *x, struct set_statistics *statistics, void *workspace);

/* The same from known moments: mean and square, [batch, channels] each (see moments.h). */
void gan_normalization_statistics_of(const struct normalization *normalization, const double *mean,
                                     const double *square, struct set_statistics *statistics);

/* Moving averages over the runs of a plan: `statistics` become (1 - carry) of themselves and `carry` of what
 * is remembered, and are remembered. A carry of 0, or a memory that is not finite: the old is forgotten. */
void gan_normalization_carry(struct set_statistics *statistics, struct set_statistics *remembered,
                             int64_t count, double carry);

/* y = activation(normalized x); y must not overlap x. */
void gan_normalization_forward(gan_context *context, const struct normalization *normalization,
                               const float *x, const struct set_statistics *statistics,
                               struct activation activation, float *y, void *workspace);

/* The same as scale and shift of x, [batch, channels] each, for a reader that applies them itself. */
void gan_normalization_affine(const struct normalization *normalization,
                              const struct set_statistics *statistics, float *scale, float *shift,
                              void *workspace);

/* dx (NULL: not wanted), and per picture and channel dscale = sum of dy (x - mean) / deviation and dshift =
 * sum of dy: [batch, channels], always written. */
void gan_normalization_backward(gan_context *context, const struct normalization *normalization,
                                const float *x, const float *dy, const struct set_statistics *statistics,
                                float *dx, double *dscale, double *dshift, void *workspace);

/* What is left to the callers of adaptive norms: y = (x - center) scale + shift with [batch, channels] each.
 */
struct channel_affine;
void gan_channel_affine(gan_context *context, const struct pixel_field *field, const float *x,
                        const struct channel_affine *affine, struct activation activation, float *y);

#endif
