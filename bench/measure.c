#include "measure.h"
#include "base/context.h"
#include "base/threads.h"
#include "kernels/microkernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { DEPTH = 384, CALLS = 200, PANEL_FLOATS = (DEPTH + 32) * 48 };

struct bench_bare {
    gan_context *context;
    const struct microkernel *kernel;
    float *panels;
};

double bench_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 == 1 ? values[count / 2] : 0.5 * (values[count / 2 - 1] + values[count / 2]);
}

void bench_check(gan_status status)
{
    if (status == GAN_OK)
        return;
    fprintf(stderr, "%s: %s\n", gan_status_name(status), gan_error_message());
    exit(1);
}

struct bench_bare *bench_bare_create(gan_context *context)
{
    const size_t workers = (size_t)gan_parallel_workers(context);
    struct bench_bare *bare = gan_allocate_zeroed(context, sizeof *bare);
    float *panels = gan_allocate_array(context, workers * PANEL_FLOATS, sizeof *panels);
    if (bare == NULL || panels == NULL)
        bench_check(gan_fail_memory("the benchmark", workers * PANEL_FLOATS * sizeof *panels));
    *bare = (struct bench_bare){context, gan_microkernel(context->kernels), panels};
    return bare;
}

void bench_bare_free(struct bench_bare *bare)
{
    gan_release(bare->context, bare->panels);
    gan_release(bare->context, bare);
}

static void multiply(void *argument, int64_t index, int32_t worker)
{
    (void)index;
    const struct bench_bare *bare = argument;
    const struct microkernel *kernel = bare->kernel;
    const float *channels = bare->panels + (size_t)worker * PANEL_FLOATS;
    const float *pixels = channels + (DEPTH + 4) * kernel->channels;
    float out[MOST_PANEL_CHANNELS * MOST_PANEL_PIXELS];
    for (int i = 0; i < CALLS; i++)
        kernel->multiply(kernel->channels, kernel->pixels, DEPTH, channels, pixels, 0.0f, out,
                         kernel->channels);
}

double bench_bare_rate(struct bench_bare *bare)
{
    const int64_t tasks = 4 * gan_parallel_workers(bare->context);
    const double start = bench_seconds();
    gan_parallel(bare->context, tasks, multiply, bare);
    const double time = bench_seconds() - start;
    const double products = (double)(tasks * bare->kernel->channels * bare->kernel->pixels) * DEPTH * CALLS;
    return 2 * products / time;
}

double bench_peak_megabytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

int bench_option(int count, char **words, const char *name, int otherwise)
{
    for (int i = 1; i + 1 < count; i++)
        if (strcmp(words[i], name) == 0)
            return atoi(words[i + 1]);
    return otherwise;
}
