/* Colours of pictures: what the content of a photograph looks like in the palette of a painting. */
#ifndef GAN_STYLE_PALETTE_H
#define GAN_STYLE_PALETTE_H

#include <stdint.h>

/* Of colours of three numbers, such as RGB in 0..1. */
struct palette {
    double mean[3], covariance[3][3];
};

void gan_palette_measure(struct palette *palette, const float *pixels, int64_t count);

/* Take the palette of `more_count` pixels into that of `count` others. */
void gan_palette_merge(struct palette *palette, double count, const struct palette *more, double more_count);

/* The map from colours, less their mean, to those of the wanted covariance. `least_variance` is added to the
 * own variances, so that noise of a grey picture is not blown up. */
void gan_palette_map(double out[3][3], const struct palette *own, const struct palette *wanted,
                     double least_variance);

/* `out` becomes the photograph of `count` pixels with the palette's mean and covariance, cut off to 0..1.
 * RGB. */
void gan_palette_apply(const struct palette *style, const float *photograph, float *out, int64_t count);

#endif
