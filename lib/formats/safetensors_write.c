#include "formats/file.h"
#include "formats/json_write.h"
#include "formats/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 4096, HEADER_ALIGNMENT = 8, LARGEST_ELEMENT = 4 };

static uint64_t stored_size(const struct named_tensor *entry)
{
    return (uint64_t)gan_shape_count(&entry->tensor->shape) * gan_type_size(entry->storage);
}

/* The widest elements come first, so that all are aligned. This is the number of bytes before the tensors of
 * one element size. */
static uint64_t place_of_size(const gan_tensors *tensors, size_t element)
{
    uint64_t place = 0;
    for (int32_t i = 0; i < tensors->count; i++)
        if (gan_type_size(tensors->entries[i].storage) > element)
            place += stored_size(&tensors->entries[i]);
    return place;
}

static void write_entry(struct json_writer *json, const struct named_tensor *entry, uint64_t begin)
{
    gan_json_begin_object(json, entry->name);
    gan_json_write_string(json, "dtype", gan_stored_name(entry->storage));
    gan_json_begin_array(json, "shape");
    for (int32_t axis = 0; axis < entry->tensor->shape.rank; axis++)
        gan_json_write_integer(json, NULL, entry->tensor->shape.size[axis]);
    gan_json_end_array(json);
    gan_json_begin_array(json, "data_offsets");
    gan_json_write_integer(json, NULL, (int64_t)begin);
    gan_json_write_integer(json, NULL, (int64_t)(begin + stored_size(entry)));
    gan_json_end_array(json);
    gan_json_end_object(json);
}

static void write_metadata(struct json_writer *json, const gan_tensors *tensors)
{
    if (tensors->metadata_count == 0)
        return;
    gan_json_begin_object(json, "__metadata__");
    for (int32_t i = 0; i < tensors->metadata_count; i++)
        gan_json_write_string(json, tensors->metadata[i].key, tensors->metadata[i].value);
    gan_json_end_object(json);
}

static gan_status make_header(const gan_tensors *tensors, char **text, size_t *size)
{
    struct json_writer json;
    gan_json_writer_open(&json, tensors->context);
    gan_json_begin_object(&json, NULL);
    write_metadata(&json, tensors);
    uint64_t next[LARGEST_ELEMENT + 1];
    for (size_t element = 1; element <= LARGEST_ELEMENT; element++)
        next[element] = place_of_size(tensors, element);
    for (int32_t i = 0; i < tensors->count; i++) {
        uint64_t *place = &next[gan_type_size(tensors->entries[i].storage)];
        write_entry(&json, &tensors->entries[i], *place);
        *place += stored_size(&tensors->entries[i]);
    }
    gan_json_end_object(&json);
    while (json.status == GAN_OK && json.size % HEADER_ALIGNMENT != 0)
        gan_json_write_raw(&json, " ", 1);
    return gan_json_writer_take(&json, text, size);
}

static gan_status write_header(struct file_writer *file, const gan_tensors *tensors)
{
    char *text;
    size_t size;
    gan_status status = make_header(tensors, &text, &size);
    if (status != GAN_OK)
        return status;
    uint8_t prefix[PREFIX_SIZE];
    for (int i = 0; i < PREFIX_SIZE; i++)
        prefix[i] = (uint8_t)((uint64_t)size >> (8 * i));
    if (size > MOST_HEADER)
        status = gan_fail(GAN_ERROR_ARGUMENT, "%s: names and metadata take %zu bytes, at most %d fit",
                          file->path, size, MOST_HEADER);
    if (status == GAN_OK)
        status = gan_file_write(file, prefix, sizeof prefix);
    if (status == GAN_OK)
        status = gan_file_write(file, text, size);
    gan_release(tensors->context, text);
    return status;
}

static gan_status write_halves(struct file_writer *file, const struct named_tensor *entry)
{
    const float *values = entry->tensor->data;
    const int64_t count = gan_shape_count(&entry->tensor->shape);
    uint16_t block[BLOCK];
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t some = count - start < BLOCK ? count - start : BLOCK;
        for (int64_t i = 0; i < some; i++) {
            const float value = values[start + i];
            /* From 65520 on a number rounds to infinity. */
            if (isfinite(value) && fabsf(value) >= 65520.0f)
                return gan_fail(GAN_ERROR_NOT_FINITE,
                                "%s: tensor \"%s\": element %" PRId64 " is %g, beyond float16", file->path,
                                entry->name, start + i, (double)value);
            block[i] = gan_half_from_float(value);
        }
        const gan_status status = gan_file_write(file, block, (size_t)some * sizeof block[0]);
        if (status != GAN_OK)
            return status;
    }
    return GAN_OK;
}

static gan_status write_tensor(struct file_writer *file, const struct named_tensor *entry)
{
    if (entry->storage != entry->tensor->type)
        return write_halves(file, entry);
    return gan_file_write(file, entry->tensor->data, (size_t)stored_size(entry));
}

static gan_status write_data(struct file_writer *file, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (size_t element = LARGEST_ELEMENT; element >= 1; element--)
        for (int32_t i = 0; i < tensors->count && status == GAN_OK; i++)
            if (gan_type_size(tensors->entries[i].storage) == element)
                status = write_tensor(file, &tensors->entries[i]);
    return status;
}

gan_status gan_tensors_save(const gan_tensors *tensors, const char *path)
{
    if (tensors == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_save: %s is NULL",
                        tensors == NULL ? "tensors" : "path");
    struct file_writer file;
    gan_status status = gan_file_writer_open(&file, tensors->context, path);
    if (status != GAN_OK)
        return status;
    status = write_header(&file, tensors);
    if (status == GAN_OK)
        status = write_data(&file, tensors);
    if (status == GAN_OK)
        return gan_file_writer_commit(&file);
    gan_file_writer_discard(&file);
    return status;
}
