/* Speed of every pass of convolution, as a share of the bare microkernel's rate in the same moment.
 *
 * Usage: convolution [--threads N] [--kernels 1|2|3] [--rounds N] [--exact] [--bf16] [WORD]
 * --bf16: passes of inference alone, in bfloat16.
 * WORD keeps the layers whose name contains it. Rates count the multiplications of the plain definition, so a
 * method that needs fewer (phases, Winograd) may exceed 100 %. */
#include "kernels/convolution.h"
#include "base/context.h"
#include "base/random.h"
#include "base/threads.h"
#include "kernels/microkernel.h"
#include "kernels/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { Z = GAN_PADDING_ZERO, R = GAN_PADDING_REFLECT, MOST_ROUNDS = 99 };

struct bench_layer {
    const char *name;
    int64_t batch, size, in, out, kernel, stride;
    int32_t mode, upsample;
    int64_t groups;
};

static const struct bench_layer layers[] = {
    {"128->128 3x3 @128", 1, 128, 128, 128, 3, 1, R, 1, 1},
    {"128->128 3x3 @64 x4", 4, 64, 128, 128, 3, 1, Z, 1, 1},
    {"128->64 3x3 @256", 1, 256, 128, 64, 3, 1, Z, 1, 1},
    {"64->64 3x3 @256", 1, 256, 64, 64, 3, 1, Z, 1, 1},
    {"64->32 3x3 @512", 1, 512, 64, 32, 3, 1, Z, 1, 1},
    {"256->256 3x3 @64", 1, 64, 256, 256, 3, 1, Z, 1, 1},
    {"512->512 3x3 @32", 1, 32, 512, 512, 3, 1, Z, 1, 1},
    {"3->32 9x9 @512", 1, 512, 3, 32, 9, 1, R, 1, 1},
    {"32->3 9x9 @512", 1, 512, 32, 3, 9, 1, R, 1, 1},
    {"32->64 3x3 s2 @512", 1, 512, 32, 64, 3, 2, R, 1, 1},
    {"64->128 3x3 s2 @256", 1, 256, 64, 128, 3, 2, R, 1, 1},
    {"128->64 3x3 up2 @128", 1, 128, 128, 64, 3, 1, R, 2, 1},
    {"64->32 3x3 up2 @256", 1, 256, 64, 32, 3, 1, R, 2, 1},
    {"64->128 4x4 s2 @32 x16", 16, 32, 64, 128, 4, 2, Z, 1, 1},
    {"256->512 4x4 s2 @8 x64", 64, 8, 256, 512, 4, 2, Z, 1, 1},
    {"512->1 4x4 @32", 1, 32, 512, 1, 4, 1, Z, 1, 1},
    {"1x1 128->128 @128", 1, 128, 128, 128, 1, 1, Z, 1, 1},
    {"1x1 32->256 @128", 1, 128, 32, 256, 1, 1, Z, 1, 1},
    {"1x1 512->512 @32", 1, 32, 512, 512, 1, 1, Z, 1, 1},
    {"depthwise 128 3x3 @128", 1, 128, 128, 128, 3, 1, Z, 1, 128},
    {"groups 16->32 3x3 s2 @512", 1, 512, 16, 32, 3, 2, R, 1, 16},
    {"groups 64->32 3x3 @256", 1, 256, 64, 32, 3, 1, R, 1, 32},
    {"groups 32->16 3x3 @512", 1, 512, 32, 16, 3, 1, R, 1, 16},
    {"style 3->16 9x9 @256 x2", 2, 256, 3, 16, 9, 1, R, 1, 1},
    {"style 3->8 3x3 @256 x2", 2, 256, 3, 8, 3, 1, R, 1, 1},
    {"style 4->4 3x3 @256 x2", 2, 256, 4, 4, 3, 1, R, 1, 1},
    {"style 8->8 3x3 @256 x2", 2, 256, 8, 8, 3, 1, R, 1, 1},
    {"style 16->16 3x3 @256 x2", 2, 256, 16, 16, 3, 1, R, 1, 1},
    {"style 16->32 3x3 s2 @256 x2", 2, 256, 16, 32, 3, 2, R, 1, 1},
    {"style 32->32 3x3 @128 x4", 4, 128, 32, 32, 3, 1, R, 1, 1},
    {"style 32->16 3x3 up2 @128 x2", 2, 128, 32, 16, 3, 1, R, 2, 1},
    {"style 64->64 3x3 @64 x4", 4, 64, 64, 64, 3, 1, R, 1, 1},
    {"style 16->3 3x3 @256 x2", 2, 256, 16, 3, 3, 1, R, 1, 1},
    {"style 16->3 9x9 @256 x2", 2, 256, 16, 3, 9, 1, R, 1, 1},
    {"vgg 3->64 3x3 @256", 1, 256, 3, 64, 3, 1, Z, 1, 1},
    {"vgg 64->128 3x3 @128", 1, 128, 64, 128, 3, 1, Z, 1, 1},
    {"vgg 128->256 3x3 @64", 1, 64, 128, 256, 3, 1, Z, 1, 1},
};

static const char *const passes[] = {"forward", "input", "weights"};

struct bench {
    gan_context *context;
    const struct microkernel *kernel;
    struct convolution *convolution;
    struct convolution_shape shape;
    float *x, *y, *w, *panels;
    void *packed, *workspace;
    int rounds;
};

/* One thread is timed by its own clock, which stops while other programs have the processor. */
static clockid_t clock_used = CLOCK_MONOTONIC;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(clock_used, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *memory(size_t size)
{
    void *bytes = NULL;
    if (posix_memalign(&bytes, 64, size + 64) != 0) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    memset(bytes, 0, size + 64);
    return bytes;
}

static float *random_array(int64_t count)
{
    float *values = memory((size_t)count * sizeof *values);
    struct random_stream random = {1, 1, 0};
    gan_random_fill_normal(&random, values, count, 0.0f, 1.0f);
    return values;
}

enum { BARE_DEPTH = 384, BARE_CALLS = 200, BARE_FLOATS = (BARE_DEPTH + 32) * 48 };

static void run_bare(void *argument, int64_t index, int32_t worker)
{
    (void)index;
    const struct bench *bench = argument;
    float *panels = bench->panels + (int64_t)worker * BARE_FLOATS;
    float out[MOST_PANEL_CHANNELS * MOST_PANEL_PIXELS];
    for (int i = 0; i < BARE_CALLS; i++)
        bench->kernel->multiply(bench->kernel->channels, bench->kernel->pixels, BARE_DEPTH, panels,
                                panels + (BARE_DEPTH + 4) * bench->kernel->channels, 0.0f, out,
                                bench->kernel->channels);
}

/* Floating-point operations per second of the microkernel alone, panels in cache, on all threads at once. */
static double bare_rate(struct bench *bench)
{
    const int64_t tasks = 4 * gan_parallel_workers(bench->context);
    const double start = seconds();
    gan_parallel(bench->context, tasks, run_bare, bench);
    const double time = seconds() - start;
    return 2.0 * BARE_DEPTH * BARE_CALLS * (double)(tasks * bench->kernel->channels * bench->kernel->pixels) /
           time;
}

static void run_pass(struct bench *bench, int pass)
{
    if (pass == CONVOLUTION_FORWARD)
        gan_convolution_forward(bench->convolution, bench->x, NULL, bench->packed, bench->y, NULL,
                                bench->workspace);
    else if (pass == CONVOLUTION_BACKWARD_INPUT)
        gan_convolution_backward_input(bench->convolution, bench->y, bench->packed, bench->x, NULL,
                                       bench->workspace);
    else
        gan_convolution_backward_weights(bench->convolution, bench->x, NULL, bench->y, bench->w, NULL,
                                         bench->workspace);
}

static double operations(const struct convolution_shape *s)
{
    return 2.0 * (double)(s->batch * s->out_height * s->out_width) *
           (double)(s->out_channels * s->kernel_height) *
           (double)(s->kernel_width * (s->in_channels / s->groups));
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

static void measure_pass(struct bench *bench, const char *name, int pass)
{
    const enum convolution_pass kind = (enum convolution_pass)pass;
    bench->packed = memory(gan_convolution_packed_size(bench->convolution, kind));
    bench->workspace = memory(gan_convolution_workspace_size(bench->convolution, kind));
    gan_convolution_pack(bench->convolution, kind, bench->w, bench->packed);
    double rate[MOST_ROUNDS], bare[MOST_ROUNDS], share[MOST_ROUNDS];
    run_pass(bench, pass);
    for (int i = 0; i < bench->rounds; i++) {
        const double before = bare_rate(bench), start = seconds();
        int runs = 0;
        do {
            run_pass(bench, pass);
            runs++;
        } while (seconds() - start < 0.01);
        rate[i] = operations(&bench->shape) * runs / (seconds() - start);
        bare[i] = 0.5 * (before + bare_rate(bench));
        share[i] = rate[i] / bare[i];
    }
    printf("%-28s %-8s %8.1f %8.1f %6.0f %%  %s\n", name, passes[pass], median(rate, bench->rounds) * 1e-9,
           median(bare, bench->rounds) * 1e-9, median(share, bench->rounds) * 100.0,
           gan_convolution_method(bench->convolution, kind));
    fflush(stdout);
    free(bench->packed);
    free(bench->workspace);
}

static void measure_layer(struct bench *bench, const struct bench_layer *layer, int32_t precision)
{
    const int64_t pad = layer->kernel == 4 ? 1 : layer->kernel / 2;
    const struct convolution_shape shape = {layer->batch,
                                            layer->size,
                                            layer->size,
                                            layer->in,
                                            layer->out,
                                            layer->kernel,
                                            layer->kernel,
                                            layer->stride,
                                            layer->stride,
                                            1,
                                            1,
                                            pad,
                                            pad,
                                            pad,
                                            pad,
                                            layer->groups,
                                            layer->mode,
                                            layer->upsample,
                                            0,
                                            0};
    if (gan_convolution_create(&bench->convolution, bench->context, &shape, precision) != GAN_OK) {
        printf("%s: %s\n", layer->name, gan_error_message());
        return;
    }
    bench->shape = *gan_convolution_shape(bench->convolution);
    const struct convolution_shape *s = &bench->shape;
    bench->x = random_array(s->batch * s->height * s->width * s->in_channels);
    bench->y = random_array(s->batch * s->out_height * s->out_width * s->out_channels);
    bench->w = random_array(s->out_channels * s->kernel_height * s->kernel_width * s->in_channels);
    const int measured = precision == GAN_PRECISION_BF16 ? CONVOLUTION_BACKWARD_WEIGHTS : 3;
    for (int pass = 0; pass < measured; pass++)
        measure_pass(bench, layer->name, pass);
    free(bench->x);
    free(bench->y);
    free(bench->w);
    gan_convolution_free(bench->convolution);
}

int main(int argc, char **argv)
{
    gan_context_options options = {.struct_size = sizeof options, .threads = 1};
    struct bench bench = {.rounds = 9};
    int32_t precision = GAN_PRECISION_DEFAULT;
    const char *word = "";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
            options.threads = atoi(argv[++i]);
        else if (strcmp(argv[i], "--kernels") == 0 && i + 1 < argc)
            options.kernels = atoi(argv[++i]);
        else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            bench.rounds = atoi(argv[++i]);
        else if (strcmp(argv[i], "--exact") == 0)
            precision = GAN_PRECISION_EXACT;
        else if (strcmp(argv[i], "--bf16") == 0)
            precision = GAN_PRECISION_BF16;
        else
            word = argv[i];
    bench.rounds = bench.rounds < 1 ? 1 : bench.rounds > MOST_ROUNDS ? MOST_ROUNDS : bench.rounds;
    if (gan_context_create(&bench.context, &options) != GAN_OK) {
        fprintf(stderr, "%s\n", gan_error_message());
        return 1;
    }
    if (precision == GAN_PRECISION_BF16 && !gan_tiles_available(bench.context)) {
        fprintf(stderr, "no AMX with bfloat16 here\n");
        return 1;
    }
    gan_float_mode_enter();
    if (gan_context_threads(bench.context) == 1)
        clock_used = CLOCK_THREAD_CPUTIME_ID;
    bench.kernel = gan_microkernel(bench.context->kernels);
    bench.panels = random_array((int64_t)gan_parallel_workers(bench.context) * BARE_FLOATS);
    printf("%s, %d thread(s)\n%-28s %-8s %8s %8s %8s  method\n", gan_kernels_name(bench.context->kernels),
           gan_context_threads(bench.context), "layer", "pass", "GFLOP/s", "bare", "share");
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++)
        if (strstr(layers[i].name, word) != NULL)
            measure_layer(&bench, &layers[i], precision);
    free(bench.panels);
    gan_context_free(bench.context);
    return 0;
}
