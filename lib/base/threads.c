#include "base/threads.h"

#include <pthread.h>
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

struct thread_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    struct loop loop;
    uint64_t generation; /* counts loops, so that a worker knows a new one */
    int32_t running;     /* workers that have not finished the current loop */
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

static void *work(void *argument)
{
    struct worker *self = argument;
    struct thread_pool *pool = self->pool;
    inside_task = true;
    gan_float_mode_enter();
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (!pool->stop && pool->generation == seen)
            pthread_cond_wait(&pool->work, &pool->mutex);
        if (pool->stop)
            break;
        seen = pool->generation;
        pthread_mutex_unlock(&pool->mutex);
        run_tasks(&pool->loop, self->number);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->running == 0)
            pthread_cond_signal(&pool->done);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static int32_t processor_count(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > 1024 ? 1024 : (int32_t)online;
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
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
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

static void run_shared(struct thread_pool *pool, int64_t count, gan_task task, void *argument)
{
    pthread_mutex_lock(&pool->mutex);
    pool->loop.task = task;
    pool->loop.argument = argument;
    pool->loop.count = count;
    atomic_store(&pool->loop.next, 0);
    pool->running = pool->started;
    pool->generation++;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    inside_task = true;
    run_tasks(&pool->loop, 0);
    inside_task = false;
    pthread_mutex_lock(&pool->mutex);
    while (pool->running > 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
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
