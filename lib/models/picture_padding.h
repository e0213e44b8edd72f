/* Pictures made larger by their own mirror image. */
#ifndef GAN_MODELS_PICTURE_PADDING_H
#define GAN_MODELS_PICTURE_PADDING_H

#include "base/status.h"
#include "gan/tensor.h"

/* *out is a new picture whose upper left part is `picture` ([1, H, W, C], float32) and the rest of which, up
 * to `height` >= H and `width` >= W, its reflections at the lower and the right edge, as often as it takes.
 * Errors: OUT_OF_MEMORY. */
gan_status gan_picture_pad(gan_tensor **out, const gan_tensor *picture, int64_t height, int64_t width);

/* The same with `top` >= 0 reflected rows above and `left` >= 0 columns before it: height >= top + H. */
gan_status gan_picture_place(gan_tensor **out, const gan_tensor *picture, int64_t top, int64_t left,
                             int64_t height, int64_t width);

/* `margin` rows and columns all round, which go on at the opposite side as often as it takes. */
gan_status gan_picture_repeat(gan_tensor **out, const gan_tensor *picture, int64_t margin);

#endif
