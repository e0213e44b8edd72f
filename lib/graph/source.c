/* Layers that compute nothing: inputs, constants, and the wall that gradients do not pass. */
#include "graph/graph.h"
#include "tensor/tensor.h"

#include <string.h>

struct source_attributes {
    int32_t rank;
    int64_t size[GAN_MAX_RANK];
};

static const struct attribute_field source_fields[] = {
    GAN_FIELD(source_attributes, rank, ATTRIBUTE_INT32, 1),
    GAN_FIELD(source_attributes, size, ATTRIBUTE_INT64, GAN_MAX_RANK),
};

static gan_status infer_source(const void *attributes, const struct shape *inputs, int32_t input_count,
                               struct shape *output)
{
    (void)inputs;
    if (input_count != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "%d inputs, expected none", input_count);
    const struct source_attributes *source = attributes;
    return gan_shape_take(output, source->size, source->rank, -1);
}

const struct gan_op gan_op_input = {
    .name = "input",
    .attributes_size = sizeof(struct source_attributes),
    .fields = source_fields,
    .field_count = 2,
    .infer = infer_source,
};

const struct gan_op gan_op_constant = {
    .name = "constant",
    .attributes_size = sizeof(struct source_attributes),
    .fields = source_fields,
    .field_count = 2,
    .infer = infer_source,
};

static gan_status infer_same(const void *attributes, const struct shape *inputs, int32_t input_count,
                             struct shape *output)
{
    (void)attributes;
    if (input_count != 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "%d inputs, expected 1", input_count);
    *output = inputs[0];
    return GAN_OK;
}

const struct gan_op gan_op_stop_gradient = {
    .name = "stop_gradient",
    .infer = infer_same,
    .view = true,
    .stops_gradient = true,
};

static gan_layer *add_source(gan_graph *graph, const struct gan_op *op, const char *name,
                             const int64_t *shape, int32_t rank, int64_t least)
{
    struct shape checked;
    const gan_status status = gan_shape_take(&checked, shape, rank, least);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, op->name, name, status);
    struct source_attributes attributes = {.rank = rank};
    memcpy(attributes.size, checked.size, sizeof attributes.size);
    const struct layer_request request = {.op = op, .attributes = &attributes, .name = name};
    return gan_graph_add(graph, &request);
}

gan_layer *gan_input(gan_graph *graph, const char *name, const int64_t *shape, int32_t rank)
{
    return graph != NULL ? add_source(graph, &gan_op_input, name, shape, rank, -1) : NULL;
}

gan_layer *gan_constant(gan_graph *graph, const char *name, const gan_tensor *value)
{
    if (graph == NULL)
        return NULL;
    if (value == NULL || value->type != GAN_FLOAT32)
        return gan_graph_refuse(graph, "constant", name,
                                gan_fail(GAN_ERROR_TYPE, "the value is %s, expected a float32 tensor",
                                         value == NULL ? "NULL" : gan_type_name(value->type)));
    gan_tensor *copy;
    gan_status status = gan_tensor_make(&copy, graph->context, GAN_FLOAT32, &value->shape);
    if (status != GAN_OK)
        return gan_graph_refuse(graph, "constant", name, status);
    memcpy(copy->data, value->data, (size_t)gan_shape_count(&value->shape) * sizeof(float));
    gan_layer *layer = add_source(graph, &gan_op_constant, name, value->shape.size, value->shape.rank, 0);
    if (layer == NULL) {
        gan_tensor_free(copy);
        return NULL;
    }
    layer->value = copy;
    return layer;
}

gan_layer *gan_stop_gradient(gan_layer *layer)
{
    return gan_add_simple(layer, &gan_op_stop_gradient, NULL);
}
