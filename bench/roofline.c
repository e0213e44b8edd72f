/* Each convolution of the Johnson net against the machine: what it reaches, what the bare microkernel reaches
 * in the same moment, and how much arithmetic it does per byte that it must move.
 *
 * Usage: roofline [--threads N] [--rounds N] [--size PX] [--exact 1]
 * Writes CSV. Rates count the multiplications of plain convolution, so a method that needs fewer (Winograd,
 * phases) may lie above the roof. Bytes are those of the step's input and output in memory and of its packed
 * weights. */
#include "base/context.h"
#include "base/threads.h"
#include "measure.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 99, MOST_STEPS = 256, COPY_BYTES = 64 << 20, COPY_TASKS = 64 };

struct copy {
    char *from, *to;
};

static void copy_part(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct copy *copy = argument;
    const size_t part = COPY_BYTES / COPY_TASKS, start = (size_t)index * part;
    memcpy(copy->to + start, copy->from + start, part);
}

/* Bytes read and written per second by a copy that no cache of a core holds. */
static double memory_rate(gan_context *context)
{
    struct copy copy = {malloc(COPY_BYTES), malloc(COPY_BYTES)};
    double rates[5];
    if (copy.from == NULL || copy.to == NULL)
        exit(1);
    memset(copy.from, 1, COPY_BYTES);
    memset(copy.to, 2, COPY_BYTES);
    for (int i = 0; i < 5; i++) {
        const double start = bench_seconds();
        gan_parallel(context, COPY_TASKS, copy_part, &copy);
        rates[i] = 2.0 * COPY_BYTES / (bench_seconds() - start);
    }
    free(copy.from);
    free(copy.to);
    return bench_median(rates, 5);
}

struct profile {
    gan_session *session;
    double seconds[MOST_STEPS][MOST_ROUNDS], bare[MOST_ROUNDS];
    int32_t steps;
    int rounds;
};

static gan_step_information step_of(const gan_session *session, int32_t index)
{
    gan_step_information step = {.struct_size = sizeof step};
    bench_check(gan_session_step(session, index, &step));
    return step;
}

/* One profiled run, between two looks at the bare rate. */
static void run_round(struct profile *profile, struct bench_bare *bare, const gan_tensor *input,
                      gan_tensor *output, int round)
{
    double before[MOST_STEPS];
    for (int32_t i = 0; i < profile->steps; i++)
        before[i] = step_of(profile->session, i).seconds;
    const double rate = bench_bare_rate(bare);
    bench_check(gan_session_run(profile->session, &input, 1, &output, 1));
    profile->bare[round] = 0.5 * (rate + bench_bare_rate(bare));
    for (int32_t i = 0; i < profile->steps; i++)
        profile->seconds[i][round] = step_of(profile->session, i).seconds - before[i];
}

static void print_steps(struct profile *profile, double memory, int64_t input_bytes)
{
    const double bare = bench_median(profile->bare, profile->rounds);
    int64_t bytes_in = input_bytes;
    puts("layer,method,gflops,bare_gflops,flop_per_byte,memory_gbytes");
    for (int32_t i = 0; i < profile->steps; i++) {
        const gan_step_information step = step_of(profile->session, i);
        if (step.multiplications > 0) {
            const double work = 2 * step.multiplications;
            const double bytes = (double)(bytes_in + step.output_bytes + step.packed_bytes);
            printf("%s,\"%s\",%.2f,%.2f,%.3f,%.2f\n", step.layer, step.method,
                   work / bench_median(profile->seconds[i], profile->rounds) * 1e-9, bare * 1e-9,
                   work / bytes, memory * 1e-9);
        }
        bytes_in = step.output_bytes;
    }
}

static gan_tensor *picture(gan_context *context, int64_t size)
{
    const int64_t shape[4] = {1, size, size, 3};
    gan_tensor *tensor;
    bench_check(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 4));
    bench_check(gan_tensor_fill_uniform(tensor, 1, 0, 1));
    return tensor;
}

static void measure(gan_context *context, int64_t size, int32_t precision, int rounds)
{
    static struct profile profile;
    const gan_session_options options = {.struct_size = sizeof options, .precision = precision};
    struct bench_bare *bare = bench_bare_create(context);
    gan_model *model;
    bench_check(gan_johnson_create(&model, context, NULL));
    bench_check(gan_session_create_2d(&profile.session, model, 1, size, size, &options));
    gan_tensor *input = picture(context, size), *output = picture(context, size);
    const gan_tensor *inputs[1] = {input};
    bench_check(gan_session_run(profile.session, inputs, 1, &output, 1));
    profile.steps = gan_session_step_count(profile.session);
    profile.rounds = rounds;
    if (profile.steps > MOST_STEPS)
        exit(1);
    gan_session_set_profiling(profile.session, 1);
    for (int i = 0; i < rounds; i++)
        run_round(&profile, bare, input, output, i);
    print_steps(&profile, memory_rate(context), gan_tensor_count(input) * (int64_t)sizeof(float));
    gan_tensor_free(input);
    gan_tensor_free(output);
    gan_session_free(profile.session);
    gan_model_free(model);
    bench_bare_free(bare);
}

int main(int count, char **words)
{
    const int rounds = bench_option(count, words, "--rounds", 9);
    const int size = bench_option(count, words, "--size", 512);
    const bool exact = bench_option(count, words, "--exact", 0) != 0;
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = bench_option(count, words, "--threads", 1)};
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "--rounds takes 1 to %d\n", MOST_ROUNDS);
        return 2;
    }
    gan_context *context;
    bench_check(gan_context_create(&context, &options));
    measure(context, size, exact ? GAN_PRECISION_EXACT : GAN_PRECISION_DEFAULT, rounds);
    gan_context_free(context);
    return 0;
}
