#include "kernels/convolution_epilogue.h"

static void add(float *out, const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        out[i] += values[i];
}

/* A NaN compares false and stays. */
static void rectify(float *out, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = out[i] < 0.0f ? 0.0f : out[i];
}

static void rectify_leaky(float slope, float *out, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = out[i] < 0.0f ? slope * out[i] : out[i];
}

static void activate(int32_t kernels, struct activation activation, float *out, int64_t count)
{
    switch (activation.function) {
    case ACTIVATION_LINEAR:
        return;
    case ACTIVATION_RELU:
        rectify(out, count);
        return;
    case ACTIVATION_LEAKY_RELU:
        rectify_leaky(activation.slope, out, count);
        return;
    default:
        gan_activation_forward(kernels, activation, out, out, count);
    }
}

void gan_epilogue_apply(int32_t kernels, const struct convolution_epilogue *epilogue, float *out,
                        const struct pixel_run *run)
{
    if (epilogue == NULL)
        return;
    const float *bias = epilogue->bias != NULL ? epilogue->bias + run->channel : NULL;
    for (int64_t i = 0; i < run->pixels; i++) {
        const int64_t at = run->offset + i * run->pixel_stride;
        if (bias != NULL)
            add(out + at, bias, run->channels);
        if (epilogue->residual != NULL)
            add(out + at, epilogue->residual + at, run->channels);
        activate(kernels, epilogue->activation, out + at, run->channels);
    }
}
