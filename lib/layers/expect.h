/* Checks of input shapes, in words that name what is wrong. */
#ifndef GAN_LAYERS_EXPECT_H
#define GAN_LAYERS_EXPECT_H

#include "base/status.h"
#include "gan/graph.h"
#include "tensor/shape.h"

/* A picture [N, H, W, C] with a known number of channels; `what` names the input: "input", "style". */
gan_status gan_expect_picture(const struct shape *shape, const char *what);

/* The last axis is known, and as many channels as the parameters were made for. */
gan_status gan_expect_channels(const struct shape *shape, int64_t channels);

/* The last axis for attributes, 0 where it is not known or too long: the checks above then say so. */
int32_t gan_channels_of(const struct shape *shape);

/* The number is one of GAN_INITIALIZER_*. */
gan_status gan_expect_initializer(int32_t initializer);

/* The elements of a weight array can be counted. */
gan_status gan_expect_countable(const struct shape *weights);

/* Fan of an initializer: the elements along all axes but one. 0 for weights that the checks refuse. */
int64_t gan_fan_without(const struct shape *weights, int32_t axis);

/* `value` of the option `name` is at least `least`. */
gan_status gan_expect_at_least(const char *name, int64_t value, int64_t least);

/* Of a caller's list of layers: the graph of the first that is not NULL, or NULL where there is none. */
gan_graph *gan_graph_of_list(gan_layer *const *layers, int32_t count);

/* The list has an element, and none of them is NULL. */
gan_status gan_expect_list(gan_layer *const *layers, int32_t count);

#endif
