/* Linear transforms that give features the mean and covariance of others. */
#ifndef GAN_STYLE_FEATURE_TRANSFORM_H
#define GAN_STYLE_FEATURE_TRANSFORM_H

#include "base/context.h"

/* Numbers of features: [channels], and [channels, channels] right after it. `mean` NULL: there are none. */
struct feature_moments {
    double *mean, *matrix;
};

/* Errors: OUT_OF_MEMORY. */
gan_status gan_feature_moments_make(struct feature_moments *moments, gan_context *context, int64_t channels);
void gan_feature_moments_free(struct feature_moments *moments, gan_context *context);

struct feature_transform {
    int32_t kind; /* GAN_TRANSFORM_* */
    int64_t channels;
    double ridge;       /* added to the content's variances: as a share of their mean */
    double fixed_ridge; /* the same as it is, and eigenvalues below `fixed_least` say nothing, */
    double fixed_least; /* as published for VGG-19 */
    double style_ridge; /* added to the style's variances */
};

/* What a transform needs of a content: covariance^-1/2 and, where it is LINEAR, covariance^1/2. */
struct feature_content {
    struct feature_moments whitening; /* and the mean */
    struct feature_moments root;      /* only its matrix */
};

/* The matrix of a style is its covariance before, and what transforms are made of afterwards. Errors:
 * NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_feature_transform_style(const struct feature_transform *transform, gan_context *context,
                                       struct feature_moments *style);

/* Of features [pixels, channels], which lose their mean. gan_feature_content_free after any outcome. Errors:
 * NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_feature_transform_content(const struct feature_transform *transform, gan_context *context,
                                         float *features, int64_t pixels, struct feature_content *content);
void gan_feature_content_free(struct feature_content *content, gan_context *context);

/* map += share times the transform that takes this content, without its mean, to this style. `map` holds the
 * offset as its mean. Errors: NOT_FINITE, OUT_OF_MEMORY. */
gan_status gan_feature_transform_add(const struct feature_transform *transform, gan_context *context,
                                     const struct feature_content *content,
                                     const struct feature_moments *style, double share,
                                     struct feature_moments *map);

/* map += share times the one that leaves the content as it is. */
void gan_feature_transform_add_content(const struct feature_transform *transform,
                                       const struct feature_content *content, double share,
                                       struct feature_moments *map);

#endif
