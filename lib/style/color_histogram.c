#include "style/color_histogram.h"

static const float LOWEST[3] = {0.0f, -0.5f, -0.5f};

/* In bins from the lowest value. */
static float place(float value, int channel)
{
    const float bins = (value - LOWEST[channel]) * (float)HISTOGRAM_BINS;
    const float positive = bins > 0.0f ? bins : 0.0f;
    return positive < (float)HISTOGRAM_BINS ? positive : (float)HISTOGRAM_BINS;
}

static int32_t bin_of(float bins)
{
    const int32_t bin = (int32_t)bins;
    return bin < HISTOGRAM_BINS ? bin : HISTOGRAM_BINS - 1;
}

void gan_color_histogram_add(struct color_histogram *histogram, const float *lab, int64_t pixels)
{
    for (int64_t i = 0; i < pixels; i++)
        for (int channel = 0; channel < 3; channel++)
            histogram->count[channel][bin_of(place(lab[3 * i + channel], channel))]++;
}

void gan_color_histogram_merge(struct color_histogram *histogram, const struct color_histogram *more)
{
    for (int channel = 0; channel < 3; channel++)
        for (int bin = 0; bin < HISTOGRAM_BINS; bin++)
            histogram->count[channel][bin] += more->count[channel][bin];
}

/* Each edge goes to the value below which as many pixels are wanted as lie below the edge. */
static void make_curve(float *value, const int64_t *own, const int64_t *wanted, float lowest)
{
    int64_t below_edge = 0, below_bin = 0;
    int bin = 0;
    for (int edge = 0; edge <= HISTOGRAM_BINS; edge++) {
        while (bin < HISTOGRAM_BINS - 1 && (wanted[bin] == 0 || below_bin + wanted[bin] < below_edge))
            below_bin += wanted[bin++];
        const double part = wanted[bin] > 0 ? (double)(below_edge - below_bin) / (double)wanted[bin] : 0;
        value[edge] = lowest + (float)(((double)bin + part) / HISTOGRAM_BINS);
        below_edge += edge < HISTOGRAM_BINS ? own[edge] : 0;
    }
}

/* Behind the last bin that is wanted there is nothing to go to. */
static int last_bin(const int64_t *count)
{
    int bin = HISTOGRAM_BINS - 1;
    while (bin > 0 && count[bin] == 0)
        bin--;
    return bin;
}

void gan_color_curves_make(struct color_curves *curves, const struct color_histogram *own,
                           const struct color_histogram *wanted)
{
    for (int channel = 0; channel < 3; channel++) {
        float *value = curves->value[channel];
        const float highest =
            LOWEST[channel] + (float)(last_bin(wanted->count[channel]) + 1) / (float)HISTOGRAM_BINS;
        make_curve(value, own->count[channel], wanted->count[channel], LOWEST[channel]);
        for (int edge = 0; edge <= HISTOGRAM_BINS; edge++)
            value[edge] = value[edge] < highest ? value[edge] : highest;
    }
}

void gan_color_curves_apply(const struct color_curves *curves, float *lab, int64_t pixels)
{
    for (int64_t i = 0; i < pixels; i++)
        for (int channel = 0; channel < 3; channel++) {
            const float bins = place(lab[3 * i + channel], channel);
            const int32_t bin = bin_of(bins);
            const float *value = curves->value[channel] + bin;
            lab[3 * i + channel] = value[0] + (bins - (float)bin) * (value[1] - value[0]);
        }
}
