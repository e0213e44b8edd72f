#include "kernels/winograd.h"

#if defined(__x86_64__)
#define WINOGRAD_TARGET __attribute__((target("avx2,fma")))
#define WINOGRAD_LANES 8
#define WINOGRAD_KERNELS gan_winograd_avx2
#define WINOGRAD_ROWS gan_winograd_rows_avx2
#include "kernels/winograd_body.h"
#endif
