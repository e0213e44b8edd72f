#include "optimizers/optimizer.h"

static void update_plain(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk)
{
    const struct optimizer_chunk fixed = *chunk;
    const float rate = (float)chunk->rate, weight_decay = optimizer->sgd.weight_decay;
    const float *restrict gradients = chunk->gradients;
    float *restrict values = chunk->values;
    for (size_t i = 0; i < fixed.count; i++)
        values[i] -= rate * optimizer_gradient(&fixed, gradients[i], values[i], weight_decay);
}

/* Nesterov's step looks ahead along the new velocity: g + momentum v instead of v. */
static void update_momentum(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk)
{
    const struct optimizer_chunk fixed = *chunk;
    const float rate = (float)chunk->rate, weight_decay = optimizer->sgd.weight_decay;
    const float momentum = optimizer->sgd.momentum;
    const float of_gradient = optimizer->sgd.nesterov ? 1.0f : 0.0f;
    const float of_velocity = optimizer->sgd.nesterov ? momentum : 1.0f;
    const float *restrict gradients = chunk->gradients;
    float *restrict values = chunk->values, *restrict velocities = chunk->slabs[0];
    for (size_t i = 0; i < fixed.count; i++) {
        const float g = optimizer_gradient(&fixed, gradients[i], values[i], weight_decay);
        const float velocity = momentum * velocities[i] + g;
        velocities[i] = velocity;
        values[i] -= rate * (of_gradient * g + of_velocity * velocity);
    }
}

static void update(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk)
{
    if (optimizer->slab_count > 0)
        update_momentum(optimizer, chunk);
    else
        update_plain(optimizer, chunk);
}

static int32_t slab_count(const gan_optimizer *optimizer)
{
    return optimizer->sgd.momentum > 0.0f ? 1 : 0;
}

static const struct optimizer_kind kind = {"sgd", slab_count, update};

static gan_status check(const gan_sgd_options *options)
{
    gan_status status = gan_optimizer_check("learning_rate", options->learning_rate);
    if (status == GAN_OK)
        status = gan_optimizer_check("momentum", options->momentum);
    if (status == GAN_OK)
        status = gan_optimizer_check("weight_decay", options->weight_decay);
    if (status == GAN_OK && options->nesterov != 0 && options->momentum == 0.0f)
        status = gan_fail(GAN_ERROR_ARGUMENT, "nesterov is set, but momentum is 0");
    return status;
}

gan_status gan_sgd_create(gan_optimizer **out, gan_context *context, const gan_sgd_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_sgd_create: out is NULL");
    *out = NULL;
    gan_sgd_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_sgd_options");
    if (status != GAN_OK)
        return status;
    if (options.learning_rate == 0.0f)
        options.learning_rate = 0.01f;
    status = check(&options);
    if (status == GAN_OK)
        status = gan_optimizer_make(out, context, &kind);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_sgd_create: ");
    (*out)->sgd = options;
    (*out)->learning_rate = options.learning_rate;
    return GAN_OK;
}
