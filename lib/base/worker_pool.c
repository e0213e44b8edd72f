/* A loop is a gate: one word that holds its number, whether it is open, and how many workers are inside.
 * Workers who are awake pass it without a lock. Those who found nothing to do sleep on a condition; whoever
 * changes the gate looks afterwards whether somebody sleeps, and who is about to sleep says so first and then
 * looks at the gate again, so that no change is missed. */
#include "base/worker_pool.h"
#include "base/float_mode.h"
#include "base/processors.h"

#include <pthread.h>
#include <time.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif

enum { INSIDE = 0xFFFF, OPEN = 0x10000, GENERATION_SHIFT = 17 };

/* How long a thread waits awake. Waking a thread takes about as long. */
enum { AWAKE_NANOSECONDS = 50000, PAUSES_PER_LOOK = 16 };

struct loop {
    gan_task task;
    void *argument;
    int64_t count;
    atomic_int_least64_t next;
};

struct worker {
    struct worker_pool *pool;
    int32_t number;
    pthread_t thread;
};

struct worker_pool {
    struct loop loop;
    atomic_uint_least64_t gate;
    atomic_int expecting; /* runs of networks under way, whose next loop is near */
    atomic_int awake;     /* helpers that wait without sleeping */
    atomic_int sleepers;
    atomic_bool caller_sleeps;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    int32_t helpers, started;
    int32_t processors; /* who waits awake takes one from those who work, where threads are more */
    struct worker *workers;
};

static uint64_t generation_of(uint64_t gate)
{
    return gate >> GENERATION_SHIFT;
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void pause_briefly(void)
{
    for (int i = 0; i < PAUSES_PER_LOOK; i++) {
#if defined(__SSE__)
        _mm_pause();
#endif
    }
}

static void run_tasks(struct loop *loop, int32_t worker)
{
    for (;;) {
        const int64_t index = atomic_fetch_add(&loop->next, 1);
        if (index >= loop->count)
            return;
        loop->task(loop->argument, index, worker);
    }
}

/* ---- Workers ---- */

static bool nothing_new(struct worker_pool *pool, uint64_t seen)
{
    return generation_of(atomic_load(&pool->gate)) == seen && !atomic_load(&pool->stop);
}

static void await_loop_awake(struct worker_pool *pool, uint64_t seen)
{
    if (atomic_load(&pool->expecting) == 0)
        return;
    if (atomic_fetch_add(&pool->awake, 1) < pool->processors - 1) {
        const int64_t end = nanoseconds() + AWAKE_NANOSECONDS;
        while (nothing_new(pool, seen) && atomic_load(&pool->expecting) > 0 && nanoseconds() < end)
            pause_briefly();
    }
    atomic_fetch_sub(&pool->awake, 1);
}

static void await_loop(struct worker_pool *pool, uint64_t seen)
{
    await_loop_awake(pool, seen);
    if (!nothing_new(pool, seen))
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (nothing_new(pool, seen))
        pthread_cond_wait(&pool->work, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

/* The generation of the loop that was joined, or found closed. */
static uint64_t enter_gate(struct worker_pool *pool, bool *inside)
{
    uint64_t gate = atomic_load(&pool->gate);
    *inside = false;
    while ((gate & OPEN) != 0 && !*inside)
        *inside = atomic_compare_exchange_weak(&pool->gate, &gate, gate + 1);
    return generation_of(gate);
}

static void leave_gate(struct worker_pool *pool)
{
    const uint64_t gate = atomic_fetch_sub(&pool->gate, 1) - 1;
    if ((gate & (OPEN | INSIDE)) != 0 || !atomic_load(&pool->caller_sleeps))
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument)
{
    struct worker *self = argument;
    struct worker_pool *pool = self->pool;
    gan_thread_is_worker();
    gan_float_mode_enter();
    for (uint64_t seen = 0;;) {
        await_loop(pool, seen);
        if (atomic_load(&pool->stop))
            return NULL;
        bool inside;
        seen = enter_gate(pool, &inside);
        if (inside) {
            run_tasks(&pool->loop, self->number);
            leave_gate(pool);
        }
    }
}

/* ---- The caller ---- */

/* As many sleepers as there are tasks for. */
static void wake_sleepers(struct worker_pool *pool, int64_t tasks)
{
    const int sleepers = atomic_load(&pool->sleepers);
    if (sleepers == 0)
        return;
    pthread_mutex_lock(&pool->mutex); /* who is counted waits already, or looks at the gate once more */
    pthread_mutex_unlock(&pool->mutex);
    for (int64_t i = 0; i < sleepers && i < tasks; i++)
        pthread_cond_signal(&pool->work);
}

static void open_loop(struct worker_pool *pool, int64_t count, gan_task task, void *argument)
{
    pool->loop.task = task;
    pool->loop.argument = argument;
    pool->loop.count = count;
    atomic_store(&pool->loop.next, 0);
    const uint64_t generation = generation_of(atomic_load(&pool->gate)) + 1;
    atomic_store(&pool->gate, generation << GENERATION_SHIFT | OPEN);
    wake_sleepers(pool, count - 1);
}

static bool somebody_inside(struct worker_pool *pool)
{
    return (atomic_load(&pool->gate) & INSIDE) != 0;
}

/* No task is left: let nobody enter any more, and wait for those who have. */
static void close_loop(struct worker_pool *pool)
{
    const uint64_t gate = atomic_fetch_and(&pool->gate, ~(uint64_t)OPEN);
    if ((gate & INSIDE) == 0)
        return;
    const int64_t patience = pool->helpers < pool->processors ? AWAKE_NANOSECONDS : 0;
    const int64_t end = nanoseconds() + patience;
    while (somebody_inside(pool) && nanoseconds() < end)
        pause_briefly();
    if (!somebody_inside(pool))
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (somebody_inside(pool))
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}

void gan_worker_pool_run(struct worker_pool *pool, int64_t count, gan_task task, void *argument)
{
    open_loop(pool, count, task, argument);
    run_tasks(&pool->loop, 0);
    close_loop(pool);
}

void gan_worker_pool_wake(struct worker_pool *pool)
{
    atomic_fetch_add(&pool->expecting, 1);
}

void gan_worker_pool_rest(struct worker_pool *pool)
{
    atomic_fetch_sub(&pool->expecting, 1);
}

/* ---- Making and freeing ---- */

gan_status gan_worker_pool_create(struct worker_pool **out, gan_context *context, int32_t helpers, bool pin)
{
    struct worker_pool *pool = gan_allocate_zeroed(context, sizeof *pool);
    struct worker *workers = gan_allocate_array(context, (size_t)helpers, sizeof *workers);
    if (pool == NULL || workers == NULL) {
        gan_release(context, pool);
        gan_release(context, workers);
        return gan_fail_memory("worker threads", sizeof *pool + (size_t)helpers * sizeof *workers);
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->helpers = helpers;
    pool->processors = gan_processor_count();
    pool->workers = workers;
    for (int32_t i = 0; i < helpers; i++) {
        workers[i] = (struct worker){.pool = pool, .number = i + 1};
        if (gan_thread_start(&workers[i].thread, work, &workers[i]) != 0) {
            gan_worker_pool_free(pool, context);
            return gan_fail(GAN_ERROR_OUT_OF_MEMORY, "the system refused worker thread %d of %d", i + 1,
                            helpers);
        }
        pool->started++;
        if (pin && !gan_processor_pin(workers[i].thread, i + 1))
            gan_log(context, GAN_LOG_WARNING, "worker thread %d could not be pinned to a processor", i + 1);
    }
    *out = pool;
    return GAN_OK;
}

void gan_worker_pool_free(struct worker_pool *pool, gan_context *context)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    for (int32_t i = 0; i < pool->started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    gan_release(context, pool->workers);
    gan_release(context, pool);
}
