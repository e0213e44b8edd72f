#include "kernels/slabs.h"
#include "optimizers/optimizer.h"

#include <math.h>

/* Nobody means 0.999f, which is 1.3e-8 more than 0.999: that would move 1 - beta in its fifth digit. */
static double decimal(float beta)
{
    const double rounded = round((double)beta * 1e7) / 1e7;
    return (float)rounded == beta ? rounded : (double)beta;
}

static struct adam_step prepare(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk)
{
    const gan_adam_options *options = &optimizer->adam;
    const double step = (double)(optimizer->step_count + 1);
    const double beta1 = decimal(options->beta1), beta2 = decimal(options->beta2);
    return (struct adam_step){
        .gradient_factor = chunk->gradient_factor,
        .bound = chunk->bound,
        .weight_decay = options->weight_decay,
        .beta1 = (float)beta1,
        .beta2 = (float)beta2,
        .rest1 = (float)(1.0 - beta1),
        .rest2 = (float)(1.0 - beta2),
        .rate = (float)(chunk->rate / (1.0 - pow(beta1, step))),
        .root_correction = (float)(1.0 / sqrt(1.0 - pow(beta2, step))),
        .epsilon = options->epsilon,
    };
}

static void update(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk)
{
    const struct adam_step step = prepare(optimizer, chunk);
    const struct adam_slabs slabs = {chunk->gradients, chunk->values, chunk->slabs[0], chunk->slabs[1],
                                     (int64_t)chunk->count};
    gan_slabs_adam(optimizer->context->kernels, &step, &slabs);
}

static int32_t slab_count(const gan_optimizer *optimizer)
{
    (void)optimizer;
    return 2;
}

static const struct optimizer_kind kind = {"adam", slab_count, update};

static gan_status check_beta(const char *option, float beta)
{
    if (beta >= 0.0f && beta < 1.0f)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected 0 <= %s < 1", option, (double)beta, option);
}

static void fill_defaults(gan_adam_options *options)
{
    if (options->learning_rate == 0.0f)
        options->learning_rate = 0.001f;
    if (options->beta1 == 0.0f)
        options->beta1 = 0.9f;
    if (options->beta1 < 0.0f)
        options->beta1 = 0.0f;
    if (options->beta2 == 0.0f)
        options->beta2 = 0.999f;
    if (options->epsilon == 0.0f)
        options->epsilon = 1e-8f;
}

static gan_status check(const gan_adam_options *options)
{
    gan_status status = gan_optimizer_check("learning_rate", options->learning_rate);
    if (status == GAN_OK)
        status = check_beta("beta1", options->beta1);
    if (status == GAN_OK)
        status = check_beta("beta2", options->beta2);
    if (status == GAN_OK)
        status = gan_optimizer_check("epsilon", options->epsilon);
    if (status == GAN_OK)
        status = gan_optimizer_check("weight_decay", options->weight_decay);
    return status;
}

gan_status gan_adam_create(gan_optimizer **out, gan_context *context, const gan_adam_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adam_create: out is NULL");
    *out = NULL;
    gan_adam_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_adam_options");
    if (status != GAN_OK)
        return status;
    fill_defaults(&options);
    status = check(&options);
    if (status == GAN_OK)
        status = gan_optimizer_make(out, context, &kind);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_adam_create: ");
    (*out)->adam = options;
    (*out)->learning_rate = options.learning_rate;
    return GAN_OK;
}
