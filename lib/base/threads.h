/* Worker threads of a context. */
#ifndef GAN_BASE_THREADS_H
#define GAN_BASE_THREADS_H

#include "base/context.h"

/* One task of a parallel loop. `worker` is 0 <= worker < gan_pool_threads, unique among the tasks that run at
 * the same time: an index for scratch memory, and nothing that results may depend on. */
typedef void (*gan_task)(void *argument, int64_t index, int32_t worker);

gan_status gan_pool_create(struct thread_pool **out, gan_context *context, int32_t threads);
void gan_pool_free(struct thread_pool *pool, gan_context *context);
int32_t gan_pool_threads(const struct thread_pool *pool);

/* Run task(argument, i, worker) for 0 <= i < count; the caller works too; returns when all are done.
 * Tasks are taken in order, by whoever is free: cut work by shape, never by the number of threads, and no
 * result depends on that number. A loop inside a task, or while another thread uses the pool, runs on the
 * calling thread alone with worker 0 of that loop. */
void gan_parallel(gan_context *context, int64_t count, gan_task task, void *argument);

/* Scratch slots to provide for gan_parallel: the largest worker number plus one. */
int32_t gan_parallel_workers(const gan_context *context);

/* Flush denormals to zero on this thread; returns the former mode for gan_float_mode_leave. */
uint32_t gan_float_mode_enter(void);
void gan_float_mode_leave(uint32_t former);

#endif
