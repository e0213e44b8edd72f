#include "kernels/direct.h"

#if defined(__x86_64__)
#define DIRECT_TARGET __attribute__((target("avx2,fma")))
#define DIRECT_LANES 8
#define DIRECT_GROUPS 2
#include "kernels/direct_body.h"

const struct direct_kernels gan_direct_avx2 = {multiply, correlate};
#endif
