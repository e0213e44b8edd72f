#include "kernels/tiles.h"

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* CPUID leaf 7, EDX; XCR0; arch_prctl's request for the state of tile data. */
enum { CPUID_TILES = 1 << 24 | 1 << 22, STATE_TILES = 3 << 17, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };

static uint32_t saved_states(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static bool processor_has_tiles(void)
{
    uint32_t a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & CPUID_TILES) != CPUID_TILES)
        return false;
    return (saved_states() & STATE_TILES) == STATE_TILES;
}

bool gan_tiles_available(const gan_context *context)
{
    if (context->kernels != GAN_KERNELS_AVX512)
        return false;
    if (context->emulates_tiles)
        return true;
    return processor_has_tiles() && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

#else

bool gan_tiles_available(const gan_context *context)
{
    (void)context;
    return false;
}

const struct tile_kernels *gan_tile_kernels(void)
{
    return NULL;
}

#endif
