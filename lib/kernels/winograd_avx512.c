#include "kernels/winograd.h"

#if defined(__x86_64__)
#define WINOGRAD_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define WINOGRAD_LANES 16
#define WINOGRAD_KERNELS gan_winograd_avx512
#define WINOGRAD_ROWS gan_winograd_rows_avx512
#include "kernels/winograd_body.h"
#endif
