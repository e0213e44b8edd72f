/* A pool of the host: each task once, numbers of workers unique, the same bits, float modes put back. */
#include "base/suite.h"
#include "base/threads.h"
#include "graph/networks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WORKERS = 3, MOST_TASKS = 200 };

/* Kept from the compiler's own arithmetic. */
static volatile float tiny = 1e-39f;

/* A pool as simple as can be: threads are made for each loop. */
struct toy_loop {
    gan_loop_task task;
    void *argument;
    int64_t count;
    atomic_int_least64_t next;
    atomic_int denormals; /* threads on which these still exist after the loop */
};

struct toy_worker {
    struct toy_loop *loop;
    int32_t number;
};

static void *toy_work(void *argument)
{
    const struct toy_worker *self = argument;
    struct toy_loop *loop = self->loop;
    for (int64_t i = atomic_fetch_add(&loop->next, 1); i < loop->count; i = atomic_fetch_add(&loop->next, 1))
        loop->task(loop->argument, i, self->number);
    if (tiny * 1.0f != 0.0f)
        atomic_fetch_add(&loop->denormals, 1);
    return NULL;
}

struct toy_pool {
    int loops, flushed; /* flushed: threads that came back with another float mode */
};

static void toy_parallel_for(void *user, int64_t count, gan_loop_task task, void *argument)
{
    struct toy_pool *pool = user;
    struct toy_loop loop = {.task = task, .argument = argument, .count = count};
    struct toy_worker workers[WORKERS];
    pthread_t threads[WORKERS];
    for (int32_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct toy_worker){&loop, i};
        pthread_create(&threads[i], NULL, toy_work, &workers[i]);
    }
    for (int32_t i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    pool->loops++;
    pool->flushed += WORKERS - atomic_load(&loop.denormals);
}

static gan_context *hosted_context(struct toy_pool *pool)
{
    const gan_host_pool host = {sizeof host, pool, WORKERS, toy_parallel_for};
    const gan_context_options options = {.struct_size = sizeof options, .seed = 5, .host_pool = &host};
    gan_context *context;
    succeed(gan_context_create(&context, &options));
    return context;
}

struct census {
    gan_context *context;
    atomic_int runs[MOST_TASKS];
    atomic_int at_work[WORKERS];
    atomic_int strange, denormals;
};

static void count_task(void *argument, int64_t index, int32_t worker)
{
    struct census *census = argument;
    atomic_fetch_add(&census->runs[index], 1);
    if (worker < 0 || worker >= WORKERS || atomic_fetch_add(&census->at_work[worker], 1) != 0)
        atomic_fetch_add(&census->strange, 1);
    else
        atomic_fetch_sub(&census->at_work[worker], 1);
    if (tiny * 1.0f != 0.0f)
        atomic_fetch_add(&census->denormals, 1);
}

static void nest(void *argument, int64_t index, int32_t worker)
{
    struct census *census = argument;
    (void)worker;
    if (index == 0)
        gan_parallel(census->context, MOST_TASKS, count_task, census);
}

static void expect_all_once(struct census *census)
{
    for (int i = 0; i < MOST_TASKS; i++)
        ck_assert_int_eq(atomic_load(&census->runs[i]), 1);
    ck_assert_int_eq(atomic_load(&census->strange), 0);
#if defined(__SSE__)
    ck_assert_int_eq(atomic_load(&census->denormals), 0);
#endif
}

START_TEST(the_host_runs_each_task_once)
{
    struct toy_pool pool = {0};
    gan_context *context = hosted_context(&pool);
    struct census *census = calloc(1, sizeof *census);
    ck_assert_int_eq(gan_context_threads(context), WORKERS);
    ck_assert_int_eq(gan_parallel_workers(context), WORKERS);
    gan_parallel(context, MOST_TASKS, count_task, census);
    expect_all_once(census);
    ck_assert_int_eq(pool.loops, 1);
    ck_assert_int_eq(pool.flushed, 0);
    ck_assert(tiny * 1.0f != 0.0f);
    free(census);
    gan_context_free(context);
}
END_TEST

START_TEST(loops_inside_tasks_stay_on_their_thread)
{
    struct toy_pool pool = {0};
    gan_context *context = hosted_context(&pool);
    struct census *census = calloc(1, sizeof *census);
    census->context = context;
    gan_parallel(context, 5, nest, census);
    expect_all_once(census);
    ck_assert_int_eq(pool.loops, 1);
    free(census);
    gan_context_free(context);
}
END_TEST

/* Values of a picture that went through a generator. */
static float *values_of_run(gan_context *context, size_t *size)
{
    gan_model *model = make_generator(context);
    gan_tensor *picture = make_pictures(context, 1, 50, 34, 1), *result;
    succeed(gan_model_run(model, picture, &result));
    *size = (size_t)gan_tensor_count(result) * sizeof(float);
    float *copy = malloc(*size);
    memcpy(copy, gan_tensor_data(result), *size);
    gan_tensor_free(picture);
    gan_tensor_free(result);
    gan_model_free(model);
    return copy;
}

START_TEST(the_host_gives_the_same_bits)
{
    struct toy_pool pool = {0};
    gan_context *own = make_context(1), *hosted = hosted_context(&pool);
    size_t size, hosted_size;
    float *alone = values_of_run(own, &size), *together = values_of_run(hosted, &hosted_size);
    ck_assert_uint_eq(size, hosted_size);
    ck_assert_mem_eq(alone, together, size);
    ck_assert_int_gt(pool.loops, 0);
    ck_assert_int_eq(pool.flushed, 0);
    free(alone);
    free(together);
    gan_context_free(own);
    gan_context_free(hosted);
}
END_TEST

static void refuses(const gan_host_pool *host, int32_t threads, int32_t pin, const char *word)
{
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = threads, .pin_threads = pin, .host_pool = host};
    gan_context *context;
    fails_with(gan_context_create(&context, &options), GAN_ERROR_ARGUMENT, word);
    ck_assert_ptr_null(context);
}

START_TEST(pools_are_checked)
{
    struct toy_pool pool = {0};
    gan_host_pool host = {sizeof host, &pool, WORKERS, NULL};
    refuses(&host, 0, 0, "parallel_for");
    host.parallel_for = toy_parallel_for;
    refuses(&host, 2, 0, "threads");
    refuses(&host, 0, 1, "pin_threads");
    host.workers = 0;
    refuses(&host, 0, 0, "workers");
    host.workers = 1025;
    refuses(&host, 0, 0, "workers");
    host.workers = WORKERS;
    host.struct_size = 1;
    refuses(&host, 0, 0, "gan_host_pool");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_host_runs_each_task_once,
        loops_inside_tasks_stay_on_their_thread,
        the_host_gives_the_same_bits,
        pools_are_checked,
    };
    return run_suite("host_pool", tests, sizeof tests / sizeof tests[0]);
}
