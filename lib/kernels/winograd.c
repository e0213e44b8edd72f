#include "kernels/winograd.h"
#include "gan/types.h"

#define WINOGRAD_TARGET
#define WINOGRAD_LANES 4
#define WINOGRAD_KERNELS gan_winograd_portable
#define WINOGRAD_ROWS gan_winograd_rows_portable
#include "kernels/winograd_body.h"

const struct winograd_kernels *gan_winograd_kernels(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return gan_winograd_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return gan_winograd_avx2;
#else
    (void)kernels;
#endif
    return gan_winograd_portable;
}

const struct winograd_rows *gan_winograd_rows(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_winograd_rows_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_winograd_rows_avx2;
#else
    (void)kernels;
#endif
    return &gan_winograd_rows_portable;
}

bool gan_winograd_changes(const struct pixel_change *change)
{
    const int32_t function = change->activation.function;
    return change->scale != NULL && (function == ACTIVATION_LINEAR || function == ACTIVATION_RELU);
}

void gan_winograd_rows_weights(const float *filters, int64_t lanes, float *points, int64_t point_step)
{
    for (int64_t lane = 0; lane < lanes; lane++) {
        const float *g = filters + lane;
        const float even = g[0] + g[2 * lanes], odd = g[lanes];
        float *u = points + lane;
        u[0] = 0.5f * g[0];
        u[point_step] = -0.5f * (even + odd);
        u[2 * point_step] = (odd - even) / 6.0f;
        u[3 * point_step] = (g[0] + 2.0f * odd + 4.0f * g[2 * lanes]) / 6.0f;
        u[4 * point_step] = g[2 * lanes];
    }
}
