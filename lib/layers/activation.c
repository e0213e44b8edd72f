#include "kernels/activation.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>

enum { GRAIN = 16384 };

static const struct attribute_field fields[] = {
    GAN_FIELD(activation, function, ATTRIBUTE_INT32, 1),
    GAN_FIELD(activation, slope, ATTRIBUTE_FLOAT, 1),
};

/* With a negative slope the sign of y would not tell the sign of x, from which gradients are made. */
static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct activation *activation = attributes;
    if (activation->function < ACTIVATION_RELU || activation->function > ACTIVATION_SIGMOID)
        return gan_fail(GAN_ERROR_ARGUMENT, "function is %d, expected %d to %d", activation->function,
                        ACTIVATION_RELU, ACTIVATION_SIGMOID);
    if (!(activation->slope >= 0.0f) || isinf(activation->slope))
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected a finite number of at least 0",
                        activation->function == ACTIVATION_ELU ? "alpha" : "slope",
                        (double)activation->slope);
    return gan_infer_same(attributes, inputs, input_count, output);
}

static uint32_t saves(const void *attributes)
{
    const struct activation *activation = attributes;
    return gan_activation_needs_input(*activation) ? SAVES_INPUT_0 : SAVES_OUTPUT;
}

static const struct activation *activation_of(const void *attributes)
{
    return attributes;
}

static void forward_range(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    gan_activation_forward(call->context->kernels, *activation_of(call->attributes),
                           call->inputs[0].data + start, call->output.data + start, end - start);
}

static void forward(const struct op_call *call)
{
    gan_parallel_ranges(call->context, gan_shape_count(&call->output.shape), GRAIN, forward_range, call);
}

static void backward_range(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const struct activation activation = *activation_of(call->attributes);
    const int needs_input = gan_activation_needs_input(activation);
    gan_activation_backward(call->context->kernels, activation,
                            needs_input ? call->inputs[0].data + start : NULL,
                            needs_input ? NULL : call->output.data + start, call->output_gradient + start,
                            call->input_gradients[0] + start, end - start);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] == NULL)
        return;
    gan_parallel_ranges(call->context, gan_shape_count(&call->output.shape), GRAIN, backward_range, call);
}

/* Piecewise linear functions: gradient and y, to gradient times slope, as a layer. */
static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    (void)input;
    gan_layer *const inputs[] = {gradient, layer};
    const struct layer_request request = {.op = &gan_op_activation_gradient,
                                          .attributes = layer->attributes,
                                          .inputs = inputs,
                                          .input_count = 2};
    return gan_graph_add(layer->graph, &request);
}

/* The ops differ in their names alone: which function it is stands in the attributes. */
#define POINTWISE(title, rule)                                                                               \
    {                                                                                                        \
        .name = title, .attributes_size = sizeof(struct activation), .fields = fields,                       \
        .field_count = sizeof fields / sizeof fields[0], .infer = infer, .band = gan_band_rows,              \
        .saves = saves, .forward = forward, \
        .backward = backward, .activation = activation_of, .input_gradient = rule                            \
    }
const struct gan_op gan_op_relu = POINTWISE("relu", input_gradient);
const struct gan_op gan_op_leaky_relu = POINTWISE("leaky_relu", input_gradient);
const struct gan_op gan_op_elu = POINTWISE("elu", NULL);
const struct gan_op gan_op_gelu = POINTWISE("gelu", NULL);
const struct gan_op gan_op_silu = POINTWISE("silu", NULL);
const struct gan_op gan_op_softplus = POINTWISE("softplus", NULL);
const struct gan_op gan_op_tanh = POINTWISE("tanh", NULL);
const struct gan_op gan_op_sigmoid = POINTWISE("sigmoid", NULL);

static gan_layer *add(gan_layer *x, const struct gan_op *op, int32_t function, float slope)
{
    const struct activation attributes = {function, slope};
    return gan_add_simple(x, op, &attributes);
}

gan_layer *gan_relu(gan_layer *x)
{
    return add(x, &gan_op_relu, ACTIVATION_RELU, 0.0f);
}

gan_layer *gan_leaky_relu(gan_layer *x, float slope)
{
    return add(x, &gan_op_leaky_relu, ACTIVATION_LEAKY_RELU, slope);
}

gan_layer *gan_elu(gan_layer *x, float alpha)
{
    return add(x, &gan_op_elu, ACTIVATION_ELU, alpha);
}

gan_layer *gan_gelu(gan_layer *x)
{
    return add(x, &gan_op_gelu, ACTIVATION_GELU, 0.0f);
}

gan_layer *gan_silu(gan_layer *x)
{
    return add(x, &gan_op_silu, ACTIVATION_SILU, 0.0f);
}

gan_layer *gan_softplus(gan_layer *x)
{
    return add(x, &gan_op_softplus, ACTIVATION_SOFTPLUS, 0.0f);
}

gan_layer *gan_tanh(gan_layer *x)
{
    return add(x, &gan_op_tanh, ACTIVATION_TANH, 0.0f);
}

gan_layer *gan_sigmoid(gan_layer *x)
{
    return add(x, &gan_op_sigmoid, ACTIVATION_SIGMOID, 0.0f);
}
