#include "kernels/packing.h"

#if defined(__x86_64__)
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef float four __attribute__((vector_size(16)));
typedef float eight __attribute__((vector_size(32)));
typedef float sixteen __attribute__((vector_size(64)));

enum { LINE = 16, AHEAD = 64 };

INLINE four load_four(const float *from)
{
    four value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* Four values of every fourth pixel of `count`, from pixel `p` on. */
INLINE sixteen load_every_fourth(const float *const *pixels, int64_t i, int p, int count)
{
    const four none = {0};
    const four a = load_four(pixels[p] + i), b = load_four(pixels[p + 4] + i);
    const four c = load_four(pixels[p + 8] + i), d = count > 12 ? load_four(pixels[p + 12] + i) : none;
    const eight low = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
    const eight high = __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

#define PAIRS_LOW 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define PAIRS_HIGH 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define HALVES_LOW 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HALVES_HIGH 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31

/* Four values of 12 or 16 pixels: every 128 bits of a register are turned by themselves. */
INLINE void turn(const float *const *pixels, int64_t i, int64_t width, int count, float *panel)
{
    const sixteen a = load_every_fourth(pixels, i, 0, count), b = load_every_fourth(pixels, i, 1, count);
    const sixteen c = load_every_fourth(pixels, i, 2, count), d = load_every_fourth(pixels, i, 3, count);
    const sixteen ab_low = __builtin_shufflevector(a, b, PAIRS_LOW);
    const sixteen ab_high = __builtin_shufflevector(a, b, PAIRS_HIGH);
    const sixteen cd_low = __builtin_shufflevector(c, d, PAIRS_LOW);
    const sixteen cd_high = __builtin_shufflevector(c, d, PAIRS_HIGH);
    const sixteen turned[4] = {__builtin_shufflevector(ab_low, cd_low, HALVES_LOW),
                               __builtin_shufflevector(ab_low, cd_low, HALVES_HIGH),
                               __builtin_shufflevector(ab_high, cd_high, HALVES_LOW),
                               __builtin_shufflevector(ab_high, cd_high, HALVES_HIGH)};
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++)
        memcpy(panel + (i + k) * width, &turned[k], (size_t)count * sizeof *panel);
}

/* What few pixels meet lies in no cache: each line is asked for once. */
INLINE void fetch(const float *const *pixels, int64_t i, int count)
{
    for (int p = 0; p < count; p++)
        __builtin_prefetch(pixels[p] + i + AHEAD);
}

INLINE void pack_whole(const float *const *pixels, int64_t length, int64_t width, int count, float *panel)
{
    int64_t i = 0;
    for (; i + LINE <= length; i += LINE) {
        fetch(pixels, i, count);
#pragma GCC unroll 4
        for (int k = 0; k < LINE; k += 4)
            turn(pixels, i + k, width, count, panel);
    }
    for (; i + 4 <= length; i += 4)
        turn(pixels, i, width, count, panel);
    for (; i < length; i++)
        for (int p = 0; p < count; p++)
            panel[i * width + p] = pixels[p][i];
}

TARGET int64_t gan_pack_pixels_avx512(const float *const *pixels, int64_t count, int64_t length,
                                      int64_t width, float *panel)
{
    int64_t p = 0;
    for (; p + 16 <= count; p += 16)
        pack_whole(pixels + p, length, width, 16, panel + p);
    if (p + 12 <= count) {
        pack_whole(pixels + p, length, width, 12, panel + p);
        p += 12;
    }
    return p;
}
#endif
