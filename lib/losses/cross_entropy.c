/* Binary cross entropy of probabilities and of logits. */
#include "gan/losses.h"
#include "layers/ops.h"
#include "losses/pointwise.h"

#include <math.h>

static double bounded_log(double value)
{
    const double logarithm = log(value);
    return logarithm < -100.0 ? -100.0 : logarithm;
}

static double sum_of_probabilities(const struct loss_terms *terms)
{
    double sum = 0;
    for (int64_t i = 0; i < terms->count; i++) {
        const double p = (double)terms->x[i], t = (double)terms->t[i];
        sum -= t * bounded_log(p) + (1.0 - t) * bounded_log(1.0 - p);
    }
    return sum;
}

/* (p - t) / (p (1 - p)), the denominator bounded as in PyTorch. */
static void slope_of_probabilities(const struct loss_terms *terms, double factor, float *dx)
{
    for (int64_t i = 0; i < terms->count; i++) {
        const double p = (double)terms->x[i], t = (double)terms->t[i];
        const double spread = p * (1.0 - p);
        dx[i] = (float)(factor * (p - t) / (spread < 1e-12 ? 1e-12 : spread));
    }
}

static double sum_of_logits(const struct loss_terms *terms)
{
    double sum = 0;
    for (int64_t i = 0; i < terms->count; i++) {
        const double x = (double)terms->x[i], t = (double)terms->t[i];
        const double above = x < 0.0 ? 0.0 : x;
        sum += above - x * t + log1p(exp(-fabs(x)));
    }
    return sum;
}

static double sigmoid(double x)
{
    const double e = exp(-fabs(x));
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

static void slope_of_logits(const struct loss_terms *terms, double factor, float *dx)
{
    for (int64_t i = 0; i < terms->count; i++)
        dx[i] = (float)(factor * (sigmoid((double)terms->x[i]) - (double)terms->t[i]));
}

static const struct pointwise_loss of_probabilities = {sum_of_probabilities, slope_of_probabilities};
static const struct pointwise_loss of_logits = {sum_of_logits, slope_of_logits};

static void forward_probabilities(const struct op_call *call)
{
    gan_loss_forward(call, &of_probabilities, 0.0);
}

static void backward_probabilities(const struct op_call *call)
{
    gan_loss_backward(call, &of_probabilities, 0.0);
}

static void forward_logits(const struct op_call *call)
{
    gan_loss_forward(call, &of_logits, 0.0);
}

static void backward_logits(const struct op_call *call)
{
    gan_loss_backward(call, &of_logits, 0.0);
}

const struct gan_op gan_op_binary_cross_entropy = {
    .name = "binary_cross_entropy",
    .infer = gan_loss_infer_pair,
    .saves = gan_loss_saves_inputs,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_probabilities,
    .backward = backward_probabilities,
    .no_gradient_inputs = 1u << 1,
};

const struct gan_op gan_op_binary_cross_entropy_with_logits = {
    .name = "binary_cross_entropy_with_logits",
    .infer = gan_loss_infer_pair,
    .saves = gan_loss_saves_inputs,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_logits,
    .backward = backward_logits,
    .no_gradient_inputs = 1u << 1,
};

gan_layer *gan_binary_cross_entropy(gan_layer *probability, gan_layer *target)
{
    return gan_loss_add_pair(&gan_op_binary_cross_entropy, NULL, probability, target);
}

gan_layer *gan_binary_cross_entropy_with_logits(gan_layer *logit, gan_layer *target)
{
    return gan_loss_add_pair(&gan_op_binary_cross_entropy_with_logits, NULL, logit, target);
}
