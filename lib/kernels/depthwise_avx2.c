#include "kernels/depthwise.h"

#if defined(__x86_64__)
#define DEPTHWISE_TARGET __attribute__((target("avx2,fma")))
#define DEPTHWISE_LANES 8
#define DEPTHWISE_TILE 2
#include "kernels/depthwise_body.h"

const struct depthwise_kernels gan_depthwise_avx2 = {multiply, correlate};
#endif
