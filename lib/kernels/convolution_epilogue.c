#include "kernels/convolution_epilogue.h"
#include "kernels/moments.h"
#include "kernels/pixel_loops.h"

void gan_epilogue_apply(int32_t kernels, const struct convolution_epilogue *epilogue, float *out,
                        const struct pixel_run *run)
{
    if (epilogue == NULL)
        return;
    const struct pixel_finish finish = {
        .bias = epilogue->bias != NULL ? epilogue->bias + run->channel : NULL,
        .residual = epilogue->residual != NULL ? epilogue->residual + run->offset : NULL,
        .activation = epilogue->activation,
    };
    gan_pixels_finish(kernels, out + run->offset, run->pixel_stride, run->pixels, run->channels, &finish);
    const struct moments_slot *slot = run->slot;
    if (slot == NULL || slot->count == NULL)
        return;
    const int64_t at = run->channel - slot->channel;
    gan_moments_gather(kernels, out + run->offset, run->pixels, run->pixel_stride, run->channels,
                       slot->count + at, slot->mean + at, slot->square + at);
}
