#include "kernels/pixel_loops.h"

#if defined(__x86_64__)
#define PIXEL_LOOPS_TARGET __attribute__((target("avx2,fma")))
#include "kernels/pixel_loops_body.h"

const struct pixel_loops gan_pixel_loops_avx2 = {change, finish};
#endif
