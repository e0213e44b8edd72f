#include "layers/shapes.h"

#include <inttypes.h>

gan_status gan_expect_inputs(int32_t given, int32_t expected)
{
    if (given == expected)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " inputs are given, expected %" PRId32, given, expected);
}

gan_status gan_infer_same(const void *attributes, const struct shape *inputs, int32_t input_count,
                          struct shape *output)
{
    (void)attributes;
    const gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        *output = inputs[0];
    return status;
}

static gan_status refuse_shapes(const struct shape *input, const struct shape *other, const char *what)
{
    char input_text[SHAPE_TEXT_SIZE], other_text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_SHAPE, "input has shape %s, %s has shape %s, expected the same",
                    gan_shape_text(input, input_text), what, gan_shape_text(other, other_text));
}

gan_status gan_meet_shapes(const struct shape *input, const struct shape *other, const char *what,
                           struct shape *output)
{
    if (input->rank != other->rank)
        return refuse_shapes(input, other, what);
    *output = *input;
    for (int32_t i = 0; i < input->rank; i++) {
        if (input->size[i] < 0)
            output->size[i] = other->size[i];
        else if (other->size[i] >= 0 && other->size[i] != input->size[i])
            return refuse_shapes(input, other, what);
    }
    return GAN_OK;
}

static gan_status refuse_axis(int32_t axis, const struct shape *shape)
{
    char text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_ARGUMENT, "axis is %" PRId32 ", but the input has shape %s", axis,
                    gan_shape_text(shape, text));
}

gan_status gan_take_axis(int32_t *axis, int32_t given, const struct shape *shape)
{
    *axis = given < 0 ? given + shape->rank : given;
    return *axis >= 0 && *axis < shape->rank ? GAN_OK : refuse_axis(given, shape);
}

gan_status gan_expect_axis(int32_t axis, const struct shape *shape)
{
    return axis >= 0 && axis < shape->rank ? GAN_OK : refuse_axis(axis, shape);
}

int64_t gan_axes_count(const struct shape *shape, int32_t first, int32_t last)
{
    int64_t count = 1;
    for (int32_t i = first; i < last; i++)
        count *= shape->size[i];
    return count;
}

int64_t gan_size_plus(int64_t size, int64_t more)
{
    int64_t sum;
    if (size < 0)
        return -1;
    return __builtin_add_overflow(size, more, &sum) ? INT64_MAX : sum;
}

int64_t gan_size_times(int64_t size, int64_t factor)
{
    int64_t product;
    if (size < 0)
        return -1;
    return __builtin_mul_overflow(size, factor, &product) ? INT64_MAX : product;
}

gan_status gan_expect_sizes(const struct shape *shape)
{
    struct shape copy;
    return gan_shape_take(&copy, shape->size, shape->rank, -1);
}
