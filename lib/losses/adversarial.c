/* Hinge and Wasserstein losses of a critic's answers. */
#include "gan/losses.h"
#include "kernels/ranges.h"
#include "layers/ops.h"
#include "losses/pointwise.h"

#include <math.h>

/* Of max(0, 1 + sign x): -1 on real, +1 on generated pictures. Of Wasserstein: sign x. */
struct sign_attributes {
    float sign;
};

static const struct attribute_field fields[] = {GAN_FIELD(sign_attributes, sign, ATTRIBUTE_FLOAT, 1)};

static double sum_hinge(const struct loss_terms *terms)
{
    double sum = 0;
    for (int64_t i = 0; i < terms->count; i++) {
        const double value = 1.0 + terms->parameter * (double)terms->x[i];
        sum += value < 0.0 ? 0.0 : value;
    }
    return sum;
}

static void slope_hinge(const struct loss_terms *terms, double factor, float *dx)
{
    const float sign = (float)terms->parameter, slope = (float)(factor * terms->parameter);
    for (int64_t i = 0; i < terms->count; i++)
        dx[i] = 1.0f + sign * terms->x[i] > 0.0f ? slope : 0.0f;
}

static double sum_signed(const struct loss_terms *terms)
{
    return terms->parameter * gan_sum_floats(terms->x, terms->count);
}

static void slope_signed(const struct loss_terms *terms, double factor, float *dx)
{
    const float slope = (float)(factor * terms->parameter);
    for (int64_t i = 0; i < terms->count; i++)
        dx[i] = slope;
}

static const struct pointwise_loss hinge = {sum_hinge, slope_hinge};
static const struct pointwise_loss wasserstein = {sum_signed, slope_signed};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const float sign = ((const struct sign_attributes *)attributes)->sign;
    if (!isfinite(sign) || sign == 0.0f)
        return gan_fail(GAN_ERROR_ARGUMENT, "sign is %g, expected a finite number other than 0",
                        (double)sign);
    return gan_loss_infer_single(attributes, inputs, input_count, output);
}

static double sign_of(const struct op_call *call)
{
    return (double)((const struct sign_attributes *)call->attributes)->sign;
}

static void forward_hinge(const struct op_call *call)
{
    gan_loss_forward(call, &hinge, sign_of(call));
}

static void backward_hinge(const struct op_call *call)
{
    gan_loss_backward(call, &hinge, sign_of(call));
}

static void forward_wasserstein(const struct op_call *call)
{
    gan_loss_forward(call, &wasserstein, sign_of(call));
}

static void backward_wasserstein(const struct op_call *call)
{
    gan_loss_backward(call, &wasserstein, sign_of(call));
}

static uint32_t saves_nothing(const void *attributes)
{
    (void)attributes;
    return SAVES_NOTHING;
}

const struct gan_op gan_op_hinge = {
    .name = "hinge",
    .attributes_size = sizeof(struct sign_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = gan_loss_saves_inputs,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_hinge,
    .backward = backward_hinge,
};

const struct gan_op gan_op_wasserstein = {
    .name = "wasserstein",
    .attributes_size = sizeof(struct sign_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = saves_nothing,
    .workspace_size = gan_loss_workspace_size,
    .forward = forward_wasserstein,
    .backward = backward_wasserstein,
};

gan_layer *gan_hinge_real(gan_layer *x)
{
    const struct sign_attributes attributes = {-1.0f};
    return gan_add_simple(x, &gan_op_hinge, &attributes);
}

gan_layer *gan_hinge_fake(gan_layer *x)
{
    const struct sign_attributes attributes = {1.0f};
    return gan_add_simple(x, &gan_op_hinge, &attributes);
}

gan_layer *gan_wasserstein(gan_layer *x, float sign)
{
    const struct sign_attributes attributes = {sign};
    return gan_add_simple(x, &gan_op_wasserstein, &attributes);
}
