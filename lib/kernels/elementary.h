/* Exponential and relatives in single precision, without branches or calls so that compilers can vectorise
 * loops over them. Products and sums are rounded one by one: the bits are the same on every instruction set.
 * NaN gives NaN. Polynomials are minimax fits of our own. */
#ifndef GAN_KERNELS_ELEMENTARY_H
#define GAN_KERNELS_ELEMENTARY_H

#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(__GNUC__)
#define ELEMENTARY static inline __attribute__((always_inline))
#else
#define ELEMENTARY static inline
#endif

/* exp(x) = scale + scale * fraction; scale is a power of two. */
struct exponential {
    float scale, fraction;
};

ELEMENTARY float elementary_of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

ELEMENTARY uint32_t elementary_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* condition ? yes : no, by masks: of an ordinary choice compilers make a branch, and then no vectors. */
ELEMENTARY float elementary_choose(int condition, float yes, float no)
{
    const uint32_t mask = (uint32_t)-condition;
    return elementary_of_bits((elementary_bits(yes) & mask) | (elementary_bits(no) & ~mask));
}

ELEMENTARY float elementary_magnitude(float x)
{
    return elementary_of_bits(elementary_bits(x) & 0x7FFFFFFFu);
}

/* exp(high + low) for high in [-87.3, 0] and a low that is tiny beside 1: the argument is n ln 2 + r with
 * |r| <= ln 2 / 2, and ln 2 comes in two parts of which the first has few bits, so n times it is exact. */
ELEMENTARY struct exponential elementary_split(float high, float low)
{
    const float round = 0x1.8p23f;
    const float shifted = high * 0x1.715476p0f + round;
    const float n = shifted - round;
    const float r = (high - n * 0x1.62e4p-1f) - (n * 0x1.7f7d1cp-20f - low);
    float p = 0x1.6d96bep-10f;
    p = p * r + 0x1.122682p-7f;
    p = p * r + 0x1.55548ap-5f;
    p = p * r + 0x1.5554b2p-3f;
    p = p * r + 0.5f;
    /* n stands in the low bits of `shifted`. */
    const float scale = elementary_of_bits((elementary_bits(shifted) + 127u) << 23);
    return (struct exponential){scale, r * r * p + r};
}

/* exp(x) for x <= 0; 0 where the result would be denormal. */
ELEMENTARY float elementary_exp(float x)
{
    const float lowest = -87.3f;
    const struct exponential e = elementary_split(elementary_choose(x < lowest, lowest, x), 0.0f);
    const float value = e.scale + e.scale * e.fraction;
    return elementary_choose(x < lowest, 0.0f, value);
}

/* exp(x) - 1 for x <= 0. */
ELEMENTARY float elementary_expm1(float x)
{
    const float lowest = -87.3f;
    const struct exponential e = elementary_split(elementary_choose(x < lowest, lowest, x), 0.0f);
    return e.scale * e.fraction + (e.scale - 1.0f);
}

/* exp(-x^2 / 2). The square is split, since half an ulp of it would be many of the result. */
ELEMENTARY float elementary_gaussian(float x)
{
    const float farthest = 13.2f;
    const float t = elementary_magnitude(x);
    const float bounded = elementary_choose(t > farthest, farthest, t);
    const float head = elementary_of_bits(elementary_bits(bounded) & 0xFFFFF000u);
    const float high = -0.5f * head * head; /* exact */
    const float low = -0.5f * (bounded - head) * (bounded + head);
    const struct exponential e = elementary_split(high, low);
    const float value = e.scale + e.scale * e.fraction;
    return elementary_choose(t > farthest, 0.0f, value);
}

/* log(1 + x) for 0 <= x <= 1, as 2 atanh(x / (2 + x)). */
ELEMENTARY float elementary_log1p(float x)
{
    const float s = x / (2.0f + x);
    const float z = s * s;
    float p = 0x1.f1aef8p-3f;
    p = p * z + 0x1.b6d69ep-3f;
    p = p * z + 0x1.250972p-2f;
    p = p * z + 0x1.9996a8p-2f;
    p = p * z + 0x1.555558p-1f;
    return s * z * p + 2.0f * s;
}

ELEMENTARY float elementary_sigmoid(float x)
{
    const float e = elementary_exp(-elementary_magnitude(x));
    const float s = 1.0f / (1.0f + e);
    return s * elementary_choose(x < 0.0f, e, 1.0f);
}

ELEMENTARY float elementary_tanh(float x)
{
    const float m = elementary_expm1(-2.0f * elementary_magnitude(x));
    const float t = m / (m + 2.0f);
    return elementary_choose(x < 0.0f, t, -t);
}

/* The normal distribution function Phi(x), given exp(-x^2 / 2). Its tail over the exponential is smooth in
 * |x| / (|x| + 3), so one polynomial serves the whole half line; small results keep their relative precision.
 */
ELEMENTARY float elementary_normal(float x, float gaussian)
{
    const float t = elementary_magnitude(x);
    const float bounded = elementary_choose(t > 14.0f, 14.0f, t);
    const float u = bounded / (bounded + 3.0f);
    float p = 0x1.91a2d8p-5f;
    p = p * u - 0x1.d91c06p-3f;
    p = p * u + 0x1.7fe1c2p-2f;
    p = p * u - 0x1.af4994p-3f;
    p = p * u + 0x1.218a44p-4f;
    p = p * u - 0x1.e6082ap-3f;
    p = p * u + 0x1.384e08p-6f;
    p = p * u + 0x1.6b1c40p-1f;
    p = p * u - 0x1.8c4692p-1f;
    p = p * u + 0x1.03e476p-8f;
    p = p * u + 0x1.400000p-1f;
    const float tail = gaussian * p / (bounded + 1.25f);
    return elementary_choose(x < 0.0f, tail, 1.0f - tail);
}

#undef ELEMENTARY
#endif
