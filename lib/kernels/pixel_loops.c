#include "kernels/pixel_loops.h"
#include "gan/types.h"
#include "kernels/sizes.h"

#define PIXEL_LOOPS_TARGET
#include "kernels/pixel_loops_body.h"

const struct pixel_loops gan_pixel_loops_portable = {change, finish};

static const struct pixel_loops *loops_of(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_pixel_loops_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_pixel_loops_avx2;
#else
    (void)kernels;
#endif
    return &gan_pixel_loops_portable;
}

/* The activations that the loops leave to a pass of their own. */
static bool is_left(struct activation activation)
{
    return activation.function != ACTIVATION_LINEAR && activation.function != ACTIVATION_RELU &&
           activation.function != ACTIVATION_LEAKY_RELU;
}

enum { GATHERED = 512 /* floats */, FEW_CHANNELS = 16 };

/* Pixels of few channels that lie apart: many side by side, and zeros behind them that fill the last vector.
 */
static void activate_gathered(int32_t kernels, struct activation activation, float *out, int64_t step,
                              int64_t pixels, int64_t channels)
{
    float values[GATHERED];
    const int64_t most = GATHERED / channels;
    for (int64_t p = 0, count; p < pixels; p += count, out += count * step) {
        count = pixels - p < most ? pixels - p : most;
        for (int64_t i = 0; i < count; i++)
            for (int64_t c = 0; c < channels; c++)
                values[i * channels + c] = out[i * step + c];
        const int64_t floats = aligned(count * channels);
        for (int64_t i = count * channels; i < floats; i++)
            values[i] = 0;
        gan_activation_forward(kernels, activation, values, values, floats);
        for (int64_t i = 0; i < count; i++)
            for (int64_t c = 0; c < channels; c++)
                out[i * step + c] = values[i * channels + c];
    }
}

static void activate_pixels(int32_t kernels, struct activation activation, float *out, int64_t step,
                            int64_t pixels, int64_t channels)
{
    if (step == channels) {
        gan_activation_forward(kernels, activation, out, out, pixels * channels);
        return;
    }
    if (channels < FEW_CHANNELS) {
        activate_gathered(kernels, activation, out, step, pixels, channels);
        return;
    }
    for (int64_t p = 0; p < pixels; p++, out += step)
        gan_activation_forward(kernels, activation, out, out, channels);
}

void gan_pixels_change(int32_t kernels, const float *from, int64_t step, int64_t pixels, int64_t channels,
                       const struct pixel_change *change, float *to)
{
    loops_of(kernels)->change(from, step, pixels, channels, change, to);
    if (is_left(change->activation))
        activate_pixels(kernels, change->activation, to, channels, pixels, channels);
}

void gan_pixels_finish(int32_t kernels, float *out, int64_t step, int64_t pixels, int64_t channels,
                       const struct pixel_finish *finish)
{
    loops_of(kernels)->finish(out, step, pixels, channels, finish);
    if (is_left(finish->activation))
        activate_pixels(kernels, finish->activation, out, step, pixels, channels);
}
