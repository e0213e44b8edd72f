#include "tensor/tensor.h"

#include <string.h>

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Adding 1/2 leaves a float whose last bit is worth 2^-24, the smallest half: the addition rounds for us. */
static uint32_t small_half(uint32_t magnitude)
{
    return bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
}

/* Drop 13 bits of the fraction, ties to even; a carry runs into the exponent and, at the top, to infinity. */
static uint32_t normal_half(uint32_t magnitude)
{
    const uint32_t rebased = magnitude - ((uint32_t)(127 - 15) << 23);
    return (rebased + 0xFFFu + ((rebased >> 13) & 1u)) >> 13;
}

uint16_t gan_half_from_float(float value)
{
    const uint32_t bits = bits_of(value);
    const uint32_t sign = (bits >> 16) & 0x8000u;
    const uint32_t magnitude = bits & 0x7FFFFFFFu;
    uint32_t half;
    if (magnitude > 0x7F800000u)
        half = 0x7E00u | ((magnitude >> 13) & 0x1FFu); /* NaN, kept quiet */
    else if (magnitude >= 0x47800000u)
        half = 0x7C00u; /* 65536 and above */
    else if (magnitude < 0x38800000u)
        half = small_half(magnitude); /* below 2^-14 */
    else
        half = normal_half(magnitude);
    return (uint16_t)(sign | half);
}

float gan_half_to_float(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 0x1Fu;
    const uint32_t fraction = half & 0x3FFu;
    if (exponent == 0)
        return float_of(sign | bits_of((float)fraction * 0x1p-24f));
    if (exponent == 31)
        return float_of(sign | 0x7F800000u | (fraction << 13));
    return float_of(sign | ((exponent + 127 - 15) << 23) | (fraction << 13));
}
