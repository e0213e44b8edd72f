/* Photographs and painted pictures to adjust, drawn by formulas. */
#ifndef GAN_TESTS_STYLE_ADJUSTING_H
#define GAN_TESTS_STYLE_ADJUSTING_H

#include "gan/gan.h"

/* A context of `threads` threads. Fails the test where there is none. */
gan_context *adjusting_context(int32_t threads);

/* Smooth colours with some noise; different numbers are different pictures, with other colours. Values stay
 * between 0.15 and 0.85. */
gan_tensor *adjusting_picture(gan_context *context, int64_t height, int64_t width, int number);

#endif
