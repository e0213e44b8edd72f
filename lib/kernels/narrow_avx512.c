#include "kernels/narrow.h"

#if defined(__x86_64__)
#define NARROW_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define NARROW_LANES 16
#define NARROW_FILTERS 8
#include "kernels/narrow_body.h"

const struct narrow_kernels gan_narrow_avx512 = {LANES, multiply};
#endif
