#include "optimizers/optimizer.h"
#include "base/threads.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 16384 };

gan_status gan_optimizer_make(gan_optimizer **out, gan_context *context, const struct optimizer_kind *kind)
{
    if (context == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: context is NULL", kind->name);
    gan_optimizer *optimizer = gan_allocate_zeroed(context, sizeof *optimizer);
    if (optimizer == NULL)
        return gan_fail_memory("an optimizer", sizeof *optimizer);
    atomic_init(&optimizer->references, 1);
    optimizer->context = gan_context_retain(context);
    optimizer->kind = kind;
    *out = optimizer;
    return GAN_OK;
}

gan_optimizer *gan_optimizer_retain(gan_optimizer *optimizer)
{
    atomic_fetch_add(&optimizer->references, 1);
    return optimizer;
}

static void release_slabs(gan_optimizer *optimizer)
{
    for (int32_t i = 0; i < OPTIMIZER_SLABS; i++) {
        gan_release(optimizer->context, optimizer->slabs[i]);
        optimizer->slabs[i] = NULL;
    }
    gan_release(optimizer->context, optimizer->keys);
    optimizer->keys = NULL;
}

void gan_optimizer_free(gan_optimizer *optimizer)
{
    if (optimizer == NULL || atomic_fetch_sub(&optimizer->references, 1) != 1)
        return;
    gan_context *context = optimizer->context;
    release_slabs(optimizer);
    gan_release(context, optimizer);
    gan_context_free(context);
}

gan_status gan_optimizer_check(const char *option, float value)
{
    if (value >= 0.0f && isfinite(value))
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected a finite number of at least 0", option,
                    (double)value);
}

gan_status gan_optimizer_set_learning_rate(gan_optimizer *optimizer, float learning_rate)
{
    if (optimizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_optimizer_set_learning_rate: optimizer is NULL");
    const gan_status status = gan_optimizer_check("learning_rate", learning_rate);
    if (status == GAN_OK)
        optimizer->learning_rate = learning_rate;
    return status;
}

int64_t gan_optimizer_step_count(const gan_optimizer *optimizer)
{
    return optimizer != NULL ? optimizer->step_count : 0;
}

static gan_status check_same(const gan_optimizer *optimizer, const uint64_t *keys, int32_t key_count,
                             size_t total)
{
    if (optimizer->key_count == key_count && optimizer->total == total &&
        memcmp(optimizer->keys, keys, (size_t)key_count * sizeof *keys) == 0)
        return GAN_OK;
    return gan_fail(
        GAN_ERROR_ARGUMENT,
        "the %s optimizer already serves other parameters (%d with %zu elements; these are %d with "
        "%zu): make one optimizer for each objective",
        optimizer->kind->name, optimizer->key_count, optimizer->total, key_count, total);
}

static gan_status allocate_slabs(gan_optimizer *optimizer, int32_t key_count, size_t total)
{
    gan_context *context = optimizer->context;
    const int32_t slab_count = optimizer->kind->slab_count(optimizer);
    optimizer->keys = gan_allocate_array(context, (size_t)key_count, sizeof *optimizer->keys);
    bool complete = optimizer->keys != NULL;
    for (int32_t i = 0; i < slab_count && complete; i++) {
        optimizer->slabs[i] = gan_allocate_array(context, total, sizeof *optimizer->slabs[i]);
        complete = optimizer->slabs[i] != NULL;
    }
    if (!complete) {
        release_slabs(optimizer);
        return gan_fail_memory("the moments of an optimizer", total * sizeof(float) * (size_t)slab_count);
    }
    optimizer->slab_count = slab_count;
    return GAN_OK;
}

gan_status gan_optimizer_bind(gan_optimizer *optimizer, const uint64_t *keys, int32_t key_count, size_t total)
{
    if (optimizer->keys != NULL)
        return check_same(optimizer, keys, key_count, total);
    const gan_status status = allocate_slabs(optimizer, key_count, total);
    if (status != GAN_OK)
        return status;
    if (key_count > 0)
        memcpy(optimizer->keys, keys, (size_t)key_count * sizeof *keys);
    optimizer->key_count = key_count;
    optimizer->total = total;
    return GAN_OK;
}

struct step {
    const gan_optimizer *optimizer;
    const struct optimizer_run *runs;
    struct optimizer_chunk common; /* what all chunks share */
};

static int64_t chunk_count(const struct optimizer_run *run)
{
    return (int64_t)((run->count + CHUNK - 1) / CHUNK);
}

/* Chunks are numbered through all runs, so that many small parameters share one parallel loop. */
static void update_chunk(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct step *step = argument;
    const struct optimizer_run *run = step->runs;
    size_t moments = 0;
    for (; index >= chunk_count(run); run++) {
        index -= chunk_count(run);
        moments += run->count;
    }
    const size_t start = (size_t)index * CHUNK;
    struct optimizer_chunk chunk = step->common;
    chunk.values = run->values + start;
    chunk.gradients = run->gradients + start;
    chunk.count = run->count - start < CHUNK ? run->count - start : CHUNK;
    for (int32_t i = 0; i < step->optimizer->slab_count; i++)
        chunk.slabs[i] = step->optimizer->slabs[i] + moments + start;
    step->optimizer->kind->update(step->optimizer, &chunk);
}

void gan_optimizer_apply(gan_optimizer *optimizer, const struct optimizer_run *runs, int32_t run_count,
                         float gradient_factor, float clip_value)
{
    struct step step = {.optimizer = optimizer, .runs = runs};
    step.common.gradient_factor = gradient_factor;
    step.common.bound = clip_value > 0.0f ? clip_value : INFINITY;
    step.common.rate = gan_optimizer_rate(optimizer);
    int64_t chunks = 0;
    for (int32_t i = 0; i < run_count; i++)
        chunks += chunk_count(&runs[i]);
    gan_parallel(optimizer->context, chunks, update_chunk, &step);
    optimizer->step_count++;
}
