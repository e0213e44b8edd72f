#include "layers/expect.h"
#include "graph/graph.h"

#include <inttypes.h>

gan_status gan_expect_picture(const struct shape *shape, const char *what)
{
    char text[SHAPE_TEXT_SIZE];
    if (shape->rank != 4)
        return gan_fail(GAN_ERROR_SHAPE, "%s has shape %s, expected a picture [N,H,W,C]", what,
                        gan_shape_text(shape, text));
    if (shape->size[3] < 1)
        return gan_fail(GAN_ERROR_SHAPE, "%s has shape %s, expected a known number of channels", what,
                        gan_shape_text(shape, text));
    return GAN_OK;
}

gan_status gan_expect_channels(const struct shape *shape, int64_t channels)
{
    char text[SHAPE_TEXT_SIZE];
    if (shape->rank < 1 || shape->size[shape->rank - 1] < 1)
        return gan_fail(GAN_ERROR_SHAPE, "input has shape %s, expected a known number of channels",
                        gan_shape_text(shape, text));
    if (shape->size[shape->rank - 1] > INT32_MAX)
        return gan_fail(GAN_ERROR_SHAPE, "input has %" PRId64 " channels, expected at most 2^31 - 1",
                        shape->size[shape->rank - 1]);
    if (shape->size[shape->rank - 1] != channels)
        return gan_fail(GAN_ERROR_SHAPE, "input has %" PRId64 " channels, weights take %" PRId64,
                        shape->size[shape->rank - 1], channels);
    return GAN_OK;
}

gan_status gan_expect_at_least(const char *name, int64_t value, int64_t least)
{
    if (value >= least)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %" PRId64 ", expected at least %" PRId64, name, value, least);
}

int32_t gan_channels_of(const struct shape *shape)
{
    const int64_t channels = shape->rank > 0 ? shape->size[shape->rank - 1] : 0;
    return channels > 0 && channels <= INT32_MAX ? (int32_t)channels : 0;
}

gan_status gan_expect_initializer(int32_t initializer)
{
    if (initializer >= GAN_INITIALIZER_DEFAULT && initializer <= GAN_INITIALIZER_CONSTANT)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "initializer is %" PRId32 ", expected a GAN_INITIALIZER_* number",
                    initializer);
}

gan_status gan_expect_countable(const struct shape *weights)
{
    struct shape copy;
    return gan_shape_take(&copy, weights->size, weights->rank, 0);
}

int64_t gan_fan_without(const struct shape *weights, int32_t axis)
{
    if (weights->size[axis] < 1 || gan_expect_countable(weights) != GAN_OK)
        return 0;
    return gan_shape_count(weights) / weights->size[axis];
}

gan_graph *gan_graph_of_list(gan_layer *const *layers, int32_t count)
{
    for (int32_t i = 0; layers != NULL && i < count; i++)
        if (layers[i] != NULL)
            return layers[i]->graph;
    return NULL;
}

gan_status gan_expect_list(gan_layer *const *layers, int32_t count)
{
    if (layers == NULL || count < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " inputs are given, expected at least 1", count);
    for (int32_t i = 0; i < count; i++)
        if (layers[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "input %" PRId32 " is NULL", i);
    return GAN_OK;
}
