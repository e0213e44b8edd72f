/* Threads: what an empty parallel loop costs, and what a second thread gives to small networks.
 *
 * Usage: threads [--threads N] [--rounds N]
 * "awake": loops follow each other inside a run. "asleep": each loop has to wake the workers. "idle":
 * processor time that all threads take in a second without work.
 */
#include "base/threads.h"
#include "measure.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOPS = 2000, MOST_ROUNDS = 99, MOST_STEPS = 100 /* of Johnson's network */ };

static void nothing(void *argument, int64_t index, int32_t worker)
{
    (void)argument;
    (void)index;
    (void)worker;
}

static double microseconds_awake(gan_context *context)
{
    const uint32_t mode = gan_compute_enter(context);
    const double start = bench_seconds();
    for (int i = 0; i < LOOPS; i++)
        gan_parallel(context, 4, nothing, NULL);
    const double passed = bench_seconds() - start;
    gan_compute_leave(context, mode);
    return 1e6 * passed / LOOPS;
}

static double microseconds_asleep(gan_context *context)
{
    double passed = 0;
    for (int i = 0; i < LOOPS / 10; i++) {
        usleep(200);
        const double start = bench_seconds();
        gan_parallel(context, 4, nothing, NULL);
        passed += bench_seconds() - start;
    }
    return 1e6 * passed / (LOOPS / 10);
}

static double idle_seconds(void)
{
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    sleep(1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    return (double)(after.tv_sec - before.tv_sec) + 1e-9 * (double)(after.tv_nsec - before.tv_nsec);
}

struct runner {
    gan_context *context;
    gan_model *model;
    gan_session *session;
    gan_tensor *input, *output;
};

static void make_runner(struct runner *runner, int32_t threads, int32_t channels, int64_t side)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    const gan_johnson_options network = {.struct_size = sizeof network, .channels = channels};
    const int64_t shape[] = {1, side, side, 3};
    bench_check(gan_context_create(&runner->context, &options));
    bench_check(gan_johnson_create(&runner->model, runner->context, &network));
    bench_check(gan_session_create(&runner->session, runner->model, shape, NULL));
    bench_check(gan_tensor_create(&runner->input, runner->context, GAN_FLOAT32, shape, 4));
    bench_check(gan_tensor_create(&runner->output, runner->context, GAN_FLOAT32, shape, 4));
    bench_check(gan_tensor_fill_uniform(runner->input, 1, 0, 1));
}

static void free_runner(struct runner *runner)
{
    gan_tensor_free(runner->input);
    gan_tensor_free(runner->output);
    gan_session_free(runner->session);
    gan_model_free(runner->model);
    gan_context_free(runner->context);
}

static double run_once(struct runner *runner)
{
    const gan_tensor *inputs[] = {runner->input};
    const double start = bench_seconds();
    bench_check(gan_session_run(runner->session, inputs, 1, &runner->output, 1));
    return bench_seconds() - start;
}

static gan_step_information step_of(const struct runner *runner, int32_t index)
{
    gan_step_information step = {.struct_size = sizeof step};
    bench_check(gan_session_step(runner->session, index, &step));
    return step;
}

/* Add a run, and keep the least time of each step. */
static void run_and_keep(struct runner *runner, double *before, double *least)
{
    run_once(runner);
    for (int32_t i = 0; i < gan_session_step_count(runner->session); i++) {
        const double seconds = step_of(runner, i).seconds;
        if (least[i] <= 0 || seconds - before[i] < least[i])
            least[i] = seconds - before[i];
        before[i] = seconds;
    }
}

/* Least milliseconds of each step on one thread and on all, and how many times faster that is. */
static void print_steps(struct runner *alone, struct runner *together, int rounds)
{
    gan_session_set_profiling(alone->session, 1);
    gan_session_set_profiling(together->session, 1);
    static double before[2][MOST_STEPS], least[2][MOST_STEPS];
    memset(before, 0, sizeof before);
    memset(least, 0, sizeof least);
    for (int i = 0; i < rounds; i++) {
        run_and_keep(alone, before[0], least[0]);
        run_and_keep(together, before[1], least[1]);
    }
    double sums[2] = {0, 0};
    for (int32_t i = 0; i < gan_session_step_count(alone->session); i++) {
        const gan_step_information step = step_of(alone, i);
        printf("  %-24s %-28s %8.3f %8.3f  %5.2f\n", step.layer, step.method, 1e3 * least[0][i],
               1e3 * least[1][i], least[0][i] / least[1][i]);
        sums[0] += least[0][i];
        sums[1] += least[1][i];
    }
    printf("  %-24s %-28s %8.3f %8.3f  %5.2f\n", "sum of the least", "", 1e3 * sums[0], 1e3 * sums[1],
           sums[0] / sums[1]);
}

/* Both turn about, so that what else the machine does meets both. */
static void compare(int32_t threads, int32_t channels, int64_t side, int rounds)
{
    struct runner alone, together;
    double one[MOST_ROUNDS], many[MOST_ROUNDS], ratio[MOST_ROUNDS];
    make_runner(&alone, 1, channels, side);
    make_runner(&together, threads, channels, side);
    run_once(&alone);
    run_once(&together);
    for (int i = 0; i < rounds; i++) {
        one[i] = run_once(&alone);
        many[i] = run_once(&together);
        ratio[i] = one[i] / many[i];
    }
    printf("johnson %2d, %4lldx%-4lld  1 thread %8.2f ms, %d threads %8.2f ms: %.2f times\n", channels,
           (long long)side, (long long)side, 1e3 * bench_median(one, rounds), threads,
           1e3 * bench_median(many, rounds), bench_median(ratio, rounds));
    print_steps(&alone, &together, rounds);
    free_runner(&alone);
    free_runner(&together);
}

int main(int count, char **words)
{
    const int rounds = bench_option(count, words, "--rounds", 15);
    const int threads = bench_option(count, words, "--threads", 2);
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "--rounds takes 1 to %d\n", MOST_ROUNDS);
        return 2;
    }
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    gan_context *context;
    bench_check(gan_context_create(&context, &options));
    printf("empty loop: %.2f us awake, %.2f us asleep; idle: %.4f s of processor time in a second\n",
           microseconds_awake(context), microseconds_asleep(context), idle_seconds());
    gan_context_free(context);
    static const int32_t channels[] = {4, 16, 32};
    for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++)
        compare(threads, channels[i], 256, rounds);
    return 0;
}
