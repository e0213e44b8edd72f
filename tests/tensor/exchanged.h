/* DLPack's DLManagedTensor as its users declare it. */
#ifndef GAN_TESTS_EXCHANGED_H
#define GAN_TESTS_EXCHANGED_H

#include <stdint.h>

struct exchanged {
    void *data;
    int32_t device_type, device_id, rank;
    uint8_t code, bits;
    uint16_t lanes;
    int64_t *shape, *strides;
    uint64_t byte_offset;
    void *manager;
    void (*deleter)(struct exchanged *);
};

#endif
