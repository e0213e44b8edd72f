/* SHA-256 (FIPS 180-4): names a content, also against those who would forge one. */
#ifndef GAN_BASE_SHA256_H
#define GAN_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_BLOCK = 64 };

struct sha256 {
    uint32_t state[8];
    uint64_t count; /* bytes so far */
    uint8_t block[SHA256_BLOCK];
};

void gan_sha256_begin(struct sha256 *hash);
void gan_sha256_add(struct sha256 *hash, const void *bytes, size_t size);
void gan_sha256_end(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);

#endif
