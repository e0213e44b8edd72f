#include "kernels/direct.h"
#include "gan/types.h"

#define DIRECT_TARGET
#define DIRECT_LANES 4
#define DIRECT_GROUPS 2
#define DIRECT_NAME gan_direct_portable
#include "kernels/direct_body.h"

direct_function gan_direct_kernel(int32_t kernels)
{
    switch (kernels) {
    case GAN_KERNELS_AVX512:
        return gan_direct_avx512;
    case GAN_KERNELS_AVX2:
        return gan_direct_avx2;
    default:
        return gan_direct_portable;
    }
}
