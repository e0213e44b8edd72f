#include "kernels/pooling.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/picture_attributes.h"
#include "layers/shapes.h"

#include <inttypes.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(pool_attributes, kernel, ATTRIBUTE_INT32, 2),
    GAN_FIELD(pool_attributes, stride, ATTRIBUTE_INT32, 2),
    GAN_FIELD(pool_attributes, pad, ATTRIBUTE_INT32, 4),
    GAN_FIELD(pool_attributes, ceil_mode, ATTRIBUTE_INT32, 1),
    GAN_FIELD(pool_attributes, count_padding, ATTRIBUTE_INT32, 1),
};

static gan_status check(const struct pool_attributes *pool)
{
    enum { MOST = 32767 }; /* positions in a window stay below 2^31 */
    for (int i = 0; i < 2; i++)
        if (pool->kernel[i] < 1 || pool->kernel[i] > MOST || pool->stride[i] < 1)
            return gan_fail(GAN_ERROR_ARGUMENT,
                            "kernel is %" PRId32 "x%" PRId32 " and stride %" PRId32 "x%" PRId32
                            ", expected 1 to %d and at least 1",
                            pool->kernel[0], pool->kernel[1], pool->stride[0], pool->stride[1], MOST);
    for (int i = 0; i < 4; i++)
        if (pool->pad[i] < 0 || pool->pad[i] >= pool->kernel[i % 2])
            return gan_fail(GAN_ERROR_ARGUMENT,
                            "pad[%d] is %" PRId32 ", expected 0 to the kernel's %" PRId32 " - 1", i,
                            pool->pad[i], pool->kernel[i % 2]);
    return GAN_OK;
}

static int64_t windows(const struct pool_attributes *pool, int axis, int64_t size)
{
    if (size < 0)
        return -1;
    return gan_pooling_windows(size, pool->kernel[axis], pool->stride[axis], pool->pad[axis],
                               pool->pad[axis + 2], pool->ceil_mode != 0);
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct pool_attributes *pool = attributes;
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    if (status == GAN_OK)
        status = check(pool);
    if (status != GAN_OK)
        return status;
    const int64_t *size = inputs[0].size;
    *output = gan_shape_4(size[0], windows(pool, 0, size[1]), windows(pool, 1, size[2]), size[3]);
    if (output->size[1] != 0 && output->size[2] != 0)
        return GAN_OK;
    char text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_SHAPE,
                    "a kernel of %" PRId32 "x%" PRId32 " does not fit into the padded input %s",
                    pool->kernel[0], pool->kernel[1], gan_shape_text(&inputs[0], text));
}

static struct pooling pooling_of(const struct op_call *call)
{
    const struct pool_attributes *pool = call->attributes;
    const int64_t *from = call->inputs[0].shape.size, *to = call->output.shape.size;
    struct pooling pooling = {.batch = from[0],
                              .height = from[1],
                              .width = from[2],
                              .channels = from[3],
                              .out_height = to[1],
                              .out_width = to[2],
                              .count_padding = pool->count_padding != 0};
    for (int i = 0; i < 2; i++) {
        pooling.kernel[i] = pool->kernel[i];
        pooling.stride[i] = pool->stride[i];
    }
    for (int i = 0; i < 4; i++)
        pooling.pad[i] = pool->pad[i];
    return pooling;
}

static size_t winners_size(const struct op_call *call)
{
    return (size_t)gan_shape_count(&call->output.shape) * sizeof(int32_t);
}

static void forward_max(const struct op_call *call)
{
    const struct pooling pooling = pooling_of(call);
    gan_max_pool_forward(call->context, &pooling, call->inputs[0].data, call->output.data, call->saved);
}

static void backward_max(const struct op_call *call)
{
    const struct pooling pooling = pooling_of(call);
    if (call->input_gradients[0] != NULL)
        gan_max_pool_backward(call->context, &pooling, call->saved, call->output_gradient,
                              call->input_gradients[0]);
}

static void forward_average(const struct op_call *call)
{
    const struct pooling pooling = pooling_of(call);
    gan_average_pool_forward(call->context, &pooling, call->inputs[0].data, call->output.data);
}

static void backward_average(const struct op_call *call)
{
    const struct pooling pooling = pooling_of(call);
    if (call->input_gradients[0] != NULL)
        gan_average_pool_backward(call->context, &pooling, call->output_gradient, call->input_gradients[0]);
}

/* ---- The gradient of a maximum as a layer ---- */

/* Inputs: a gradient in the shape of the maxima, and x. Where it goes is chosen by x, in steps: nothing flows
 * to x. */
static gan_status infer_max_gradient(const void *attributes, const struct shape *inputs, int32_t input_count,
                                     struct shape *output)
{
    struct shape maxima, both;
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    *output = inputs[1];
    const gan_status status = infer(attributes, &inputs[1], 1, &maxima);
    return status == GAN_OK ? gan_meet_shapes(&inputs[0], &maxima, "maxima", &both) : status;
}

static struct pooling pooling_of_gradient(const struct op_call *call)
{
    const struct op_value x = {call->inputs[1].shape, NULL};
    struct op_call pool = *call;
    pool.inputs = &x;
    pool.output.shape = call->inputs[0].shape;
    return pooling_of(&pool);
}

static size_t chosen_size(const struct op_call *call)
{
    return (size_t)gan_shape_count(&call->inputs[0].shape) * sizeof(int32_t);
}

/* The maxima, and the choice where nothing is saved. */
static size_t max_gradient_workspace(const struct op_call *call, enum op_pass pass)
{
    return pass == OP_FORWARD ? 2 * chosen_size(call) : 0;
}

static void forward_max_gradient(const struct op_call *call)
{
    const struct pooling pooling = pooling_of_gradient(call);
    float *maxima = call->workspace;
    int32_t *spare = (int32_t *)(void *)(maxima + gan_shape_count(&call->inputs[0].shape));
    int32_t *chosen = call->saved != NULL ? call->saved : spare;
    gan_max_pool_forward(call->context, &pooling, call->inputs[1].data, maxima, chosen);
    gan_max_pool_backward(call->context, &pooling, chosen, call->inputs[0].data, call->output.data);
}

static void backward_max_gradient(const struct op_call *call)
{
    const struct pooling pooling = pooling_of_gradient(call);
    if (call->input_gradients[0] != NULL)
        gan_max_pool_select(call->context, &pooling, call->saved, call->output_gradient,
                            call->input_gradients[0]);
}

const struct gan_op gan_op_max_pool_gradient = {
    .name = "max_pool_gradient",
    .attributes_size = sizeof(struct pool_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_max_gradient,
    .saved_size = chosen_size,
    .workspace_size = max_gradient_workspace,
    .forward = forward_max_gradient,
    .backward = backward_max_gradient,
    .no_gradient_inputs = 1u << 1,
};

static gan_layer *max_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    gan_layer *const inputs[] = {gradient, layer->inputs[input]};
    const struct layer_request request = {
        .op = &gan_op_max_pool_gradient, .attributes = layer->attributes, .inputs = inputs, .input_count = 2};
    return gan_graph_add(layer->graph, &request);
}

const struct gan_op gan_op_max_pool = {
    .name = "max_pool",
    .attributes_size = sizeof(struct pool_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_pooling,
    .saved_size = winners_size,
    .saved_optional = true,
    .forward = forward_max,
    .backward = backward_max,
    .input_gradient = max_input_gradient,
};

const struct gan_op gan_op_average_pool_gradient =
    GAN_TRANSPOSE_OF(gan_op_average_pool, "average_pool_gradient", sizeof(struct pool_attributes), fields,
                     sizeof fields / sizeof fields[0]);

const struct gan_op gan_op_average_pool = {
    .name = "average_pool",
    .attributes_size = sizeof(struct pool_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_pooling,
    .forward = forward_average,
    .backward = backward_average,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_average_pool_gradient,
};

static void normalise(const gan_pool_options *options, struct pool_attributes *pool)
{
    for (int i = 0; i < 2; i++) {
        const int32_t height = options->kernel[0] != 0 ? options->kernel[0] : 2;
        pool->kernel[i] = options->kernel[i] != 0 ? options->kernel[i] : height;
    }
    for (int i = 0; i < 2; i++) {
        const int32_t stride = options->stride[i] != 0 ? options->stride[i] : options->stride[0];
        pool->stride[i] = stride != 0 ? stride : pool->kernel[i];
    }
    for (int i = 0; i < 4; i++)
        pool->pad[i] = options->pad[i];
    pool->ceil_mode = options->ceil_mode != 0;
    pool->count_padding = options->count_padding != 0;
}

static gan_layer *add(gan_layer *x, const struct gan_op *op, const gan_pool_options *given)
{
    if (x == NULL)
        return NULL;
    gan_pool_options options;
    const gan_status status = gan_copy_options(&options, sizeof options, given, "gan_pool_options");
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, op->name, NULL, status);
    struct pool_attributes attributes;
    normalise(&options, &attributes);
    return gan_add_simple(x, op, &attributes);
}

gan_layer *gan_max_pool(gan_layer *x, const gan_pool_options *options)
{
    return add(x, &gan_op_max_pool, options);
}

gan_layer *gan_average_pool(gan_layer *x, const gan_pool_options *options)
{
    return add(x, &gan_op_average_pool, options);
}
