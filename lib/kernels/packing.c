#include "kernels/packing.h"

#include <string.h>

typedef float vector __attribute__((vector_size(16)));

static vector load(const float *from)
{
    vector value;
    memcpy(&value, from, sizeof value);
    return value;
}

static void store(float *to, vector value)
{
    memcpy(to, &value, sizeof value);
}

/* Four values of each of four pixels, turned to four pixels of each of four values. */
static void transpose_four(const float *const *pixels, int64_t i, int64_t width, float *panel)
{
    const vector a = load(pixels[0] + i), b = load(pixels[1] + i);
    const vector c = load(pixels[2] + i), d = load(pixels[3] + i);
    const vector ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const vector ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const vector cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const vector cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    store(panel + i * width, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
    store(panel + (i + 1) * width, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
    store(panel + (i + 2) * width, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
    store(panel + (i + 3) * width, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

static void pack_four(const float *const *pixels, int64_t length, int64_t width, float *panel)
{
    int64_t i = 0;
    for (; i + 4 <= length; i += 4)
        transpose_four(pixels, i, width, panel);
    if (i < length && length >= 4) /* the last four again, some for the second time */
        transpose_four(pixels, length - 4, width, panel);
    else
        for (; i < length; i++)
            for (int64_t p = 0; p < 4; p++)
                panel[i * width + p] = pixels[p][i];
}

static void pack_one(const float *pixel, int64_t length, int64_t width, float *panel)
{
    for (int64_t i = 0; i < length; i++)
        panel[i * width] = pixel[i];
}

static void pack_zero(int64_t length, int64_t width, float *panel)
{
    for (int64_t i = 0; i < length; i++)
        panel[i * width] = 0.0f;
}

void gan_pack_pixels(const struct microkernel *kernel, const float *const *pixels, int64_t count,
                     int64_t length, int64_t width, float *panel)
{
    int64_t p = kernel->pack != NULL ? kernel->pack(pixels, count, length, width, panel) : 0;
    for (; p + 4 <= count; p += 4)
        pack_four(pixels + p, length, width, panel + p);
    for (; p < count; p++)
        pack_one(pixels[p], length, width, panel + p);
    for (; p < width; p++)
        pack_zero(length, width, panel + p);
}

/* Lines further apart than a page are fetched by no processor of itself. */
enum { FAR = 1024, AHEAD = 16, LINE = 64 };

static void prefetch_two_lines(const float *from, int64_t ahead)
{
    const uintptr_t line = (uintptr_t)from + (uintptr_t)ahead * sizeof *from;
    __builtin_prefetch((const void *)line);
    __builtin_prefetch((const void *)(line + LINE));
}

/* The full widths of panels, spelled out so that the compiler knows the size of each copy. */
static void spread_whole(const float *pixels, int64_t stride, int64_t count, int64_t width, float *panel)
{
    const int64_t ahead = stride >= FAR ? AHEAD * stride : 0;
    for (int64_t p = 0; p < count; p++, pixels += stride, panel += width)
        switch (width) {
        case 32:
            if (ahead > 0)
                prefetch_two_lines(pixels, ahead);
            memcpy(panel, pixels, 32 * sizeof *panel);
            break;
        case 16:
            memcpy(panel, pixels, 16 * sizeof *panel);
            break;
        case 12:
            memcpy(panel, pixels, 12 * sizeof *panel);
            break;
        default:
            memcpy(panel, pixels, (size_t)width * sizeof *panel);
        }
}

void gan_spread_pixels(const float *pixels, int64_t stride, int64_t count, int64_t length, int64_t width,
                       float *panel)
{
    if (length == width) {
        spread_whole(pixels, stride, count, width, panel);
        return;
    }
    for (int64_t p = 0; p < count; p++, pixels += stride, panel += width) {
        for (int64_t i = 0; i < length; i++)
            panel[i] = pixels[i];
        for (int64_t i = length; i < width; i++)
            panel[i] = 0.0f;
    }
}
