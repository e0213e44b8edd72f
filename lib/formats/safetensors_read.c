#include "formats/file.h"
#include "formats/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };

struct reading {
    gan_context *context;
    struct file_reader *file;
    char *header;
    size_t header_size;
    struct json json;
    struct stored_tensor *stored; /* in the order of the header */
    struct stored_tensor **by_place;
    int32_t count;
    gan_tensors *tensors;
};

/* Put file and tensor before the words that are recorded. */
static gan_status fail_tensor(const struct reading *reading, const struct stored_tensor *stored,
                              gan_status status)
{
    const struct json_raw raw = gan_json_raw(&reading->json, stored->key);
    return gan_fail_within(status, "%s: tensor \"%.*s\": ", reading->file->name,
                           (int)(raw.size < 200 ? raw.size : 200), raw.bytes);
}

static gan_status read_header_size(struct reading *reading)
{
    uint8_t prefix[PREFIX_SIZE];
    const gan_status status = gan_file_reader_take(reading->file, prefix, sizeof prefix);
    if (status != GAN_OK)
        return status;
    uint64_t size = 0;
    for (int i = PREFIX_SIZE - 1; i >= 0; i--)
        size = size << 8 | prefix[i];
    const uint64_t left = reading->file->size - PREFIX_SIZE;
    if (size > MOST_HEADER || size > left)
        return gan_fail(GAN_ERROR_FORMAT,
                        "%s: is no safetensors file: its first 8 bytes claim a header of %" PRIu64
                        " bytes, expected at most %" PRIu64,
                        reading->file->name, size, left < MOST_HEADER ? left : MOST_HEADER);
    reading->header_size = (size_t)size;
    return GAN_OK;
}

static gan_status read_header(struct reading *reading)
{
    gan_status status = read_header_size(reading);
    if (status != GAN_OK)
        return status;
    const char *name = reading->file->name;
    reading->header = gan_allocate(reading->context, reading->header_size);
    if (reading->header == NULL)
        return gan_fail_memory("a safetensors header", reading->header_size);
    status = gan_file_reader_take(reading->file, reading->header, reading->header_size);
    if (status != GAN_OK)
        return status;
    if (reading->header_size == 0 || reading->header[0] != '{')
        return gan_fail(GAN_ERROR_FORMAT, "%s: is no safetensors file: its header does not begin with {",
                        name);
    status = gan_json_open(&reading->json, reading->context, reading->header, reading->header_size, "header");
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "%s: ", name);
}

static gan_status read_metadata(struct reading *reading, int32_t object)
{
    const struct json *json = &reading->json;
    if (gan_json_kind(json, object) != JSON_OBJECT)
        return gan_fail(GAN_ERROR_FORMAT, "%s: __metadata__ is no object of strings", reading->file->name);
    for (int32_t key = gan_json_first(json, object); key >= 0; key = gan_json_next(json, key)) {
        char *name = NULL, *value = NULL;
        gan_status status = gan_json_string(json, key, &name);
        if (status == GAN_OK)
            status = gan_json_string(json, gan_json_member(json, key), &value);
        if (status == GAN_OK)
            status = gan_tensors_append_metadata(reading->tensors, name, value);
        else
            gan_release(reading->context, name);
        if (status != GAN_OK)
            return gan_fail_within(status, "%s: __metadata__: ", reading->file->name);
    }
    return GAN_OK;
}

static gan_status allocate_entries(struct reading *reading)
{
    const int32_t most = gan_json_count(&reading->json, 0);
    if (most > MOST_TENSORS)
        return gan_fail(GAN_ERROR_FORMAT, "%s: has %d tensors, expected at most %d", reading->file->name,
                        most, MOST_TENSORS);
    const size_t count = (size_t)most;
    reading->stored = gan_allocate_array(reading->context, count, sizeof *reading->stored);
    reading->by_place = gan_allocate_array(reading->context, count, sizeof *reading->by_place);
    if (reading->stored == NULL || reading->by_place == NULL)
        return gan_fail_memory("a list of tensors", count * sizeof *reading->stored);
    return GAN_OK;
}

static gan_status read_entries(struct reading *reading)
{
    const struct json *json = &reading->json;
    const uint64_t data_size = reading->file->size - reading->file->position;
    gan_status status = allocate_entries(reading);
    int32_t key = gan_json_first(json, 0);
    for (; key >= 0 && status == GAN_OK; key = gan_json_next(json, key)) {
        if (gan_json_equals(json, key, "__metadata__")) {
            status = read_metadata(reading, gan_json_member(json, key));
            continue;
        }
        struct stored_tensor *stored = &reading->stored[reading->count];
        status = gan_stored_tensor_read(stored, json, key, data_size);
        if (status != GAN_OK)
            return fail_tensor(reading, stored, status);
        reading->by_place[reading->count++] = stored;
    }
    return status;
}

static int compare_places(const void *a, const void *b)
{
    const struct stored_tensor *first = *(struct stored_tensor *const *)a;
    const struct stored_tensor *second = *(struct stored_tensor *const *)b;
    if (first->begin != second->begin)
        return first->begin < second->begin ? -1 : 1;
    if (first->end != second->end)
        return first->end < second->end ? -1 : 1;
    return first->key < second->key ? -1 : 1;
}

/* Each range begins where the one before ends, and the last one ends the file. */
static gan_status check_places(struct reading *reading)
{
    uint64_t place = 0;
    const uint64_t data_size = reading->file->size - reading->file->position;
    qsort(reading->by_place, (size_t)reading->count, sizeof *reading->by_place, compare_places);
    for (int32_t i = 0; i < reading->count; i++) {
        const struct stored_tensor *stored = reading->by_place[i];
        if (stored->begin != place) {
            const gan_status status =
                gan_fail(GAN_ERROR_FORMAT, "begins at byte %" PRIu64 " of the data, expected %" PRIu64,
                         stored->begin, place);
            return fail_tensor(reading, stored, status);
        }
        place = stored->end;
    }
    if (place != data_size)
        return gan_fail(GAN_ERROR_FORMAT, "%s: has %" PRIu64 " bytes of data, but its tensors take %" PRIu64,
                        reading->file->name, data_size, place);
    return GAN_OK;
}

/* Read elements by the block and convert them. */
static gan_status read_converted(struct reading *reading, const struct stored_tensor *stored)
{
    const int64_t count = gan_shape_count(&stored->shape);
    const size_t element = gan_type_size(stored->type->type);
    unsigned char *to = stored->tensor->data;
    _Alignas(8) unsigned char block[BLOCK * 8];
    for (int64_t start = 0; start < count; start += BLOCK) {
        const int64_t some = count - start < BLOCK ? count - start : BLOCK;
        const gan_status status =
            gan_file_reader_take(reading->file, block, (size_t)some * stored->type->size);
        if (status != GAN_OK)
            return status;
        const int64_t wrong = stored->type->convert(block, some, to + (size_t)start * element);
        if (wrong >= 0)
            return gan_fail(GAN_ERROR_FORMAT, "element %" PRId64 " of type %s does not fit %s", start + wrong,
                            stored->type->name, gan_type_name(stored->type->type));
    }
    return GAN_OK;
}

static gan_status read_tensor(struct reading *reading, struct stored_tensor *stored)
{
    gan_status status =
        gan_tensor_make(&stored->tensor, reading->context, stored->type->type, &stored->shape);
    if (status == GAN_OK && stored->type->convert != NULL)
        status = read_converted(reading, stored);
    else if (status == GAN_OK)
        status = gan_file_reader_take(reading->file, stored->tensor->data, stored->end - stored->begin);
    return status == GAN_OK ? GAN_OK : fail_tensor(reading, stored, status);
}

static gan_status hand_over(struct reading *reading)
{
    for (int32_t i = 0; i < reading->count; i++) {
        char *name;
        gan_status status = gan_json_string(&reading->json, reading->stored[i].key, &name);
        if (status == GAN_OK) {
            status = gan_tensors_append(reading->tensors, name, reading->stored[i].tensor);
            reading->stored[i].tensor = NULL;
        }
        if (status != GAN_OK)
            return gan_fail_within(status, "%s: ", reading->file->name);
    }
    return GAN_OK;
}

static gan_status read_all(struct reading *reading)
{
    gan_status status = gan_tensors_create(&reading->tensors, reading->context);
    if (status == GAN_OK)
        status = read_header(reading);
    if (status == GAN_OK)
        status = read_entries(reading);
    if (status == GAN_OK)
        status = check_places(reading);
    for (int32_t i = 0; i < reading->count && status == GAN_OK; i++)
        status = read_tensor(reading, reading->by_place[i]);
    return status == GAN_OK ? hand_over(reading) : status;
}

static void release_all(struct reading *reading)
{
    for (int32_t i = 0; i < reading->count; i++)
        gan_tensor_free(reading->stored[i].tensor);
    gan_release(reading->context, reading->stored);
    gan_release(reading->context, reading->by_place);
    gan_release(reading->context, reading->json.tokens);
    gan_release(reading->context, reading->header);
    gan_file_reader_close(reading->file);
}

static gan_status load(gan_tensors **out, struct file_reader *file)
{
    struct reading reading = {.context = file->context, .file = file};
    const gan_status status = read_all(&reading);
    release_all(&reading);
    if (status == GAN_OK)
        *out = reading.tensors;
    else
        gan_tensors_free(reading.tensors);
    return status;
}

static gan_status check_load(gan_tensors **out, const gan_context *context, const char *name,
                             const char *call)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: out is NULL", call);
    *out = NULL;
    if (context == NULL || name == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: %s is NULL", call, context == NULL ? "context" : "the name");
    return GAN_OK;
}

gan_status gan_tensors_load(gan_tensors **out, gan_context *context, const char *path)
{
    struct file_reader file;
    gan_status status = check_load(out, context, path, "gan_tensors_load");
    if (status == GAN_OK)
        status = gan_file_reader_open(&file, context, path);
    return status == GAN_OK ? load(out, &file) : status;
}

gan_status gan_tensors_decode(gan_tensors **out, gan_context *context, const void *bytes, size_t size,
                              const char *name)
{
    struct file_reader file;
    const gan_status status = check_load(out, context, name, "gan_tensors_decode");
    if (status != GAN_OK)
        return status;
    if (bytes == NULL && size > 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_decode: bytes is NULL");
    gan_file_reader_memory(&file, context, bytes, size, name);
    return load(out, &file);
}
