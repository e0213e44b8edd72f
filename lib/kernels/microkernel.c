#include "kernels/microkernel.h"
#include "gan/context.h"
#include "kernels/blis.h"
#include "kernels/portable.h"

#include <stdalign.h>
#include <stdbool.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

struct processor {
    bool avx2, avx512;
};

#if defined(__x86_64__)

/* Which register files the operating system saves: bits of XCR0. */
enum { STATE_AVX = 0x06, STATE_AVX512 = 0xe6 };

static uint32_t saved_states(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static bool has_all(uint32_t word, uint32_t bits)
{
    return (word & bits) == bits;
}

static struct processor examine_processor(void)
{
    struct processor found = {false, false};
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !has_all(c, bit_FMA | bit_OSXSAVE | bit_AVX))
        return found;
    const uint32_t saved = saved_states();
    if (!has_all(saved, STATE_AVX) || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has_all(b, bit_AVX2))
        return found;
    found.avx2 = true;
    found.avx512 =
        has_all(saved, STATE_AVX512) && has_all(b, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
    return found;
}

#else

static struct processor examine_processor(void)
{
    return (struct processor){false, false};
}

#endif

const struct microkernel *gan_microkernel(int32_t kernels)
{
    switch (kernels) {
    case GAN_KERNELS_AVX512:
        return gan_blis_avx512();
    case GAN_KERNELS_AVX2:
        return gan_blis_avx2();
    default:
        return gan_portable_kernel();
    }
}

enum { TEST_DEPTH = 5 };

/* Small whole numbers, so that every order of summation gives the same result. */
static float test_value(int64_t index)
{
    return (float)(index * 7 % 11 - 5);
}

static float expected(const struct microkernel *kernel, const float *a, const float *b, int64_t c, int64_t p,
                      float beta)
{
    float sum = beta * test_value(p * MOST_PANEL_CHANNELS + c);
    for (int64_t k = 0; k < TEST_DEPTH; k++)
        sum += a[k * kernel->channels + c] * b[k * kernel->pixels + p];
    return sum;
}

static bool product_is_right(const struct microkernel *kernel, int64_t channels, int64_t pixels, float beta)
{
    alignas(64) float a[TEST_DEPTH * MOST_PANEL_CHANNELS + PANEL_SLACK / sizeof(float)];
    float b[TEST_DEPTH * MOST_PANEL_PIXELS + PANEL_SLACK / sizeof(float)];
    float out[MOST_PANEL_CHANNELS * MOST_PANEL_PIXELS];
    for (size_t i = 0; i < sizeof a / sizeof a[0]; i++)
        a[i] = test_value((int64_t)i + 3);
    for (size_t i = 0; i < sizeof b / sizeof b[0]; i++)
        b[i] = test_value((int64_t)i * 2);
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++)
        out[i] = test_value((int64_t)i);
    kernel->multiply(channels, pixels, TEST_DEPTH, a, b, beta, out, MOST_PANEL_CHANNELS);
    for (int64_t p = 0; p < kernel->pixels; p++)
        for (int64_t c = 0; c < MOST_PANEL_CHANNELS; c++) {
            const int64_t i = p * MOST_PANEL_CHANNELS + c;
            const bool inside = c < channels && p < pixels;
            if (out[i] != (inside ? expected(kernel, a, b, c, p, beta) : test_value(i)))
                return false;
        }
    return true;
}

static bool works(const struct microkernel *kernel)
{
    return product_is_right(kernel, kernel->channels, kernel->pixels, 0.0f) &&
           product_is_right(kernel, kernel->channels, kernel->pixels, 1.0f) &&
           product_is_right(kernel, kernel->channels - 3, kernel->pixels - 1, 0.0f) &&
           product_is_right(kernel, kernel->channels - 3, kernel->pixels - 1, 1.0f);
}

/* NULL, or why a set cannot be used. */
static const char *objection(int32_t kernels)
{
    const struct processor processor = examine_processor();
    if (kernels == GAN_KERNELS_AVX512 && !processor.avx512)
        return "this processor lacks AVX-512";
    if (kernels == GAN_KERNELS_AVX2 && !processor.avx2)
        return "this processor lacks AVX2 or FMA";
    const struct microkernel *kernel = gan_microkernel(kernels);
    if (kernel == NULL)
        return "this build has no BLIS";
    return works(kernel) ? NULL : "its microkernel gives wrong products";
}

static int32_t widest(void)
{
    for (int32_t kernels = GAN_KERNELS_AVX512; kernels > GAN_KERNELS_PORTABLE; kernels--)
        if (objection(kernels) == NULL)
            return kernels;
    return GAN_KERNELS_PORTABLE;
}

gan_status gan_kernels_choose(int32_t *kernels)
{
    if (*kernels < GAN_KERNELS_AUTO || *kernels > GAN_KERNELS_AVX512)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "kernels is %d, expected a GAN_KERNELS_* value", *kernels);
    if (*kernels == GAN_KERNELS_AUTO)
        *kernels = widest();
    const char *reason = objection(*kernels);
    if (reason != NULL)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "the kernel set \"%s\" cannot be used: %s",
                        gan_kernels_name(*kernels), reason);
    return GAN_OK;
}

const char *gan_kernels_name(int32_t kernels)
{
    switch (kernels) {
    case GAN_KERNELS_AUTO:
        return "automatic";
    case GAN_KERNELS_PORTABLE:
        return "portable 8x6";
    case GAN_KERNELS_AVX2:
        return "AVX2 16x6 (BLIS haswell)";
    case GAN_KERNELS_AVX512:
        return "AVX-512 32x12 (BLIS skx)";
    default:
        return "unknown kernel set";
    }
}
