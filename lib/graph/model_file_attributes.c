/* Attributes of an op, read by its table of fields. */
#include "graph/model_file.h"

#include <string.h>

static const struct attribute_field *find_field(const struct json *json, int32_t key, const struct gan_op *op)
{
    for (int32_t i = 0; i < op->field_count; i++)
        if (gan_json_equals(json, key, op->fields[i].name))
            return &op->fields[i];
    return NULL;
}

static gan_status read_int32(const struct json *json, int32_t value, void *to)
{
    int64_t number;
    const gan_status status = gan_json_integer(json, value, INT32_MIN, INT32_MAX, &number);
    if (status == GAN_OK)
        memcpy(to, &(int32_t){(int32_t)number}, sizeof(int32_t));
    return status;
}

static gan_status read_int64(const struct json *json, int32_t value, void *to)
{
    int64_t number;
    const gan_status status = gan_json_integer(json, value, INT64_MIN, INT64_MAX, &number);
    if (status == GAN_OK)
        memcpy(to, &number, sizeof number);
    return status;
}

static gan_status read_float(const struct json *json, int32_t value, void *to)
{
    float number;
    const gan_status status = gan_json_float(json, value, &number);
    if (status == GAN_OK)
        memcpy(to, &number, sizeof number);
    return status;
}

static const struct {
    gan_status (*read)(const struct json *json, int32_t value, void *to);
    size_t size;
} readers[] = {
    [ATTRIBUTE_INT32] = {read_int32, sizeof(int32_t)},
    [ATTRIBUTE_INT64] = {read_int64, sizeof(int64_t)},
    [ATTRIBUTE_FLOAT] = {read_float, sizeof(float)},
};

static gan_status read_array(const struct json *json, int32_t value, const struct attribute_field *field,
                             unsigned char *to)
{
    if (gan_json_kind(json, value) != JSON_ARRAY || gan_json_count(json, value) != field->count)
        return gan_fail(GAN_ERROR_FORMAT, "expected an array of %d numbers", field->count);
    gan_status status = GAN_OK;
    int32_t element = gan_json_first(json, value);
    for (; status == GAN_OK && element >= 0; element = gan_json_next(json, element)) {
        status = readers[field->type].read(json, element, to);
        to += readers[field->type].size;
    }
    return status;
}

static gan_status read_field(const struct json *json, int32_t value, const struct attribute_field *field,
                             void *attributes)
{
    unsigned char *to = (unsigned char *)attributes + field->offset;
    const gan_status status =
        field->count > 1 ? read_array(json, value, field, to) : readers[field->type].read(json, value, to);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "attribute \"%s\": ", field->name);
}

static gan_status check_known(const struct json *json, int32_t object, const struct gan_op *op)
{
    for (int32_t key = gan_json_first(json, object); key >= 0; key = gan_json_next(json, key))
        if (find_field(json, key, op) == NULL) {
            char *text;
            const gan_status status = gan_json_string(json, key, &text);
            if (status != GAN_OK)
                return status;
            gan_fail(GAN_ERROR_FORMAT, "op \"%s\" has no attribute \"%s\"", op->name, text);
            gan_release(json->context, text);
            return GAN_ERROR_FORMAT;
        }
    return GAN_OK;
}

gan_status gan_attributes_read(const struct json *json, int32_t object, const struct gan_op *op,
                               void *attributes)
{
    gan_status status = check_known(json, object, op);
    for (int32_t i = 0; status == GAN_OK && i < op->field_count; i++) {
        const int32_t value = gan_json_find(json, object, op->fields[i].name);
        status = value >= 0 ? read_field(json, value, &op->fields[i], attributes)
                            : gan_fail(GAN_ERROR_FORMAT, "attribute \"%s\" is missing", op->fields[i].name);
    }
    return status;
}
