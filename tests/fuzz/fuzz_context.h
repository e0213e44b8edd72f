/* A context with one thread and little memory, so that sizes made up by a file fail instead of taking the
 * machine's memory and time. */
#ifndef GAN_TESTS_FUZZ_CONTEXT_H
#define GAN_TESTS_FUZZ_CONTEXT_H

#include "gan/context.h"
#include "gan/tensor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { FUZZ_LARGEST = 1 << 20 };

static inline void *fuzz_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
    void *memory = NULL;
    if (size > FUZZ_LARGEST || posix_memalign(&memory, alignment, size) != 0)
        return NULL;
    return memory;
}

static inline void fuzz_release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static inline gan_context *fuzz_context(void)
{
    const gan_allocator allocator = {sizeof allocator, NULL, fuzz_allocate, fuzz_release};
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = 1, .allocator = &allocator};
    gan_context *context;
    if (gan_context_create(&context, &options) != GAN_OK)
        abort();
    return context;
}

/* Touch every element, for the sanitizers. */
static inline void fuzz_read_all(const gan_tensor *tensor)
{
    static const size_t sizes[] = {4, 2, 4, 1};
    const volatile unsigned char *bytes = gan_tensor_data_const(tensor);
    const size_t count = (size_t)gan_tensor_count(tensor);
    for (size_t i = 0; tensor != NULL && i < count * sizes[gan_tensor_type(tensor)]; i++)
        (void)bytes[i];
}

#endif
