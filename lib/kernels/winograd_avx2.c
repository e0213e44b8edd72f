#include "kernels/winograd.h"

#if defined(__x86_64__)
#define WINOGRAD_TARGET __attribute__((target("avx2,fma")))
#define WINOGRAD_LANES 8
#include "kernels/winograd_body.h"

const struct winograd_kernels gan_winograd_avx2 = {input, output};
#endif
