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
        if (status != GAN_OK) {
            gan_graph_refuse(application->graph, "model", model->name, status);
            return status;
        }
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

gan_status gan_apply_many(gan_model *model, gan_layer *const *inputs, int32_t input_count,
                          gan_layer **outputs, int32_t output_count, const gan_apply_options *given)
{
    for (int32_t i = 0; outputs != NULL && i < output_count; i++)
        outputs[i] = NULL;
    if (model == NULL || inputs == NULL || outputs == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_apply_many: model, inputs or outputs is NULL");
    if (input_count != model->input_count || output_count != model->output_count)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "model \"%s\" has %d inputs and %d outputs, the call gives %d and %d", model->name,
                        model->input_count, model->output_count, input_count, output_count);
    for (int32_t i = 0; i < input_count; i++)
        if (inputs[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\": input layer %d is NULL", model->name, i);
    gan_graph *graph = inputs[0]->graph;
    if (graph->context != model->graph->context)
        return gan_fail(GAN_ERROR_ARGUMENT, "model \"%s\" and the graph belong to different contexts",
                        model->name);
    gan_apply_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_apply_options");
    if (status == GAN_OK && (options.statistics < 0 || options.statistics > GAN_STATISTICS_RUNNING))
        status = gan_fail(GAN_ERROR_ARGUMENT, "statistics is %d, expected 0 to 2", options.statistics);
    if (status != GAN_OK)
        return status;
    const size_t count = (size_t)model->graph->layer_count;
    struct application application = {model, graph, NULL, options.statistics};
    application.copies = gan_allocate_array(graph->context, count, sizeof(gan_layer *));
    if (application.copies == NULL)
        return gan_fail_memory("a model's layers", count * sizeof(gan_layer *));
    status = apply(&application, inputs, outputs);
    gan_release(graph->context, application.copies);
    return status;
}

gan_layer *gan_apply(gan_model *model, gan_layer *x)
{
    if (model == NULL || x == NULL)
        return NULL;
    gan_layer *output = NULL;
    const gan_status status = gan_apply_many(model, &x, 1, &output, 1, NULL);
    if (status != GAN_OK && x->graph->status == GAN_OK)
        return gan_graph_refuse(x->graph, "model", model->name, status);
    return output;
}
