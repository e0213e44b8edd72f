/* gan_model_save. */
#include "graph/model_file.h"
#include "tensor/tensor.h"

#include <string.h>

static bool reserved(const char *key)
{
    return strncmp(key, MODEL_KEY_PREFIX, strlen(MODEL_KEY_PREFIX)) == 0;
}

static gan_status add_parameter(gan_tensors *tensors, const struct model_parameter *entry, int32_t storage)
{
    const struct parameter *parameter = entry->parameter;
    const struct shape *shape = &parameter->specification.shape;
    gan_tensor *view;
    gan_status status = gan_tensor_wrap(&view, parameter->context, GAN_FLOAT32, shape->size, shape->rank,
                                        gan_parameter_values(parameter), NULL, NULL);
    if (status != GAN_OK)
        return status;
    status = gan_tensors_add(tensors, entry->name, view);
    gan_tensor_free(view);
    /* Running variances may leave the range of half precision. */
    if (status == GAN_OK && storage == GAN_STORE_FLOAT16 && !parameter->specification.running_statistic)
        status = gan_tensors_set_storage(tensors, gan_tensors_count(tensors) - 1, GAN_FLOAT16);
    return status;
}

static gan_status add_constants(gan_tensors *tensors, const gan_model *model)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < model->layer_count; i++) {
        char name[MODEL_FILE_NAME_SIZE];
        if (model->layers[i]->value == NULL)
            continue;
        gan_model_tensor_name(name, model->layers[i], "value");
        status = gan_tensors_add(tensors, name, model->layers[i]->value);
    }
    return status;
}

static gan_status add_words(gan_tensors *tensors, const gan_model *model)
{
    gan_status status = gan_tensors_set_metadata(tensors, MODEL_KEY_FORMAT, MODEL_FILE_FORMAT);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, MODEL_KEY_VERSION, gan_version());
    for (int32_t i = 0; status == GAN_OK && i < model->metadata_count; i++) {
        const struct metadata_entry *entry = &model->metadata[i];
        if (reserved(entry->key))
            return gan_fail(GAN_ERROR_ARGUMENT, "metadata key \"%s\": names that begin with \"%s\" are taken",
                            entry->key, MODEL_KEY_PREFIX);
        status = gan_tensors_set_metadata(tensors, entry->key, entry->value);
    }
    return status;
}

static gan_status add_graph(gan_tensors *tensors, const gan_model *model)
{
    char *text;
    gan_status status = gan_model_graph_text(model, &text);
    if (status != GAN_OK)
        return status;
    status = gan_tensors_set_metadata(tensors, MODEL_KEY_GRAPH, text);
    gan_release(model->graph->context, text);
    return status;
}

static gan_status fill(gan_tensors *tensors, const gan_model *model, int32_t storage)
{
    gan_status status = add_words(tensors, model);
    if (status == GAN_OK)
        status = add_graph(tensors, model);
    for (int32_t i = 0; status == GAN_OK && i < model->parameter_count; i++)
        status = add_parameter(tensors, &model->parameters[i], storage);
    return status == GAN_OK ? add_constants(tensors, model) : status;
}

gan_status gan_model_to_tensors(gan_tensors **out, const gan_model *model, int32_t storage)
{
    gan_status status = gan_tensors_create(out, model->graph->context);
    if (status == GAN_OK)
        status = fill(*out, model, storage);
    if (status != GAN_OK) {
        gan_tensors_free(*out);
        *out = NULL;
    }
    return status;
}

gan_status gan_model_save(const gan_model *model, const char *path, int32_t storage)
{
    if (model == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_save: the %s is NULL",
                        model == NULL ? "model" : "path");
    if (storage != GAN_STORE_FLOAT32 && storage != GAN_STORE_FLOAT16)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_save: storage is %d, expected GAN_STORE_*", storage);
    gan_tensors *tensors;
    gan_status status = gan_model_to_tensors(&tensors, model, storage);
    if (status == GAN_OK)
        status = gan_tensors_save(tensors, path);
    gan_tensors_free(tensors);
    return status;
}
