/* Checks of a convolution's shape before anything is made of it. */
#ifndef GAN_KERNELS_CONVOLUTION_CHECK_H
#define GAN_KERNELS_CONVOLUTION_CHECK_H

#include "kernels/convolution.h"

/* Check all sizes and fill in those of the output. */
gan_status gan_convolution_check(struct convolution_shape *shape);

#endif
