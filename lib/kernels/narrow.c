#include "kernels/narrow.h"
#include "gan/types.h"

#define NARROW_TARGET
#define NARROW_LANES 4
#define NARROW_FILTERS 4
#include "kernels/narrow_body.h"

const struct narrow_kernels gan_narrow_portable = {LANES, multiply};

const struct narrow_kernels *gan_narrow_kernels(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_narrow_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_narrow_avx2;
#else
    (void)kernels;
#endif
    return &gan_narrow_portable;
}
