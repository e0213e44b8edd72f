/* Whole generators at photograph sizes: milliseconds, megabytes, and the share of the microkernel's rate.
 *
 * Usage: generators [--threads N] [--rounds N] [--precision 0|1|2]
 * A precision is GAN_PRECISION_*; without tiles 2 (bfloat16) computes as 0: the last column says what ran.
 * The rate counts the multiplications of plain convolutions, so a method that needs fewer may exceed 100 %.
 */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_ROUNDS = 99 };

struct generator {
    const char *name;
    gan_johnson_options options;
};

static const struct generator generators[] = {
    {"johnson 32, 5 blocks", {.struct_size = sizeof(gan_johnson_options)}},
    {"johnson 16, 3 blocks", {.struct_size = sizeof(gan_johnson_options), .channels = 16, .blocks = 3}},
    {"johnson 8, 5 blocks", {.struct_size = sizeof(gan_johnson_options), .channels = 8}},
    {"johnson 4, 5 blocks", {.struct_size = sizeof(gan_johnson_options), .channels = 4}},
};

static const int64_t sizes[][2] = {{256, 256}, {512, 512}, {720, 1280}};

/* Multiplications of the plain definition; odd sizes do not occur here. */
static double products(const gan_johnson_options *options, int64_t height, int64_t width)
{
    const double c = options->channels > 0 ? options->channels : 32;
    const double blocks = options->blocks > 0 ? options->blocks : 5;
    const double pixels = (double)(height * width);
    const double ends = 2 * pixels * 81 * 3 * c;
    const double down = pixels / 4 * 9 * c * 2 * c + pixels / 16 * 9 * 2 * c * 4 * c;
    const double middle = blocks * 2 * pixels / 16 * 9 * 16 * c * c;
    const double up = pixels / 4 * 9 * 4 * c * 2 * c + pixels * 9 * 2 * c * c;
    return ends + down + middle + up;
}

static gan_tensor *picture(gan_context *context, int64_t height, int64_t width)
{
    const int64_t shape[4] = {1, height, width, 3};
    gan_tensor *tensor;
    bench_check(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 4));
    bench_check(gan_tensor_fill_uniform(tensor, 1, 0, 1));
    return tensor;
}

static void measure(gan_context *context, struct bench_bare *bare, const struct generator *generator,
                    const int64_t *size, int32_t precision, int rounds)
{
    gan_model *model;
    gan_session *session;
    const gan_session_options session_options = {.struct_size = sizeof session_options,
                                                 .precision = precision};
    bench_check(gan_johnson_create(&model, context, &generator->options));
    bench_check(gan_session_create_2d(&session, model, 1, size[0], size[1], &session_options));
    gan_tensor *input = picture(context, size[0], size[1]), *output = picture(context, size[0], size[1]);
    double time[MOST_ROUNDS], share[MOST_ROUNDS];
    const double work = 2 * products(&generator->options, size[0], size[1]);
    const gan_tensor *inputs[1] = {input};
    bench_check(gan_session_run(session, inputs, 1, &output, 1));
    for (int i = 0; i < rounds; i++) {
        const double before = bench_bare_rate(bare), start = bench_seconds();
        bench_check(gan_session_run(session, inputs, 1, &output, 1));
        time[i] = bench_seconds() - start;
        share[i] = work / time[i] / (0.5 * (before + bench_bare_rate(bare)));
    }
    printf("%-22s %5lldx%-5lld %10.1f %8.1f %10.1f %8.0f %%  precision %d\n", generator->name,
           (long long)size[1], (long long)size[0], 1e3 * bench_median(time, rounds),
           work / bench_median(time, rounds) * 1e-9, (double)gan_session_memory(session) / (1024 * 1024),
           100 * bench_median(share, rounds), gan_session_precision(session));
    gan_tensor_free(input);
    gan_tensor_free(output);
    gan_session_free(session);
    gan_model_free(model);
}

int main(int count, char **words)
{
    const int rounds = bench_option(count, words, "--rounds", 7);
    const int32_t precision = bench_option(count, words, "--precision", GAN_PRECISION_DEFAULT);
    const gan_context_options options = {.struct_size = sizeof options,
                                         .threads = bench_option(count, words, "--threads", 1)};
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "--rounds takes 1 to %d\n", MOST_ROUNDS);
        return 2;
    }
    gan_context *context;
    bench_check(gan_context_create(&context, &options));
    struct bench_bare *bare = bench_bare_create(context);
    printf("%s, %d threads; bare microkernel %.1f GFLOP/s\n", gan_kernels_name(gan_context_kernels(context)),
           gan_context_threads(context), bench_bare_rate(bare) * 1e-9);
    printf("%-22s %11s %10s %8s %10s %10s\n", "generator", "size", "ms", "GFLOP/s", "MB", "of kernel");
    for (size_t g = 0; g < sizeof generators / sizeof generators[0]; g++)
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
            measure(context, bare, &generators[g], sizes[s], precision, rounds);
    bench_bare_free(bare);
    gan_context_free(context);
    return 0;
}
