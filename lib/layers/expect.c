#include "layers/expect.h"

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
    if (shape->size[shape->rank - 1] != channels)
        return gan_fail(GAN_ERROR_SHAPE, "input has %" PRId64 " channels, weights take %" PRId64,
                        shape->size[shape->rank - 1], channels);
    return GAN_OK;
}

gan_status gan_expect_at_least(const char *name, int64_t value, int64_t least)
{
    if (value >= least) return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %" PRId64 ", expected at least %" PRId64, name, value, least);
}
