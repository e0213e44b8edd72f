/* The graph of a model file: from JSON to layers. Nothing is believed: ops are looked up, layers refer only
 * to layers before them, shapes are inferred anew, and parameters are those that the attributes ask for. */
#include "graph/model_file.h"

#include <stdio.h>
#include <string.h>

void gan_model_tensor_name(char name[MODEL_FILE_NAME_SIZE], const gan_layer *layer, const char *suffix)
{
    snprintf(name, MODEL_FILE_NAME_SIZE, "%s.%s", layer->name, suffix);
}

/* ---- Parameters ---- */

static struct parameter *find_parameter(const struct graph_reader *reader, int32_t name)
{
    for (int32_t i = 0; i < reader->parameter_count; i++)
        if (gan_json_equals(&reader->json, name, reader->parameters[i].name))
            return reader->parameters[i].parameter;
    return NULL;
}

static bool same_kind(const struct parameter_specification *a, const struct parameter_specification *b)
{
    return gan_shape_equal(&a->shape, &b->shape) && a->running_statistic == b->running_statistic;
}

/* A parameter that a layer before has too. */
static gan_status share_parameter(const struct graph_reader *reader, int32_t name,
                                  const struct parameter_specification *specification,
                                  struct parameter **parameter)
{
    struct parameter *found = find_parameter(reader, name);
    if (found == NULL)
        return gan_fail(GAN_ERROR_FORMAT, "its \"%s\" has the name of no layer before it",
                        specification->suffix);
    if (!same_kind(&found->specification, specification))
        return gan_fail(GAN_ERROR_FORMAT, "its \"%s\" is shared with a layer that needs another shape",
                        specification->suffix);
    *parameter = gan_parameter_retain(found);
    return GAN_OK;
}

static gan_status own_parameter(struct graph_reader *reader, const char *name,
                                struct parameter_specification *specification, struct parameter **parameter)
{
    struct model_parameter *slot = &reader->parameters[reader->parameter_count];
    specification->initializer = GAN_INITIALIZER_ZEROS;
    gan_status status = gan_parameter_create(parameter, reader->context, specification);
    if (status != GAN_OK)
        return status;
    slot->name = gan_copy_string(reader->context, name);
    if (slot->name == NULL)
        return gan_fail_memory("a parameter's name", strlen(name));
    slot->parameter = *parameter;
    reader->parameter_count++;
    return GAN_OK;
}

static gan_status read_parameter(struct graph_reader *reader, int32_t name, gan_layer *layer,
                                 struct parameter_specification *specification)
{
    char own[MODEL_FILE_NAME_SIZE];
    gan_model_tensor_name(own, layer, specification->suffix);
    struct parameter **parameter = &layer->parameters[layer->parameter_count];
    const gan_status status = gan_json_equals(&reader->json, name, own)
                                  ? own_parameter(reader, own, specification, parameter)
                                  : share_parameter(reader, name, specification, parameter);
    if (*parameter != NULL)
        layer->parameter_count++;
    return status;
}

static gan_status read_parameters(struct graph_reader *reader, int32_t object, gan_layer *layer)
{
    const struct json *json = &reader->json;
    struct parameter_specification specifications[GAN_MAX_PARAMETERS];
    const int32_t array = gan_json_find(json, object, "parameters");
    const bool is_array = array >= 0 && gan_json_kind(json, array) == JSON_ARRAY;
    const int32_t needed =
        layer->op->parameters != NULL ? layer->op->parameters(layer->attributes, specifications) : 0;
    if (needed != (is_array ? gan_json_count(json, array) : 0) || (array >= 0 && !is_array))
        return gan_fail(GAN_ERROR_FORMAT, "\"parameters\" is not an array of %d names", needed);
    gan_status status = GAN_OK;
    int32_t name = is_array ? gan_json_first(json, array) : -1;
    for (int32_t i = 0; status == GAN_OK && i < needed; i++, name = gan_json_next(json, name))
        status = read_parameter(reader, name, layer, &specifications[i]);
    return status;
}

/* ---- Layers ---- */

static gan_status add_layer(struct graph_reader *reader, const struct layer_text *text, gan_layer **layer)
{
    const struct layer_request request = {.op = text->op,
                                          .attributes = text->attributes,
                                          .name = text->name,
                                          .inputs = text->inputs,
                                          .input_count = text->input_count};
    *layer = gan_graph_add(reader->graph, &request);
    if (*layer == NULL)
        return gan_graph_status(reader->graph);
    if (strcmp((*layer)->name, text->name) != 0)
        return gan_fail(GAN_ERROR_FORMAT, "its name \"%.100s\" is taken by another layer, or too long",
                        text->name);
    (*layer)->statistics = (int32_t)text->statistics;
    reader->layers[reader->layer_count++] = *layer;
    return GAN_OK;
}

static gan_status read_layer(struct graph_reader *reader, int32_t object)
{
    struct layer_text text = {0};
    gan_layer *layer;
    const int32_t number = reader->layer_count;
    gan_status status = gan_layer_text_read(reader, object, &text);
    if (status == GAN_OK)
        status = add_layer(reader, &text, &layer);
    if (status == GAN_OK)
        status = read_parameters(reader, object, layer);
    gan_layer_text_release(reader->context, &text);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "layer %d: ", number);
}

static gan_status allocate(struct graph_reader *reader, int32_t count)
{
    if (count > MODEL_FILE_MOST_LAYERS)
        return gan_fail(GAN_ERROR_FORMAT, "the graph has %d layers, expected at most %d", count,
                        MODEL_FILE_MOST_LAYERS);
    const size_t layers = (size_t)count;
    reader->layers = gan_allocate_array(reader->context, layers, sizeof(gan_layer *));
    reader->parameters =
        gan_allocate_array(reader->context, GAN_MAX_PARAMETERS * layers, sizeof *reader->parameters);
    if (reader->layers == NULL || reader->parameters == NULL)
        return gan_fail_memory("layers", layers * sizeof(gan_layer *));
    return gan_graph_create(&reader->graph, reader->context);
}

static gan_status read_layers(struct graph_reader *reader)
{
    const struct json *json = &reader->json;
    int32_t array;
    if (gan_json_kind(json, 0) != JSON_OBJECT)
        return gan_fail(GAN_ERROR_FORMAT, "the graph is no object");
    gan_status status = gan_json_require(json, 0, "layers", JSON_ARRAY, &array);
    if (status == GAN_OK)
        status = allocate(reader, gan_json_count(json, array));
    if (status != GAN_OK)
        return status;
    int32_t object = gan_json_first(json, array);
    for (; status == GAN_OK && object >= 0; object = gan_json_next(json, object))
        status = read_layer(reader, object);
    return status;
}

gan_status gan_graph_reader_open(struct graph_reader *reader, gan_context *context, const char *text)
{
    *reader = (struct graph_reader){.context = context};
    gan_status status = gan_json_open(&reader->json, context, text, strlen(text), "graph");
    if (status != GAN_OK)
        return status;
    reader->open = true;
    return read_layers(reader);
}

void gan_graph_reader_close(struct graph_reader *reader)
{
    for (int32_t i = 0; i < reader->parameter_count; i++)
        gan_release(reader->context, reader->parameters[i].name);
    gan_release(reader->context, reader->parameters);
    gan_release(reader->context, reader->layers);
    gan_graph_free(reader->graph);
    if (reader->open)
        gan_json_close(&reader->json);
}
