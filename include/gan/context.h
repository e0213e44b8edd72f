/** The context: allocator, worker threads, random seed and log of everything made from it. */
#ifndef GAN_CONTEXT_H
#define GAN_CONTEXT_H

#include "gan/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Memory functions of the host. allocate returns `size` bytes aligned to `alignment` (a power of two), or
 *  NULL; release takes what allocate gave, never NULL. Both may be called from any thread. */
typedef struct gan_allocator {
    size_t struct_size;
    void *user;
    void *(*allocate)(void *user, size_t size, size_t alignment);
    void (*release)(void *user, void *memory);
} gan_allocator;

/** One task of a parallel loop: number `index` of it, done by worker `worker`. */
typedef void (*gan_loop_task)(void *argument, int64_t index, int32_t worker);

/** The host's own threads, in place of worker threads of the context.
 *
 *  parallel_for calls task(argument, i, worker) once for each 0 <= i < count, in any order and on any
 * threads, the calling one too where the host likes, and returns when all are done and what they wrote can be
 * seen. `worker` is 0 <= worker < workers, and tasks that run at the same time have different ones: libgan
 * finds a task's scratch memory by it. Results do not depend on which worker does what. libgan calls
 * parallel_for from the threads that call libgan, one loop at a time for each context, and never from a task.
 * While it waits, the calling thread must not begin other work that calls libgan (libraries that steal work
 * call this isolation). Tasks set the float mode that they need and put back the former one; they take
 * microseconds to milliseconds, and block on nothing. */
typedef struct gan_host_pool {
    size_t struct_size;
    void *user;
    int32_t workers; /**< 1 to 1024 */
    void (*parallel_for)(void *user, int64_t count, gan_loop_task task, void *argument);
} gan_host_pool;

/** Severity of a log line. */
enum { GAN_LOG_INFORMATION = 0, GAN_LOG_WARNING = 1 };

typedef void (*gan_log_function)(void *user, int32_t severity, const char *message);

/** Options of gan_context_create; set struct_size, and zero all that should keep its default. */
typedef struct gan_context_options {
    size_t struct_size;
    int32_t threads;                /**< threads that compute, the caller included; 0: one per processor
                                         that the process may use. Workers sleep between runs */
    int32_t kernels;                /**< GAN_KERNELS_* ; a set that the CPU lacks is an error */
    uint64_t seed;                  /**< start of every random stream */
    const gan_allocator *allocator; /**< copied; NULL: the C library's */
    gan_log_function log;           /**< NULL: no log. May be called from the thread that calls libgan */
    void *log_user;
    int32_t pin_threads;            /**< 1: worker i stays on the i-th processor that the process may use,
                                         counted from 0; the caller, who computes too, stays as it is. A
                                         system that refuses is a line in the log */
    const gan_host_pool *host_pool; /**< copied; NULL: worker threads of the context. Then threads and
                                         pin_threads are 0 */
} gan_context_options;

/** Make a context. `options` is copied; NULL means all defaults.
 *  Errors: GAN_ERROR_OUT_OF_MEMORY, GAN_ERROR_ARGUMENT (threads < 0 or > 1024, a wrong struct_size, a host's
 *  pool that lacks something),
 *  GAN_ERROR_UNSUPPORTED (a kernel set that this CPU or build lacks); *out is then NULL.
 *  Threads: a context may be used from several threads at once. Since 0.1. */
GAN_API gan_status gan_context_create(gan_context **out, const gan_context_options *options);

/** Drop the caller's hold. Objects made from the context keep it alive until they are freed too. */
GAN_API void gan_context_free(gan_context *context);

/** Number of threads that compute; of a host's pool, its workers. */
GAN_API int32_t gan_context_threads(const gan_context *context);

/** The GAN_KERNELS_* set in use, never AUTO. */
GAN_API int32_t gan_context_kernels(const gan_context *context);

/** Words for a kernel set, such as "AVX-512 32x12 (BLIS skx)". */
GAN_API const char *gan_kernels_name(int32_t kernels);

#ifdef __cplusplus
}
#endif
#endif
