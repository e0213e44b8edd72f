/* The pixels of an adjusted picture, once all that is slow about them is known. */
#ifndef GAN_STYLE_COMPOSITION_H
#define GAN_STYLE_COMPOSITION_H

#include "base/context.h"

struct composition {
    float *to;           /* 3 * pixels; may be `result` itself */
    const float *result; /* in its final colours */
    const float *photo;
    const float *detail; /* [pixels]; NULL: none is added */
    const float *mask;   /* [pixels]; NULL: 1 everywhere */
    int64_t pixels;
    float amount, strength; /* of the detail; of the result */
};

void gan_compose(gan_context *context, const struct composition *composition);

/* Fine detail of a photograph: its luma, less that blurred by `radius` (1 or more) pixels. Errors:
 * OUT_OF_MEMORY. */
gan_status gan_detail_extract(gan_context *context, float *detail, const float *photo, int64_t height,
                              int64_t width, int32_t radius);

/* A plane of [height, width] with edges softened over `radius`. Errors: OUT_OF_MEMORY. */
gan_status gan_feather(gan_context *context, float *mask, int64_t height, int64_t width, int32_t radius);

/* What the calls that take these numbers refuse. Errors: ARGUMENT. */
gan_status gan_check_strength(float strength);
gan_status gan_check_detail(float amount, int32_t radius);
gan_status gan_check_color(int32_t color);
gan_status gan_check_pixels(int64_t pixels); /* 0 to what can be counted in bytes */
gan_status gan_check_feather(int32_t radius);

#endif
