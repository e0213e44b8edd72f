/* One layer of a model file: what its JSON object says, checked. */
#include "graph/model_file.h"

void gan_layer_text_release(gan_context *context, struct layer_text *text)
{
    gan_release(context, text->name);
    gan_release(context, text->attributes);
    gan_release(context, text->inputs);
}

static gan_status read_op(const struct json *json, int32_t object, const struct gan_op **op)
{
    int32_t value;
    char *name;
    gan_status status = gan_json_require(json, object, "op", JSON_STRING, &value);
    if (status == GAN_OK)
        status = gan_json_string(json, value, &name);
    if (status != GAN_OK)
        return status;
    *op = gan_op_find(name);
    if (*op == NULL)
        status = gan_fail(GAN_ERROR_FORMAT, "there is no op \"%s\"", name);
    gan_release(json->context, name);
    return status;
}

static gan_status read_name(const struct json *json, int32_t object, char **name)
{
    int32_t value;
    gan_status status = gan_json_require(json, object, "name", JSON_STRING, &value);
    if (status == GAN_OK)
        status = gan_json_string(json, value, name);
    if (status == GAN_OK && (*name)[0] == '\0')
        status = gan_fail(GAN_ERROR_FORMAT, "the name is empty");
    return status;
}

static gan_status read_attributes(const struct json *json, int32_t object, struct layer_text *text)
{
    int32_t value;
    const gan_status status = gan_json_require(json, object, "attributes", JSON_OBJECT, &value);
    if (status != GAN_OK)
        return status;
    text->attributes = gan_allocate_zeroed(json->context, text->op->attributes_size);
    if (text->attributes == NULL)
        return gan_fail_memory("attributes", text->op->attributes_size);
    return gan_attributes_read(json, value, text->op, text->attributes);
}

gan_status gan_graph_reader_list(const struct graph_reader *reader, int32_t object, const char *key,
                                 gan_layer ***layers, int32_t *count)
{
    const struct json *json = &reader->json;
    int32_t array;
    gan_status status = gan_json_require(json, object, key, JSON_ARRAY, &array);
    if (status != GAN_OK)
        return status;
    *count = gan_json_count(json, array);
    *layers = gan_allocate_array(reader->context, (size_t)*count, sizeof(gan_layer *));
    if (*layers == NULL)
        return gan_fail_memory("a list of layers", (size_t)*count * sizeof(gan_layer *));
    int32_t element = gan_json_first(json, array);
    for (int32_t i = 0; element >= 0; i++, element = gan_json_next(json, element)) {
        int64_t number;
        status = gan_json_integer(json, element, 0, reader->layer_count - 1, &number);
        if (status != GAN_OK)
            return gan_fail_within(status, "\"%s\", number %d of a layer before this one: ", key, i);
        (*layers)[i] = reader->layers[number];
    }
    return GAN_OK;
}

static gan_status read_statistics(const struct json *json, int32_t object, int64_t *statistics)
{
    const int32_t value = gan_json_find(json, object, "statistics");
    *statistics = GAN_STATISTICS_FOLLOW;
    if (value < 0)
        return GAN_OK;
    const gan_status status =
        gan_json_integer(json, value, GAN_STATISTICS_FOLLOW, GAN_STATISTICS_RUNNING, statistics);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "\"statistics\": ");
}

static gan_status check_keys(const struct json *json, int32_t object)
{
    static const char *const known[] = {"op", "name", "inputs", "attributes", "parameters", "statistics"};
    for (int32_t key = gan_json_first(json, object); key >= 0; key = gan_json_next(json, key)) {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            found = found || gan_json_equals(json, key, known[i]);
        if (!found)
            return gan_fail(
                GAN_ERROR_FORMAT,
                "it has a key that is none of op, name, inputs, attributes, parameters, statistics");
    }
    return GAN_OK;
}

gan_status gan_layer_text_read(const struct graph_reader *reader, int32_t object, struct layer_text *text)
{
    const struct json *json = &reader->json;
    if (gan_json_kind(json, object) != JSON_OBJECT)
        return gan_fail(GAN_ERROR_FORMAT, "it is no object");
    gan_status status = read_name(json, object, &text->name);
    if (status == GAN_OK)
        status = check_keys(json, object);
    if (status == GAN_OK)
        status = read_op(json, object, &text->op);
    if (status == GAN_OK)
        status = read_attributes(json, object, text);
    if (status == GAN_OK)
        status = gan_graph_reader_list(reader, object, "inputs", &text->inputs, &text->input_count);
    return status == GAN_OK ? read_statistics(json, object, &text->statistics) : status;
}
