/* Sums over pixels, per channel: robust where mean >> deviation, and with the same bits for any number of
 * threads. */
#ifndef GAN_KERNELS_MOMENTS_H
#define GAN_KERNELS_MOMENTS_H

#include "base/context.h"

/* [batch, pixels, channels]. Sums are over the pixels; batch norm puts its batch into `pixels`. */
struct pixel_field {
    int64_t batch, pixels, channels;
};

/* Bytes of scratch memory for each function below, 8-byte aligned by the caller. */
size_t gan_moments_workspace_size(const struct pixel_field *field);

/* mean[n, c], and square[n, c] = sum of (x - mean)^2. */
void gan_moments(gan_context *context, const struct pixel_field *field, const float *x, double *mean,
                 double *square, void *workspace);

/* Take pixels that lie `stride` floats apart into the mean and square of `count` values before; count has one
 * number for each channel, all the same. */
void gan_moments_gather(int32_t kernels, const float *x, int64_t pixels, int64_t stride, int64_t channels,
                        double *count, double *mean, double *square);

/* Take mean and square of `more` values into those of `count` values before. */
void gan_moments_merge(double *count, double *mean, double *square, double more, const double *more_mean,
                       const double *more_square, int64_t channels);

/* sum[n, c] = sum of dy, product[n, c] = sum of dy (x - center[n, c]). */
void gan_gradient_sums(gan_context *context, const struct pixel_field *field, const float *x, const float *dy,
                       const float *center, double *sum, double *product, void *workspace);

/* Scratch memory of gan_column_sums: sums[c] = sum of x[i, c] over the rows, the gradient of a bias. */
size_t gan_column_sums_workspace_size(int64_t rows, int64_t columns);
void gan_column_sums(gan_context *context, const float *x, int64_t rows, int64_t columns, float *sums,
                     void *workspace);

#endif
