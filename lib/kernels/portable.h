/* The microkernel in plain C with the compiler's vector types, for every processor. */
#ifndef GAN_KERNELS_PORTABLE_H
#define GAN_KERNELS_PORTABLE_H

#include "kernels/microkernel.h"

const struct microkernel *gan_portable_kernel(void);

#endif
