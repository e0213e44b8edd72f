#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>
#include <string.h>

struct prelu_attributes {
    int32_t channels;
};

static const struct attribute_field fields[] = {GAN_FIELD(prelu_attributes, channels, ATTRIBUTE_INT32, 1)};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct prelu_attributes *prelu = attributes;
    gan_status status = gan_infer_same(attributes, inputs, input_count, output);
    if (status == GAN_OK)
        status = gan_expect_channels(&inputs[0], prelu->channels);
    return status;
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static int64_t channels_of(const struct op_call *call)
{
    const struct prelu_attributes *prelu = call->attributes;
    return prelu->channels;
}

static int64_t rows_of(const struct op_call *call)
{
    return gan_shape_count(&call->output.shape) / channels_of(call);
}

static void forward_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call);
    const float *slope = call->parameters[0].data;
    for (int64_t row = start; row < end; row++) {
        const float *x = call->inputs[0].data + row * channels;
        float *y = call->output.data + row * channels;
        for (int64_t c = 0; c < channels; c++)
            y[c] = x[c] * (x[c] < 0.0f ? slope[c] : 1.0f);
    }
}

static void forward(const struct op_call *call)
{
    gan_parallel_ranges(call->context, rows_of(call), gan_rows_per_task(channels_of(call)), forward_rows,
                        call);
}

static void input_gradient_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call);
    const float *slope = call->parameters[0].data;
    for (int64_t row = start; row < end; row++) {
        const float *x = call->inputs[0].data + row * channels;
        const float *dy = call->output_gradient + row * channels;
        float *dx = call->input_gradients[0] + row * channels;
        for (int64_t c = 0; c < channels; c++)
            dx[c] = dy[c] * (x[c] < 0.0f ? slope[c] : 1.0f);
    }
}

/* The slopes' gradients of one range of rows, into its own part of the workspace. */
static void slope_gradient_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call);
    double *sums = (double *)call->workspace + start / gan_rows_per_task(channels) * channels;
    memset(sums, 0, (size_t)channels * sizeof *sums);
    for (int64_t row = start; row < end; row++) {
        const float *x = call->inputs[0].data + row * channels;
        const float *dy = call->output_gradient + row * channels;
        for (int64_t c = 0; c < channels; c++)
            sums[c] += (double)(x[c] < 0.0f ? x[c] : 0.0f) * (double)dy[c];
    }
}

static int64_t task_count(const struct op_call *call)
{
    const int64_t grain = gan_rows_per_task(channels_of(call));
    return (rows_of(call) + grain - 1) / grain;
}

static void add_up(const struct op_call *call, float *gradient)
{
    const int64_t channels = channels_of(call), tasks = task_count(call);
    const double *sums = call->workspace;
    for (int64_t c = 0; c < channels; c++) {
        double total = 0;
        for (int64_t task = 0; task < tasks; task++)
            total += sums[task * channels + c];
        gradient[c] = (float)total;
    }
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    if (pass == OP_FORWARD)
        return 0;
    return (size_t)(task_count(call) * channels_of(call)) * sizeof(double);
}

static void backward(const struct op_call *call)
{
    const int64_t grain = gan_rows_per_task(channels_of(call));
    if (call->input_gradients[0] != NULL)
        gan_parallel_ranges(call->context, rows_of(call), grain, input_gradient_rows, call);
    if (call->parameter_gradients[0] == NULL)
        return;
    gan_parallel_ranges(call->context, rows_of(call), grain, slope_gradient_rows, call);
    add_up(call, call->parameter_gradients[0]);
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct prelu_attributes *prelu = attributes;
    specifications[0] = (struct parameter_specification){.suffix = "weight", .shape = {1, {prelu->channels}}};
    return 1;
}

const struct gan_op gan_op_prelu = {
    .name = "prelu",
    .attributes_size = sizeof(struct prelu_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_rows,
    .parameters = specify,
    .saves = saves,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_prelu(gan_layer *x, const char *name, float initial)
{
    if (x == NULL)
        return NULL;
    if (!isfinite(initial)) {
        const gan_status status =
            gan_fail(GAN_ERROR_ARGUMENT, "initial is %g, expected a finite number", (double)initial);
        return gan_graph_refuse(x->graph, "prelu", name, status);
    }
    const struct prelu_attributes attributes = {gan_channels_of(&x->shape)};
    struct parameter_specification weight;
    specify(&attributes, &weight);
    weight.initializer = GAN_INITIALIZER_CONSTANT;
    weight.initializer_value = initial == 0.0f ? 0.25f : initial;
    const struct layer_request request = {.op = &gan_op_prelu,
                                          .attributes = &attributes,
                                          .name = name,
                                          .inputs = &x,
                                          .input_count = 1,
                                          .parameters = &weight,
                                          .parameter_count = 1};
    return gan_graph_add(x->graph, &request);
}
