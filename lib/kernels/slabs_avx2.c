#include "kernels/slabs.h"

#if defined(__x86_64__)
#define SLABS_TARGET __attribute__((target("avx2,fma")))
#include "kernels/slabs_body.h"

const struct slab_loops gan_slabs_avx2 = {adam, squares};
#endif
