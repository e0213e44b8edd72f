#include "kernels/portable.h"

#include <string.h>

/* Two vectors of channels by six pixels: twelve sums, which with their operands fit sixteen registers. */
enum { LANES = 4, VECTORS = 2, CHANNELS = LANES * VECTORS, PIXELS = 6 };

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

static void multiply_tile(int64_t depth, const float *channel_panel, const float *pixel_panel,
                          vector sum[PIXELS][VECTORS])
{
    vector total[PIXELS][VECTORS] = {{{0}}};
    for (int64_t k = 0; k < depth; k++) {
        vector a[VECTORS];
        memcpy(a, channel_panel + k * CHANNELS, sizeof a);
        for (int p = 0; p < PIXELS; p++) {
            const float b = pixel_panel[k * PIXELS + p];
            total[p][0] += a[0] * b;
            total[p][1] += a[1] * b;
        }
    }
    memcpy(sum, total, sizeof total);
}

static void store(int64_t channels, const float *sum, float beta, float *out)
{
    if (beta == 0.0f)
        memcpy(out, sum, (size_t)channels * sizeof *out);
    else
        for (int64_t c = 0; c < channels; c++)
            out[c] = sum[c] + beta * out[c];
}

static void multiply(int64_t channels, int64_t pixels, int64_t depth, const float *channel_panel,
                     const float *pixel_panel, float beta, float *out, int64_t pixel_stride)
{
    vector tile[PIXELS][VECTORS];
    multiply_tile(depth, channel_panel, pixel_panel, tile);
    for (int64_t p = 0; p < pixels; p++)
        store(channels, (const float *)tile[p], beta, out + p * pixel_stride);
}

static const struct microkernel portable = {CHANNELS, PIXELS, multiply, NULL};

const struct microkernel *gan_portable_kernel(void)
{
    return &portable;
}
