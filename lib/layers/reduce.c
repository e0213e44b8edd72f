#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "kernels/ranges.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/settled.h"
#include "layers/shapes.h"

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    (void)inputs;
    output->rank = 0;
    return gan_expect_inputs(input_count, 1);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    return pass == OP_FORWARD ? gan_sum_workspace_size(gan_shape_count(&call->inputs[0].shape)) : 0;
}

static double sum_range(const void *argument, int64_t start, int64_t end)
{
    return gan_sum_floats((const float *)argument + start, end - start);
}

static double total(const struct op_call *call)
{
    return gan_sum_ranges(call->context, gan_shape_count(&call->inputs[0].shape), sum_range,
                          call->inputs[0].data, call->workspace);
}

static void forward_sum(const struct op_call *call)
{
    call->output.data[0] = (float)total(call);
}

static void forward_mean(const struct op_call *call)
{
    call->output.data[0] = (float)(total(call) / (double)gan_shape_count(&call->inputs[0].shape));
}

static void spread(const struct op_call *call, double gradient)
{
    if (call->input_gradients[0] != NULL)
        gan_fill_floats(call->context, call->input_gradients[0], (float)gradient,
                        gan_shape_count(&call->inputs[0].shape));
}

static void backward_sum(const struct op_call *call)
{
    spread(call, (double)call->output_gradient[0]);
}

static void backward_mean(const struct op_call *call)
{
    spread(call, (double)call->output_gradient[0] / (double)gan_shape_count(&call->inputs[0].shape));
}

const struct gan_op gan_op_sum_gradient = GAN_TRANSPOSE_OF(gan_op_sum, "sum_gradient", 0, NULL, 0);

const struct gan_op gan_op_sum = {
    .name = "sum",
    .infer = infer,
    .measures = MEASURES_MOMENTS,
    .settle = gan_settle_sum,
    .workspace_size = workspace_size,
    .forward = forward_sum,
    .backward = backward_sum,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_sum_gradient,
};

const struct gan_op gan_op_mean_gradient = GAN_TRANSPOSE_OF(gan_op_mean, "mean_gradient", 0, NULL, 0);

const struct gan_op gan_op_mean = {
    .name = "mean",
    .infer = infer,
    .measures = MEASURES_MOMENTS,
    .settle = gan_settle_mean,
    .workspace_size = workspace_size,
    .forward = forward_mean,
    .backward = backward_mean,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_mean_gradient,
};

gan_layer *gan_sum(gan_layer *x)
{
    return gan_add_simple(x, &gan_op_sum, NULL);
}

gan_layer *gan_mean(gan_layer *x)
{
    return gan_add_simple(x, &gan_op_mean, NULL);
}
