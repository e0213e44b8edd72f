#include "style/feature_transform.h"
#include "gan/feature_transfer.h"
#include "style/feature_covariance.h"

#include <math.h>
#include <string.h>

/* Below this share of the mean variance an eigenvalue is rounding. */
static const double least_share = 1e-9, least_of_all = 1e-12;

gan_status gan_feature_moments_make(struct feature_moments *moments, gan_context *context, int64_t channels)
{
    const size_t count = (size_t)(channels * channels + channels);
    moments->mean = gan_allocate_array(context, count, sizeof *moments->mean);
    if (moments->mean == NULL)
        return gan_fail_memory("a covariance of features", count * sizeof *moments->mean);
    moments->matrix = moments->mean + channels;
    return GAN_OK;
}

void gan_feature_moments_free(struct feature_moments *moments, gan_context *context)
{
    gan_release(context, moments->mean);
    *moments = (struct feature_moments){NULL, NULL};
}

/* ---- Powers of covariances, or of their diagonals ---- */

static void keep_diagonal(double *matrix, int64_t channels)
{
    for (int64_t i = 0; i < channels * channels; i++)
        if (i / channels != i % channels)
            matrix[i] = 0;
}

static void add_to_diagonal(double *matrix, int64_t channels, double amount)
{
    for (int64_t i = 0; i < channels; i++)
        matrix[i * channels + i] += amount;
}

static double mean_variance(const double *covariance, int64_t channels)
{
    double sum = 0;
    for (int64_t i = 0; i < channels; i++)
        sum += covariance[i * channels + i];
    return sum / (double)channels;
}

static gan_status raise(const struct feature_transform *transform, gan_context *context, double *matrix,
                        double exponent, double least)
{
    const int64_t channels = transform->channels;
    if (transform->kind != GAN_TRANSFORM_MEAN_DEVIATION)
        return gan_symmetric_power(context, matrix, channels, exponent, least);
    for (int64_t i = 0; i < channels; i++) {
        double *variance = &matrix[i * channels + i];
        *variance = *variance >= least ? pow(*variance, exponent) : 0;
    }
    return GAN_OK;
}

static double least_of(const struct feature_transform *transform, double variance)
{
    return fmax(transform->fixed_least, fmax(least_share * variance, least_of_all));
}

gan_status gan_feature_transform_style(const struct feature_transform *transform, gan_context *context,
                                       struct feature_moments *style)
{
    const int64_t channels = transform->channels;
    add_to_diagonal(style->matrix, channels, transform->style_ridge);
    if (transform->kind == GAN_TRANSFORM_MEAN_DEVIATION)
        keep_diagonal(style->matrix, channels);
    if (transform->kind == GAN_TRANSFORM_LINEAR)
        return GAN_OK;
    return raise(transform, context, style->matrix, 0.5,
                 least_of(transform, mean_variance(style->matrix, channels)));
}

/* ---- The content ---- */

gan_status gan_feature_transform_content(const struct feature_transform *transform, gan_context *context,
                                         float *features, int64_t pixels, struct feature_content *content)
{
    const int64_t channels = transform->channels;
    const size_t size = (size_t)(channels * channels) * sizeof(double);
    *content = (struct feature_content){{NULL, NULL}, {NULL, NULL}};
    gan_status status = gan_feature_moments_make(&content->whitening, context, channels);
    if (status == GAN_OK)
        status = gan_feature_covariance(context, features, pixels, channels, content->whitening.mean,
                                        content->whitening.matrix);
    if (status != GAN_OK)
        return status;
    double *matrix = content->whitening.matrix;
    const double variance = mean_variance(matrix, channels), least = least_of(transform, variance);
    add_to_diagonal(matrix, channels, transform->fixed_ridge + transform->ridge * variance);
    if (transform->kind == GAN_TRANSFORM_MEAN_DEVIATION)
        keep_diagonal(matrix, channels);
    if (transform->kind == GAN_TRANSFORM_LINEAR) {
        status = gan_feature_moments_make(&content->root, context, channels);
        if (status != GAN_OK)
            return status;
        memcpy(content->root.matrix, matrix, size);
        status = raise(transform, context, content->root.matrix, 0.5, least);
    }
    return status == GAN_OK ? raise(transform, context, matrix, -0.5, least) : status;
}

void gan_feature_content_free(struct feature_content *content, gan_context *context)
{
    gan_feature_moments_free(&content->whitening, context);
    gan_feature_moments_free(&content->root, context);
}

/* ---- Transforms ---- */

/* to += share a b */
static void add_product(double *to, const double *a, const double *b, int64_t channels, double share)
{
    for (int64_t i = 0; i < channels; i++)
        for (int64_t k = 0; k < channels; k++) {
            const double factor = share * a[i * channels + k];
            for (int64_t j = 0; factor != 0 && j < channels; j++)
                to[i * channels + j] += factor * b[k * channels + j];
        }
}

/* The middle of the linear transform: (root style root)^1/2, which takes the place of `product`. */
static gan_status transport(const struct feature_transform *transform, gan_context *context,
                            const double *root, const double *style, double *product, double *scratch)
{
    const int64_t channels = transform->channels;
    add_product(scratch, style, root, channels, 1);
    add_product(product, root, scratch, channels, 1);
    const double variance = mean_variance(product, channels);
    return raise(transform, context, product, 0.5, fmax(least_share * variance, 0));
}

static gan_status add_linear(const struct feature_transform *transform, gan_context *context,
                             const struct feature_content *content, const double *style, double share,
                             double *map)
{
    struct feature_moments middle = {NULL, NULL}, scratch = {NULL, NULL};
    const int64_t channels = transform->channels;
    const double *whitening = content->whitening.matrix;
    gan_status status = gan_feature_moments_make(&middle, context, channels);
    if (status == GAN_OK)
        status = gan_feature_moments_make(&scratch, context, channels);
    if (status == GAN_OK)
        status = transport(transform, context, content->root.matrix, style, middle.matrix, scratch.matrix);
    if (status == GAN_OK) {
        memset(scratch.matrix, 0, (size_t)(channels * channels) * sizeof *scratch.matrix);
        add_product(scratch.matrix, middle.matrix, whitening, channels, 1);
        add_product(map, whitening, scratch.matrix, channels, share);
    }
    gan_feature_moments_free(&scratch, context);
    gan_feature_moments_free(&middle, context);
    return status;
}

gan_status gan_feature_transform_add(const struct feature_transform *transform, gan_context *context,
                                     const struct feature_content *content,
                                     const struct feature_moments *style, double share,
                                     struct feature_moments *map)
{
    for (int64_t i = 0; i < transform->channels; i++)
        map->mean[i] += share * style->mean[i];
    if (transform->kind == GAN_TRANSFORM_LINEAR)
        return add_linear(transform, context, content, style->matrix, share, map->matrix);
    add_product(map->matrix, style->matrix, content->whitening.matrix, transform->channels, share);
    return GAN_OK;
}

void gan_feature_transform_add_content(const struct feature_transform *transform,
                                       const struct feature_content *content, double share,
                                       struct feature_moments *map)
{
    for (int64_t i = 0; i < transform->channels; i++)
        map->mean[i] += share * content->whitening.mean[i];
    add_to_diagonal(map->matrix, transform->channels, share);
}
