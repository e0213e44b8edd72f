#include "optimizers/optimizer.h"

#include <math.h>

struct adam {
    float beta1, beta2, rest1, rest2; /* rest = 1 - beta */
    float rate;                       /* divided by the first bias correction */
    float root_correction;            /* 1 / sqrt of the second */
    float epsilon, weight_decay;
};

/* Nobody means 0.999f, which is 1.3e-8 more than 0.999: that would move 1 - beta in its fifth digit. */
static double decimal(float beta)
{
    const double rounded = round((double)beta * 1e7) / 1e7;
    return (float)rounded == beta ? rounded : (double)beta;
}

static struct adam prepare(const gan_optimizer *optimizer, double rate)
{
    const gan_adam_options *options = &optimizer->adam;
    const double step = (double)(optimizer->step_count + 1);
    const double beta1 = decimal(options->beta1), beta2 = decimal(options->beta2);
    return (struct adam){
        .beta1 = (float)beta1,
        .beta2 = (float)beta2,
        .rest1 = (float)(1.0 - beta1),
        .rest2 = (float)(1.0 - beta2),
        .rate = (float)(rate / (1.0 - pow(beta1, step))),
        .root_correction = (float)(1.0 / sqrt(1.0 - pow(beta2, step))),
        .epsilon = options->epsilon,
        .weight_decay = options->weight_decay,
    };
}

/* Beyond this a square, or a sum of them, would leave float32's range: the parameter would never move again.
 */
static float bounded(float gradient)
{
    static const float largest = 1e18f;
    const float above = gradient < -largest ? -largest : gradient;
    return above > largest ? largest : above;
}

static void update(const gan_optimizer *optimizer, const struct optimizer_chunk *chunk)
{
    const struct adam adam = prepare(optimizer, chunk->rate);
    const struct optimizer_chunk fixed = *chunk;
    const float *restrict gradients = chunk->gradients;
    float *restrict values = chunk->values, *restrict means = chunk->slabs[0];
    float *restrict squares = chunk->slabs[1];
    for (size_t i = 0; i < fixed.count; i++) {
        const float g = bounded(optimizer_gradient(&fixed, gradients[i], values[i], adam.weight_decay));
        const float mean = adam.beta1 * means[i] + adam.rest1 * g;
        const float square = adam.beta2 * squares[i] + adam.rest2 * g * g;
        means[i] = mean;
        squares[i] = square;
        values[i] -= adam.rate * mean / (sqrtf(square) * adam.root_correction + adam.epsilon);
    }
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
