/* A picture's brightness in bytes, at full size and at halves of it: what motion is searched in. */
#ifndef GAN_STYLE_LUMA_PYRAMID_H
#define GAN_STYLE_LUMA_PYRAMID_H

#include "base/context.h"

enum { PYRAMID_LEVELS = 4 };

struct luma_level {
    int64_t height, width;
    uint8_t *data;
};

struct luma_pyramid {
    int32_t count;
    struct luma_level levels[PYRAMID_LEVELS]; /* the first is the largest */
};

/* Room for pictures of this size. Small ones have fewer levels. Errors: OUT_OF_MEMORY. */
gan_status gan_luma_pyramid_create(struct luma_pyramid *pyramid, gan_context *context, int64_t height,
                                   int64_t width);
void gan_luma_pyramid_free(struct luma_pyramid *pyramid, gan_context *context);

/* rgb: [height, width, 3], 0 to 1. */
void gan_luma_pyramid_fill(const struct luma_pyramid *pyramid, gan_context *context, const float *rgb);

#endif
