/* A model applied to layers: copies of its layers, with its parameters shared. */
#include "graph/model.h"

#include <stdio.h>
#include <string.h>

struct application {
    const gan_model *model;
    gan_graph *graph;
    gan_layer **copies; /* of the model's layers, by index in the model's graph */
    int32_t statistics;
};

static gan_layer *copy_layer(const struct application *application, const gan_layer *layer)
{
    gan_context *context = application->graph->context;
    gan_layer **inputs = gan_allocate_array(context, (size_t)layer->input_count, sizeof(gan_layer *));
    if (inputs == NULL)
        return gan_graph_refuse(application->graph, layer->op->name, layer->name,
                                gan_fail_memory("a layer's inputs", 0));
    for (int32_t i = 0; i < layer->input_count; i++)
        inputs[i] = application->copies[layer->inputs[i]->index];
    char name[256];
    snprintf(name, sizeof name, "%.100s/%.150s", application->model->name, layer->name);
    gan_layer *copy = gan_graph_add_copy(application->graph, layer, inputs, name, application->statistics);
    gan_release(context, inputs);
    return copy;
}

static gan_status check_channels(const gan_model *model, int32_t index, const gan_layer *given)
{
    const struct shape *expected = &model->inputs[index]->shape;
    const struct shape *shape = &given->shape;
    bool fits = shape->rank == expected->rank;
    for (int32_t i = 0; fits && i < shape->rank; i++)
        fits = shape->size[i] == expected->size[i] || shape->size[i] < 0 || expected->size[i] < 0;
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    return fits ? GAN_OK
                : gan_fail(GAN_ERROR_SHAPE, "input \"%s\" takes %s, layer \"%s\" has %s",
                           model->inputs[index]->name, gan_shape_text(expected, expected_text), given->name,
                           gan_shape_text(shape, given_text));
}

static gan_status apply(const struct application *application, gan_layer *const *inputs, gan_layer **outputs)
{
    const gan_model *model = application->model;
    for (int32_t i = 0; i < model->input_count; i++) {
        const gan_status status = check_channels(model, i, inputs[i]);
        if (status != GAN_OK)
            return status;
        application->copies[model->inputs[i]->index] = inputs[i];
    }
    for (int32_t i = 0; i < model->layer_count; i++) {
        gan_layer **copy = &application->copies[model->layers[i]->index];
        if (*copy == NULL)
            *copy = copy_layer(application, model->layers[i]);
        if (*copy == NULL)
            return gan_graph_status(application->graph);
    }
    for (int32_t i = 0; i < model->output_count; i++)
        outputs[i] = application->copies[model->outputs[i]->index];
    return GAN_OK;
}

/* The graph of the first layer that is not NULL; NULL where all are. */
static gan_graph *graph_of(gan_layer *const *layers, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        if (layers[i] != NULL)
            return layers[i]->graph;
    return NULL;
}

static gan_status check_call(const gan_model *model, const gan_graph *graph, gan_layer *const *inputs,
                             int32_t input_count, int32_t output_count)
{
    if (input_count != model->input_count || output_count != model->output_count)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "model \"%s\" has %d inputs and %d outputs, the call gives %d and %d", model->name,
                        model->input_count, model->output_count, input_count, output_count);
    for (int32_t i = 0; i < input_count; i++)
        if (inputs[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\": input layer %d is NULL", model->name, i);
    if (graph->context != model->graph->context)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" and the graph belong to different contexts",
                        model->name);
    return GAN_OK;
}

static gan_status check_options(gan_apply_options *options, const gan_apply_options *given)
{
    const gan_status status = gan_copy_options(options, sizeof *options, given, "gan_apply_options");
    if (status == GAN_OK && (options->statistics < 0 || options->statistics > GAN_STATISTICS_RUNNING))
        return gan_fail(GAN_ERROR_ARGUMENT, "statistics is %d, expected 0 to 2", options->statistics);
    return status;
}

static gan_status copy_and_apply(const gan_model *model, gan_graph *graph, gan_layer *const *inputs,
                                 gan_layer **outputs, int32_t statistics)
{
    const size_t count = (size_t)model->graph->layer_count;
    struct application application = {model, graph, NULL, statistics};
    application.copies = gan_allocate_array(graph->context, count, sizeof(gan_layer *));
    if (application.copies == NULL)
        return gan_fail_memory("a model's layers", count * sizeof(gan_layer *));
    const gan_status status = apply(&application, inputs, outputs);
    gan_release(graph->context, application.copies);
    return status;
}

/* An error of the call sticks to the graph, as a builder's does. */
static gan_status keep_error(const gan_model *model, gan_graph *graph, gan_status status)
{
    if (status != GAN_OK && graph->status == GAN_OK)
        gan_graph_refuse(graph, "model", model->name, status);
    return gan_graph_status(graph);
}

gan_status gan_apply_many(gan_model *model, gan_layer *const *inputs, int32_t input_count,
                          gan_layer **outputs, int32_t output_count, const gan_apply_options *given)
{
    for (int32_t i = 0; outputs != NULL && i < output_count; i++)
        outputs[i] = NULL;
    gan_graph *graph = inputs != NULL ? graph_of(inputs, input_count) : NULL;
    if (model == NULL || graph == NULL || outputs == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_apply_many: model, inputs or outputs is NULL");
    gan_apply_options options;
    gan_status status = check_call(model, graph, inputs, input_count, output_count);
    if (status == GAN_OK)
        status = check_options(&options, given);
    if (status == GAN_OK)
        status = copy_and_apply(model, graph, inputs, outputs, options.statistics);
    return keep_error(model, graph, status);
}

gan_layer *gan_apply(gan_model *model, gan_layer *x)
{
    gan_layer *output = NULL;
    if (model == NULL || x == NULL)
        return NULL;
    (void)gan_apply_many(model, &x, 1, &output, 1, NULL); /* an error sticks to the graph */
    return output;
}
