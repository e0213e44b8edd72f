#include "kernels/accumulate.h"
#include "base/threads.h"
#include "kernels/slabs.h"

#include <math.h>

enum { CHUNK = 16384, MOST_CHUNKS = 256 };

static int64_t chunk_count(int64_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

static int64_t chunk_length(int64_t index, int64_t count)
{
    const int64_t rest = count - index * CHUNK;
    return rest < CHUNK ? rest : CHUNK;
}

struct accumulation {
    float *target;
    const float *source;
    int64_t count;
};

static void accumulate_chunk(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct accumulation *job = argument;
    float *restrict target = job->target + index * CHUNK;
    const float *restrict source = job->source + index * CHUNK;
    const int64_t length = chunk_length(index, job->count);
    for (int64_t i = 0; i < length; i++)
        target[i] += source[i];
}

void gan_accumulate(gan_context *context, float *target, const float *source, int64_t count)
{
    struct accumulation job = {target, source, count};
    gan_parallel(context, chunk_count(count), accumulate_chunk, &job);
}

struct scaling {
    float *target, *source;
    float factor;
    int64_t count;
};

static void take_chunk(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct scaling *job = argument;
    float *restrict target = job->target + index * CHUNK;
    float *restrict source = job->source + index * CHUNK;
    const float factor = job->factor;
    const int64_t length = chunk_length(index, job->count);
    for (int64_t i = 0; i < length; i++) {
        target[i] = factor * source[i];
        source[i] = 0;
    }
}

void gan_take_scaled(gan_context *context, float *target, float *source, float factor, int64_t count)
{
    struct scaling job = {target, source, factor, count};
    gan_parallel(context, chunk_count(count), take_chunk, &job);
}

struct square_sum {
    int32_t kernels;
    const float *values;
    int64_t count, part; /* elements per task */
    double sums[MOST_CHUNKS];
};

static void sum_part(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    struct square_sum *job = argument;
    const int64_t first = index * job->part;
    const int64_t last = first + job->part < job->count ? first + job->part : job->count;
    job->sums[index] = gan_slabs_squares(job->kernels, job->values + first, last - first);
}

double gan_sum_of_squares(gan_context *context, const float *values, int64_t count)
{
    struct square_sum job = {.kernels = context->kernels, .values = values, .count = count, .part = CHUNK};
    if (chunk_count(count) > MOST_CHUNKS)
        job.part = (count + MOST_CHUNKS - 1) / MOST_CHUNKS;
    const int64_t parts = (count + job.part - 1) / job.part;
    gan_parallel(context, parts, sum_part, &job);
    double total = 0;
    for (int64_t i = 0; i < parts; i++)
        total += job.sums[i];
    return total;
}

bool gan_all_finite(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

struct activation_gradient {
    int32_t kernels;
    struct activation activation;
    const float *y;
    float *gradient;
    int64_t count;
};

static void activation_chunk(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct activation_gradient *job = argument;
    const int64_t first = index * CHUNK;
    gan_activation_backward(job->kernels, job->activation, NULL, job->y + first, job->gradient + first,
                            job->gradient + first, chunk_length(index, job->count));
}

void gan_activation_backward_in_place(gan_context *context, struct activation activation, const float *y,
                                      float *gradient, int64_t count)
{
    struct activation_gradient job = {context->kernels, activation, y, gradient, count};
    gan_parallel(context, chunk_count(count), activation_chunk, &job);
}
