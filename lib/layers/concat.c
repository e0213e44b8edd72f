#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>
#include <stdio.h>

struct concat_attributes {
    int32_t axis; /* not negative */
};

static const struct attribute_field fields[] = {GAN_FIELD(concat_attributes, axis, ATTRIBUTE_INT32, 1)};

/* Add one more input to the shape found so far. */
static gan_status join(struct shape *output, const struct shape *input, int32_t axis, int32_t index)
{
    char what[32];
    const int64_t before = output->size[axis];
    struct shape rest = *input, both;
    if (rest.rank == output->rank)
        rest.size[axis] = before;
    snprintf(what, sizeof what, "input %" PRId32, index);
    if (gan_meet_shapes(output, &rest, what, &both) != GAN_OK) {
        char first[SHAPE_TEXT_SIZE], text[SHAPE_TEXT_SIZE];
        return gan_fail(GAN_ERROR_SHAPE,
                        "%s has shape %s, the inputs before it %s: expected the same but for axis %" PRId32,
                        what, gan_shape_text(input, text), gan_shape_text(output, first), axis);
    }
    *output = both;
    const int64_t more = input->size[axis];
    output->size[axis] = more < 0 ? -1 : gan_size_plus(before, more);
    return GAN_OK;
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct concat_attributes *concat = attributes;
    if (input_count < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " inputs are given, expected at least 1", input_count);
    gan_status status = gan_expect_axis(concat->axis, &inputs[0]);
    *output = inputs[0];
    for (int32_t i = 1; i < input_count && status == GAN_OK; i++)
        status = join(output, &inputs[i], concat->axis, i);
    return status == GAN_OK ? gan_expect_sizes(output) : status;
}

/* Input `index` as columns of a matrix whose rows are the axes before the axis joined. */
static struct row_copy part_of(const struct op_call *call, int32_t index, int64_t *start)
{
    const int32_t axis = ((const struct concat_attributes *)call->attributes)->axis;
    const struct shape *whole = &call->output.shape;
    const struct shape *part = &call->inputs[index].shape;
    *start = 0;
    for (int32_t i = 0; i < index; i++)
        *start += gan_axes_count(&call->inputs[i].shape, axis, whole->rank);
    return (struct row_copy){.rows = gan_axes_count(whole, 0, axis),
                             .columns = gan_axes_count(part, axis, part->rank),
                             .to_stride = gan_axes_count(whole, axis, whole->rank),
                             .from_stride = gan_axes_count(whole, axis, whole->rank)};
}

static void forward(const struct op_call *call)
{
    for (int32_t i = 0; i < call->input_count; i++) {
        int64_t start;
        struct row_copy copy = part_of(call, i, &start);
        copy.to = call->output.data + start;
        copy.from = call->inputs[i].data;
        copy.from_stride = copy.columns;
        gan_copy_rows(call->context, &copy);
    }
}

static void backward(const struct op_call *call)
{
    for (int32_t i = 0; i < call->input_count; i++) {
        if (call->input_gradients[i] == NULL)
            continue;
        int64_t start;
        struct row_copy copy = part_of(call, i, &start);
        copy.from = call->output_gradient + start;
        copy.to = call->input_gradients[i];
        copy.to_stride = copy.columns;
        gan_copy_rows(call->context, &copy);
    }
}

static int32_t joined_axis(const void *attributes)
{
    return ((const struct concat_attributes *)attributes)->axis;
}

static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    const int32_t axis = ((const struct concat_attributes *)layer->attributes)->axis;
    int64_t start = 0;
    for (int32_t i = 0; i <= input; i++)
        if (layer->inputs[i]->shape.size[axis] < 0)
            return gan_refuse_input_gradient(layer, "a size along its axis is open");
    for (int32_t i = 0; i < input; i++)
        start += layer->inputs[i]->shape.size[axis];
    return gan_slice(gradient, axis, start, layer->inputs[input]->shape.size[axis]);
}

static gan_status band(struct band *band)
{
    return gan_band_along(band, ((const struct concat_attributes *)band->attributes)->axis);
}

const struct gan_op gan_op_concat = {
    .name = "concat",
    .attributes_size = sizeof(struct concat_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = band,
    .forward = forward,
    .backward = backward,
    .input_gradient = input_gradient,
    .joined_axis = joined_axis,
};

gan_layer *gan_concat(gan_layer *const *layers, int32_t count, int32_t axis)
{
    gan_graph *graph = gan_graph_of_list(layers, count);
    if (graph == NULL)
        return NULL;
    struct concat_attributes attributes;
    gan_status status = gan_expect_list(layers, count);
    if (status == GAN_OK)
        status = gan_take_axis(&attributes.axis, axis, &layers[0]->shape);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, "concat", NULL, status);
    const struct layer_request request = {
        .op = &gan_op_concat, .attributes = &attributes, .inputs = layers, .input_count = count};
    return gan_graph_add(graph, &request);
}
