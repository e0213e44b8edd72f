#include "kernels/blis.h"
#include "kernels/packing.h"

#if GAN_HAVE_BLIS
#include <blis.h>

/* BLIS 0.9 declares its inputs without const, and neither kernel reads auxinfo or context. */

static void multiply_avx512(int64_t channels, int64_t pixels, int64_t depth, const float *channel_panel,
                            const float *pixel_panel, float beta, float *out, int64_t pixel_stride)
{
    float one = 1.0f;
    bli_sgemm_skx_asm_32x12_l2(channels, pixels, depth, &one, (float *)(uintptr_t)channel_panel,
                               (float *)(uintptr_t)pixel_panel, &beta, out, 1, pixel_stride, NULL, NULL);
}

/* This kernel prefers results stored by rows, so pixels are its rows and channels its columns. */
static void multiply_avx2(int64_t channels, int64_t pixels, int64_t depth, const float *channel_panel,
                          const float *pixel_panel, float beta, float *out, int64_t pixel_stride)
{
    float one = 1.0f;
    bli_sgemm_haswell_asm_6x16(pixels, channels, depth, &one, (float *)(uintptr_t)pixel_panel,
                               (float *)(uintptr_t)channel_panel, &beta, out, pixel_stride, 1, NULL, NULL);
}

static const struct microkernel avx512 = {32, 12, multiply_avx512, gan_pack_pixels_avx512};
static const struct microkernel avx2 = {16, 6, multiply_avx2, NULL};

const struct microkernel *gan_blis_avx512(void)
{
    return &avx512;
}

const struct microkernel *gan_blis_avx2(void)
{
    return &avx2;
}

#else

const struct microkernel *gan_blis_avx512(void)
{
    return NULL;
}

const struct microkernel *gan_blis_avx2(void)
{
    return NULL;
}

#endif
