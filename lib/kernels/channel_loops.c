#include "kernels/channel_loops.h"
#include "gan/types.h"

#define CHANNEL_LOOPS_TARGET
#define CHANNEL_LOOPS_LANES 4
#include "kernels/channel_loops_body.h"

const struct channel_loops gan_channel_loops_portable = {deviations, products, affine,        blend,
                                                         modulate,   largest,  give_to_winner};

const struct channel_loops *gan_channel_loops(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_channel_loops_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_channel_loops_avx2;
#else
    (void)kernels;
#endif
    return &gan_channel_loops_portable;
}
