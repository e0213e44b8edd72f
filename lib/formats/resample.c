#include "formats/resample.h"

#include <math.h>

/* Catmull and Rom 1974: the cubic convolution kernel of Keys 1981 with a = -1/2. */
static double catmull_rom(double x)
{
    x = fabs(x);
    if (x < 1.0)
        return (1.5 * x - 2.5) * x * x + 1.0;
    return x < 2.0 ? ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0 : 0.0;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* Add the kernel's values to the row of taps, those beyond a border to the border's; then divide by the sum.
 */
static void fill_weights(float *row, int64_t start, int64_t taps, int64_t from, double centre, double stretch)
{
    const int64_t first = (int64_t)floor(centre - 2.0 * stretch),
                  last = (int64_t)ceil(centre + 2.0 * stretch);
    double sum = 0.0;
    for (int64_t i = first; i <= last; i++)
        sum += catmull_rom(((double)i - centre) / stretch);
    for (int64_t i = first; i <= last; i++) {
        const double weight = catmull_rom(((double)i - centre) / stretch) / sum;
        /* Only positions of weight 0 can lie outside the taps, and there are none to spare at a border. */
        const int64_t tap = clamp(clamp(i, 0, from - 1) - start, 0, taps - 1);
        row[tap] += (float)weight;
    }
}

gan_status gan_resampling_make(struct resampling *resampling, gan_context *context, int64_t from, int64_t to)
{
    const double ratio = (double)from / (double)to;
    const double stretch = ratio > 1.0 ? ratio : 1.0;
    const int64_t reach = (int64_t)ceil(2.0 * stretch);
    const int64_t taps = 2 * reach < from ? 2 * reach : from;
    *resampling = (struct resampling){.size = to, .taps = taps};
    if (to > (int64_t)(SIZE_MAX / sizeof(float)) / taps)
        return gan_fail_memory("the weights of a resampling", SIZE_MAX);
    resampling->starts = gan_allocate_array(context, (size_t)to, sizeof(int64_t));
    resampling->weights = gan_allocate_array(context, (size_t)(to * taps), sizeof(float));
    if (resampling->starts == NULL || resampling->weights == NULL) {
        gan_resampling_release(resampling, context);
        return gan_fail_memory("the weights of a resampling", (size_t)(to * taps) * sizeof(float));
    }
    for (int64_t i = 0; i < to; i++) {
        const double centre = ((double)i + 0.5) * ratio - 0.5;
        const int64_t start = clamp((int64_t)floor(centre) + 1 - reach, 0, from - taps);
        resampling->starts[i] = start;
        fill_weights(resampling->weights + i * taps, start, taps, from, centre, stretch);
    }
    return GAN_OK;
}

void gan_resampling_release(struct resampling *resampling, gan_context *context)
{
    gan_release(context, resampling->starts);
    gan_release(context, resampling->weights);
    resampling->starts = NULL;
    resampling->weights = NULL;
}
