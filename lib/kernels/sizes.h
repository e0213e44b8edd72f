/* Arithmetic on sizes. */
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

/* The next multiple, or the size itself. */
static inline int64_t rounded_up(int64_t size, int64_t multiple)
{
    return parts(size, multiple) * multiple;
}

/* Where a position lies on a line of `size` that is followed by its mirror image, ends included, and so on.
 */
static inline int64_t mirrored(int64_t position, int64_t size)
{
    const int64_t within = wrapped(position, 2 * size);
    return within < size ? within : 2 * size - 1 - within;
}

/* Floats rounded up to whole cache lines, so that what follows stays aligned. */
static inline int64_t aligned(int64_t floats)
{
    return rounded_up(floats, 16);
}

#endif
