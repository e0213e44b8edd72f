/* The graph of a model as JSON. */
#include "formats/json_write.h"
#include "graph/model_file.h"

#include <string.h>

/* The layers of a model as they are numbered in the file: all that outputs need, then inputs that no output
 * needs. */
struct numbering {
    const gan_model *model;
    gan_layer **layers;
    int32_t count;
};

static int32_t number_of(const struct numbering *numbering, const gan_layer *layer)
{
    for (int32_t i = 0; i < numbering->count; i++)
        if (numbering->layers[i] == layer)
            return i;
    return -1;
}

static gan_status number_layers(struct numbering *numbering, const gan_model *model)
{
    const size_t most = (size_t)model->layer_count + (size_t)model->input_count;
    numbering->model = model;
    numbering->layers = gan_allocate_array(model->graph->context, most, sizeof(gan_layer *));
    if (numbering->layers == NULL)
        return gan_fail_memory("a list of layers", most * sizeof(gan_layer *));
    memcpy(numbering->layers, model->layers, (size_t)model->layer_count * sizeof(gan_layer *));
    numbering->count = model->layer_count;
    for (int32_t i = 0; i < model->input_count; i++)
        if (number_of(numbering, model->inputs[i]) < 0)
            numbering->layers[numbering->count++] = model->inputs[i];
    if (numbering->count <= MODEL_FILE_MOST_LAYERS)
        return GAN_OK;
    return gan_fail(GAN_ERROR_UNSUPPORTED, "model \"%s\" has %d layers, a file holds at most %d", model->name,
                    numbering->count, MODEL_FILE_MOST_LAYERS);
}

static void write_numbers(struct json_writer *writer, const char *key, const struct numbering *numbering,
                          gan_layer *const *layers, int32_t count)
{
    gan_json_begin_array(writer, key);
    for (int32_t i = 0; i < count; i++)
        gan_json_write_integer(writer, NULL, number_of(numbering, layers[i]));
    gan_json_end_array(writer);
}

/* ---- One layer ---- */

static void write_int32(struct json_writer *writer, const char *key, const void *from)
{
    int32_t number;
    memcpy(&number, from, sizeof number);
    gan_json_write_integer(writer, key, number);
}

static void write_int64(struct json_writer *writer, const char *key, const void *from)
{
    int64_t number;
    memcpy(&number, from, sizeof number);
    gan_json_write_integer(writer, key, number);
}

static void write_float(struct json_writer *writer, const char *key, const void *from)
{
    float number;
    memcpy(&number, from, sizeof number);
    gan_json_write_float(writer, key, number);
}

static const struct {
    void (*write)(struct json_writer *writer, const char *key, const void *from);
    size_t size;
} writers[] = {
    [ATTRIBUTE_INT32] = {write_int32, sizeof(int32_t)},
    [ATTRIBUTE_INT64] = {write_int64, sizeof(int64_t)},
    [ATTRIBUTE_FLOAT] = {write_float, sizeof(float)},
};

static void write_field(struct json_writer *writer, const struct attribute_field *field,
                        const void *attributes)
{
    const unsigned char *from = (const unsigned char *)attributes + field->offset;
    if (field->count <= 1) {
        writers[field->type].write(writer, field->name, from);
        return;
    }
    gan_json_begin_array(writer, field->name);
    for (int32_t i = 0; i < field->count; i++)
        writers[field->type].write(writer, NULL, from + (size_t)i * writers[field->type].size);
    gan_json_end_array(writer);
}

static const char *name_of(const gan_model *model, const struct parameter *parameter)
{
    for (int32_t i = 0; i < model->parameter_count; i++)
        if (model->parameters[i].parameter == parameter)
            return model->parameters[i].name;
    return "";
}

static void write_parameters(struct json_writer *writer, const gan_model *model, const gan_layer *layer)
{
    gan_json_begin_array(writer, "parameters");
    for (int32_t i = 0; i < layer->parameter_count; i++)
        gan_json_write_string(writer, NULL, name_of(model, layer->parameters[i]));
    gan_json_end_array(writer);
}

static void write_layer(struct json_writer *writer, const struct numbering *numbering, const gan_layer *layer)
{
    gan_json_begin_object(writer, NULL);
    gan_json_write_string(writer, "op", layer->op->name);
    gan_json_write_string(writer, "name", layer->name);
    write_numbers(writer, "inputs", numbering, layer->inputs, layer->input_count);
    gan_json_begin_object(writer, "attributes");
    for (int32_t i = 0; i < layer->op->field_count; i++)
        write_field(writer, &layer->op->fields[i], layer->attributes);
    gan_json_end_object(writer);
    if (layer->parameter_count > 0)
        write_parameters(writer, numbering->model, layer);
    if (layer->statistics != GAN_STATISTICS_FOLLOW)
        gan_json_write_integer(writer, "statistics", layer->statistics);
    gan_json_end_object(writer);
}

/* ---- The model ---- */

static void write_model(struct json_writer *writer, const struct numbering *numbering)
{
    const gan_model *model = numbering->model;
    gan_json_begin_object(writer, NULL);
    gan_json_write_string(writer, "name", model->name);
    gan_json_write_boolean(writer, "trainable", model->trainable != 0);
    write_numbers(writer, "inputs", numbering, model->inputs, model->input_count);
    write_numbers(writer, "outputs", numbering, model->outputs, model->output_count);
    gan_json_begin_array(writer, "layers");
    for (int32_t i = 0; i < numbering->count; i++)
        write_layer(writer, numbering, numbering->layers[i]);
    gan_json_end_array(writer);
    gan_json_end_object(writer);
}

gan_status gan_model_graph_text(const gan_model *model, char **text)
{
    struct numbering numbering = {0};
    struct json_writer writer;
    gan_json_writer_open(&writer, model->graph->context);
    gan_status status = number_layers(&numbering, model);
    if (status == GAN_OK)
        write_model(&writer, &numbering);
    const gan_status written = gan_json_writer_take(&writer, text, NULL);
    gan_release(model->graph->context, numbering.layers);
    if (status != GAN_OK)
        gan_release(model->graph->context, written == GAN_OK ? *text : NULL);
    return status != GAN_OK ? status : written;
}
