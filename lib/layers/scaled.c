/* y = x * factor + bias: one factor that the network computes, a bias per channel. */
#include "kernels/activation.h"
#include "kernels/moments.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"
#include "layers/spectral_norm.h"

struct scaled_attributes {
    int32_t channels, no_bias;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(scaled_attributes, channels, ATTRIBUTE_INT32, 1),
    GAN_FIELD(scaled_attributes, no_bias, ATTRIBUTE_INT32, 1),
};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct scaled_attributes *scaled = attributes;
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    char text[SHAPE_TEXT_SIZE];
    if (!gan_shape_known(&inputs[1]) || gan_shape_count(&inputs[1]) != 1)
        return gan_fail(GAN_ERROR_SHAPE, "the factor has shape %s, expected one element",
                        gan_shape_text(&inputs[1], text));
    *output = inputs[0];
    return gan_expect_channels(&inputs[0], scaled->channels);
}

static int64_t channels_of(const struct op_call *call)
{
    return ((const struct scaled_attributes *)call->attributes)->channels;
}

static int64_t rows_of(const struct op_call *call)
{
    return gan_shape_count(&call->output.shape) / channels_of(call);
}

static void forward_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call);
    const float factor = call->inputs[1].data[0];
    const float *bias = call->parameter_count > 0 ? call->parameters[0].data : NULL;
    float *y = call->output.data + start * channels;
    const float *x = call->inputs[0].data + start * channels;
    for (int64_t row = start; row < end; row++, x += channels, y += channels)
        for (int64_t c = 0; c < channels; c++)
            y[c] = x[c] * factor + (bias != NULL ? bias[c] : 0.0f);
    float *first = call->output.data + start * channels;
    if (call->activation.function != ACTIVATION_LINEAR)
        gan_activation_forward(call->context->kernels, call->activation, first, first,
                               (end - start) * channels);
}

static void forward(const struct op_call *call)
{
    gan_parallel_ranges(call->context, rows_of(call), gan_rows_per_task(channels_of(call)), forward_rows,
                        call);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    if (pass == OP_FORWARD)
        return 0;
    const size_t sums = gan_column_sums_workspace_size(rows_of(call), channels_of(call));
    const size_t product = gan_sum_workspace_size(gan_shape_count(&call->output.shape));
    return sums > product ? sums : product;
}

static void differentiate_range(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const float factor = call->inputs[1].data[0];
    for (int64_t i = start; i < end; i++)
        call->input_gradients[0][i] = call->output_gradient[i] * factor;
}

static double product_range(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    double sum = 0;
    for (int64_t i = start; i < end; i++)
        sum += (double)call->output_gradient[i] * (double)call->inputs[0].data[i];
    return sum;
}

static void backward(const struct op_call *call)
{
    enum { GRAIN = 16384 };
    const int64_t count = gan_shape_count(&call->output.shape);
    if (call->input_gradients[0] != NULL)
        gan_parallel_ranges(call->context, count, GRAIN, differentiate_range, call);
    if (call->input_gradients[1] != NULL)
        call->input_gradients[1][0] =
            (float)gan_sum_ranges(call->context, count, product_range, call, call->workspace);
    if (call->parameter_count > 0 && call->parameter_gradients[0] != NULL)
        gan_column_sums(call->context, call->output_gradient, rows_of(call), channels_of(call),
                        call->parameter_gradients[0], call->workspace);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUTS;
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct scaled_attributes *scaled = attributes;
    specifications[0] = (struct parameter_specification){
        .suffix = "bias", .shape = {1, {scaled->channels}}, .initializer = GAN_INITIALIZER_ZEROS};
    return scaled->no_bias ? 0 : 1;
}

/* The factor of a spectral norm depends on weights alone. */
static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    if (input != 0)
        return gan_refuse_input_gradient(layer, "its factor depends on the input");
    return gan_add_scaled(gradient, layer->inputs[1], true, NULL);
}

const struct gan_op gan_op_scaled = {
    .name = "scaled",
    .attributes_size = sizeof(struct scaled_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_rows,
    .parameters = specify,
    .saves = saves,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
    .takes_activation = true,
    .input_gradient = input_gradient,
};

gan_layer *gan_add_scaled(gan_layer *x, gan_layer *factor, bool no_bias, const char *name)
{
    if (x == NULL || factor == NULL)
        return NULL;
    const struct scaled_attributes attributes = {gan_channels_of(&x->shape), no_bias};
    struct parameter_specification parameters[GAN_MAX_PARAMETERS];
    const int32_t count = specify(&attributes, parameters);
    gan_layer *const inputs[] = {x, factor};
    const struct layer_request request = {.op = &gan_op_scaled,
                                          .attributes = &attributes,
                                          .name = name,
                                          .inputs = inputs,
                                          .input_count = 2,
                                          .parameters = parameters,
                                          .parameter_count = count};
    return gan_graph_add(x->graph, &request);
}
