/* A painted picture in the colours of its photograph. */
#ifndef GAN_STYLE_RECOLOR_H
#define GAN_STYLE_RECOLOR_H

#include "base/context.h"

/* `to` (may be `result` itself) becomes the result of `pixels` RGB pixels with colours by GAN_COLOR_*. On an
 * error it is as before. Errors: OUT_OF_MEMORY. */
gan_status gan_recolor(gan_context *context, float *to, const float *result, const float *photo,
                       int64_t pixels, int32_t color);

#endif
