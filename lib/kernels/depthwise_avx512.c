#include "kernels/depthwise.h"

#if defined(__x86_64__)
#define DEPTHWISE_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define DEPTHWISE_LANES 16
#define DEPTHWISE_TILE 6
#include "kernels/depthwise_body.h"

const struct depthwise_kernels gan_depthwise_avx512 = {multiply, correlate};
#endif
