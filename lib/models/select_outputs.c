/* A model with fewer or other outputs, and the inputs that these need. */
#include "gan/networks.h"
#include "graph/model.h"

#include <stdio.h>
#include <string.h>

enum { LIST_SIZE = 512 };

static const char *list_outputs(const gan_model *model, char list[LIST_SIZE])
{
    size_t used = 0;
    for (int32_t i = 0; i < model->output_count && used < LIST_SIZE; i++)
        used += (size_t)snprintf(list + used, LIST_SIZE - used, "%s\"%s\"", i > 0 ? ", " : "",
                                 model->outputs[i]->name);
    return list;
}

static gan_layer *find_layer(gan_layer *const *layers, int32_t count, const char *name)
{
    for (int32_t i = 0; name != NULL && i < count; i++)
        if (strcmp(layers[i]->name, name) == 0)
            return layers[i];
    return NULL;
}

static gan_status find_outputs(const gan_model *model, const char *const *names, int32_t count,
                               gan_layer **outputs)
{
    char list[LIST_SIZE];
    for (int32_t i = 0; i < count; i++) {
        outputs[i] = find_layer(model->layers, model->layer_count, names[i]);
        if (outputs[i] == NULL)
            return gan_fail(GAN_ERROR_NOT_FOUND, "model \"%s\" has no output \"%s\"; its outputs are %s",
                            model->name, names[i] != NULL ? names[i] : "", list_outputs(model, list));
    }
    return GAN_OK;
}

/* The model's inputs that the outputs need, into `list`. */
static gan_status find_inputs(const gan_model *model, gan_layer *const *outputs, int32_t output_count,
                              gan_layer **list, int32_t *count)
{
    gan_layer **layers;
    int32_t layer_count;
    const gan_status status =
        gan_layers_reachable(model->graph, outputs, output_count, &layers, &layer_count);
    if (status != GAN_OK)
        return status;
    *count = 0;
    for (int32_t i = 0; i < model->input_count; i++)
        if (find_layer(layers, layer_count, model->inputs[i]->name) != NULL)
            list[(*count)++] = model->inputs[i];
    gan_release(model->graph->context, layers);
    return GAN_OK;
}

/* `layers` has room for `count` outputs and the model's inputs. */
static gan_status select_outputs(gan_model **out, const gan_model *model, const char *const *names,
                                 int32_t count, gan_layer **layers)
{
    gan_layer **outputs = layers, **inputs = layers + count;
    int32_t input_count = 0;
    gan_status status = find_outputs(model, names, count, outputs);
    if (status == GAN_OK)
        status = find_inputs(model, outputs, count, inputs, &input_count);
    if (status == GAN_OK)
        status = gan_model_create(out, model->name, inputs, input_count, outputs, count);
    if (status == GAN_OK)
        status = gan_model_copy_metadata(*out, model);
    if (status != GAN_OK) {
        gan_model_free(*out);
        *out = NULL;
    }
    return status;
}

gan_status gan_model_select_outputs(gan_model **out, gan_model *model, const char *const *names,
                                    int32_t count)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_select_outputs: out is NULL");
    *out = NULL;
    if (model == NULL || names == NULL || count < 1)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_model_select_outputs: expected a model and at least one name");
    gan_context *context = model->graph->context;
    const size_t most = (size_t)count + (size_t)model->input_count;
    gan_layer **layers = gan_allocate_array(context, most, sizeof(gan_layer *));
    if (layers == NULL)
        return gan_fail_memory("a list of layers", most * sizeof(gan_layer *));
    const gan_status status = select_outputs(out, model, names, count, layers);
    gan_release(context, layers);
    return status;
}
