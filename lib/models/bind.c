/* A model with one of its layers fixed: what follows from that alone is computed once and kept. */
#include "gan/networks.h"
#include "gan/session.h"
#include "graph/model.h"
#include "tensor/tensor.h"

#include <string.h>

/* Lists by the index of a layer in the model's graph. */
struct binding {
    gan_model *model;
    const gan_layer *bound;
    const gan_tensor *value;
    bool *known;         /* follows from the value and constants */
    bool *needed;        /* by the outputs, once what is known is constant */
    gan_tensor **values; /* of layers that are known and needed */
    gan_layer **copies;
};

/* ---- What is known, and which of it is needed ---- */

static bool all_known(const struct binding *binding, const gan_layer *layer)
{
    for (int32_t i = 0; i < layer->input_count; i++)
        if (!binding->known[layer->inputs[i]->index])
            return false;
    return layer->input_count > 0 || layer->op == &gan_op_constant;
}

static void mark_known(struct binding *binding)
{
    const gan_model *model = binding->model;
    for (int32_t i = 0; i < model->layer_count; i++) {
        const gan_layer *layer = model->layers[i];
        binding->known[layer->index] = layer == binding->bound || all_known(binding, layer);
    }
}

static void mark_needed(struct binding *binding)
{
    const gan_model *model = binding->model;
    for (int32_t i = 0; i < model->output_count; i++)
        binding->needed[model->outputs[i]->index] = true;
    for (int32_t i = model->layer_count - 1; i >= 0; i--) {
        const gan_layer *layer = model->layers[i];
        for (int32_t k = 0; k < layer->input_count; k++)
            if (binding->needed[layer->index] && !binding->known[layer->index])
                binding->needed[layer->inputs[k]->index] = true;
    }
}

/* Whether the layer's value is to be computed: it is neither given nor a constant already. */
static bool is_computed(const struct binding *binding, const gan_layer *layer)
{
    return binding->known[layer->index] && binding->needed[layer->index] && layer != binding->bound &&
           layer->op != &gan_op_constant;
}

/* ---- Copies ---- */

static gan_layer *copy_layer(struct binding *binding, gan_graph *graph, const gan_layer *layer)
{
    gan_layer **inputs = gan_allocate_array(graph->context, (size_t)layer->input_count, sizeof(gan_layer *));
    if (inputs == NULL && layer->input_count > 0)
        return gan_graph_refuse(graph, layer->op->name, layer->name, gan_fail_memory("a layer's inputs", 0));
    for (int32_t i = 0; i < layer->input_count; i++)
        inputs[i] = binding->copies[layer->inputs[i]->index];
    gan_layer *copy = gan_graph_add_copy(graph, layer, inputs, layer->name, layer->statistics);
    gan_release(graph->context, inputs);
    return copy;
}

/* ---- The known part, run once ---- */

/* A model from the bound layer to the values that are wanted; *outputs has room for all layers. */
static gan_status build_known(struct binding *binding, gan_graph *graph, gan_layer **outputs, gan_model **out)
{
    const gan_model *model = binding->model;
    const struct shape *shape = &binding->value->shape;
    gan_layer *input = gan_input(graph, binding->bound->name, shape->size, shape->rank);
    int32_t count = 0;
    for (int32_t i = 0; i < model->layer_count; i++) {
        const gan_layer *layer = model->layers[i];
        gan_layer **copy = &binding->copies[layer->index];
        if (!binding->known[layer->index])
            continue;
        *copy = layer == binding->bound ? input : copy_layer(binding, graph, layer);
        if (is_computed(binding, layer))
            outputs[count++] = *copy;
    }
    return gan_model_create(out, model->name, &input, 1, outputs, count);
}

/* Tensors for the outputs of a session, which go into the list of values in the order of the layers. */
static gan_status make_values(struct binding *binding, const gan_session *session, gan_tensor **outputs)
{
    const gan_model *model = binding->model;
    int32_t count = 0;
    for (int32_t i = 0; i < model->layer_count; i++) {
        if (!is_computed(binding, model->layers[i]))
            continue;
        struct shape shape = {0};
        shape.rank = gan_session_output_shape(session, count, shape.size);
        gan_tensor **value = &binding->values[model->layers[i]->index];
        const gan_status status = gan_tensor_make(value, model->graph->context, GAN_FLOAT32, &shape);
        if (status != GAN_OK)
            return status;
        outputs[count++] = *value;
    }
    return GAN_OK;
}

static gan_status run_known(struct binding *binding, gan_model *part, gan_tensor **outputs)
{
    /* It runs but once: no reason to round. */
    const gan_session_options options = {.struct_size = sizeof options, .precision = GAN_PRECISION_EXACT};
    gan_session *session;
    gan_status status = gan_session_create(&session, part, binding->value->shape.size, &options);
    if (status != GAN_OK)
        return status;
    status = make_values(binding, session, outputs);
    if (status == GAN_OK)
        status = gan_session_run(session, &binding->value, 1, outputs, part->output_count);
    gan_session_free(session);
    return status;
}

static gan_status compute(struct binding *binding)
{
    gan_context *context = binding->model->graph->context;
    const size_t count = (size_t)binding->model->layer_count;
    gan_graph *graph = NULL;
    gan_model *part = NULL;
    gan_layer **layers = gan_allocate_array(context, count, sizeof(gan_layer *));
    gan_tensor **outputs = gan_allocate_array(context, count, sizeof(gan_tensor *));
    gan_status status = layers == NULL || outputs == NULL
                            ? gan_fail_memory("a list of layers", count * sizeof(gan_layer *))
                            : gan_graph_create(&graph, context);
    if (status == GAN_OK)
        status = build_known(binding, graph, layers, &part);
    if (status == GAN_OK)
        status = run_known(binding, part, outputs);
    gan_model_free(part);
    gan_graph_free(graph);
    gan_release(context, outputs);
    gan_release(context, layers);
    return status;
}

static bool computes_anything(const struct binding *binding)
{
    for (int32_t i = 0; i < binding->model->layer_count; i++)
        if (is_computed(binding, binding->model->layers[i]))
            return true;
    return false;
}

/* ---- The rest, with constants ---- */

static gan_layer *rebuild_layer(struct binding *binding, gan_graph *graph, const gan_layer *layer)
{
    if (layer == binding->bound)
        return gan_constant(graph, layer->name, binding->value);
    if (binding->values[layer->index] != NULL)
        return gan_constant(graph, layer->name, binding->values[layer->index]);
    return copy_layer(binding, graph, layer);
}

/* `list` has room for the model's inputs and outputs. */
static gan_status rebuild(struct binding *binding, gan_graph *graph, gan_layer **list, gan_model **out)
{
    const gan_model *model = binding->model;
    for (int32_t i = 0; i < model->layer_count; i++) {
        const gan_layer *layer = model->layers[i];
        if (binding->needed[layer->index])
            binding->copies[layer->index] = rebuild_layer(binding, graph, layer);
    }
    int32_t input_count = 0;
    for (int32_t i = 0; i < model->input_count; i++)
        if (binding->needed[model->inputs[i]->index] && model->inputs[i] != binding->bound)
            list[input_count++] = binding->copies[model->inputs[i]->index];
    gan_layer **outputs = list + input_count;
    for (int32_t i = 0; i < model->output_count; i++)
        outputs[i] = binding->copies[model->outputs[i]->index];
    if (input_count == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "layer \"%s\" settles all outputs: no input is left",
                        binding->bound->name);
    return gan_model_create(out, model->name, list, input_count, outputs, model->output_count);
}

static gan_status rebuild_in_graph(struct binding *binding, gan_model **out)
{
    const gan_model *model = binding->model;
    gan_context *context = model->graph->context;
    const size_t count = (size_t)model->input_count + (size_t)model->output_count;
    memset(binding->copies, 0, (size_t)model->graph->layer_count * sizeof(gan_layer *));
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    gan_layer **list = gan_allocate_array(context, count, sizeof(gan_layer *));
    status = list != NULL ? rebuild(binding, graph, list, out)
                          : gan_fail_memory("a list of layers", count * sizeof(gan_layer *));
    if (status == GAN_OK)
        status = gan_model_copy_metadata(*out, model);
    gan_release(context, list);
    gan_graph_free(graph);
    return status;
}

/* ---- The call ---- */

static gan_status find_bound(struct binding *binding, const char *name)
{
    const gan_model *model = binding->model;
    for (int32_t i = 0; i < model->layer_count; i++)
        if (strcmp(model->layers[i]->name, name) == 0) {
            binding->bound = model->layers[i];
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_NOT_FOUND, "model \"%s\" has no layer \"%.60s\"", model->name, name);
}

static gan_status check_value(const struct binding *binding)
{
    const struct shape *expected = &binding->bound->shape, *given = &binding->value->shape;
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    if (binding->value->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "the value is a tensor of %s, expected float32",
                        gan_type_name(binding->value->type));
    bool fits = given->rank == expected->rank;
    for (int32_t i = 0; fits && i < given->rank; i++)
        fits = expected->size[i] < 0 || given->size[i] == expected->size[i];
    return fits ? GAN_OK
                : gan_fail(GAN_ERROR_SHAPE, "the value has shape %s, layer \"%s\" has %s",
                           gan_shape_text(given, given_text), binding->bound->name,
                           gan_shape_text(expected, expected_text));
}

static gan_status allocate_lists(struct binding *binding)
{
    gan_context *context = binding->model->graph->context;
    const size_t count = (size_t)binding->model->graph->layer_count;
    binding->known = gan_allocate_zeroed(context, count * sizeof(bool));
    binding->needed = gan_allocate_zeroed(context, count * sizeof(bool));
    binding->values = gan_allocate_zeroed(context, count * sizeof(gan_tensor *));
    binding->copies = gan_allocate_zeroed(context, count * sizeof(gan_layer *));
    return binding->known != NULL && binding->needed != NULL && binding->values != NULL &&
                   binding->copies != NULL
               ? GAN_OK
               : gan_fail_memory("lists of layers", count * sizeof(gan_layer *));
}

static void free_lists(struct binding *binding)
{
    gan_context *context = binding->model->graph->context;
    for (int32_t i = 0; binding->values != NULL && i < binding->model->graph->layer_count; i++)
        gan_tensor_free(binding->values[i]);
    gan_release(context, binding->known);
    gan_release(context, binding->needed);
    gan_release(context, binding->values);
    gan_release(context, binding->copies);
}

static gan_status bind(struct binding *binding, gan_model **out)
{
    gan_status status = allocate_lists(binding);
    if (status != GAN_OK)
        return status;
    mark_known(binding);
    mark_needed(binding);
    if (computes_anything(binding))
        status = compute(binding);
    return status == GAN_OK ? rebuild_in_graph(binding, out) : status;
}

gan_status gan_model_bind(gan_model **out, gan_model *model, const char *layer, const gan_tensor *value)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_bind: out is NULL");
    *out = NULL;
    if (model == NULL || layer == NULL || value == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_bind: expected a model, a layer's name and its value");
    struct binding binding = {.model = model, .value = value};
    gan_status status = find_bound(&binding, layer);
    if (status == GAN_OK)
        status = check_value(&binding);
    if (status != GAN_OK)
        return status;
    status = bind(&binding, out);
    free_lists(&binding);
    if (status != GAN_OK) {
        gan_model_free(*out);
        *out = NULL;
    }
    return status;
}
