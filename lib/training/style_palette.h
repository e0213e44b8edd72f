/* Colours of pictures: what the content of a photograph looks like in the palette of a painting. */
#ifndef GAN_TRAINING_STYLE_PALETTE_H
#define GAN_TRAINING_STYLE_PALETTE_H

#include <stdint.h>

/* Of RGB in 0..1. */
struct style_palette {
    double mean[3], covariance[3][3];
};

void gan_style_palette_measure(struct style_palette *palette, const float *pixels, int64_t count);

/* `out` becomes the photograph of `count` pixels with the palette's mean and covariance, cut off to 0..1. */
void gan_style_palette_apply(const struct style_palette *style, const float *photograph, float *out,
                             int64_t count);

#endif
