/* Transposes of linear layers: where y = A x, they give A^T g, with inputs g in the shape of y and x, of
 * which only the shape matters. Forward is the layer's own backward pass, and the other way round. */
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"

gan_status gan_transposed_infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                                struct shape *output)
{
    (void)attributes;
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    *output = inputs[1];
    return GAN_OK;
}

struct transposed_plan {
    const struct gan_op *linear;
    void *plan; /* of the linear layer */
};

/* The linear layer's call with the shapes of x and y. */
static struct op_call call_of(const struct op_call *call, struct op_value *x)
{
    const struct transposed_plan *transposed = call->plan;
    struct op_call linear = *call;
    *x = (struct op_value){call->inputs[1].shape, NULL};
    linear.inputs = x;
    linear.input_count = 1;
    linear.output = (struct op_value){call->inputs[0].shape, NULL};
    linear.plan = transposed != NULL ? transposed->plan : NULL;
    return linear;
}

static gan_status check_shapes(const struct op_call *call, const struct gan_op *linear)
{
    struct shape expected = {0};
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    const struct shape *given = &call->inputs[0].shape;
    const gan_status status = linear->infer(call->attributes, &call->inputs[1].shape, 1, &expected);
    if (status != GAN_OK || gan_shape_equal(given, &expected))
        return status;
    return gan_fail(GAN_ERROR_SHAPE, "the gradient has shape %s, expected %s",
                    gan_shape_text(given, given_text), gan_shape_text(&expected, expected_text));
}

gan_status gan_transposed_prepare(const struct op_call *call, void **plan)
{
    const struct gan_op *linear = call->op->transpose_of;
    gan_status status = check_shapes(call, linear);
    if (status != GAN_OK)
        return status;
    struct transposed_plan *transposed = gan_allocate_zeroed(call->context, sizeof *transposed);
    if (transposed == NULL)
        return gan_fail_memory("a plan", sizeof *transposed);
    struct op_value x;
    const struct op_call inner = call_of(call, &x);
    transposed->linear = linear;
    if (linear->prepare != NULL)
        status = linear->prepare(&inner, &transposed->plan);
    if (status != GAN_OK) {
        gan_release(call->context, transposed);
        return status;
    }
    *plan = transposed;
    return GAN_OK;
}

void gan_transposed_discard(gan_context *context, void *plan)
{
    struct transposed_plan *transposed = plan;
    if (transposed == NULL)
        return;
    if (transposed->linear->discard != NULL)
        transposed->linear->discard(context, transposed->plan);
    gan_release(context, transposed);
}

size_t gan_transposed_workspace_size(const struct op_call *call, enum op_pass pass)
{
    const struct gan_op *linear = call->op->transpose_of;
    struct op_value x;
    const struct op_call inner = call_of(call, &x);
    if (linear->workspace_size == NULL)
        return 0;
    return linear->workspace_size(&inner, pass == OP_FORWARD ? OP_BACKWARD : OP_FORWARD);
}

void gan_transposed_forward(const struct op_call *call)
{
    struct op_value x;
    struct op_call inner = call_of(call, &x);
    float *const targets[] = {call->output.data};
    inner.output_gradient = call->inputs[0].data;
    inner.input_gradients = targets;
    call->op->transpose_of->backward(&inner);
}

void gan_transposed_backward(const struct op_call *call)
{
    struct op_value x;
    struct op_call inner = call_of(call, &x);
    if (call->input_gradients[0] == NULL)
        return;
    x.data = (float *)(uintptr_t)call->output_gradient;
    inner.output.data = call->input_gradients[0];
    call->op->transpose_of->forward(&inner);
}

gan_layer *gan_transposed_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    gan_layer *const inputs[] = {gradient, layer->inputs[input]};
    const struct layer_request request = {
        .op = layer->op->transposed, .attributes = layer->attributes, .inputs = inputs, .input_count = 2};
    return gan_graph_add(layer->graph, &request);
}
