#include "kernels/direct.h"

#if defined(__x86_64__)
#define DIRECT_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define DIRECT_LANES 16
#define DIRECT_GROUPS 4
#include "kernels/direct_body.h"

const struct direct_kernels gan_direct_avx512 = {multiply, correlate};
#endif
