/* The sizes of an array, in which -1 stands for a size that is not known. */
#ifndef GAN_TENSOR_SHAPE_H
#define GAN_TENSOR_SHAPE_H

#include "gan/tensor.h"
#include <stdbool.h>

struct shape {
    int32_t rank;
    int64_t size[GAN_MAX_RANK];
};

enum { SHAPE_TEXT_SIZE = 160 };

struct shape gan_shape_4(int64_t batch, int64_t height, int64_t width, int64_t channels);

/* Number of elements of a known shape that has been checked. */
int64_t gan_shape_count(const struct shape *shape);
bool gan_shape_known(const struct shape *shape);
bool gan_shape_equal(const struct shape *a, const struct shape *b);

/* Take and check a caller's sizes: rank, no size below `least` (0, or -1 where open sizes are allowed), no
 * overflow. */
gan_status gan_shape_take(struct shape *shape, const int64_t *size, int32_t rank, int64_t least);

/* Write the sizes to a caller's array (may be NULL); returns the rank. */
int32_t gan_shape_give(const struct shape *shape, int64_t *size);

/* "[1,256,256,64]", open sizes as "?". Returns text. */
const char *gan_shape_text(const struct shape *shape, char text[SHAPE_TEXT_SIZE]);

#endif
