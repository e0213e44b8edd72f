/* The second half of a spread plan: lanes that are (column of taps, channel) pairs become channels. */
#include "kernels/convolution_plan.h"

#include <string.h>

typedef float four __attribute__((vector_size(16)));

/* The sum over column taps of four lanes, `step` apart. */
static four sum_taps(const float *from, int64_t taps, int64_t step)
{
    four sum = {0};
    for (int64_t s = 0; s < taps; s++, from += step) {
        four value;
        memcpy(&value, from, sizeof value);
        sum += value;
    }
    return sum;
}

void gan_spread_gather(const struct spread_sums *sums, float *out, int64_t out_step)
{
    const int64_t channels = sums->channels, step = sums->dilation * sums->line_step + channels;
    for (int64_t p = 0; p < sums->count; p++, out += out_step)
        for (int64_t k = 0; k < channels; k += 4) {
            const four sum = sum_taps(sums->lines + p * sums->line_step + k, sums->taps, step);
            float values[4];
            memcpy(values, &sum, sizeof values);
            if (!sums->add && channels - k >= 4)
                memcpy(out + k, values, sizeof values);
            else
                for (int64_t i = 0; i < 4 && i < channels - k; i++)
                    out[k + i] = sums->add ? out[k + i] + values[i] : values[i];
        }
}
