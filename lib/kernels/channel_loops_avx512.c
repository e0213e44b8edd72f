#include "kernels/channel_loops.h"

#if defined(__x86_64__)
#define CHANNEL_LOOPS_TARGET __attribute__((target("avx512f,avx512vl,avx2,fma")))
#define CHANNEL_LOOPS_LANES 16
#include "kernels/channel_loops_body.h"

const struct channel_loops gan_channel_loops_avx512 = {deviations, products, affine,        blend,
                                                       modulate,   largest,  give_to_winner};
#endif
