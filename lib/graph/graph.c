#include "graph/graph.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = MOST_NAME_LENGTH + 1, FIRST_CAPACITY = 32 };

gan_status gan_graph_create(gan_graph **out, gan_context *context)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_graph_create: out is NULL");
    *out = NULL;
    if (context == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_graph_create: context is NULL");
    gan_graph *graph = gan_allocate_zeroed(context, sizeof *graph);
    if (graph == NULL)
        return gan_fail_memory("a graph", sizeof *graph);
    atomic_init(&graph->references, 1);
    graph->context = gan_context_retain(context);
    *out = graph;
    return GAN_OK;
}

gan_graph *gan_graph_retain(gan_graph *graph)
{
    atomic_fetch_add(&graph->references, 1);
    return graph;
}

static void free_layer(gan_layer *layer)
{
    if (layer == NULL)
        return;
    gan_context *context = layer->graph->context;
    for (int32_t i = 0; i < layer->parameter_count; i++)
        gan_parameter_free(layer->parameters[i]);
    gan_tensor_free(layer->value);
    gan_release(context, layer->attributes);
    gan_release(context, layer->inputs);
    gan_release(context, layer->name);
    gan_release(context, layer);
}

void gan_graph_free(gan_graph *graph)
{
    if (graph == NULL || atomic_fetch_sub(&graph->references, 1) != 1)
        return;
    gan_context *context = graph->context;
    for (int32_t i = 0; i < graph->layer_count; i++)
        free_layer(graph->layers[i]);
    gan_release(context, graph->layers);
    gan_release(context, graph);
    gan_context_free(context);
}

gan_status gan_graph_status(const gan_graph *graph)
{
    if (graph == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the graph is NULL");
    return graph->status == GAN_OK ? GAN_OK : gan_fail(graph->status, "%s", graph->message);
}

/* The first error stays; NULL for builders to return. */
static gan_layer *keep_error(gan_graph *graph, gan_status status)
{
    if (graph->status == GAN_OK) {
        graph->status = status;
        snprintf(graph->message, sizeof graph->message, "%s", gan_error_message());
    }
    return NULL;
}

gan_layer *gan_graph_refuse(gan_graph *graph, const char *op_name, const char *name, gan_status status)
{
    if (name != NULL)
        gan_fail_within(status, "%s \"%s\": ", op_name, name);
    else
        gan_fail_within(status, "%s: ", op_name);
    return keep_error(graph, status);
}

static bool name_taken(const gan_graph *graph, const char *name)
{
    for (int32_t i = 0; i < graph->layer_count; i++)
        if (strcmp(graph->layers[i]->name, name) == 0)
            return true;
    return false;
}

/* `wished`, or it with the first number that is free. */
static void choose_name(const gan_graph *graph, const char *wished, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%.*s", NAME_SIZE - 12, wished);
    for (int32_t number = 1; name_taken(graph, name); number++)
        snprintf(name, NAME_SIZE, "%.*s_%" PRId32, NAME_SIZE - 12, wished, number);
}

static gan_status grow(gan_graph *graph)
{
    if (graph->layer_count < graph->layer_capacity)
        return GAN_OK;
    const int32_t capacity = graph->layer_capacity > 0 ? 2 * graph->layer_capacity : FIRST_CAPACITY;
    gan_layer **layers = gan_allocate_array(graph->context, (size_t)capacity, sizeof *layers);
    if (layers == NULL)
        return gan_fail_memory("layers", (size_t)capacity * sizeof *layers);
    if (graph->layer_count > 0)
        memcpy(layers, graph->layers, (size_t)graph->layer_count * sizeof *layers);
    gan_release(graph->context, graph->layers);
    graph->layers = layers;
    graph->layer_capacity = capacity;
    return GAN_OK;
}

static gan_status check_inputs(const gan_graph *graph, const struct layer_request *request)
{
    for (int32_t i = 0; i < request->input_count; i++)
        if (request->inputs[i]->graph != graph)
            return gan_fail(GAN_ERROR_ARGUMENT, "input %d is layer \"%s\" of another graph", i,
                            request->inputs[i]->name);
    return GAN_OK;
}

static gan_status infer_shape(gan_graph *graph, const struct layer_request *request, struct shape *shape)
{
    const size_t count = (size_t)request->input_count;
    struct shape *shapes = gan_allocate_array(graph->context, count, sizeof *shapes);
    if (shapes == NULL)
        return gan_fail_memory("shapes", count * sizeof *shapes);
    for (size_t i = 0; i < count; i++)
        shapes[i] = request->inputs[i]->shape;
    memset(shape, 0, sizeof *shape);
    const gan_status status = request->op->infer(request->attributes, shapes, request->input_count, shape);
    gan_release(graph->context, shapes);
    struct shape checked; /* bounds the sizes of every later layer */
    return status == GAN_OK ? gan_shape_take(&checked, shape->size, shape->rank, -1) : status;
}

static gan_status fill_layer(gan_layer *layer, const struct layer_request *request, const char *name)
{
    gan_context *context = layer->graph->context;
    const size_t inputs_size = (size_t)request->input_count * sizeof *layer->inputs;
    layer->name = gan_copy_string(context, name);
    layer->attributes = gan_allocate_zeroed(context, request->op->attributes_size);
    layer->inputs = gan_allocate_zeroed(context, inputs_size);
    if (layer->name == NULL || layer->attributes == NULL || layer->inputs == NULL)
        return gan_fail_memory("a layer", sizeof *layer);
    if (request->op->attributes_size > 0)
        memcpy(layer->attributes, request->attributes, request->op->attributes_size);
    if (inputs_size > 0)
        memcpy(layer->inputs, request->inputs, inputs_size);
    layer->input_count = request->input_count;
    return GAN_OK;
}

static gan_status create_parameters(gan_layer *layer, const struct layer_request *request)
{
    for (int32_t i = 0; i < request->parameter_count; i++) {
        const gan_status status =
            gan_parameter_create(&layer->parameters[i], layer->graph->context, &request->parameters[i]);
        if (status != GAN_OK)
            return status;
        layer->parameter_count = i + 1;
    }
    return GAN_OK;
}

/* A layer of the shape given, in the graph but without parameters. */
static gan_status append(gan_graph *graph, const struct layer_request *request, const struct shape *shape,
                         const char *name, gan_layer **out)
{
    gan_status status = grow(graph);
    if (status != GAN_OK)
        return status;
    gan_layer *layer = gan_allocate_zeroed(graph->context, sizeof *layer);
    if (layer == NULL)
        return gan_fail_memory("a layer", sizeof *layer);
    layer->graph = graph;
    layer->op = request->op;
    layer->shape = *shape;
    status = fill_layer(layer, request, name);
    if (status == GAN_OK)
        status = create_parameters(layer, request);
    if (status != GAN_OK) {
        free_layer(layer);
        return status;
    }
    layer->index = graph->layer_count;
    graph->layers[graph->layer_count++] = layer;
    *out = layer;
    return GAN_OK;
}

gan_layer *gan_graph_add(gan_graph *graph, const struct layer_request *request)
{
    if (graph == NULL)
        return NULL;
    for (int32_t i = 0; i < request->input_count; i++)
        if (request->inputs[i] == NULL)
            return NULL;
    if (graph->status != GAN_OK)
        return NULL;
    char name[NAME_SIZE];
    choose_name(graph, request->name != NULL ? request->name : request->op->name, name);
    gan_layer *layer = NULL;
    struct shape shape;
    gan_status status = check_inputs(graph, request);
    if (status == GAN_OK)
        status = infer_shape(graph, request, &shape);
    if (status == GAN_OK)
        status = append(graph, request, &shape, name, &layer);
    return status == GAN_OK ? layer : gan_graph_refuse(graph, request->op->name, name, status);
}

gan_layer *gan_add_simple(gan_layer *x, const struct gan_op *op, const void *attributes)
{
    if (x == NULL)
        return NULL;
    const struct layer_request request = {.op = op, .attributes = attributes, .inputs = &x, .input_count = 1};
    return gan_graph_add(x->graph, &request);
}

static gan_layer *add_like(const struct layer_request *request, gan_graph *graph, const gan_layer *layer)
{
    gan_layer *copy = gan_graph_add(graph, request);
    if (copy == NULL)
        return NULL;
    for (int32_t i = 0; i < layer->parameter_count; i++)
        copy->parameters[i] = gan_parameter_retain(layer->parameters[i]);
    copy->parameter_count = layer->parameter_count;
    copy->statistics = layer->statistics;
    copy->value = layer->value != NULL ? gan_tensor_retain(layer->value) : NULL;
    return copy;
}

gan_layer *gan_graph_add_copy(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                              const char *name, int32_t statistics)
{
    const struct layer_request request = {.op = layer->op,
                                          .attributes = layer->attributes,
                                          .name = name,
                                          .inputs = inputs,
                                          .input_count = layer->input_count};
    gan_layer *copy = add_like(&request, graph, layer);
    if (copy != NULL && statistics != GAN_STATISTICS_FOLLOW)
        copy->statistics = statistics;
    return copy;
}

gan_layer *gan_graph_add_variant(gan_graph *graph, const gan_layer *layer, const struct gan_op *op,
                                 const void *attributes, gan_layer *const *inputs)
{
    const struct layer_request request = {.op = op,
                                          .attributes = attributes,
                                          .name = layer->name,
                                          .inputs = inputs,
                                          .input_count = layer->input_count};
    return add_like(&request, graph, layer);
}

const char *gan_layer_name(const gan_layer *layer)
{
    return layer != NULL ? layer->name : NULL;
}

const char *gan_layer_kind(const gan_layer *layer)
{
    return layer != NULL ? layer->op->name : NULL;
}

gan_graph *gan_layer_graph(const gan_layer *layer)
{
    return layer != NULL ? layer->graph : NULL;
}

int32_t gan_layer_shape(const gan_layer *layer, int64_t *sizes)
{
    return layer != NULL ? gan_shape_give(&layer->shape, sizes) : -1;
}
