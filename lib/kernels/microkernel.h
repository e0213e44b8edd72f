/* The register-blocked matrix kernels and which of them this CPU can run. */
#ifndef GAN_KERNELS_MICROKERNEL_H
#define GAN_KERNELS_MICROKERNEL_H

#include "base/status.h"

/* Turn GAN_KERNELS_AUTO into the widest set that this CPU and build have; check any other choice, also by a
 * small product against plain arithmetic. Errors: GAN_ERROR_UNSUPPORTED. */
gan_status gan_kernels_choose(int32_t *kernels);

#endif
