#include "kernels/pixel_loops.h"

#if defined(__x86_64__)
#define PIXEL_LOOPS_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#include "kernels/pixel_loops_body.h"

const struct pixel_loops gan_pixel_loops_avx512 = {change, finish};
#endif
