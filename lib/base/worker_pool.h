/* Threads that help with parallel loops, and sleep in between. */
#ifndef GAN_BASE_WORKER_POOL_H
#define GAN_BASE_WORKER_POOL_H

#include "base/threads.h"

struct worker_pool;

/* `helpers` threads beside the caller, at least 1; `pin`: each stays on one processor. */
gan_status gan_worker_pool_create(struct worker_pool **out, gan_context *context, int32_t helpers, bool pin);
void gan_worker_pool_free(struct worker_pool *pool, gan_context *context);

/* One loop at a time; the caller is worker 0. */
void gan_worker_pool_run(struct worker_pool *pool, int64_t count, gan_task task, void *argument);

/* Between these two, loops are expected to follow each other closely: threads that wait stay awake for some
 * tens of microseconds before they go to sleep, but no more of them than leave a processor to the caller. May
 * be nested, and called by several threads. */
void gan_worker_pool_wake(struct worker_pool *pool);
void gan_worker_pool_rest(struct worker_pool *pool);

#endif
