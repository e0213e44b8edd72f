#include "graph/model.h"
#include "tensor/tensor.h"

#include <stdio.h>
#include <string.h>

gan_model *gan_model_retain(gan_model *model)
{
    atomic_fetch_add(&model->references, 1);
    return model;
}

static void free_metadata(gan_model *model)
{
    for (int32_t i = 0; i < model->metadata_count; i++) {
        gan_release(model->graph->context, model->metadata[i].key);
        gan_release(model->graph->context, model->metadata[i].value);
    }
    gan_release(model->graph->context, model->metadata);
}

void gan_model_free(gan_model *model)
{
    if (model == NULL || atomic_fetch_sub(&model->references, 1) != 1)
        return;
    gan_context *context = gan_context_retain(model->graph->context); /* the graph may be its last holder */
    free_metadata(model);
    for (int32_t i = 0; i < model->parameter_count; i++) {
        gan_release(context, model->parameters[i].name);
        gan_parameter_free(model->parameters[i].parameter);
    }
    gan_release(context, model->parameters);
    gan_release(context, model->layers);
    gan_release(context, model->inputs);
    gan_release(context, model->outputs);
    gan_release(context, model->name);
    gan_graph_free(model->graph);
    gan_release(context, model);
    gan_context_free(context);
}

/* Arguments of gan_model_create that can be wrong before anything is made. */
static gan_status check_layers(gan_layer *const *layers, int32_t count, const char *what, gan_graph **graph)
{
    if (layers == NULL || count < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "a model needs at least one %s", what);
    for (int32_t i = 0; i < count; i++) {
        if (layers[i] == NULL) {
            const gan_status status = *graph != NULL ? gan_graph_status(*graph) : GAN_OK;
            return status != GAN_OK ? status : gan_fail(GAN_ERROR_ARGUMENT, "%s %d is NULL", what, i);
        }
        if (*graph == NULL)
            *graph = layers[i]->graph;
        if (layers[i]->graph != *graph)
            return gan_fail(GAN_ERROR_ARGUMENT, "%s %d, layer \"%s\", belongs to another graph", what, i,
                            layers[i]->name);
    }
    return GAN_OK;
}

static gan_layer **copy_layers(gan_context *context, gan_layer *const *layers, int32_t count)
{
    gan_layer **copy = gan_allocate_array(context, (size_t)count, sizeof(gan_layer *));
    if (copy != NULL)
        memcpy(copy, layers, (size_t)count * sizeof(gan_layer *));
    return copy;
}

static bool has_parameter(const gan_model *model, const struct parameter *parameter)
{
    for (int32_t i = 0; i < model->parameter_count; i++)
        if (model->parameters[i].parameter == parameter)
            return true;
    return false;
}

static gan_status add_parameter(gan_model *model, const gan_layer *layer, struct parameter *parameter)
{
    char name[320];
    snprintf(name, sizeof name, "%s.%s", layer->name, parameter->specification.suffix);
    struct model_parameter *slot = &model->parameters[model->parameter_count];
    slot->name = gan_copy_string(model->graph->context, name);
    if (slot->name == NULL)
        return gan_fail_memory("a parameter's name", sizeof name);
    slot->parameter = gan_parameter_retain(parameter);
    model->parameter_count++;
    return GAN_OK;
}

static gan_status collect_parameters(gan_model *model)
{
    size_t most = 0;
    for (int32_t i = 0; i < model->layer_count; i++)
        most += (size_t)model->layers[i]->parameter_count;
    model->parameters = gan_allocate_array(model->graph->context, most, sizeof *model->parameters);
    if (model->parameters == NULL)
        return gan_fail_memory("a list of parameters", most * sizeof *model->parameters);
    for (int32_t i = 0; i < model->layer_count; i++) {
        const gan_layer *layer = model->layers[i];
        for (int32_t k = 0; k < layer->parameter_count; k++) {
            if (has_parameter(model, layer->parameters[k]))
                continue;
            const gan_status status = add_parameter(model, layer, layer->parameters[k]);
            if (status != GAN_OK)
                return status;
        }
    }
    return GAN_OK;
}

static gan_status allocate_parameters(gan_model *model)
{
    gan_context *context = model->graph->context;
    const size_t count = (size_t)model->parameter_count;
    struct parameter **list = gan_allocate_array(context, count, sizeof *list);
    if (list == NULL)
        return gan_fail_memory("a list of parameters", count * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = model->parameters[i].parameter;
    const gan_status status = gan_parameters_allocate(context, list, model->parameter_count);
    gan_release(context, list);
    return status;
}

static gan_status fill_model(gan_model *model, const char *name, gan_layer *const *inputs,
                             gan_layer *const *outputs)
{
    gan_context *context = model->graph->context;
    model->name = gan_copy_string(context, name != NULL ? name : "model");
    model->inputs = copy_layers(context, inputs, model->input_count);
    model->outputs = copy_layers(context, outputs, model->output_count);
    if (model->name == NULL || model->inputs == NULL || model->outputs == NULL)
        return gan_fail_memory("a model", sizeof *model);
    gan_status status =
        gan_layers_reachable(model->graph, outputs, model->output_count, &model->layers, &model->layer_count);
    if (status == GAN_OK)
        status = gan_layers_check_inputs(model->layers, model->layer_count, inputs, model->input_count);
    if (status == GAN_OK)
        status = collect_parameters(model);
    return status == GAN_OK ? allocate_parameters(model) : status;
}

gan_status gan_model_create(gan_model **out, const char *name, gan_layer *const *inputs, int32_t input_count,
                            gan_layer *const *outputs, int32_t output_count)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_create: out is NULL");
    *out = NULL;
    gan_graph *graph = NULL;
    gan_status status = check_layers(inputs, input_count, "input", &graph);
    if (status == GAN_OK)
        status = gan_graph_status(graph);
    if (status == GAN_OK)
        status = check_layers(outputs, output_count, "output", &graph);
    if (status != GAN_OK)
        return status;
    gan_model *model = gan_allocate_zeroed(graph->context, sizeof *model);
    if (model == NULL)
        return gan_fail_memory("a model", sizeof *model);
    atomic_init(&model->references, 1);
    model->graph = gan_graph_retain(graph);
    model->trainable = 1;
    model->input_count = input_count;
    model->output_count = output_count;
    status = fill_model(model, name, inputs, outputs);
    if (status != GAN_OK) {
        gan_model_free(model);
        return status;
    }
    for (int32_t i = 0; i < model->layer_count; i++)
        model->layers[i]->in_model = true;
    *out = model;
    return GAN_OK;
}

const char *gan_model_name(const gan_model *model)
{
    return model != NULL ? model->name : NULL;
}

int32_t gan_model_input_count(const gan_model *model)
{
    return model != NULL ? model->input_count : 0;
}

int32_t gan_model_output_count(const gan_model *model)
{
    return model != NULL ? model->output_count : 0;
}

static const gan_layer *input_at(const gan_model *model, int32_t index)
{
    return model != NULL && index >= 0 && index < model->input_count ? model->inputs[index] : NULL;
}

static const gan_layer *output_at(const gan_model *model, int32_t index)
{
    return model != NULL && index >= 0 && index < model->output_count ? model->outputs[index] : NULL;
}

const char *gan_model_input_name(const gan_model *model, int32_t index)
{
    return gan_layer_name(input_at(model, index));
}

const char *gan_model_output_name(const gan_model *model, int32_t index)
{
    return gan_layer_name(output_at(model, index));
}

int32_t gan_model_input_shape(const gan_model *model, int32_t index, int64_t *sizes)
{
    return gan_layer_shape(input_at(model, index), sizes);
}

int32_t gan_model_output_shape(const gan_model *model, int32_t index, int64_t *sizes)
{
    return gan_layer_shape(output_at(model, index), sizes);
}

void gan_model_set_trainable(gan_model *model, int32_t trainable)
{
    if (model != NULL)
        model->trainable = trainable != 0;
}

int32_t gan_model_trainable(const gan_model *model)
{
    return model != NULL ? model->trainable : 0;
}
