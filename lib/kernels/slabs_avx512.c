#include "kernels/slabs.h"

#if defined(__x86_64__)
/* gcc would take half a register's width by itself; clang has no such word and takes all. */
#if defined(__clang__)
#define SLABS_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#else
#define SLABS_TARGET                                                                                         \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,prefer-vector-width=512")))
#endif
#include "kernels/slabs_body.h"

const struct slab_loops gan_slabs_avx512 = {adam, squares};
#endif
