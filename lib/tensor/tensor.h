/* Inside of a tensor. */
#ifndef GAN_TENSOR_TENSOR_H
#define GAN_TENSOR_TENSOR_H

#include "base/context.h"
#include "gan/tensor.h"
#include "tensor/shape.h"

struct gan_tensor {
    atomic_int references;
    gan_context *context;
    int32_t type;
    struct shape shape;
    void *data;
    gan_release_function release; /* of wrapped memory; NULL otherwise */
    void *user;
    bool owned;
};

size_t gan_type_size(int32_t type); /* 0 for a number that is no type */
const char *gan_type_name(int32_t type);

/* The same as the public calls, for a shape that is already checked. */
gan_status gan_tensor_make(gan_tensor **out, gan_context *context, int32_t type, const struct shape *shape);

/* IEEE 754 half precision, round to nearest even. */
uint16_t gan_half_from_float(float value);
float gan_half_to_float(uint16_t half);

#endif
