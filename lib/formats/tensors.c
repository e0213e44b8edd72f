#include "formats/tensors.h"
#include "formats/utf8.h"

#include <string.h>

enum { FIRST_CAPACITY = 16 };

gan_status gan_tensors_create(gan_tensors **out, gan_context *context)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_create: out is NULL");
    *out = NULL;
    if (context == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_create: context is NULL");
    gan_tensors *tensors = gan_allocate_zeroed(context, sizeof *tensors);
    if (tensors == NULL)
        return gan_fail_memory("a collection of tensors", sizeof *tensors);
    tensors->context = gan_context_retain(context);
    *out = tensors;
    return GAN_OK;
}

static void release_metadata(gan_context *context, struct metadata *metadata)
{
    gan_release(context, metadata->key);
    gan_release(context, metadata->value);
}

void gan_tensors_free(gan_tensors *tensors)
{
    if (tensors == NULL)
        return;
    gan_context *context = tensors->context;
    for (int32_t i = 0; i < tensors->count; i++) {
        gan_release(context, tensors->entries[i].name);
        gan_tensor_free(tensors->entries[i].tensor);
    }
    for (int32_t i = 0; i < tensors->metadata_count; i++)
        release_metadata(context, &tensors->metadata[i]);
    gan_release(context, tensors->entries);
    gan_release(context, tensors->metadata);
    gan_release(context, tensors);
    gan_context_free(context);
}

/* The array with room for one element more, or NULL. */
static void *make_room(gan_context *context, void *array, int32_t count, int32_t *capacity, size_t element)
{
    if (count < *capacity)
        return array;
    const int32_t larger = *capacity > 0 ? *capacity * 2 : FIRST_CAPACITY;
    void *moved = gan_allocate_array(context, (size_t)larger, element);
    if (moved == NULL)
        return NULL;
    if (count > 0)
        memcpy(moved, array, (size_t)count * element);
    gan_release(context, array);
    *capacity = larger;
    return moved;
}

gan_status gan_tensors_append(gan_tensors *tensors, char *name, gan_tensor *tensor)
{
    struct named_tensor *entries =
        make_room(tensors->context, tensors->entries, tensors->count, &tensors->capacity, sizeof *entries);
    if (entries == NULL || name == NULL || tensor == NULL) {
        gan_release(tensors->context, name);
        gan_tensor_free(tensor);
        if (entries != NULL)
            tensors->entries = entries;
        return gan_fail_memory("a tensor's name", sizeof *entries);
    }
    tensors->entries = entries;
    entries[tensors->count++] = (struct named_tensor){name, tensor, tensor->type};
    return GAN_OK;
}

gan_status gan_tensors_append_metadata(gan_tensors *tensors, char *key, char *value)
{
    struct metadata added = {key, value};
    struct metadata *metadata = make_room(tensors->context, tensors->metadata, tensors->metadata_count,
                                          &tensors->metadata_capacity, sizeof *metadata);
    if (metadata != NULL)
        tensors->metadata = metadata;
    if (metadata == NULL || key == NULL || value == NULL) {
        release_metadata(tensors->context, &added);
        return gan_fail_memory("metadata", sizeof *metadata);
    }
    metadata[tensors->metadata_count++] = added;
    return GAN_OK;
}

static bool is_utf8(const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        const size_t length = gan_utf8_length(text, left);
        if (length == 0)
            return false;
        text += length;
        left -= length;
    }
    return true;
}

static gan_status check_name(const gan_tensors *tensors, const char *name)
{
    if (name[0] == '\0' || strcmp(name, "__metadata__") == 0 || !is_utf8(name))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_tensors_add: the name is \"%s\", expected UTF-8 that is not empty and not "
                        "\"__metadata__\"",
                        name);
    if (gan_tensors_find(tensors, name) >= 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_add: there is a tensor \"%s\" already", name);
    if (tensors->count >= MOST_TENSORS)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_add: there are %d tensors already, no more fit",
                        MOST_TENSORS);
    return GAN_OK;
}

gan_status gan_tensors_add(gan_tensors *tensors, const char *name, gan_tensor *tensor)
{
    if (tensors == NULL || name == NULL || tensor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_add: an argument is NULL");
    const gan_status status = check_name(tensors, name);
    if (status != GAN_OK)
        return status;
    return gan_tensors_append(tensors, gan_copy_string(tensors->context, name), gan_tensor_retain(tensor));
}

int32_t gan_tensors_count(const gan_tensors *tensors)
{
    return tensors != NULL ? tensors->count : 0;
}

static bool has(const gan_tensors *tensors, int32_t index)
{
    return tensors != NULL && index >= 0 && index < tensors->count;
}

const char *gan_tensors_name(const gan_tensors *tensors, int32_t index)
{
    return has(tensors, index) ? tensors->entries[index].name : NULL;
}

const gan_tensor *gan_tensors_at(const gan_tensors *tensors, int32_t index)
{
    return has(tensors, index) ? tensors->entries[index].tensor : NULL;
}

int32_t gan_tensors_find(const gan_tensors *tensors, const char *name)
{
    for (int32_t i = 0; tensors != NULL && name != NULL && i < tensors->count; i++)
        if (strcmp(tensors->entries[i].name, name) == 0)
            return i;
    return -1;
}

gan_status gan_tensors_get(gan_tensor **out, const gan_tensors *tensors, const char *name)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_get: out is NULL");
    *out = NULL;
    if (tensors == NULL || name == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_get: an argument is NULL");
    const int32_t index = gan_tensors_find(tensors, name);
    if (index < 0)
        return gan_fail(GAN_ERROR_NOT_FOUND, "there is no tensor \"%s\" among %d", name, tensors->count);
    *out = gan_tensor_retain(tensors->entries[index].tensor);
    return GAN_OK;
}

gan_status gan_tensors_set_storage(gan_tensors *tensors, int32_t index, int32_t type)
{
    if (!has(tensors, index))
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_set_storage: there is no tensor %d", index);
    if (type != GAN_FLOAT32 && type != GAN_FLOAT16)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_tensors_set_storage: type is %d, expected float32 or float16", type);
    struct named_tensor *entry = &tensors->entries[index];
    if (entry->tensor->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "gan_tensors_set_storage: \"%s\" is %s, expected float32",
                        entry->name, gan_type_name(entry->tensor->type));
    entry->storage = type;
    return GAN_OK;
}
