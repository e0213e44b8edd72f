/* A model with fewer or other outputs. */
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

static gan_status copy_words(gan_model *to, const gan_model *from)
{
    gan_status status = GAN_OK;
    to->trainable = from->trainable;
    for (int32_t i = 0; status == GAN_OK && i < from->metadata_count; i++)
        status = gan_model_set_metadata(to, from->metadata[i].key, from->metadata[i].value);
    return status;
}

static gan_status select_outputs(gan_model **out, const gan_model *model, const char *const *names,
                                 int32_t count, gan_layer **outputs)
{
    gan_status status = find_outputs(model, names, count, outputs);
    if (status == GAN_OK)
        status = gan_model_create(out, model->name, model->inputs, model->input_count, outputs, count);
    if (status == GAN_OK)
        status = copy_words(*out, model);
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
    gan_layer **outputs = gan_allocate_array(context, (size_t)count, sizeof(gan_layer *));
    if (outputs == NULL)
        return gan_fail_memory("a list of layers", (size_t)count * sizeof(gan_layer *));
    const gan_status status = select_outputs(out, model, names, count, outputs);
    gan_release(context, outputs);
    return status;
}
