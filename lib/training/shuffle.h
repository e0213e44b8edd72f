/* Orders of samples as pure functions of the seed. */
#ifndef GAN_TRAINING_SHUFFLE_H
#define GAN_TRAINING_SHUFFLE_H

#include <stdint.h>

/* Half of a seed's random streams are for orders, the other half free. */
static const uint64_t SHUFFLE_STREAMS = UINT64_C(1) << 63;

/* Which of `count` things comes at a position of an epoch: a permutation of 0..count-1. */
int64_t gan_shuffle(uint64_t seed, int64_t epoch, int64_t count, int64_t position);

#endif
