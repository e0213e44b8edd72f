#include "training/shuffle.h"
#include "base/random.h"

/* A permutation of 0..2^(2 bits)-1 by four rounds of a Feistel network. */
static uint64_t permute(uint64_t seed, uint64_t epoch, int bits, uint64_t value)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t left = value >> bits, right = value & mask;
    for (uint64_t round = 0; round < 4; round++) {
        uint32_t block[4];
        gan_random_block(seed, SHUFFLE_STREAMS | epoch, round << 48 | right, block);
        const uint64_t next = left ^ ((uint64_t)block[0] & mask);
        left = right;
        right = next;
    }
    return left << bits | right;
}

/* Permuted again until it is inside. */
int64_t gan_shuffle(uint64_t seed, int64_t epoch, int64_t count, int64_t position)
{
    int bits = 1;
    while ((UINT64_C(1) << 2 * bits) < (uint64_t)count)
        bits++;
    uint64_t index = (uint64_t)position;
    do
        index = permute(seed, (uint64_t)epoch, bits, index);
    while (index >= (uint64_t)count);
    return (int64_t)index;
}
