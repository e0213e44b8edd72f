/* Parallel loops: on worker threads of the context, or on the host's. */
#ifndef GAN_BASE_THREADS_H
#define GAN_BASE_THREADS_H

#include "base/context.h"
#include "base/float_mode.h"

#include <pthread.h>
#include <stdbool.h>

/* One task of a parallel loop. `worker` is 0 <= worker < gan_parallel_workers, unique among the tasks of the
 * loop that run at the same time: an index for scratch memory, and nothing that results may depend on. */
typedef gan_loop_task gan_task;

/* `options` have their defaults filled in, and `host` is the checked copy of options->host_pool or NULL. */
gan_status gan_pool_create(struct thread_pool **out, gan_context *context, const gan_context_options *options,
                           const gan_host_pool *host);
void gan_pool_free(struct thread_pool *pool, gan_context *context);
int32_t gan_pool_threads(const struct thread_pool *pool);

/* Run task(argument, i, worker) for 0 <= i < count; the caller works too; returns when all are done.
 * Tasks are taken in order, by whoever is free: cut work by shape, never by the number of threads, and no
 * result depends on that number. A loop inside a task, or while another thread uses the pool, runs on the
 * calling thread alone with worker 0 of that loop. Denormals are flushed to zero in every task. */
void gan_parallel(gan_context *context, int64_t count, gan_task task, void *argument);

/* Scratch slots to provide for gan_parallel: the largest worker number plus one. */
int32_t gan_parallel_workers(const gan_context *context);

/* Around a run of many loops: workers stay awake between them, and denormals are flushed to zero on the
 * calling thread. Returns the former mode for gan_compute_leave. */
uint32_t gan_compute_enter(gan_context *context);
void gan_compute_leave(gan_context *context, uint32_t former);

/* Start a thread of the library: a host's signal handlers belong on its own threads, so it is born with every
 * signal blocked, but for those that an instruction raises, which would end the process instead of reaching a
 * handler. Returns what pthread_create returns. */
int gan_thread_start(pthread_t *thread, void *(*work)(void *), void *argument);

/* For threads that run tasks all their life: loops inside these run on the thread alone. */
void gan_thread_is_worker(void);

#endif
