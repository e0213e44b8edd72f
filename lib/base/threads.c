#include "base/threads.h"
#include "base/processors.h"
#include "base/worker_pool.h"

#include <signal.h>

struct thread_pool {
    atomic_flag busy;
    int32_t threads;         /* the caller included */
    struct worker_pool *own; /* NULL: no threads but the caller, or the host's */
    gan_host_pool host;      /* parallel_for NULL: none */
};

static _Thread_local bool inside_task;

int gan_thread_start(pthread_t *thread, void *(*work)(void *), void *argument)
{
    static const int raised[] = {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGTRAP};
    sigset_t all, former;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof raised / sizeof raised[0]; i++)
        sigdelset(&all, raised[i]);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    const int error = pthread_create(thread, NULL, work, argument);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return error;
}

void gan_thread_is_worker(void)
{
    inside_task = true;
}

gan_status gan_pool_create(struct thread_pool **out, gan_context *context, const gan_context_options *options,
                           const gan_host_pool *host)
{
    struct thread_pool *pool = gan_allocate_zeroed(context, sizeof *pool);
    if (pool == NULL)
        return gan_fail_memory("a pool of threads", sizeof *pool);
    atomic_flag_clear(&pool->busy);
    pool->threads = options->threads > 0 ? options->threads : gan_processor_count();
    if (host != NULL) {
        pool->host = *host;
        pool->threads = host->workers;
    }
    gan_status status = GAN_OK;
    if (host == NULL && pool->threads > 1)
        status = gan_worker_pool_create(&pool->own, context, pool->threads - 1, options->pin_threads != 0);
    if (status != GAN_OK)
        gan_release(context, pool);
    else
        *out = pool;
    return status;
}

void gan_pool_free(struct thread_pool *pool, gan_context *context)
{
    if (pool == NULL)
        return;
    gan_worker_pool_free(pool->own, context);
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

uint32_t gan_compute_enter(gan_context *context)
{
    if (context->pool->own != NULL)
        gan_worker_pool_wake(context->pool->own);
    return gan_float_mode_enter();
}

void gan_compute_leave(gan_context *context, uint32_t former)
{
    gan_float_mode_leave(former);
    if (context->pool->own != NULL)
        gan_worker_pool_rest(context->pool->own);
}

static void run_alone(int64_t count, gan_task task, void *argument)
{
    for (int64_t i = 0; i < count; i++)
        task(argument, i, 0);
}

/* What threads of the host run: they keep their float mode for themselves. */
struct hosted_loop {
    gan_task task;
    void *argument;
};

static void run_hosted_task(void *argument, int64_t index, int32_t worker)
{
    const struct hosted_loop *loop = argument;
    const bool former_inside = inside_task;
    const uint32_t former_mode = gan_float_mode_enter();
    inside_task = true;
    loop->task(loop->argument, index, worker);
    inside_task = former_inside;
    gan_float_mode_leave(former_mode);
}

static void run_shared(struct thread_pool *pool, int64_t count, gan_task task, void *argument)
{
    if (pool->host.parallel_for != NULL) {
        struct hosted_loop loop = {task, argument};
        const uint32_t mode = gan_float_mode_suspend();
        pool->host.parallel_for(pool->host.user, count, run_hosted_task, &loop);
        gan_float_mode_resume(mode);
        return;
    }
    inside_task = true;
    gan_worker_pool_run(pool->own, count, task, argument);
    inside_task = false;
}

void gan_parallel(gan_context *context, int64_t count, gan_task task, void *argument)
{
    struct thread_pool *pool = context->pool;
    const uint32_t mode = gan_float_mode_enter();
    if (count <= 1 || pool->threads == 1 || inside_task || atomic_flag_test_and_set(&pool->busy)) {
        run_alone(count, task, argument);
    } else {
        run_shared(pool, count, task, argument);
        atomic_flag_clear(&pool->busy);
    }
    gan_float_mode_leave(mode);
}
