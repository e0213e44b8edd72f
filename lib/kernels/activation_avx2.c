#include "kernels/activation.h"

#if defined(__x86_64__)
#define ACTIVATION_TARGET __attribute__((target("avx2,fma")))
#include "kernels/activation_body.h"

const struct activation_loops gan_activation_avx2 = {forward, backward};
#endif
