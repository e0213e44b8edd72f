#include "kernels/activation.h"
#include "gan/types.h"

#define ACTIVATION_TARGET
#include "kernels/activation_body.h"

const struct activation_loops gan_activation_portable = {forward, backward};

static const struct activation_loops *loops_of(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_activation_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_activation_avx2;
#else
    (void)kernels;
#endif
    return &gan_activation_portable;
}

int gan_activation_needs_input(struct activation activation)
{
    return activation.function == ACTIVATION_GELU || activation.function == ACTIVATION_SILU ||
           activation.function == ACTIVATION_SOFTPLUS;
}

void gan_activation_forward(int32_t kernels, struct activation activation, const float *x, float *y,
                            int64_t count)
{
    loops_of(kernels)->forward(activation, x, y, count);
}

void gan_activation_backward(int32_t kernels, struct activation activation, const float *x, const float *y,
                             const float *dy, float *dx, int64_t count)
{
    const float *from = gan_activation_needs_input(activation) ? x : y;
    loops_of(kernels)->backward(activation, from, dy, dx, count);
}
