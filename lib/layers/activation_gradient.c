/* gradient * f'(x) for piecewise linear functions y = f(x); inputs: gradient, y. The slope is constant almost
 * everywhere, so that nothing flows to y. */
#include "kernels/activation.h"
#include "kernels/ranges.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(activation, function, ATTRIBUTE_INT32, 1),
    GAN_FIELD(activation, slope, ATTRIBUTE_FLOAT, 1),
};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct activation *activation = attributes;
    if (activation->function != ACTIVATION_RELU && activation->function != ACTIVATION_LEAKY_RELU)
        return gan_fail(GAN_ERROR_ARGUMENT, "function is %d, expected %d or %d", activation->function,
                        ACTIVATION_RELU, ACTIVATION_LEAKY_RELU);
    if (!(activation->slope >= 0.0f) || isinf(activation->slope))
        return gan_fail(GAN_ERROR_ARGUMENT, "slope is %g, expected a finite number of at least 0",
                        (double)activation->slope);
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    return gan_meet_shapes(&inputs[0], &inputs[1], "output", output);
}

struct pass {
    const struct op_call *call;
    const float *from;
    float *to;
};

static void multiply_range(const void *argument, int64_t start, int64_t end)
{
    const struct pass *pass = argument;
    const struct activation *activation = pass->call->attributes;
    gan_activation_backward(pass->call->context->kernels, *activation, NULL,
                            pass->call->inputs[1].data + start, pass->from + start, pass->to + start,
                            end - start);
}

static void multiply(const struct op_call *call, const float *from, float *to)
{
    enum { GRAIN = 16384 };
    const struct pass pass = {call, from, to};
    gan_parallel_ranges(call->context, gan_shape_count(&call->output.shape), GRAIN, multiply_range, &pass);
}

static void forward(const struct op_call *call)
{
    multiply(call, call->inputs[0].data, call->output.data);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        multiply(call, call->output_gradient, call->input_gradients[0]);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_1;
}

const struct gan_op gan_op_activation_gradient = {
    .name = "activation_gradient",
    .attributes_size = sizeof(struct activation),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = saves,
    .forward = forward,
    .backward = backward,
    .no_gradient_inputs = 1u << 1,
};
