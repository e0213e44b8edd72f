#include "kernels/slabs.h"
#include "gan/types.h"

#define SLABS_TARGET
#include "kernels/slabs_body.h"

const struct slab_loops gan_slabs_portable = {adam, squares};

static const struct slab_loops *loops_of(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_slabs_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_slabs_avx2;
#else
    (void)kernels;
#endif
    return &gan_slabs_portable;
}

void gan_slabs_adam(int32_t kernels, const struct adam_step *step, const struct adam_slabs *slabs)
{
    loops_of(kernels)->adam(step, slabs);
}

double gan_slabs_squares(int32_t kernels, const float *values, int64_t count)
{
    return loops_of(kernels)->squares(values, count);
}
