#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/convolution.h"
#include "kernels/moments.h"
#include "layers/bands.h"
#include "layers/convolution_attributes.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"
#include "layers/spectral_norm.h"
#include "layers/window.h"

#include <inttypes.h>
#include <string.h>

/* With a second input the output has its height and width: of all those that the original maps to our
 * input's.
 *
 * A transposed convolution is the gradient at the input of a convolution, here called the original: its input
 * has the shape of our output, its output that of our input, and its weights are ours as they lie. */

static const struct attribute_field fields[] = {
    GAN_FIELD(conv2d_transpose_attributes, in_channels, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_transpose_attributes, filters, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_transpose_attributes, kernel, ATTRIBUTE_INT32, 2),
    GAN_FIELD(conv2d_transpose_attributes, stride, ATTRIBUTE_INT32, 2),
    GAN_FIELD(conv2d_transpose_attributes, padding, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_transpose_attributes, pad, ATTRIBUTE_INT32, 4),
    GAN_FIELD(conv2d_transpose_attributes, output_padding, ATTRIBUTE_INT32, 2),
    GAN_FIELD(conv2d_transpose_attributes, no_bias, ATTRIBUTE_INT32, 1),
};

enum { HEIGHT = 0, WIDTH = 1 };
static const char *const axis_names[] = {"height", "width"};

static struct shape weights_shape(const struct conv2d_transpose_attributes *attributes)
{
    return gan_shape_4(attributes->in_channels, attributes->kernel[HEIGHT], attributes->kernel[WIDTH],
                       attributes->filters);
}

/* ---- Shapes ---- */

static int64_t out_size(const struct conv2d_transpose_attributes *attributes, int32_t axis, int64_t in)
{
    const struct window window = gan_transposed_window(attributes, axis);
    const int64_t steps = gan_size_times(in, window.stride);
    if (window.padding == GAN_PAD_SAME)
        return steps;
    const struct margin margin = gan_window_margin(&window, in);
    return gan_size_plus(steps, window.kernel + attributes->output_padding[axis] - window.stride -
                                    margin.before - margin.after);
}

/* Padding of the output only chooses among the sizes that the original maps to our input's size. */
static gan_status check_output_padding(const struct conv2d_transpose_attributes *attributes, int32_t axis)
{
    const int32_t added = attributes->output_padding[axis], stride = attributes->stride[axis];
    if (added < 0 || added >= stride)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "output_padding %s is %" PRId32 ", expected less than the stride %" PRId32,
                        axis_names[axis], added, stride);
    if (added > 0 && attributes->padding == GAN_PAD_SAME)
        return gan_fail(GAN_ERROR_ARGUMENT, "output_padding %s is %" PRId32 ", expected 0 with GAN_PAD_SAME",
                        axis_names[axis], added);
    return GAN_OK;
}

static gan_status infer_axis(const struct conv2d_transpose_attributes *attributes, int32_t axis, int64_t in,
                             int64_t *out)
{
    const struct window window = gan_transposed_window(attributes, axis);
    gan_status status = gan_window_check(&window, axis_names[axis]);
    if (status == GAN_OK)
        status = check_output_padding(attributes, axis);
    *out = -1;
    if (status != GAN_OK || in < 0)
        return status;
    *out = out_size(attributes, axis, in);
    if (*out < 1)
        return gan_fail(GAN_ERROR_SHAPE, "input %s is %" PRId64 ", of which the padding leaves no output",
                        axis_names[axis], in);
    return GAN_OK;
}

/* The size is one that the original maps to our input's. */
static gan_status take_size(const struct conv2d_transpose_attributes *attributes, int32_t axis, int64_t in,
                            int64_t size)
{
    const struct window window = gan_transposed_window(attributes, axis);
    if (in < 0 || size < 0 || gan_window_count(&window, size) == in)
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE, "input %s is %" PRId64 ", which is no convolution of %" PRId64,
                    axis_names[axis], in, size);
}

static gan_status check_channels(const struct conv2d_transpose_attributes *attributes)
{
    const struct shape weights = weights_shape(attributes);
    const gan_status status = gan_expect_at_least("filters", attributes->filters, 1);
    return status == GAN_OK ? gan_expect_countable(&weights) : status;
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count < 1 || input_count > 2)
        return gan_expect_inputs(input_count, 1);
    const struct conv2d_transpose_attributes *conv = attributes;
    *output = gan_shape_4(inputs[0].size[0], -1, -1, conv->filters);
    gan_status status = gan_expect_picture(&inputs[0], "input");
    if (status == GAN_OK)
        status = gan_expect_channels(&inputs[0], conv->in_channels);
    if (status == GAN_OK && input_count == 2)
        status = gan_expect_picture(&inputs[1], "the picture of the wanted size");
    for (int32_t axis = HEIGHT; axis <= WIDTH && status == GAN_OK; axis++) {
        int64_t *size = &output->size[1 + axis];
        status = infer_axis(conv, axis, inputs[0].size[1 + axis], size);
        if (status == GAN_OK && input_count == 2)
            status = take_size(conv, axis, inputs[0].size[1 + axis], *size = inputs[1].size[1 + axis]);
    }
    if (status == GAN_OK)
        status = check_channels(conv);
    return status == GAN_OK ? gan_expect_sizes(output) : status;
}

/* ---- The plan ---- */

static struct convolution_shape original_of(const struct op_call *call)
{
    const struct conv2d_transpose_attributes *attributes = call->attributes;
    const struct shape *input = &call->inputs[0].shape, *output = &call->output.shape;
    const struct window rows = gan_transposed_window(attributes, HEIGHT), columns = gan_transposed_window(attributes, WIDTH);
    const struct margin vertical = gan_window_margin(&rows, output->size[1]);
    const struct margin horizontal = gan_window_margin(&columns, output->size[2]);
    return (struct convolution_shape){
        .batch = output->size[0],
        .height = output->size[1],
        .width = output->size[2],
        .in_channels = attributes->filters,
        .out_channels = attributes->in_channels,
        .kernel_height = rows.kernel,
        .kernel_width = columns.kernel,
        .stride_height = rows.stride,
        .stride_width = columns.stride,
        .dilation_height = 1,
        .dilation_width = 1,
        .pad_top = vertical.before,
        .pad_left = horizontal.before,
        .pad_bottom = vertical.after,
        .pad_right = horizontal.after,
        .groups = 1,
        .padding_mode = GAN_PADDING_ZERO,
        .upsample = 1,
        .out_height = input->size[1],
        .out_width = input->size[2],
    };
}

static gan_status prepare(const struct op_call *call, void **plan)
{
    const struct convolution_shape shape = original_of(call);
    struct convolution *convolution = NULL;
    const gan_status status =
        call->training ? gan_convolution_create_trained(&convolution, call->context, &shape, call->precision)
                       : gan_convolution_create(&convolution, call->context, &shape, call->precision);
    *plan = convolution;
    return status;
}

static void discard(gan_context *context, void *plan)
{
    (void)context;
    gan_convolution_free(plan);
}

/* Forward is the original's backward pass, and the other way round. */
static enum convolution_pass pass_of(enum op_pass pass)
{
    return pass == OP_FORWARD ? CONVOLUTION_BACKWARD_INPUT : CONVOLUTION_FORWARD;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static int64_t output_pixels(const struct op_call *call)
{
    return gan_shape_count(&call->output.shape) / call->output.shape.size[3];
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const size_t size = gan_convolution_workspace_size(call->plan, pass_of(pass));
    if (pass == OP_FORWARD)
        return size;
    const size_t weights = gan_convolution_workspace_size(call->plan, CONVOLUTION_BACKWARD_WEIGHTS);
    const size_t bias = gan_column_sums_workspace_size(output_pixels(call), call->output.shape.size[3]);
    return larger(larger(size, weights), bias);
}

static size_t packed_size(const struct op_call *call, enum op_pass pass)
{
    return gan_convolution_packed_size(call->plan, pass_of(pass));
}

static void packed_layout(const struct op_call *call, enum op_pass pass, struct packed_layout *layout)
{
    layout->count = gan_convolution_layout(call->plan, pass_of(pass), layout->numbers, MOST_LAYOUT_NUMBERS);
}

static void pack(const struct op_call *call, enum op_pass pass, void *packed)
{
    gan_convolution_pack(call->plan, pass_of(pass), call->parameters[0].data, packed);
}

/* Packed weights, or the parameter where the pass has none. */
static const void *weights_of(const struct op_call *call)
{
    return call->packed != NULL ? call->packed : call->parameters[0].data;
}

static const char *method(const struct op_call *call, enum op_pass pass)
{
    return gan_convolution_method(call->plan, pass_of(pass));
}

/* ---- Forward and backward ---- */

static void forward(const struct op_call *call)
{
    const struct convolution_epilogue epilogue = {
        .bias = call->parameter_count > 1 ? call->parameters[1].data : NULL,
        .activation = call->activation,
    };
    gan_convolution_backward_input(call->plan, call->inputs[0].data, weights_of(call), call->output.data,
                                   &epilogue, call->workspace);
}

static void backward(const struct op_call *call)
{
    const float *dy = call->output_gradient;
    float *bias = call->parameter_count > 1 ? call->parameter_gradients[1] : NULL;
    if (call->input_gradients[0] != NULL)
        gan_convolution_forward(call->plan, dy, NULL, weights_of(call), call->input_gradients[0], NULL,
                                call->workspace);
    if (call->parameter_gradients[0] != NULL)
        gan_convolution_backward_weights(call->plan, dy, NULL, call->inputs[0].data,
                                         call->parameter_gradients[0], NULL, call->workspace);
    if (bias != NULL)
        gan_column_sums(call->context, dy, output_pixels(call), call->output.shape.size[3], bias,
                        call->workspace);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct conv2d_transpose_attributes *conv = attributes;
    const struct shape weights = weights_shape(conv);
    specifications[0] = (struct parameter_specification){.suffix = "weight",
                                                         .shape = weights,
                                                         .fan_in = gan_fan_without(&weights, 3),
                                                         .fan_out = gan_fan_without(&weights, 0)};
    specifications[1] = (struct parameter_specification){
        .suffix = "bias", .shape = {1, {weights.size[3]}}, .initializer = GAN_INITIALIZER_ZEROS};
    return conv->no_bias ? 1 : 2;
}

/* ---- Gradients as layers ---- */

static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    (void)input;
    const struct conv2d_transpose_attributes *conv = layer->attributes;
    struct convolution_window window = {.padding = conv->padding};
    memcpy(window.kernel, conv->kernel, sizeof window.kernel);
    memcpy(window.stride, conv->stride, sizeof window.stride);
    memcpy(window.pad, conv->pad, sizeof window.pad);
    return gan_add_convolution(gradient, &window, layer->parameters[0]);
}

gan_layer *gan_add_transposed_convolution(gan_layer *x, gan_layer *like,
                                          const struct convolution_window *window, struct parameter *weight)
{
    const struct shape *shape = &weight->specification.shape;
    struct conv2d_transpose_attributes attributes = {.in_channels = (int32_t)shape->size[0],
                                                     .filters = (int32_t)shape->size[3],
                                                     .padding = window->padding,
                                                     .no_bias = 1};
    memcpy(attributes.kernel, window->kernel, sizeof window->kernel);
    memcpy(attributes.stride, window->stride, sizeof window->stride);
    memcpy(attributes.pad, window->pad, sizeof window->pad);
    gan_layer *const inputs[] = {x, like};
    const struct layer_request request = {
        .op = &gan_op_conv2d_transpose, .attributes = &attributes, .inputs = inputs, .input_count = 2};
    return gan_add_sharing(&request, x->graph, weight);
}

const struct gan_op gan_op_conv2d_transpose = {
    .name = "conv2d_transpose",
    .attributes_size = sizeof(struct conv2d_transpose_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_convolution_transpose,
    .parameters = specify,
    .saves = saves,
    .prepare = prepare,
    .discard = discard,
    .workspace_size = workspace_size,
    .packed_size = packed_size,
    .packed_layout = packed_layout,
    .pack = pack,
    .method = method,
    .forward = forward,
    .backward = backward,
    .takes_activation = true,
    .no_gradient_inputs = 1u << 1,
    .input_gradient = input_gradient,
};

/* ---- The builder ---- */

static struct conv2d_transpose_attributes attributes_of(const gan_layer *x,
                                                        const gan_conv2d_transpose_options *options)
{
    struct conv2d_transpose_attributes attributes = {
        .in_channels = gan_channels_of(&x->shape),
        .filters = options->filters,
        .padding = options->padding,
        .pad = {options->pad[0], options->pad[1], options->pad[2], options->pad[3]},
        .output_padding = {options->output_padding[0], options->output_padding[1]},
        .no_bias = options->no_bias != 0 || options->spectral_norm != 0,
    };
    gan_take_pair(options->kernel, 0, attributes.kernel);
    gan_take_pair(options->stride, 1, attributes.stride);
    return attributes;
}

static gan_layer *add(gan_layer *x, const gan_conv2d_transpose_options *options,
                      const struct conv2d_transpose_attributes *attributes)
{
    struct parameter_specification parameters[GAN_MAX_PARAMETERS];
    const int32_t count = specify(attributes, parameters);
    parameters[0].initializer = options->initializer;
    parameters[0].initializer_value = options->initializer_value;
    const struct layer_request request = {.op = &gan_op_conv2d_transpose,
                                          .attributes = attributes,
                                          .name = options->name,
                                          .inputs = &x,
                                          .input_count = 1,
                                          .parameters = parameters,
                                          .parameter_count = count};
    return gan_graph_add(x->graph, &request);
}

gan_layer *gan_conv2d_transpose(gan_layer *x, const gan_conv2d_transpose_options *given)
{
    if (x == NULL)
        return NULL;
    gan_conv2d_transpose_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_conv2d_transpose_options");
    if (status == GAN_OK)
        status = gan_expect_initializer(options.initializer);
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, "conv2d_transpose", options.name, status);
    const struct conv2d_transpose_attributes attributes = attributes_of(x, &options);
    gan_layer *y = add(x, &options, &attributes);
    return options.spectral_norm ? gan_add_spectral_norm(y, true, options.no_bias != 0) : y;
}
