#include "kernels/convolution_epilogue.h"
#include "kernels/moments.h"
#include "kernels/pixel_loops.h"

bool gan_epilogue_is_simple(const struct convolution_epilogue *epilogue)
{
    if (epilogue == NULL || epilogue->residual != NULL)
        return false;
    const int32_t function = epilogue->activation.function;
    return function == ACTIVATION_LINEAR || function == ACTIVATION_RELU || function == ACTIVATION_LEAKY_RELU;
}

struct pixel_finish gan_epilogue_pixel_finish(const struct convolution_epilogue *epilogue, int64_t channel,
                                              int64_t offset)
{
    return (struct pixel_finish){
        .bias = epilogue->bias != NULL ? epilogue->bias + channel : NULL,
        .residual = epilogue->residual != NULL ? epilogue->residual + offset : NULL,
        .activation = epilogue->activation,
    };
}

void gan_epilogue_finish(int32_t kernels, const struct convolution_epilogue *epilogue, float *out,
                         const struct pixel_run *run)
{
    const struct pixel_finish finish = gan_epilogue_pixel_finish(epilogue, run->channel, run->offset);
    gan_pixels_finish(kernels, out + run->offset, run->pixel_stride, run->pixels, run->channels, &finish);
}

void gan_epilogue_measure(int32_t kernels, const float *out, const struct pixel_run *run)
{
    const struct moments_slot *slot = run->slot;
    if (slot == NULL || slot->count == NULL)
        return;
    const int64_t at = run->channel - slot->channel;
    gan_moments_gather(kernels, out + run->offset, run->pixels, run->pixel_stride, run->channels,
                       slot->count + at, slot->mean + at, slot->square + at);
}

void gan_epilogue_apply(int32_t kernels, const struct convolution_epilogue *epilogue, float *out,
                        const struct pixel_run *run)
{
    if (epilogue == NULL)
        return;
    gan_epilogue_finish(kernels, epilogue, out, run);
    gan_epilogue_measure(kernels, out, run);
}
