#include "style/feature_covariance.h"
#include "kernels/gemm.h"
#include "kernels/symmetric.h"

#include <math.h>
#include <string.h>

/* Products are added up in float over so many pixels, and in double beyond. */
enum { PIXELS_AT_ONCE = 16384 };

static void find_mean(const float *features, int64_t pixels, int64_t channels, double *mean)
{
    memset(mean, 0, (size_t)channels * sizeof *mean);
    for (int64_t i = 0; i < pixels; i++)
        for (int64_t c = 0; c < channels; c++)
            mean[c] += (double)features[i * channels + c];
    for (int64_t c = 0; c < channels; c++)
        mean[c] /= (double)pixels;
}

static void take_away(float *features, int64_t pixels, int64_t channels, const double *mean)
{
    for (int64_t i = 0; i < pixels; i++)
        for (int64_t c = 0; c < channels; c++)
            features[i * channels + c] -= (float)mean[c];
}

static void add_products(gan_context *context, const float *features, int64_t pixels, int64_t channels,
                         float *products, void *workspace, double *sums)
{
    const struct gemm gemm = {.m = channels,
                              .n = channels,
                              .k = pixels,
                              .a = features,
                              .a_row = 1,
                              .a_column = channels,
                              .b = features,
                              .b_row = channels,
                              .b_column = 1,
                              .c = products,
                              .c_row = channels,
                              .alpha = 1,
                              .symmetric = true};
    gan_gemm(context, &gemm, workspace);
    for (int64_t i = 0; i < channels * channels; i++)
        sums[i] += (double)products[i];
}

static gan_status divide(double *covariance, int64_t channels, int64_t pixels)
{
    const double divisor = pixels > 1 ? (double)(pixels - 1) : 1;
    for (int64_t i = 0; i < channels * channels; i++) {
        covariance[i] /= divisor;
        if (!isfinite(covariance[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "the features' covariance is not finite");
    }
    return GAN_OK;
}

gan_status gan_feature_covariance(gan_context *context, float *features, int64_t pixels, int64_t channels,
                                  double *mean, double *covariance)
{
    const size_t count = (size_t)(channels * channels);
    const size_t size = gan_gemm_workspace_size(context, channels, channels, PIXELS_AT_ONCE);
    float *products = gan_allocate_array(context, count, sizeof *products);
    void *workspace = gan_allocate(context, size);
    gan_status status = products != NULL && workspace != NULL
                            ? GAN_OK
                            : gan_fail_memory("a covariance", count * sizeof *products + size);
    if (status == GAN_OK) {
        find_mean(features, pixels, channels, mean);
        take_away(features, pixels, channels, mean);
        memset(covariance, 0, count * sizeof *covariance);
        for (int64_t first = 0; first < pixels; first += PIXELS_AT_ONCE)
            add_products(context, features + first * channels,
                         pixels - first < PIXELS_AT_ONCE ? pixels - first : PIXELS_AT_ONCE, channels,
                         products, workspace, covariance);
        status = divide(covariance, channels, pixels);
    }
    gan_release(context, workspace);
    gan_release(context, products);
    return status;
}

/* The sum of value^exponent v v^T over the eigenvectors, which are rows of `vectors`. */
static void compose(double *matrix, int64_t count, const double *vectors, const double *values,
                    double exponent, double least)
{
    memset(matrix, 0, (size_t)(count * count) * sizeof *matrix);
    for (int64_t k = 0; k < count; k++) {
        const double *vector = vectors + k * count;
        if (!(values[k] >= least))
            continue;
        const double power = pow(values[k], exponent);
        for (int64_t i = 0; i < count; i++) {
            const double factor = power * vector[i];
            for (int64_t j = 0; j < count; j++)
                matrix[i * count + j] += factor * vector[j];
        }
    }
}

gan_status gan_symmetric_power(gan_context *context, double *matrix, int64_t count, double exponent,
                               double least)
{
    const size_t room = (size_t)(count * count + 4 * count);
    double *vectors = gan_allocate_array(context, room, sizeof *vectors);
    if (vectors == NULL)
        return gan_fail_memory("eigenvectors", room * sizeof *vectors);
    double *values = vectors + count * count;
    memcpy(vectors, matrix, (size_t)(count * count) * sizeof *vectors);
    const bool settled = gan_symmetric_eigen(vectors, count, true, values, values + count);
    if (settled)
        compose(matrix, count, vectors, values, exponent, least);
    gan_release(context, vectors);
    return settled ? GAN_OK : gan_fail(GAN_ERROR_NOT_FINITE, "a covariance has no eigenvalues");
}

gan_status gan_feature_map(gan_context *context, const float *features, int64_t pixels, int64_t channels,
                           const float *matrix, const float *offset, float *to)
{
    const size_t size = gan_gemm_workspace_size(context, pixels, channels, channels);
    void *workspace = gan_allocate(context, size);
    if (workspace == NULL)
        return gan_fail_memory("a product of matrices", size);
    const struct gemm gemm = {.m = pixels,
                              .n = channels,
                              .k = channels,
                              .a = features,
                              .a_row = channels,
                              .a_column = 1,
                              .b = matrix,
                              .b_row = 1,
                              .b_column = channels,
                              .c = to,
                              .c_row = channels,
                              .alpha = 1,
                              .beta = 1};
    for (int64_t i = 0; i < pixels; i++)
        memcpy(to + i * channels, offset, (size_t)channels * sizeof *to);
    gan_gemm(context, &gemm, workspace);
    gan_release(context, workspace);
    return GAN_OK;
}
