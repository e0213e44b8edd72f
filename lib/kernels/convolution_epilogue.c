#include "kernels/convolution_epilogue.h"
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
}
