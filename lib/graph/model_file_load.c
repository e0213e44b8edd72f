/* gan_model_load. */
#include "graph/model_file.h"
#include "tensor/tensor.h"

#include <string.h>

static gan_status check_format(const gan_tensors *tensors)
{
    const char *format = gan_tensors_metadata(tensors, MODEL_KEY_FORMAT);
    const char *graph = gan_tensors_metadata(tensors, MODEL_KEY_GRAPH);
    if (format == NULL || graph == NULL)
        return gan_fail(GAN_ERROR_FORMAT,
                        "no model of libgan: its metadata lacks \"%s\"; published weights are read by "
                        "gan_import",
                        format == NULL ? MODEL_KEY_FORMAT : MODEL_KEY_GRAPH);
    if (strcmp(format, MODEL_FILE_FORMAT) != 0)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "the format is \"%.40s\", this library reads \"%s\"", format,
                        MODEL_FILE_FORMAT);
    return GAN_OK;
}

/* The tensor of that name and shape, of a type that holds real numbers. */
static gan_status find_tensor(const gan_tensors *tensors, const char *name, const struct shape *shape,
                              const gan_tensor **found)
{
    const gan_tensor *tensor = gan_tensors_at(tensors, gan_tensors_find(tensors, name));
    char given[SHAPE_TEXT_SIZE], expected[SHAPE_TEXT_SIZE];
    if (tensor == NULL)
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" is missing", name);
    if (!gan_shape_equal(&tensor->shape, shape))
        return gan_fail(GAN_ERROR_SHAPE, "tensor \"%s\" has shape %s, expected %s", name,
                        gan_shape_text(&tensor->shape, given), gan_shape_text(shape, expected));
    if (tensor->type != GAN_FLOAT32 && tensor->type != GAN_FLOAT16)
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" holds %s, expected float32 or float16", name,
                        gan_type_name(tensor->type));
    *found = tensor;
    return GAN_OK;
}

/* The same as float32; *out is to be freed in any case. */
static gan_status take_tensor(const gan_tensors *tensors, const char *name, const struct shape *shape,
                              gan_tensor **out)
{
    const gan_tensor *found;
    gan_status status = find_tensor(tensors, name, shape, &found);
    if (status == GAN_OK)
        status = gan_tensor_make(out, found->context, GAN_FLOAT32, shape);
    return status == GAN_OK ? gan_tensor_copy(*out, found) : status;
}

static gan_status take_constants(const struct graph_reader *reader, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < reader->layer_count; i++) {
        gan_layer *layer = reader->layers[i];
        char name[MODEL_FILE_NAME_SIZE];
        if (layer->op != &gan_op_constant)
            continue;
        gan_model_tensor_name(name, layer, "value");
        status = take_tensor(tensors, name, &layer->shape, &layer->value);
    }
    return status;
}

/* All parameters of the graph are in the file: looked at before memory is taken on its word. */
static gan_status check_parameters(const struct graph_reader *reader, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < reader->parameter_count; i++) {
        const struct model_parameter *entry = &reader->parameters[i];
        const gan_tensor *found;
        status = find_tensor(tensors, entry->name, &entry->parameter->specification.shape, &found);
    }
    return status;
}

static bool is_wanted(const gan_model *model, const char *name)
{
    if (gan_model_parameter_find(model, name) >= 0)
        return true;
    for (int32_t i = 0; i < model->layer_count; i++) {
        char value_name[MODEL_FILE_NAME_SIZE];
        gan_model_tensor_name(value_name, model->layers[i], "value");
        if (model->layers[i]->op == &gan_op_constant && strcmp(value_name, name) == 0)
            return true;
    }
    return false;
}

static gan_status check_extra(const gan_model *model, const gan_tensors *tensors)
{
    int32_t wanted = model->parameter_count;
    for (int32_t i = 0; i < model->layer_count; i++)
        wanted += model->layers[i]->op == &gan_op_constant;
    for (int32_t i = 0; gan_tensors_count(tensors) != wanted && i < gan_tensors_count(tensors); i++)
        if (!is_wanted(model, gan_tensors_name(tensors, i)))
            return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" belongs to no layer that an output needs",
                            gan_tensors_name(tensors, i));
    return GAN_OK;
}

static gan_status set_parameters(gan_model *model, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < model->parameter_count; i++) {
        const struct model_parameter *entry = &model->parameters[i];
        gan_tensor *value = NULL;
        status = take_tensor(tensors, entry->name, &entry->parameter->specification.shape, &value);
        if (status == GAN_OK)
            status = gan_model_set_parameter(model, i, value);
        gan_tensor_free(value);
    }
    return status;
}

static gan_status set_words(gan_model *model, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_tensors_metadata_count(tensors); i++) {
        const char *key = gan_tensors_metadata_key(tensors, i);
        if (strncmp(key, MODEL_KEY_PREFIX, strlen(MODEL_KEY_PREFIX)) != 0)
            status = gan_model_set_metadata(model, key, gan_tensors_metadata(tensors, key));
    }
    return status;
}

static gan_status create_model(const struct graph_reader *reader, gan_model **model)
{
    const struct json *json = &reader->json;
    gan_layer **inputs = NULL, **outputs = NULL;
    int32_t input_count = 0, output_count = 0, value;
    bool trainable = true;
    char *name = NULL;
    gan_status status = gan_graph_reader_list(reader, 0, "inputs", &inputs, &input_count);
    if (status == GAN_OK)
        status = gan_graph_reader_list(reader, 0, "outputs", &outputs, &output_count);
    if (status == GAN_OK)
        status = gan_json_require(json, 0, "name", JSON_STRING, &value);
    if (status == GAN_OK)
        status = gan_json_string(json, value, &name);
    if (status == GAN_OK)
        status = gan_json_require(json, 0, "trainable", JSON_BOOLEAN, &value);
    if (status == GAN_OK)
        status = gan_json_boolean(json, value, &trainable);
    if (status == GAN_OK)
        status = gan_model_create(model, name, inputs, input_count, outputs, output_count);
    if (status == GAN_OK)
        gan_model_set_trainable(*model, trainable);
    gan_release(reader->context, inputs);
    gan_release(reader->context, outputs);
    gan_release(reader->context, name);
    return status;
}

static gan_status read_model(struct graph_reader *reader, const gan_tensors *tensors, gan_model **model)
{
    gan_status status =
        gan_graph_reader_open(reader, tensors->context, gan_tensors_metadata(tensors, MODEL_KEY_GRAPH));
    if (status == GAN_OK)
        status = take_constants(reader, tensors);
    if (status == GAN_OK)
        status = check_parameters(reader, tensors);
    if (status == GAN_OK)
        status = create_model(reader, model);
    if (status == GAN_OK)
        status = check_extra(*model, tensors);
    if (status == GAN_OK)
        status = set_parameters(*model, tensors);
    return status == GAN_OK ? set_words(*model, tensors) : status;
}

/* What a layer's builder calls a wrong argument is a wrong file here. */
static gan_status as_format(gan_status status)
{
    const bool of_file =
        status == GAN_ERROR_ARGUMENT || status == GAN_ERROR_TYPE || status == GAN_ERROR_NOT_FINITE;
    return of_file ? GAN_ERROR_FORMAT : status;
}

gan_status gan_model_from_tensors(gan_model **out, const gan_tensors *tensors, const char *name)
{
    gan_model *model = NULL;
    struct graph_reader reader = {0};
    gan_status status = check_format(tensors);
    if (status == GAN_OK) {
        status = read_model(&reader, tensors, &model);
        gan_graph_reader_close(&reader);
    }
    if (status != GAN_OK) {
        gan_model_free(model);
        return gan_fail_within(as_format(status), "%s: ", name);
    }
    *out = model;
    return GAN_OK;
}

gan_status gan_model_load(gan_model **out, gan_context *context, const char *path)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_load: out is NULL");
    *out = NULL;
    gan_tensors *tensors;
    gan_status status = gan_tensors_load(&tensors, context, path);
    if (status != GAN_OK)
        return status;
    status = gan_model_from_tensors(out, tensors, path);
    gan_tensors_free(tensors);
    return status;
}
