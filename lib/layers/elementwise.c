/* Sums, differences and products of two layers. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "kernels/broadcast.h"
#include "layers/bands.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"

static gan_status refuse(const struct shape *a, const struct shape *b)
{
    char a_text[SHAPE_TEXT_SIZE], b_text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_SHAPE, "shapes %s and %s do not fit: sizes must be equal or 1",
                    gan_shape_text(a, a_text), gan_shape_text(b, b_text));
}

/* An open size beside a known one above 1 must turn out to be that or 1. */
static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    const gan_status status = gan_expect_inputs(input_count, 2);
    if (status != GAN_OK)
        return status;
    const struct shape *a = &inputs[0], *b = &inputs[1];
    if (a->rank != b->rank)
        return refuse(a, b);
    *output = *a;
    for (int32_t i = 0; i < a->rank; i++) {
        if (a->size[i] == 1 || (a->size[i] < 0 && b->size[i] != 1))
            output->size[i] = b->size[i];
        else if (b->size[i] >= 0 && b->size[i] != 1 && b->size[i] != a->size[i])
            return refuse(a, b);
    }
    return GAN_OK;
}

static void apply(const struct op_call *call, enum binary_operation operation)
{
    const struct broadcast broadcast =
        gan_broadcast_make(&call->inputs[0].shape, &call->inputs[1].shape, &call->output.shape);
    gan_broadcast_apply(call->context, &broadcast, operation, call->inputs[0].data, call->inputs[1].data,
                        call->output.data);
}

static void forward_add(const struct op_call *call)
{
    apply(call, BINARY_ADD);
}

static void forward_subtract(const struct op_call *call)
{
    apply(call, BINARY_SUBTRACT);
}

static void forward_multiply(const struct op_call *call)
{
    apply(call, BINARY_MULTIPLY);
}

static bool stretched(const struct op_call *call, int32_t input)
{
    return !gan_shape_equal(&call->inputs[input].shape, &call->output.shape);
}

static struct broadcast gradient_sum(const struct op_call *call, int32_t input)
{
    return gan_broadcast_make(&call->inputs[input].shape, &call->inputs[1 - input].shape,
                              &call->output.shape);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    size_t most = 0;
    for (int32_t i = 0; i < 2 && pass == OP_BACKWARD; i++) {
        if (!stretched(call, i))
            continue;
        const struct broadcast broadcast = gradient_sum(call, i);
        const size_t size = gan_broadcast_sum_workspace_size(&broadcast);
        most = size > most ? size : most;
    }
    return most;
}

/* The gradient of one input: factor dy, times the other input where `other` is not NULL. */
static void differentiate(const struct op_call *call, int32_t input, float factor, const float *other)
{
    float *dx = call->input_gradients[input];
    if (dx == NULL)
        return;
    const float *dy = call->output_gradient;
    const struct shape *shape = &call->output.shape;
    if (stretched(call, input)) {
        const struct broadcast broadcast = gradient_sum(call, input);
        gan_broadcast_sum(call->context, &broadcast, factor, dy, other, dx, call->workspace);
    } else if (other != NULL) {
        const struct broadcast broadcast = gan_broadcast_make(shape, &call->inputs[1 - input].shape, shape);
        gan_broadcast_apply(call->context, &broadcast, BINARY_MULTIPLY, dy, other, dx);
    } else if (factor == 1.0f) {
        gan_copy_floats(call->context, dx, dy, gan_shape_count(shape));
    } else {
        gan_scale_floats(call->context, dx, dy, factor, 0.0f, gan_shape_count(shape));
    }
}

static void backward_add(const struct op_call *call)
{
    differentiate(call, 0, 1.0f, NULL);
    differentiate(call, 1, 1.0f, NULL);
}

static void backward_subtract(const struct op_call *call)
{
    differentiate(call, 0, 1.0f, NULL);
    differentiate(call, 1, -1.0f, NULL);
}

static void backward_multiply(const struct op_call *call)
{
    differentiate(call, 0, 1.0f, call->inputs[1].data);
    differentiate(call, 1, 1.0f, call->inputs[0].data);
}

static uint32_t saves_inputs(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUTS;
}

/* Gradients as layers; not where an input is stretched, which would need sums. */
static bool stretches(const gan_layer *layer, int32_t input)
{
    return !gan_shape_equal(&layer->inputs[input]->shape, &layer->shape);
}

static gan_layer *add_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    return stretches(layer, input) ? gan_refuse_input_gradient(layer, "an input is stretched") : gradient;
}

static gan_layer *subtract_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    if (stretches(layer, input))
        return gan_refuse_input_gradient(layer, "an input is stretched");
    return input == 0 ? gradient : gan_scale(gradient, -1.0f, 0.0f);
}

static gan_layer *multiply_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    if (stretches(layer, input))
        return gan_refuse_input_gradient(layer, "an input is stretched");
    return gan_multiply(gradient, layer->inputs[1 - input]);
}

const struct gan_op gan_op_add = {
    .name = "add",
    .infer = infer,
    .band = gan_band_rows,
    .workspace_size = workspace_size,
    .forward = forward_add,
    .backward = backward_add,
    .adds = true,
    .input_gradient = add_input_gradient,
};

const struct gan_op gan_op_subtract = {
    .name = "subtract",
    .infer = infer,
    .band = gan_band_rows,
    .workspace_size = workspace_size,
    .forward = forward_subtract,
    .backward = backward_subtract,
    .input_gradient = subtract_input_gradient,
};

const struct gan_op gan_op_multiply = {
    .name = "multiply",
    .infer = infer,
    .band = gan_band_rows,
    .saves = saves_inputs,
    .workspace_size = workspace_size,
    .forward = forward_multiply,
    .backward = backward_multiply,
    .input_gradient = multiply_input_gradient,
};

static gan_layer *add_binary(gan_layer *a, gan_layer *b, const struct gan_op *op)
{
    if (a == NULL || b == NULL)
        return NULL;
    gan_layer *const inputs[] = {a, b};
    const struct layer_request request = {.op = op, .inputs = inputs, .input_count = 2};
    return gan_graph_add(a->graph, &request);
}

gan_layer *gan_add(gan_layer *a, gan_layer *b)
{
    return add_binary(a, b, &gan_op_add);
}

gan_layer *gan_subtract(gan_layer *a, gan_layer *b)
{
    return add_binary(a, b, &gan_op_subtract);
}

gan_layer *gan_multiply(gan_layer *a, gan_layer *b)
{
    return add_binary(a, b, &gan_op_multiply);
}
