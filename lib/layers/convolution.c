#include "kernels/convolution.h"
#include "gan/layers.h"
#include "graph/graph.h"
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

static const struct attribute_field fields[] = {
    GAN_FIELD(conv2d_attributes, in_channels, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_attributes, filters, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_attributes, groups, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_attributes, kernel, ATTRIBUTE_INT32, 2),
    GAN_FIELD(conv2d_attributes, stride, ATTRIBUTE_INT32, 2),
    GAN_FIELD(conv2d_attributes, dilation, ATTRIBUTE_INT32, 2),
    GAN_FIELD(conv2d_attributes, padding, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_attributes, pad, ATTRIBUTE_INT32, 4),
    GAN_FIELD(conv2d_attributes, padding_mode, ATTRIBUTE_INT32, 1),
    GAN_FIELD(conv2d_attributes, no_bias, ATTRIBUTE_INT32, 1),
};

enum { HEIGHT = 0, WIDTH = 1 };
static const char *const axis_names[] = {"height", "width"};

static struct shape weights_shape(const struct conv2d_attributes *attributes)
{
    return gan_shape_4(attributes->filters, attributes->kernel[HEIGHT], attributes->kernel[WIDTH],
                       attributes->in_channels / attributes->groups);
}

/* ---- Shapes ---- */

static gan_status check_channels(const struct conv2d_attributes *attributes)
{
    const int32_t groups = attributes->groups;
    if (attributes->filters < 1 || groups < 1)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "filters is %" PRId32 " and groups is %" PRId32 ", expected at least 1",
                        attributes->filters, groups);
    if (attributes->in_channels % groups != 0 || attributes->filters % groups != 0)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "%" PRId32 " input channels and %" PRId32 " filters do not divide into %" PRId32
                        " groups",
                        attributes->in_channels, attributes->filters, groups);
    if (attributes->padding_mode < GAN_PADDING_ZERO || attributes->padding_mode > GAN_PADDING_WRAP)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "padding_mode is %" PRId32 ", expected GAN_PADDING_ZERO to GAN_PADDING_WRAP",
                        attributes->padding_mode);
    const struct shape weights = weights_shape(attributes);
    return gan_expect_countable(&weights);
}

/* Size `in` of one axis to size `out`; open stays open. */
static gan_status infer_axis(const struct conv2d_attributes *attributes, int32_t axis, int64_t in,
                             int64_t *out)
{
    const struct window window = gan_convolution_window(attributes, axis);
    const gan_status status = gan_window_check(&window, axis_names[axis]);
    *out = -1;
    if (status != GAN_OK || in < 0)
        return status;
    const struct margin margin = gan_window_margin(&window, in);
    const int64_t widest = margin.before > margin.after ? margin.before : margin.after;
    if (attributes->padding_mode == GAN_PADDING_REFLECT && widest >= in)
        return gan_fail(GAN_ERROR_SHAPE,
                        "input %s is %" PRId64 ", reflect padding of %" PRId64 " needs more than that",
                        axis_names[axis], in, widest);
    *out = gan_window_count(&window, in);
    if (*out < 1)
        return gan_fail(
            GAN_ERROR_SHAPE, "input %s is %" PRId64 ", with padding %" PRId64 ", the kernel covers %" PRId64,
            axis_names[axis], in, in + margin.before + margin.after, gan_window_reach(&window) + 1);
    return GAN_OK;
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    const struct conv2d_attributes *conv = attributes;
    *output = gan_shape_4(inputs[0].size[0], -1, -1, conv->filters);
    gan_status status = gan_expect_picture(&inputs[0], "input");
    if (status == GAN_OK)
        status = gan_expect_channels(&inputs[0], conv->in_channels);
    for (int32_t axis = HEIGHT; axis <= WIDTH && status == GAN_OK; axis++)
        status = infer_axis(conv, axis, inputs[0].size[1 + axis], &output->size[1 + axis]);
    return status == GAN_OK ? check_channels(conv) : status;
}

/* ---- The plan ---- */

static struct convolution_shape shape_of(const struct op_call *call)
{
    const struct conv2d_attributes *attributes = call->attributes;
    const struct shape *input = &call->inputs[0].shape;
    const int32_t upsample = call->upsample > 1 ? call->upsample : 1;
    const struct window rows = gan_convolution_window(attributes, HEIGHT),
                        columns = gan_convolution_window(attributes, WIDTH);
    const struct margin vertical = gan_window_margin(&rows, input->size[1] * upsample);
    const struct margin horizontal = gan_window_margin(&columns, input->size[2] * upsample);
    return (struct convolution_shape){
        .batch = input->size[0],
        .height = input->size[1],
        .width = input->size[2],
        .in_channels = attributes->in_channels,
        .out_channels = attributes->filters,
        .kernel_height = rows.kernel,
        .kernel_width = columns.kernel,
        .stride_height = rows.stride,
        .stride_width = columns.stride,
        .dilation_height = rows.dilation,
        .dilation_width = columns.dilation,
        .pad_top = vertical.before,
        .pad_left = horizontal.before,
        .pad_bottom = vertical.after,
        .pad_right = horizontal.after,
        .groups = attributes->groups,
        .padding_mode = attributes->padding_mode,
        .upsample = upsample,
    };
}

static gan_status prepare(const struct op_call *call, void **plan)
{
    const struct convolution_shape shape = shape_of(call);
    struct convolution *convolution = NULL;
    gan_status status;
    if (call->output_step != 0)
        status = gan_convolution_create_beside(&convolution, call->context, &shape, call->precision,
                                               call->output_step);
    else if (call->training)
        status = gan_convolution_create_trained(&convolution, call->context, &shape, call->precision);
    else
        status = gan_convolution_create(&convolution, call->context, &shape, call->precision);
    *plan = convolution;
    return status;
}

static void discard(gan_context *context, void *plan)
{
    (void)context;
    gan_convolution_free(plan);
}

static enum convolution_pass pass_of(enum op_pass pass)
{
    return pass == OP_FORWARD ? CONVOLUTION_FORWARD : CONVOLUTION_BACKWARD_INPUT;
}

static bool measures(const struct op_call *call)
{
    return gan_convolution_measures(call->plan);
}

/* Scratch memory for moments lies behind the rest, 8-byte aligned. */
static size_t moments_offset(const struct op_call *call)
{
    return (gan_convolution_workspace_size(call->plan, CONVOLUTION_FORWARD) + 7) / 8 * 8;
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const size_t size = gan_convolution_workspace_size(call->plan, pass_of(pass));
    if (pass == OP_FORWARD)
        return moments_offset(call) + (call->measured ? gan_convolution_moments_size(call->plan) : 0);
    const size_t weights = gan_convolution_workspace_size(call->plan, CONVOLUTION_BACKWARD_WEIGHTS);
    return size > weights ? size : weights;
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

static double multiplications(const struct op_call *call)
{
    const struct convolution_shape *shape = gan_convolution_shape(call->plan);
    return (double)gan_shape_count(&call->output.shape) *
           (double)(shape->kernel_height * shape->kernel_width) *
           (double)(shape->in_channels / shape->groups);
}

/* ---- Forward and backward ---- */

static struct convolution_moments moments_of(const struct op_call *call)
{
    if (call->moments == NULL)
        return (struct convolution_moments){NULL, NULL, NULL};
    const int64_t count = call->output.shape.size[0] * call->output.shape.size[3];
    return (struct convolution_moments){call->moments, call->moments + count,
                                        (char *)call->workspace + moments_offset(call)};
}

static void forward(const struct op_call *call)
{
    const struct convolution_epilogue epilogue = {
        .bias = call->parameter_count > 1 ? call->parameters[1].data : NULL,
        .residual = call->residual,
        .activation = call->activation,
        .moments = moments_of(call),
    };
    const struct convolution_input input = {call->input_scale, call->input_shift, call->input_activation};
    gan_convolution_forward(call->plan, call->inputs[0].data, &input, weights_of(call), call->output.data,
                            &epilogue, call->workspace);
}

static void backward(const struct op_call *call)
{
    float *weights = call->parameter_gradients[0];
    float *bias = call->parameter_count > 1 ? call->parameter_gradients[1] : NULL;
    if (call->input_gradients[0] != NULL)
        gan_convolution_backward_input(call->plan, call->output_gradient, weights_of(call),
                                       call->input_gradients[0], NULL, call->workspace);
    if (weights != NULL || bias != NULL)
        gan_convolution_backward_weights(call->plan, call->inputs[0].data, NULL, call->output_gradient,
                                         weights, bias, call->workspace);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct conv2d_attributes *conv = attributes;
    const struct shape weights = weights_shape(conv);
    specifications[0] = (struct parameter_specification){.suffix = "weight",
                                                         .shape = weights,
                                                         .fan_in = gan_fan_without(&weights, 0),
                                                         .fan_out = gan_fan_without(&weights, 3)};
    specifications[1] = (struct parameter_specification){
        .suffix = "bias", .shape = {1, {weights.size[0]}}, .initializer = GAN_INITIALIZER_ZEROS};
    return conv->no_bias ? 1 : 2;
}

/* ---- Gradients as layers ---- */

static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    const struct conv2d_attributes *conv = layer->attributes;
    struct convolution_window window = {.padding = conv->padding};
    if (conv->groups != 1 || conv->dilation[HEIGHT] != 1 || conv->dilation[WIDTH] != 1 ||
        conv->padding_mode != GAN_PADDING_ZERO)
        return gan_refuse_input_gradient(layer, "it has groups, dilation or padding other than zeros");
    memcpy(window.kernel, conv->kernel, sizeof window.kernel);
    memcpy(window.stride, conv->stride, sizeof window.stride);
    memcpy(window.pad, conv->pad, sizeof window.pad);
    return gan_add_transposed_convolution(gradient, layer->inputs[input], &window, layer->parameters[0]);
}

gan_layer *gan_add_convolution(gan_layer *x, const struct convolution_window *window,
                               struct parameter *weight)
{
    const struct shape *shape = &weight->specification.shape;
    struct conv2d_attributes attributes = {.in_channels = (int32_t)shape->size[3],
                                           .filters = (int32_t)shape->size[0],
                                           .groups = 1,
                                           .dilation = {1, 1},
                                           .padding = window->padding,
                                           .no_bias = 1};
    memcpy(attributes.kernel, window->kernel, sizeof window->kernel);
    memcpy(attributes.stride, window->stride, sizeof window->stride);
    memcpy(attributes.pad, window->pad, sizeof window->pad);
    const struct layer_request request = {
        .op = &gan_op_conv2d, .attributes = &attributes, .inputs = &x, .input_count = 1};
    return gan_add_sharing(&request, x->graph, weight);
}

const struct gan_op gan_op_conv2d = {
    .name = "conv2d",
    .attributes_size = sizeof(struct conv2d_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .parameters = specify,
    .saves = saves,
    .prepare = prepare,
    .discard = discard,
    .workspace_size = workspace_size,
    .packed_size = packed_size,
    .packed_layout = packed_layout,
    .pack = pack,
    .forward = forward,
    .backward = backward,
    .takes_activation = true,
    .takes_upsample = true,
    .takes_affine = true,
    .takes_residual = true,
    .takes_output_step = true,
    .gives_moments = measures,
    .method = method,
    .multiplications = multiplications,
    .band = gan_band_convolution,
    .input_gradient = input_gradient,
};

/* ---- The builder ---- */

static struct conv2d_attributes attributes_of(const gan_layer *x, const gan_conv2d_options *options)
{
    struct conv2d_attributes attributes = {
        .in_channels = gan_channels_of(&x->shape),
        .filters = options->filters,
        .groups = options->groups != 0 ? options->groups : 1,
        .padding = options->padding,
        .pad = {options->pad[0], options->pad[1], options->pad[2], options->pad[3]},
        .padding_mode = options->padding_mode,
        .no_bias = options->no_bias != 0 || options->spectral_norm != 0,
    };
    gan_take_pair(options->kernel, 0, attributes.kernel);
    gan_take_pair(options->stride, 1, attributes.stride);
    gan_take_pair(options->dilation, 1, attributes.dilation);
    return attributes;
}

static gan_layer *add(gan_layer *x, const gan_conv2d_options *options,
                      const struct conv2d_attributes *attributes)
{
    struct parameter_specification parameters[GAN_MAX_PARAMETERS];
    const int32_t count = specify(attributes, parameters);
    parameters[0].initializer = options->initializer;
    parameters[0].initializer_value = options->initializer_value;
    const struct layer_request request = {.op = &gan_op_conv2d,
                                          .attributes = attributes,
                                          .name = options->name,
                                          .inputs = &x,
                                          .input_count = 1,
                                          .parameters = parameters,
                                          .parameter_count = count};
    return gan_graph_add(x->graph, &request);
}

gan_layer *gan_conv2d(gan_layer *x, const gan_conv2d_options *given)
{
    if (x == NULL)
        return NULL;
    gan_conv2d_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_conv2d_options");
    if (status == GAN_OK)
        status = gan_expect_initializer(options.initializer);
    if (status == GAN_OK)
        status = gan_expect_at_least("groups", options.groups, 0);
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, "conv2d", options.name, status);
    const struct conv2d_attributes attributes = attributes_of(x, &options);
    gan_layer *y = add(x, &options, &attributes);
    return options.spectral_norm ? gan_add_spectral_norm(y, false, options.no_bias != 0) : y;
}
