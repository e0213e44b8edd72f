/* Arithmetic on sizes that the kernels' plans share. */
#ifndef GAN_KERNELS_SIZES_H
#define GAN_KERNELS_SIZES_H

#include <stdint.h>

static inline int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* How many parts of a size cover the whole; the last may be shorter. */
static inline int64_t parts(int64_t whole, int64_t part)
{
    return (whole + part - 1) / part;
}

/* Where a position lies on a line of `size` that begins again at its end. */
static inline int64_t wrapped(int64_t position, int64_t size)
{
    const int64_t rest = position % size;
    return rest < 0 ? rest + size : rest;
}

/* Floats rounded up to whole cache lines, so that what follows stays aligned. */
static inline int64_t aligned(int64_t floats)
{
    return parts(floats, 16) * 16;
}

#endif
