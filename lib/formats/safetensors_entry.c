#include "formats/safetensors.h"

#include <inttypes.h>

static gan_status read_type(struct stored_tensor *stored, const struct json *json, int32_t object)
{
    int32_t value;
    const gan_status status = gan_json_require(json, object, "dtype", JSON_STRING, &value);
    if (status != GAN_OK)
        return status;
    stored->type = gan_stored_type(json, value);
    if (stored->type != NULL)
        return GAN_OK;
    const struct json_raw raw = gan_json_raw(json, value);
    return gan_fail(GAN_ERROR_TYPE, "has type %.*s, expected F32, F16, BF16, F64, I32, I64 or U8",
                    (int)(raw.size < 40 ? raw.size : 40), raw.bytes);
}

static gan_status read_shape(struct stored_tensor *stored, const struct json *json, int32_t object)
{
    int32_t array;
    gan_status status = gan_json_require(json, object, "shape", JSON_ARRAY, &array);
    if (status != GAN_OK)
        return status;
    const int32_t rank = gan_json_count(json, array);
    if (rank > GAN_MAX_RANK)
        return gan_fail(GAN_ERROR_UNSUPPORTED, "has %d dimensions, expected at most %d", rank, GAN_MAX_RANK);
    int64_t sizes[GAN_MAX_RANK] = {0};
    int32_t value = gan_json_first(json, array);
    for (int32_t i = 0; i < rank && status == GAN_OK; i++, value = gan_json_next(json, value))
        status = gan_json_integer(json, value, 0, INT64_MAX, &sizes[i]);
    if (status == GAN_OK && gan_shape_take(&stored->shape, sizes, rank, 0) != GAN_OK)
        status = GAN_ERROR_FORMAT; /* with the words about the shape */
    return status;
}

static gan_status read_range(struct stored_tensor *stored, const struct json *json, int32_t object,
                             uint64_t data_size)
{
    int32_t array;
    int64_t begin = 0, end = 0;
    const int64_t most = (int64_t)data_size;
    gan_status status = gan_json_require(json, object, "data_offsets", JSON_ARRAY, &array);
    if (status == GAN_OK && gan_json_count(json, array) != 2)
        status = gan_fail(GAN_ERROR_FORMAT, "has %d data_offsets, expected 2", gan_json_count(json, array));
    if (status != GAN_OK)
        return status;
    const int32_t first = gan_json_first(json, array);
    status = gan_json_integer(json, first, 0, most, &begin);
    if (status == GAN_OK)
        status = gan_json_integer(json, gan_json_next(json, first), begin, most, &end);
    stored->begin = (uint64_t)begin;
    stored->end = (uint64_t)end;
    return status;
}

static gan_status check_size(const struct stored_tensor *stored)
{
    const uint64_t needed = (uint64_t)gan_shape_count(&stored->shape) * stored->type->size;
    const uint64_t given = stored->end - stored->begin;
    if (needed == given)
        return GAN_OK;
    char text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_FORMAT, "%s of %s takes %" PRIu64 " bytes, but data_offsets give %" PRIu64,
                    gan_shape_text(&stored->shape, text), stored->type->name, needed, given);
}

gan_status gan_stored_tensor_read(struct stored_tensor *stored, const struct json *json, int32_t key,
                                  uint64_t data_size)
{
    *stored = (struct stored_tensor){.key = key};
    const int32_t object = gan_json_member(json, key);
    gan_status status = GAN_OK;
    if (gan_json_kind(json, object) != JSON_OBJECT)
        status = gan_fail(GAN_ERROR_FORMAT, "is no object of dtype, shape and data_offsets");
    if (status == GAN_OK)
        status = read_type(stored, json, object);
    if (status == GAN_OK)
        status = read_shape(stored, json, object);
    if (status == GAN_OK)
        status = read_range(stored, json, object, data_size);
    return status == GAN_OK ? check_size(stored) : status;
}
