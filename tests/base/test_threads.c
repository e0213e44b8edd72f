/* Parallel loops: each task once, nested, and from several threads that share one context. */
#include "base/suite.h"
#include "base/threads.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_TASKS = 1000 };

static gan_context *create(int32_t threads)
{
    gan_context *context;
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
    return context;
}

struct census {
    gan_context *context;
    atomic_int runs[MOST_TASKS];
    atomic_int strange_workers;
    atomic_int at_work[64]; /* tasks of this loop that use a worker number now */
};

static void count_task(void *argument, int64_t index, int32_t worker)
{
    struct census *census = argument;
    atomic_fetch_add(&census->runs[index], 1);
    if (worker < 0 || worker >= gan_parallel_workers(census->context)) {
        atomic_fetch_add(&census->strange_workers, 1);
        return;
    }
    if (atomic_fetch_add(&census->at_work[worker], 1) != 0)
        atomic_fetch_add(&census->strange_workers, 1);
    atomic_fetch_sub(&census->at_work[worker], 1);
}

/* Tasks that ran not exactly once, or with a worker number that another one had. */
static int faults_of_loop(gan_context *context, int64_t count)
{
    struct census *census = calloc(1, sizeof *census);
    census->context = context;
    gan_parallel(context, count, count_task, census);
    int faults = atomic_load(&census->strange_workers);
    for (int64_t i = 0; i < MOST_TASKS; i++)
        faults += atomic_load(&census->runs[i]) != (i < count);
    free(census);
    return faults;
}

START_TEST(each_task_runs_once)
{
    const int32_t threads[] = {1, 2, 3, 8};
    const int64_t counts[] = {0, 1, 2, 3, 7, 64, MOST_TASKS};
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++) {
        gan_context *context = create(threads[t]);
        ck_assert_int_eq(gan_context_threads(context), threads[t]);
        for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
            ck_assert_int_eq(faults_of_loop(context, counts[c]), 0);
        gan_context_free(context);
    }
}
END_TEST

static void add_index(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    atomic_fetch_add((atomic_llong *)argument, index);
}

START_TEST(many_short_loops_lose_nothing)
{
    gan_context *context = create(4);
    atomic_llong sum = 0;
    for (int i = 0; i < 20000; i++)
        gan_parallel(context, 5, add_index, &sum);
    ck_assert_int_eq(atomic_load(&sum), 20000 * 10);
    gan_context_free(context);
}
END_TEST

struct nest {
    gan_context *context;
    atomic_llong sum;
    int depth;
};

static void nested_task(void *argument, int64_t index, int32_t worker)
{
    struct nest *nest = argument;
    (void)worker;
    if (nest->depth == 0) {
        atomic_fetch_add(&nest->sum, index);
        return;
    }
    struct nest inner = {.context = nest->context, .depth = nest->depth - 1};
    gan_parallel(nest->context, 4, nested_task, &inner);
    atomic_fetch_add(&nest->sum, atomic_load(&inner.sum));
}

START_TEST(loops_may_be_nested)
{
    gan_context *context = create(3);
    struct nest nest = {.context = context, .depth = 3};
    gan_parallel(context, 10, nested_task, &nest);
    ck_assert_int_eq(atomic_load(&nest.sum), 10 * 4 * 4 * 6);
    ck_assert_int_eq(faults_of_loop(context, 100), 0);
    gan_context_free(context);
}
END_TEST

static void *loop_many_times(void *argument)
{
    intptr_t faults = 0;
    for (int i = 0; i < 200; i++)
        faults += faults_of_loop(argument, 1 + i % 90);
    return (void *)faults;
}

START_TEST(threads_of_the_host_may_share_a_context)
{
    enum { HOSTS = 3 };
    gan_context *context = create(3);
    pthread_t threads[HOSTS];
    for (int i = 0; i < HOSTS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, loop_many_times, context), 0);
    for (int i = 0; i < HOSTS; i++) {
        void *faults = NULL;
        pthread_join(threads[i], &faults);
        ck_assert_ptr_null(faults);
    }
    gan_context_free(context);
}
END_TEST

START_TEST(contexts_come_and_go)
{
    for (int i = 0; i < 100; i++) {
        gan_context *context = create(1 + i % 5);
        if (i % 2 == 0)
            ck_assert_int_eq(faults_of_loop(context, 10), 0);
        gan_context_free(context);
    }
}
END_TEST

/* Kept from the compiler's own arithmetic. */
static volatile float tiny = 1e-39f;

static void count_denormals(void *argument, int64_t index, int32_t worker)
{
    (void)index;
    (void)worker;
    if (tiny * 1.0f != 0.0f)
        atomic_fetch_add((atomic_int *)argument, 1);
}

START_TEST(the_float_mode_is_put_back)
{
    gan_context *context = create(2);
    atomic_int denormals = 0;
    gan_parallel(context, 1, count_denormals, &denormals); /* by the caller alone */
    gan_parallel(context, 1000, count_denormals, &denormals);
    ck_assert(tiny * 1.0f != 0.0f);
    const uint32_t former = gan_compute_enter(context);
    ck_assert_int_eq(faults_of_loop(context, 100), 0);
    gan_compute_leave(context, former);
#if defined(__SSE__)
    ck_assert_int_eq(atomic_load(&denormals), 0);
#endif
    ck_assert(tiny * 1.0f != 0.0f);
    gan_context_free(context);
}
END_TEST

static atomic_int signals_seen;
static pthread_t host;

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&signals_seen, pthread_equal(pthread_self(), host) ? 1 : 1000);
}

/* With the host's one thread blocking it, a signal stays pending: no worker takes it. */
START_TEST(workers_take_no_signals)
{
    sigset_t user, former;
    struct sigaction action = {.sa_handler = count_signal};
    host = pthread_self();
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&user);
    sigaddset(&user, SIGUSR1);
    gan_context *context = create(4);
    pthread_sigmask(SIG_BLOCK, NULL, &former);
    ck_assert_int_eq(sigismember(&former, SIGUSR1), 0);
    pthread_sigmask(SIG_BLOCK, &user, &former);
    kill(getpid(), SIGUSR1);
    ck_assert_int_eq(faults_of_loop(context, 1000), 0);
    ck_assert_int_eq(atomic_load(&signals_seen), 0);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    ck_assert_int_eq(atomic_load(&signals_seen), 1);
    gan_context_free(context);
}
END_TEST

static void note_processors(void *argument, int64_t index, int32_t worker)
{
    int *most = argument; /* by worker */
    cpu_set_t allowed;
    (void)index;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        most[worker] = CPU_COUNT(&allowed);
    usleep(1000);
}

/* Workers keep to one processor where they should; the caller may go where it could before. */
START_TEST(workers_can_be_pinned)
{
    enum { THREADS = 3 };
    int processors[THREADS] = {0};
    cpu_set_t allowed;
    const gan_context_options options = {.struct_size = sizeof options, .threads = THREADS, .pin_threads = 1};
    gan_context *context;
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
    gan_parallel(context, 60, note_processors, processors);
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    ck_assert(processors[0] == 0 || processors[0] == CPU_COUNT(&allowed));
    for (int i = 1; i < THREADS; i++)
        ck_assert_int_le(processors[i], 1);
    gan_context_free(context);
}
END_TEST

/* Threads of this process that run or could; -1 where the system does not say. */
static int threads_awake(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int awake = tasks != NULL ? 0 : -1;
    for (struct dirent *entry; tasks != NULL && (entry = readdir(tasks)) != NULL;) {
        char path[300], state = '?';
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", entry->d_name);
        FILE *file = entry->d_name[0] != '.' ? fopen(path, "r") : NULL;
        if (file == NULL)
            continue;
        awake += fscanf(file, "%*d (%*[^)]) %c", &state) == 1 && state == 'R';
        fclose(file);
    }
    if (tasks != NULL)
        closedir(tasks);
    return awake;
}

/* Also inside a run, workers without work do not stay awake for long. */
START_TEST(idle_workers_sleep)
{
    gan_context *context = create(9);
    const uint32_t mode = gan_compute_enter(context);
    ck_assert_int_eq(faults_of_loop(context, 1000), 0);
    int awake = 2;
    for (int i = 0; i < 1000 && awake > 1; i++) {
        usleep(10000);
        awake = threads_awake();
    }
    ck_assert_int_le(awake, 1);
    gan_compute_leave(context, mode);
    ck_assert_int_eq(faults_of_loop(context, 1000), 0);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        each_task_runs_once,     many_short_loops_lose_nothing,
        loops_may_be_nested,     threads_of_the_host_may_share_a_context,
        contexts_come_and_go,    the_float_mode_is_put_back,
        workers_take_no_signals, workers_can_be_pinned,
        idle_workers_sleep,
    };
    return run_suite("threads", tests, sizeof tests / sizeof tests[0]);
}
