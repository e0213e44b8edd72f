#include "kernels/direct.h"
#include "gan/types.h"

#define DIRECT_TARGET
#define DIRECT_LANES 4
#define DIRECT_GROUPS 2
#include "kernels/direct_body.h"

const struct direct_kernels gan_direct_portable = {multiply, correlate};

const struct direct_kernels *gan_direct_kernels(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_direct_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_direct_avx2;
#else
    (void)kernels;
#endif
    return &gan_direct_portable;
}
