/* y = x w with the weights of a dense layer [units, channels]: x: [..., units], y: [..., channels]. */
#include "graph/parameter.h"
#include "kernels/gemm.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

struct dense_transposed_attributes {
    int32_t units, channels, no_bias; /* no_bias: always 1 */
};

static const struct attribute_field fields[] = {
    GAN_FIELD(dense_transposed_attributes, units, ATTRIBUTE_INT32, 1),
    GAN_FIELD(dense_transposed_attributes, channels, ATTRIBUTE_INT32, 1),
    GAN_FIELD(dense_transposed_attributes, no_bias, ATTRIBUTE_INT32, 1),
};

static struct shape weights_shape(const struct dense_transposed_attributes *attributes)
{
    return (struct shape){2, {attributes->units, attributes->channels}};
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    const struct dense_transposed_attributes *dense = attributes;
    const struct shape weights = weights_shape(dense);
    gan_status status = gan_expect_channels(&inputs[0], dense->units);
    if (status == GAN_OK)
        status = gan_expect_at_least("channels", dense->channels, 1);
    if (status == GAN_OK)
        status = gan_expect_countable(&weights);
    if (status != GAN_OK)
        return status;
    *output = inputs[0];
    output->size[output->rank - 1] = dense->channels;
    return GAN_OK;
}

static int64_t rows_of(const struct op_call *call)
{
    return gan_shape_count(&call->inputs[0].shape) / call->parameters[0].shape.size[0];
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const int64_t rows = rows_of(call), units = call->parameters[0].shape.size[0];
    const int64_t channels = call->parameters[0].shape.size[1];
    if (pass == OP_FORWARD)
        return gan_gemm_workspace_size(call->context, rows, channels, units);
    const size_t input = gan_gemm_workspace_size(call->context, rows, units, channels);
    const size_t weights = gan_gemm_workspace_size(call->context, units, channels, rows);
    return input > weights ? input : weights;
}

static void forward(const struct op_call *call)
{
    const int64_t units = call->parameters[0].shape.size[0], channels = call->parameters[0].shape.size[1];
    const struct gemm gemm = {.m = rows_of(call),
                              .n = channels,
                              .k = units,
                              .a = call->inputs[0].data,
                              .a_row = units,
                              .a_column = 1,
                              .b = call->parameters[0].data,
                              .b_row = channels,
                              .b_column = 1,
                              .c = call->output.data,
                              .c_row = channels,
                              .alpha = 1};
    gan_gemm(call->context, &gemm, call->workspace);
}

/* dx = dy w^T */
static void backward_input(const struct op_call *call)
{
    const int64_t units = call->parameters[0].shape.size[0], channels = call->parameters[0].shape.size[1];
    const struct gemm gemm = {.m = rows_of(call),
                              .n = units,
                              .k = channels,
                              .a = call->output_gradient,
                              .a_row = channels,
                              .a_column = 1,
                              .b = call->parameters[0].data,
                              .b_row = 1,
                              .b_column = channels,
                              .c = call->input_gradients[0],
                              .c_row = units,
                              .alpha = 1};
    gan_gemm(call->context, &gemm, call->workspace);
}

/* dw = x^T dy */
static void backward_weights(const struct op_call *call)
{
    const int64_t units = call->parameters[0].shape.size[0], channels = call->parameters[0].shape.size[1];
    const struct gemm gemm = {.m = units,
                              .n = channels,
                              .k = rows_of(call),
                              .a = call->inputs[0].data,
                              .a_row = 1,
                              .a_column = units,
                              .b = call->output_gradient,
                              .b_row = channels,
                              .b_column = 1,
                              .c = call->parameter_gradients[0],
                              .c_row = channels,
                              .alpha = 1};
    gan_gemm(call->context, &gemm, call->workspace);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        backward_input(call);
    if (call->parameter_gradients[0] != NULL)
        backward_weights(call);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    specifications[0] = (struct parameter_specification){
        .suffix = "weight", .shape = weights_shape((const struct dense_transposed_attributes *)attributes)};
    return 1;
}

const struct gan_op gan_op_dense_transposed = {
    .name = "dense_transposed",
    .attributes_size = sizeof(struct dense_transposed_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .parameters = specify,
    .saves = saves,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};
