#include "kernels/depthwise.h"
#include "gan/types.h"

#define DEPTHWISE_TARGET
#define DEPTHWISE_LANES 4
#define DEPTHWISE_TILE 2
#include "kernels/depthwise_body.h"

const struct depthwise_kernels gan_depthwise_portable = {multiply, correlate};

const struct depthwise_kernels *gan_depthwise_kernels(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_depthwise_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_depthwise_avx2;
#else
    (void)kernels;
#endif
    return &gan_depthwise_portable;
}
