/* Penalties on the length of a critic's gradient at its input, per picture: (|g| - 1)^2 (Gulrajani et al.
 * 2017) or |g|^2 (R1, Mescheder et al. 2018), mean over the batch. */
#include "gan/layers.h"
#include "gan/losses.h"
#include "graph/graph.h"
#include "kernels/ranges.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>

struct gradient_norm_attributes {
    int32_t squared; /* 1: |g|^2 */
    float target;    /* otherwise: (|g| - target)^2 */
};

static const struct attribute_field fields[] = {
    GAN_FIELD(gradient_norm_attributes, squared, ATTRIBUTE_INT32, 1),
    GAN_FIELD(gradient_norm_attributes, target, ATTRIBUTE_FLOAT, 1),
};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct gradient_norm_attributes *norm = attributes;
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    if (inputs[0].rank < 1)
        return gan_fail(GAN_ERROR_SHAPE, "the gradient is a single number, expected a batch");
    if (!isfinite(norm->target))
        return gan_fail(GAN_ERROR_ARGUMENT, "target is %g, expected a finite number", (double)norm->target);
    output->rank = 0;
    return GAN_OK;
}

static int64_t batch_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[0];
}

static int64_t elements_of(const struct op_call *call)
{
    return gan_axes_count(&call->inputs[0].shape, 1, call->inputs[0].shape.rank);
}

static size_t saved_size(const struct op_call *call)
{
    return (size_t)batch_of(call) * sizeof(double);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    return pass == OP_FORWARD ? gan_sum_workspace_size(elements_of(call)) : 0;
}

static double sum_squares(const void *argument, int64_t start, int64_t end)
{
    const float *g = argument;
    double sum = 0;
    for (int64_t i = start; i < end; i++)
        sum += (double)g[i] * (double)g[i];
    return sum;
}

static void forward(const struct op_call *call)
{
    const struct gradient_norm_attributes *norm = call->attributes;
    const int64_t elements = elements_of(call);
    double *norms = call->saved, total = 0;
    for (int64_t n = 0; n < batch_of(call); n++) {
        const float *g = call->inputs[0].data + n * elements;
        const double squares = gan_sum_ranges(call->context, elements, sum_squares, g, call->workspace);
        const double excess = sqrt(squares) - (double)norm->target;
        total += norm->squared ? squares : excess * excess;
        if (norms != NULL)
            norms[n] = sqrt(squares);
    }
    call->output.data[0] = (float)(total / (double)batch_of(call));
}

/* Of a gradient that is 0 the length has no slope: 0 is taken. */
static double slope(const struct gradient_norm_attributes *norm, double length)
{
    if (norm->squared)
        return 2;
    return length > 0 ? 2 * (length - (double)norm->target) / length : 0;
}

static void scale_pictures(const void *argument, int64_t row, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t offset = row * elements_of(call);
    const double share = (double)call->output_gradient[0] / (double)batch_of(call);
    const float factor = (float)(share * slope(call->attributes, ((const double *)call->saved)[row]));
    for (int64_t i = offset + start; i < offset + end; i++)
        call->input_gradients[0][i] = factor * call->inputs[0].data[i];
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        gan_parallel_rows(call->context, batch_of(call), elements_of(call), scale_pictures, call);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

const struct gan_op gan_op_gradient_norm = {
    .name = "gradient_norm",
    .attributes_size = sizeof(struct gradient_norm_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = saves,
    .saved_size = saved_size,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_gradient_penalty(gan_layer *verdict, gan_layer *x)
{
    const struct gradient_norm_attributes attributes = {0, 1.0f};
    return gan_add_simple(gan_input_gradient(verdict, x), &gan_op_gradient_norm, &attributes);
}

gan_layer *gan_r1_penalty(gan_layer *verdict, gan_layer *x)
{
    const struct gradient_norm_attributes attributes = {1, 0.0f};
    return gan_add_simple(gan_input_gradient(verdict, x), &gan_op_gradient_norm, &attributes);
}
