/* BLIS's microkernels for x86-64; each is NULL where the build has no BLIS. */
#ifndef GAN_KERNELS_BLIS_H
#define GAN_KERNELS_BLIS_H

#include "kernels/microkernel.h"

const struct microkernel *gan_blis_avx512(void);
const struct microkernel *gan_blis_avx2(void);

#endif
