#include "kernels/narrow.h"

#if defined(__x86_64__)
#define NARROW_TARGET __attribute__((target("avx2,fma")))
#define NARROW_LANES 8
#define NARROW_FILTERS 4
#include "kernels/narrow_body.h"

const struct narrow_kernels gan_narrow_avx2 = {LANES, multiply};
#endif
