#include "kernels/activation.h"

#if defined(__x86_64__)
/* gcc would take half a register's width by itself; clang has no such word and takes all. */
#if defined(__clang__)
#define ACTIVATION_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#else
#define ACTIVATION_TARGET                                                                                    \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,prefer-vector-width=512")))
#endif
#include "kernels/activation_body.h"

const struct activation_loops gan_activation_avx512 = {forward, backward};
#endif
