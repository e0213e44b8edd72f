#include "kernels/winograd.h"

#if defined(__x86_64__)
#define WINOGRAD_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define WINOGRAD_LANES 16
#define WINOGRAD_THREE gan_winograd_three_avx512
#define WINOGRAD_TWO gan_winograd_two_avx512
#define WINOGRAD_ROWS gan_winograd_rows_avx512
#define WINOGRAD_ADJOINTS gan_winograd_adjoints_avx512
#include "kernels/winograd_body.h"
#endif
