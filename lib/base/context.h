/* The context: what every other object hangs off. */
#ifndef GAN_BASE_CONTEXT_H
#define GAN_BASE_CONTEXT_H

#include "base/status.h"
#include "gan/context.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct thread_pool;

struct gan_context {
    atomic_int references;
    gan_allocator allocator;
    gan_log_function log;
    void *log_user;
    uint64_t seed;
    int32_t kernels;     /* GAN_KERNELS_*, never AUTO */
    bool emulates_tiles; /* by a test that stands in for the processor's tile instructions */
    struct thread_pool *pool;
    pthread_mutex_t mutex; /* guards what objects of several threads share: lists of packed weights */
    atomic_uint_least64_t identities; /* numbers handed out to parameters */
    atomic_uint_least64_t streams;    /* random streams handed out so far */
};

gan_context *gan_context_retain(gan_context *context);

/* A number that differs for each call on this context and is the same in each run of a program. */
uint64_t gan_context_next_stream(gan_context *context);

/* Memory from the context's allocator, 64-byte aligned; NULL where there is none (no message recorded). */
void *gan_allocate(gan_context *context, size_t size);
void *gan_allocate_zeroed(gan_context *context, size_t size);
void gan_release(gan_context *context, void *memory);

/* `count` elements of `size` bytes, zeroed; NULL also where the product overflows. */
void *gan_allocate_array(gan_context *context, size_t count, size_t size);
char *gan_copy_string(gan_context *context, const char *text);

void gan_log(const gan_context *context, int32_t severity, const char *format, ...) GAN_PRINTF(3, 4);

/* Copy an options struct whose caller may know fewer or more members than this build: what the caller lacks
 * is zero, what this build lacks must be zero. NULL gives all zeros. */
gan_status gan_copy_options(void *copy, size_t size, const void *options, const char *name);

/* A struct that a call fills, of a caller who may know fewer or more members than this version: whether its
 * struct_size is set, and the filling; members that only the caller knows become zero. */
gan_status gan_check_result(const void *result, size_t size, const char *name);
void gan_give_result(void *result, const void *found, size_t size);

#endif
