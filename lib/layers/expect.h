/* Checks of input shapes, in words that name what is wrong. */
#ifndef GAN_LAYERS_EXPECT_H
#define GAN_LAYERS_EXPECT_H

#include "base/status.h"
#include "tensor/shape.h"

/* A picture [N, H, W, C] with a known number of channels; `what` names the input: "input", "style". */
gan_status gan_expect_picture(const struct shape *shape, const char *what);

/* The last axis is known, and as many channels as the parameters were made for. */
gan_status gan_expect_channels(const struct shape *shape, int64_t channels);

/* `value` of the option `name` is at least `least`. */
gan_status gan_expect_at_least(const char *name, int64_t value, int64_t least);

#endif
