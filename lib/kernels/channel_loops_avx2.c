#include "kernels/channel_loops.h"

#if defined(__x86_64__)
#define CHANNEL_LOOPS_TARGET __attribute__((target("avx2,fma")))
#define CHANNEL_LOOPS_LANES 8
#include "kernels/channel_loops_body.h"

const struct channel_loops gan_channel_loops_avx2 = {deviations, products, affine,        blend,
                                                     modulate,   largest,  give_to_winner};
#endif
