/* Random numbers by Philox 4x32-10 (Salmon et al. 2011): a pure function of key and counter, so that any part
 * of a stream can be drawn by any thread and a stream is saved as two numbers. */
#ifndef GAN_BASE_RANDOM_H
#define GAN_BASE_RANDOM_H

#include <stdint.h>

struct random_stream {
    uint64_t seed;    /* key */
    uint64_t stream;  /* which of the seed's streams: upper half of the counter */
    uint64_t counter; /* blocks of four 32-bit numbers drawn so far: lower half */
};

/* Block number `counter` of a stream; does not change it. */
void gan_random_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t block[4]);

uint32_t gan_random_bits(struct random_stream *random);
/* Uniform in [0, 1). */
float gan_random_uniform(struct random_stream *random);
/* Uniform integer in [0, count). */
int64_t gan_random_below(struct random_stream *random, int64_t count);

/* Arrays: mean 0 and standard deviation 1, or uniform in [low, high). */
void gan_random_fill_normal(struct random_stream *random, float *values, int64_t count, float mean,
                            float standard_deviation);
void gan_random_fill_uniform(struct random_stream *random, float *values, int64_t count, float low,
                             float high);

#endif
