/* How often values of Oklab occur, and the curves that make one picture's values as frequent as another's. */
#ifndef GAN_STYLE_COLOR_HISTOGRAM_H
#define GAN_STYLE_COLOR_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BINS = 4096 };

/* Lightness from 0 to 1, both opponent colours from -0.5 to 0.5. */
struct color_histogram {
    int64_t count[3][HISTOGRAM_BINS];
};

/* For each channel what becomes of the values at the edges of the bins; those between are interpolated. */
struct color_curves {
    float value[3][HISTOGRAM_BINS + 1];
};

void gan_color_histogram_add(struct color_histogram *histogram, const float *lab, int64_t pixels);
void gan_color_histogram_merge(struct color_histogram *histogram, const struct color_histogram *more);

/* Both histograms are of as many pixels, at least one. */
void gan_color_curves_make(struct color_curves *curves, const struct color_histogram *own,
                           const struct color_histogram *wanted);
void gan_color_curves_apply(const struct color_curves *curves, float *lab, int64_t pixels);

#endif
