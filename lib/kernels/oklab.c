#include "kernels/oklab.h"
#include "kernels/elementary.h"

#include <math.h>

/* Calls inside would keep compilers from making vectors. */
#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static inline
#endif

/* So many pixels at a time lie as planes, which compilers turn into vectors. */
enum { BLOCK = 64 };

struct planes {
    float a[BLOCK], b[BLOCK], c[BLOCK];
};

INLINED float bounded(float x)
{
    const float positive = elementary_choose(x > 0.0f, x, 0.0f);
    return elementary_choose(positive < 1.0f, positive, 1.0f);
}

/* A start for x^(1/n): the bits of a float are about its logarithm. */
INLINED float root_start(float x, float part, float offset)
{
    return elementary_of_bits((uint32_t)(int32_t)((float)(int32_t)elementary_bits(x) * part + offset));
}

INLINED float halley_step(float y, float x)
{
    const float cube = y * y * y;
    return y * (cube + 2.0f * x) / (2.0f * cube + x);
}

/* What is too small for the method counts as 0. */
INLINED float cube_root(float x)
{
    const float least = 1e-9f;
    const float value = elementary_choose(x > least, x, least);
    const float start = root_start(value, 1.0f / 3.0f, 7.0951e8f);
    const float root = halley_step(halley_step(start, value), value);
    return elementary_choose(x > least, root, 0.0f);
}

INLINED float newton_step(float y, float x)
{
    const float square = y * y;
    return 0.2f * (4.0f * y + x / (square * square));
}

/* For x from 0.05 to 1. */
INLINED float fifth_root(float x)
{
    const float start = root_start(x, 0.2f, 8.5144e8f);
    return newton_step(newton_step(newton_step(start, x), x), x);
}

/* ((v + 0.055) / 1.055)^2.4, below 0.04045 a line. */
INLINED float linear_of_encoded(float encoded)
{
    const float v = bounded(encoded);
    const float base = (v + 0.055f) * (1.0f / 1.055f), root = fifth_root(base);
    const float power = base * base * root * root;
    return elementary_choose(v > 0.04045f, power, v * (1.0f / 12.92f));
}

/* 1.055 v^(5/12) - 0.055, below 0.0031308 a line. */
INLINED float encoded_of_linear(float linear)
{
    const float v = bounded(linear);
    const float third = cube_root(v), twelfth = sqrtf(sqrtf(third));
    const float power = 1.055f * third * twelfth - 0.055f;
    return bounded(elementary_choose(v > 0.0031308f, power, v * 12.92f));
}

static void take_apart(struct planes *to, const float *from, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        to->a[i] = from[3 * i];
        to->b[i] = from[3 * i + 1];
        to->c[i] = from[3 * i + 2];
    }
}

static void put_together(float *to, const struct planes *from, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        to[3 * i] = from->a[i];
        to[3 * i + 1] = from->b[i];
        to[3 * i + 2] = from->c[i];
    }
}

static void block_to_oklab(struct planes *p)
{
    for (int i = 0; i < BLOCK; i++) {
        const float red = linear_of_encoded(p->a[i]), green = linear_of_encoded(p->b[i]),
                    blue = linear_of_encoded(p->c[i]);
        const float l = cube_root(0.4122214708f * red + 0.5363325363f * green + 0.0514459929f * blue);
        const float m = cube_root(0.2119034982f * red + 0.6806995451f * green + 0.1073969566f * blue);
        const float s = cube_root(0.0883024619f * red + 0.2817188376f * green + 0.6299787005f * blue);
        p->a[i] = 0.2104542553f * l + 0.7936177850f * m - 0.0040720468f * s;
        p->b[i] = 1.9779984951f * l - 2.4285922050f * m + 0.4505937099f * s;
        p->c[i] = 0.0259040371f * l + 0.7827717662f * m - 0.8086757660f * s;
    }
}

static void block_to_srgb(struct planes *p)
{
    for (int i = 0; i < BLOCK; i++) {
        const float l = p->a[i] + 0.3963377774f * p->b[i] + 0.2158037573f * p->c[i];
        const float m = p->a[i] - 0.1055613458f * p->b[i] - 0.0638541728f * p->c[i];
        const float s = p->a[i] - 0.0894841775f * p->b[i] - 1.2914855480f * p->c[i];
        const float l3 = l * l * l, m3 = m * m * m, s3 = s * s * s;
        p->a[i] = encoded_of_linear(4.0767416621f * l3 - 3.3077115913f * m3 + 0.2309699292f * s3);
        p->b[i] = encoded_of_linear(-1.2684380046f * l3 + 2.6097574011f * m3 - 0.3413193965f * s3);
        p->c[i] = encoded_of_linear(-0.0041960863f * l3 - 0.7034186147f * m3 + 1.7076147010f * s3);
    }
}

static void convert(float *to, const float *from, int64_t pixels, void (*block)(struct planes *p))
{
    struct planes p = {{0}, {0}, {0}};
    for (int64_t i = 0; i < pixels; i += BLOCK) {
        const int64_t count = pixels - i < BLOCK ? pixels - i : BLOCK;
        take_apart(&p, from + 3 * i, count);
        block(&p);
        put_together(to + 3 * i, &p, count);
    }
}

void gan_oklab_of_srgb(float *lab, const float *rgb, int64_t pixels)
{
    convert(lab, rgb, pixels, block_to_oklab);
}

void gan_srgb_of_oklab(float *rgb, const float *lab, int64_t pixels)
{
    convert(rgb, lab, pixels, block_to_srgb);
}
