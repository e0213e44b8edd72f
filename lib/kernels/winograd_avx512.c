#include "kernels/winograd.h"

#if defined(__x86_64__)
#define WINOGRAD_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define WINOGRAD_LANES 16
#include "kernels/winograd_body.h"

const struct winograd_kernels gan_winograd_avx512 = {input, output};
#endif
