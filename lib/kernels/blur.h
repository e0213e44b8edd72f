/* Soft edges on planes of floats. */
#ifndef GAN_KERNELS_BLUR_H
#define GAN_KERNELS_BLUR_H

#include "base/context.h"

/* Blur [height, width] in place by three boxes one after the other along each axis, close to a Gaussian of
 * standard deviation radius * 0.58; what lies more than `radius` away has no part in a result, and each stays
 * between the least and the largest value around it. Borders are continued by their own values. The time does
 * not depend on the radius. `scratch` has as many elements; the same bits for any number of threads. */
void gan_blur(gan_context *context, float *plane, float *scratch, int64_t height, int64_t width,
              int64_t radius);

#endif
