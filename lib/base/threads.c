#include "base/threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#if defined(__SSE__)
#include <immintrin.h>
#endif

struct loop {
    gan_task task;
    void *argument;
    int64_t count;
    atomic_int_least64_t next;
};

struct worker {
    struct thread_pool *pool;
    int32_t number;
    pthread_t thread;
};

/* Rounds of waiting awake, some tens of microseconds, before a thread goes to sleep: the loops of a network
 * follow each other closely, and waking a thread costs more than most gaps between them. */
enum { AWAKE_ROUNDS = 2000 };

struct thread_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    struct loop loop;
    atomic_uint_least64_t generation; /* counts loops, so that a worker knows a new one */
    atomic_int joined;                /* workers inside the current loop */
    bool open;                        /* workers may still join it */
    bool stop;
    atomic_flag busy;
    int32_t threads; /* the caller included */
    int32_t started;
    struct worker *workers;
};

static _Thread_local bool inside_task;

static void run_tasks(struct loop *loop, int32_t worker)
{
    for (;;) {
        const int64_t index = atomic_fetch_add(&loop->next, 1);
        if (index >= loop->count)
            return;
        loop->task(loop->argument, index, worker);
    }
}

static void pause_briefly(void)
{
#if defined(__SSE__)
    _mm_pause();
#endif
}

static void await_generation(struct thread_pool *pool, uint64_t seen)
{
    for (int i = 0; i < AWAKE_ROUNDS && atomic_load(&pool->generation) == seen; i++)
        pause_briefly();
}

/* With the mutex held: help with the current loop, unless it is over already. */
static void join_loop(struct thread_pool *pool, int32_t number)
{
    if (!pool->open)
        return;
    atomic_fetch_add(&pool->joined, 1);
    pthread_mutex_unlock(&pool->mutex);
    run_tasks(&pool->loop, number);
    pthread_mutex_lock(&pool->mutex);
    if (atomic_fetch_sub(&pool->joined, 1) == 1)
        pthread_cond_signal(&pool->done);
}

static void *work(void *argument)
{
    struct worker *self = argument;
    struct thread_pool *pool = self->pool;
    inside_task = true;
    gan_float_mode_enter();
    uint64_t seen = 0;
    for (;;) {
        await_generation(pool, seen);
        pthread_mutex_lock(&pool->mutex);
        while (!pool->stop && atomic_load(&pool->generation) == seen)
            pthread_cond_wait(&pool->work, &pool->mutex);
        const bool stop = pool->stop;
        seen = atomic_load(&pool->generation);
        if (!stop)
            join_loop(pool, self->number);
        pthread_mutex_unlock(&pool->mutex);
        if (stop)
            return NULL;
    }
}

static int32_t processor_count(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > 1024 ? 1024 : (int32_t)online;
}

/* A host's signal handlers belong on its own threads: workers are born with every signal blocked. */
static int start_worker(struct worker *worker)
{
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    const int error = pthread_create(&worker->thread, NULL, work, worker);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return error;
}

gan_status gan_pool_create(struct thread_pool **out, gan_context *context, int32_t threads)
{
    if (threads == 0)
        threads = processor_count();
    struct thread_pool *pool = gan_allocate_zeroed(context, sizeof *pool);
    struct worker *workers = gan_allocate_array(context, (size_t)threads, sizeof *workers);
    if (pool == NULL || workers == NULL) {
        gan_release(context, pool);
        gan_release(context, workers);
        return gan_fail_memory("worker threads", sizeof *pool + (size_t)threads * sizeof *workers);
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    atomic_flag_clear(&pool->busy);
    pool->threads = threads;
    pool->workers = workers;
    for (int32_t i = 1; i < threads; i++) {
        workers[i] = (struct worker){.pool = pool, .number = i};
        if (start_worker(&workers[i]) != 0) {
            gan_pool_free(pool, context);
            return gan_fail(GAN_ERROR_OUT_OF_MEMORY, "the system refused worker thread %d of %d", i,
                            threads - 1);
        }
        pool->started = i;
    }
    *out = pool;
    return GAN_OK;
}

void gan_pool_free(struct thread_pool *pool, gan_context *context)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->stop = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    for (int32_t i = 1; i <= pool->started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    gan_release(context, pool->workers);
    gan_release(context, pool);
}

int32_t gan_pool_threads(const struct thread_pool *pool)
{
    return pool->threads;
}

int32_t gan_parallel_workers(const gan_context *context)
{
    return context->pool->threads;
}

static void run_alone(int64_t count, gan_task task, void *argument)
{
    for (int64_t i = 0; i < count; i++)
        task(argument, i, 0);
}

static void open_loop(struct thread_pool *pool, int64_t count, gan_task task, void *argument)
{
    pthread_mutex_lock(&pool->mutex);
    pool->loop.task = task;
    pool->loop.argument = argument;
    pool->loop.count = count;
    atomic_store(&pool->loop.next, 0);
    pool->open = true;
    atomic_fetch_add(&pool->generation, 1);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
}

/* No task is left: let nobody join any more, and wait for those who have. */
static void close_loop(struct thread_pool *pool)
{
    for (int i = 0; i < AWAKE_ROUNDS && atomic_load(&pool->joined) > 0; i++)
        pause_briefly();
    pthread_mutex_lock(&pool->mutex);
    pool->open = false;
    while (atomic_load(&pool->joined) > 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void run_shared(struct thread_pool *pool, int64_t count, gan_task task, void *argument)
{
    open_loop(pool, count, task, argument);
    inside_task = true;
    run_tasks(&pool->loop, 0);
    inside_task = false;
    close_loop(pool);
}

void gan_parallel(gan_context *context, int64_t count, gan_task task, void *argument)
{
    struct thread_pool *pool = context->pool;
    if (count <= 1 || pool->started == 0 || inside_task) {
        run_alone(count, task, argument);
        return;
    }
    if (atomic_flag_test_and_set(&pool->busy)) {
        run_alone(count, task, argument);
        return;
    }
    run_shared(pool, count, task, argument);
    atomic_flag_clear(&pool->busy);
}

#if defined(__SSE__)
enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };

uint32_t gan_float_mode_enter(void)
{
    const uint32_t former = _mm_getcsr();
    _mm_setcsr(former | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
    return former;
}

void gan_float_mode_leave(uint32_t former)
{
    _mm_setcsr(former);
}
#else
uint32_t gan_float_mode_enter(void)
{
    return 0;
}

void gan_float_mode_leave(uint32_t former)
{
    (void)former;
}
#endif
