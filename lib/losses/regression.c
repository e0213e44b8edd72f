/* Distances of a prediction from a target: squared, absolute, and the smooth passage between them. */
#include "gan/losses.h"
#include "layers/ops.h"
#include "losses/pointwise.h"

#include <math.h>

enum { LANES = 8 };

struct smooth_l1_attributes {
    float beta;
};

static const struct attribute_field smooth_l1_fields[] = {
    GAN_FIELD(smooth_l1_attributes, beta, ATTRIBUTE_FLOAT, 1)};

typedef double (*term)(double difference, double beta);

/* Several sums side by side, which the compiler turns into vectors once `of` is known. */
static inline double sum_terms(const struct loss_terms *terms, term of)
{
    double lanes[LANES] = {0}, total = 0;
    int64_t i = 0;
    for (; i + LANES <= terms->count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += of((double)terms->x[i + lane] - (double)terms->t[i + lane], terms->parameter);
    for (; i < terms->count; i++)
        total += of((double)terms->x[i] - (double)terms->t[i], terms->parameter);
    for (int lane = 0; lane < LANES; lane++)
        total += lanes[lane];
    return total;
}

static inline double square(double difference, double beta)
{
    (void)beta;
    return difference * difference;
}

static inline double magnitude(double difference, double beta)
{
    (void)beta;
    return fabs(difference);
}

static inline double smooth(double difference, double beta)
{
    const double size = fabs(difference);
    return size < beta ? difference * difference / (2.0 * beta) : size - 0.5 * beta;
}

static double sum_squares(const struct loss_terms *terms)
{
    return sum_terms(terms, square);
}

static double sum_magnitudes(const struct loss_terms *terms)
{
    return sum_terms(terms, magnitude);
}

static double sum_smooth(const struct loss_terms *terms)
{
    return sum_terms(terms, smooth);
}

static void slope_squares(const struct loss_terms *terms, double factor, float *dx)
{
    const float twice = (float)(2.0 * factor);
    for (int64_t i = 0; i < terms->count; i++)
        dx[i] = twice * (terms->x[i] - terms->t[i]);
}

static void slope_magnitudes(const struct loss_terms *terms, double factor, float *dx)
{
    const float up = (float)factor;
    for (int64_t i = 0; i < terms->count; i++) {
        const float difference = terms->x[i] - terms->t[i];
        const float below = difference < 0.0f ? -up : 0.0f;
        dx[i] = difference > 0.0f ? up : below;
    }
}

static void slope_smooth(const struct loss_terms *terms, double factor, float *dx)
{
    const float most = (float)factor, steepness = (float)(factor / terms->parameter);
    const float beta = (float)terms->parameter;
    for (int64_t i = 0; i < terms->count; i++) {
        const float difference = terms->x[i] - terms->t[i];
        const float outside = difference < 0.0f ? -most : most;
        dx[i] = fabsf(difference) < beta ? steepness * difference : outside;
    }
}

static const struct pointwise_loss squared = {sum_squares, slope_squares};
static const struct pointwise_loss absolute = {sum_magnitudes, slope_magnitudes};
static const struct pointwise_loss smooth_l1 = {sum_smooth, slope_smooth};

static void forward_squared(const struct op_call *call)
{
    gan_loss_forward(call, &squared, 0.0);
}

static void backward_squared(const struct op_call *call)
{
    gan_loss_backward(call, &squared, 0.0);
}

static void forward_absolute(const struct op_call *call)
{
    gan_loss_forward(call, &absolute, 0.0);
}

static void backward_absolute(const struct op_call *call)
{
    gan_loss_backward(call, &absolute, 0.0);
}

static double beta_of(const struct op_call *call)
{
    return (double)((const struct smooth_l1_attributes *)call->attributes)->beta;
}

static void forward_smooth(const struct op_call *call)
{
    gan_loss_forward(call, &smooth_l1, beta_of(call));
}

static void backward_smooth(const struct op_call *call)
{
    gan_loss_backward(call, &smooth_l1, beta_of(call));
}

static gan_status infer_smooth(const void *attributes, const struct shape *inputs, int32_t input_count,
                               struct shape *output)
{
    const float beta = ((const struct smooth_l1_attributes *)attributes)->beta;
    if (!(beta > 0.0f) || isinf(beta))
        return gan_fail(GAN_ERROR_ARGUMENT, "beta is %g, expected a finite number above 0", (double)beta);
    return gan_loss_infer_pair(attributes, inputs, input_count, output);
}

const struct gan_op gan_op_mean_squared_error = {
    .name = "mean_squared_error",
    .infer = gan_loss_infer_pair,
    .saves = gan_loss_saves_inputs,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_squared,
    .backward = backward_squared,
};

const struct gan_op gan_op_mean_absolute_error = {
    .name = "mean_absolute_error",
    .infer = gan_loss_infer_pair,
    .saves = gan_loss_saves_inputs,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_absolute,
    .backward = backward_absolute,
};

const struct gan_op gan_op_smooth_l1 = {
    .name = "smooth_l1",
    .attributes_size = sizeof(struct smooth_l1_attributes),
    .fields = smooth_l1_fields,
    .field_count = sizeof smooth_l1_fields / sizeof smooth_l1_fields[0],
    .infer = infer_smooth,
    .saves = gan_loss_saves_inputs,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_smooth,
    .backward = backward_smooth,
};

gan_layer *gan_mean_squared_error(gan_layer *x, gan_layer *target)
{
    return gan_loss_add_pair(&gan_op_mean_squared_error, NULL, x, target);
}

gan_layer *gan_mean_absolute_error(gan_layer *x, gan_layer *target)
{
    return gan_loss_add_pair(&gan_op_mean_absolute_error, NULL, x, target);
}

gan_layer *gan_smooth_l1(gan_layer *x, gan_layer *target, float beta)
{
    const struct smooth_l1_attributes attributes = {beta == 0.0f ? 1.0f : beta};
    return gan_loss_add_pair(&gan_op_smooth_l1, &attributes, x, target);
}
