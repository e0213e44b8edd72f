/* Mean and covariance of features, and the linear maps between them: whitening and colouring. */
#ifndef GAN_STYLE_FEATURE_COVARIANCE_H
#define GAN_STYLE_FEATURE_COVARIANCE_H

#include "base/context.h"

/* Features are [pixels, channels]. Their mean is taken away from them; `mean` is [channels], `covariance`
 * [channels, channels] over pixels - 1. Errors: NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_feature_covariance(gan_context *context, float *features, int64_t pixels, int64_t channels,
                                  double *mean, double *covariance);

/* A symmetric matrix becomes its power, over the eigenvalues of at least `least`; the others count as 0.
 * Errors: NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_symmetric_power(gan_context *context, double *matrix, int64_t count, double exponent,
                               double least);

/* to = matrix x features + offset, pixel by pixel. Errors: OUT_OF_MEMORY. */
gan_status gan_feature_map(gan_context *context, const float *features, int64_t pixels, int64_t channels,
                           const float *matrix, const float *offset, float *to);

#endif
