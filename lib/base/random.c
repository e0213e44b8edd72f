#include "base/random.h"

#include <math.h>

static void philox_round(uint32_t block[4], const uint32_t key[2])
{
    const uint64_t first = (uint64_t)block[0] * 0xD2511F53u;
    const uint64_t second = (uint64_t)block[2] * 0xCD9E8D57u;
    const uint32_t one = block[1], three = block[3];
    block[0] = (uint32_t)(second >> 32) ^ one ^ key[0];
    block[1] = (uint32_t)second;
    block[2] = (uint32_t)(first >> 32) ^ three ^ key[1];
    block[3] = (uint32_t)first;
}

void gan_random_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t block[4])
{
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    block[0] = (uint32_t)counter;
    block[1] = (uint32_t)(counter >> 32);
    block[2] = (uint32_t)stream;
    block[3] = (uint32_t)(stream >> 32);
    for (int round = 0; round < 10; round++) {
        philox_round(block, key);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
}

static void next_block(struct random_stream *random, uint32_t block[4])
{
    gan_random_block(random->seed, random->stream, random->counter, block);
    random->counter++;
}

static float to_unit(uint32_t bits)
{
    return (float)(bits >> 8) * 0x1p-24f;
}

uint32_t gan_random_bits(struct random_stream *random)
{
    uint32_t block[4];
    next_block(random, block);
    return block[0];
}

float gan_random_uniform(struct random_stream *random)
{
    return to_unit(gan_random_bits(random));
}

int64_t gan_random_below(struct random_stream *random, int64_t count)
{
    uint32_t block[4];
    next_block(random, block);
    const uint64_t bits = ((uint64_t)block[1] << 32) | block[0];
    /* 2^64 is so much larger than any count here that the bias of the remainder is below 2^-30. */
    return (int64_t)(bits % (uint64_t)count);
}

/* Box-Muller: two uniform numbers to two normal ones. */
static void normal_pair(uint32_t a, uint32_t b, float pair[2])
{
    const double radius = sqrt(-2.0 * log(((double)a + 1.0) * 0x1p-32));
    const double angle = 6.283185307179586 * ((double)b * 0x1p-32);
    pair[0] = (float)(radius * cos(angle));
    pair[1] = (float)(radius * sin(angle));
}

void gan_random_fill_normal(struct random_stream *random, float *values, int64_t count, float mean,
                            float standard_deviation)
{
    for (int64_t i = 0; i < count; i += 4) {
        uint32_t block[4];
        float normal[4];
        next_block(random, block);
        normal_pair(block[0], block[1], normal);
        normal_pair(block[2], block[3], normal + 2);
        for (int64_t j = i; j < count && j < i + 4; j++)
            values[j] = mean + standard_deviation * normal[j - i];
    }
}

void gan_random_fill_uniform(struct random_stream *random, float *values, int64_t count, float low,
                             float high)
{
    for (int64_t i = 0; i < count; i += 4) {
        uint32_t block[4];
        next_block(random, block);
        for (int64_t j = i; j < count && j < i + 4; j++)
            values[j] = low + (high - low) * to_unit(block[j - i]);
    }
}
