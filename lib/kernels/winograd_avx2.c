#include "kernels/winograd.h"

#if defined(__x86_64__)
#define WINOGRAD_TARGET __attribute__((target("avx2,fma")))
#define WINOGRAD_LANES 8
#define WINOGRAD_THREE gan_winograd_three_avx2
#define WINOGRAD_TWO gan_winograd_two_avx2
#define WINOGRAD_ROWS gan_winograd_rows_avx2
#define WINOGRAD_ADJOINTS gan_winograd_adjoints_avx2
#include "kernels/winograd_body.h"
#endif
