/* FNV-1a, 64 bits (Fowler, Noll & Vo): tells contents apart; no defence against forgery. */
#ifndef GAN_BASE_HASH_H
#define GAN_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define GAN_HASH_OF_NOTHING UINT64_C(0xcbf29ce484222325)

/* The hash of what `hash` is of, followed by these bytes. */
static inline uint64_t gan_hash(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
