#include "base/threads.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/convolution.h"
#include "kernels/gemm.h"
#include "kernels/moments.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"
#include "layers/spectral_norm.h"

enum { TASK = 16384 }; /* elements that a task finishes */

struct dense_attributes {
    int32_t in_channels, units, no_bias;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(dense_attributes, in_channels, ATTRIBUTE_INT32, 1),
    GAN_FIELD(dense_attributes, units, ATTRIBUTE_INT32, 1),
    GAN_FIELD(dense_attributes, no_bias, ATTRIBUTE_INT32, 1),
};

static struct shape weights_shape(const struct dense_attributes *attributes)
{
    return (struct shape){2, {attributes->units, attributes->in_channels}};
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    const struct dense_attributes *dense = attributes;
    const struct shape weights = weights_shape(dense);
    gan_status status = gan_expect_channels(&inputs[0], dense->in_channels);
    if (status == GAN_OK)
        status = gan_expect_at_least("units", dense->units, 1);
    if (status == GAN_OK)
        status = gan_expect_countable(&weights);
    if (status != GAN_OK)
        return status;
    *output = inputs[0];
    output->size[output->rank - 1] = dense->units;
    return GAN_OK;
}

/* x is [rows, inputs], y is [rows, units]. */
struct sizes {
    int64_t rows, inputs, units;
};

static struct sizes sizes_of(const struct op_call *call)
{
    const struct dense_attributes *attributes = call->attributes;
    const int64_t inputs = attributes->in_channels;
    return (struct sizes){gan_shape_count(&call->inputs[0].shape) / inputs, inputs, attributes->units};
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- In bfloat16: the convolution of a picture of one row with kernels of 1x1 ---- */

static gan_status prepare(const struct op_call *call, void **plan)
{
    if (call->precision != GAN_PRECISION_BF16)
        return GAN_OK;
    const struct sizes s = sizes_of(call);
    const struct convolution_shape shape = {.batch = 1,
                                            .height = 1,
                                            .width = s.rows,
                                            .in_channels = s.inputs,
                                            .out_channels = s.units,
                                            .kernel_height = 1,
                                            .kernel_width = 1,
                                            .stride_height = 1,
                                            .stride_width = 1,
                                            .dilation_height = 1,
                                            .dilation_width = 1,
                                            .groups = 1,
                                            .upsample = 1};
    struct convolution *convolution = NULL;
    const gan_status status = gan_convolution_create(&convolution, call->context, &shape, call->precision);
    *plan = convolution;
    return status;
}

static void discard(gan_context *context, void *plan)
{
    (void)context;
    gan_convolution_free(plan);
}

static size_t packed_size(const struct op_call *call, enum op_pass pass)
{
    const bool packs = call->plan != NULL && pass == OP_FORWARD;
    return packs ? gan_convolution_packed_size(call->plan, CONVOLUTION_FORWARD) : 0;
}

static void packed_layout(const struct op_call *call, enum op_pass pass, struct packed_layout *layout)
{
    (void)pass;
    layout->count =
        gan_convolution_layout(call->plan, CONVOLUTION_FORWARD, layout->numbers, MOST_LAYOUT_NUMBERS);
}

static void pack(const struct op_call *call, enum op_pass pass, void *packed)
{
    (void)pass;
    gan_convolution_pack(call->plan, CONVOLUTION_FORWARD, call->parameters[0].data, packed);
}

static const char *method(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    return call->plan != NULL ? gan_convolution_method(call->plan, CONVOLUTION_FORWARD) : "";
}

static void convolve(const struct op_call *call)
{
    const struct convolution_epilogue epilogue = {
        .bias = call->parameter_count > 1 ? call->parameters[1].data : NULL,
        .activation = call->activation,
    };
    gan_convolution_forward(call->plan, call->inputs[0].data, NULL, call->packed, call->output.data,
                            &epilogue, call->workspace);
}

/* ---- In float32 ---- */

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const struct sizes s = sizes_of(call);
    if (pass == OP_FORWARD && call->plan != NULL)
        return gan_convolution_workspace_size(call->plan, CONVOLUTION_FORWARD);
    if (pass == OP_FORWARD)
        return gan_gemm_workspace_size(call->context, s.rows, s.units, s.inputs);
    const size_t input = gan_gemm_workspace_size(call->context, s.rows, s.inputs, s.units);
    const size_t weights = gan_gemm_workspace_size(call->context, s.units, s.inputs, s.rows);
    return larger(larger(input, weights), gan_column_sums_workspace_size(s.rows, s.units));
}

static void product_forward(const struct op_call *call, const struct sizes *s)
{
    const struct gemm gemm = {.m = s->rows,
                              .n = s->units,
                              .k = s->inputs,
                              .a = call->inputs[0].data,
                              .a_row = s->inputs,
                              .a_column = 1,
                              .b = call->parameters[0].data,
                              .b_row = 1,
                              .b_column = s->inputs,
                              .c = call->output.data,
                              .c_row = s->units,
                              .alpha = 1};
    gan_gemm(call->context, &gemm, call->workspace);
}

/* dx = dy w */
static void product_backward_input(const struct op_call *call, const struct sizes *s)
{
    const struct gemm gemm = {.m = s->rows,
                              .n = s->inputs,
                              .k = s->units,
                              .a = call->output_gradient,
                              .a_row = s->units,
                              .a_column = 1,
                              .b = call->parameters[0].data,
                              .b_row = s->inputs,
                              .b_column = 1,
                              .c = call->input_gradients[0],
                              .c_row = s->inputs,
                              .alpha = 1};
    gan_gemm(call->context, &gemm, call->workspace);
}

/* dw = dy^T x */
static void product_backward_weights(const struct op_call *call, const struct sizes *s)
{
    const struct gemm gemm = {.m = s->units,
                              .n = s->inputs,
                              .k = s->rows,
                              .a = call->output_gradient,
                              .a_row = 1,
                              .a_column = s->units,
                              .b = call->inputs[0].data,
                              .b_row = s->inputs,
                              .b_column = 1,
                              .c = call->parameter_gradients[0],
                              .c_row = s->inputs,
                              .alpha = 1};
    gan_gemm(call->context, &gemm, call->workspace);
}

/* Bias and activation, a task's rows at a time. */
struct finish {
    const struct op_call *call;
    struct sizes sizes;
    int64_t task_rows;
};

static void add_bias(const float *restrict bias, int64_t units, int64_t rows, float *restrict y)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < units; j++)
            y[i * units + j] += bias[j];
}

static void finish_rows(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct finish *finish = argument;
    const struct op_call *call = finish->call;
    const int64_t first = index * finish->task_rows, left = finish->sizes.rows - first;
    const int64_t rows = left < finish->task_rows ? left : finish->task_rows, units = finish->sizes.units;
    float *y = call->output.data + first * units;
    if (call->parameter_count > 1)
        add_bias(call->parameters[1].data, units, rows, y);
    if (call->activation.function != ACTIVATION_LINEAR)
        gan_activation_forward(call->context->kernels, call->activation, y, y, rows * units);
}

static void forward(const struct op_call *call)
{
    if (call->plan != NULL) {
        convolve(call);
        return;
    }
    const struct sizes sizes = sizes_of(call);
    struct finish finish = {call, sizes, TASK / sizes.units > 0 ? TASK / sizes.units : 1};
    product_forward(call, &sizes);
    gan_parallel(call->context, (sizes.rows + finish.task_rows - 1) / finish.task_rows, finish_rows, &finish);
}

static void backward(const struct op_call *call)
{
    const struct sizes sizes = sizes_of(call);
    float *bias = call->parameter_count > 1 ? call->parameter_gradients[1] : NULL;
    if (call->input_gradients[0] != NULL)
        product_backward_input(call, &sizes);
    if (call->parameter_gradients[0] != NULL)
        product_backward_weights(call, &sizes);
    if (bias != NULL)
        gan_column_sums(call->context, call->output_gradient, sizes.rows, sizes.units, bias, call->workspace);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct dense_attributes *dense = attributes;
    specifications[0] = (struct parameter_specification){.suffix = "weight",
                                                         .shape = weights_shape(dense),
                                                         .fan_in = dense->in_channels,
                                                         .fan_out = dense->units};
    specifications[1] = (struct parameter_specification){
        .suffix = "bias", .shape = {1, {dense->units}}, .initializer = GAN_INITIALIZER_ZEROS};
    return dense->no_bias ? 1 : 2;
}

static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    (void)input;
    const struct dense_attributes *dense = layer->attributes;
    const struct dense_attributes attributes = {dense->units, dense->in_channels, 1};
    const struct layer_request request = {
        .op = &gan_op_dense_transposed, .attributes = &attributes, .inputs = &gradient, .input_count = 1};
    return gan_add_sharing(&request, layer->graph, layer->parameters[0]);
}

const struct gan_op gan_op_dense = {
    .name = "dense",
    .attributes_size = sizeof(struct dense_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_rows,
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
    .input_gradient = input_gradient,
};

static gan_layer *add(gan_layer *x, const gan_dense_options *options,
                      const struct dense_attributes *attributes)
{
    struct parameter_specification parameters[GAN_MAX_PARAMETERS];
    const int32_t count = specify(attributes, parameters);
    parameters[0].initializer = options->initializer;
    parameters[0].initializer_value = options->initializer_value;
    const struct layer_request request = {.op = &gan_op_dense,
                                          .attributes = attributes,
                                          .name = options->name,
                                          .inputs = &x,
                                          .input_count = 1,
                                          .parameters = parameters,
                                          .parameter_count = count};
    return gan_graph_add(x->graph, &request);
}

gan_layer *gan_dense(gan_layer *x, const gan_dense_options *given)
{
    if (x == NULL)
        return NULL;
    gan_dense_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_dense_options");
    if (status == GAN_OK)
        status = gan_expect_initializer(options.initializer);
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, "dense", options.name, status);
    const struct dense_attributes attributes = {gan_channels_of(&x->shape), options.units,
                                                options.no_bias != 0 || options.spectral_norm != 0};
    gan_layer *y = add(x, &options, &attributes);
    return options.spectral_norm ? gan_add_spectral_norm(y, false, options.no_bias != 0) : y;
}
