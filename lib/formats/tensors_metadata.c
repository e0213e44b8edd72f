#include "formats/tensors.h"

#include <string.h>

static int32_t find_key(const gan_tensors *tensors, const char *key)
{
    for (int32_t i = 0; i < tensors->metadata_count; i++)
        if (strcmp(tensors->metadata[i].key, key) == 0)
            return i;
    return -1;
}

static void remove_at(gan_tensors *tensors, int32_t index)
{
    gan_release(tensors->context, tensors->metadata[index].key);
    gan_release(tensors->context, tensors->metadata[index].value);
    tensors->metadata_count--;
    memmove(tensors->metadata + index, tensors->metadata + index + 1,
            (size_t)(tensors->metadata_count - index) * sizeof *tensors->metadata);
}

static gan_status replace_value(gan_tensors *tensors, int32_t index, const char *value)
{
    char *copy = gan_copy_string(tensors->context, value);
    if (copy == NULL)
        return gan_fail_memory("metadata", strlen(value));
    gan_release(tensors->context, tensors->metadata[index].value);
    tensors->metadata[index].value = copy;
    return GAN_OK;
}

gan_status gan_tensors_set_metadata(gan_tensors *tensors, const char *key, const char *value)
{
    if (tensors == NULL || key == NULL || key[0] == '\0')
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensors_set_metadata: %s",
                        tensors == NULL ? "tensors is NULL" : "the key is NULL or empty");
    const int32_t index = find_key(tensors, key);
    if (index >= 0 && value != NULL)
        return replace_value(tensors, index, value);
    if (index >= 0)
        remove_at(tensors, index);
    if (value == NULL)
        return GAN_OK;
    return gan_tensors_append_metadata(tensors, gan_copy_string(tensors->context, key),
                                       gan_copy_string(tensors->context, value));
}

const char *gan_tensors_metadata(const gan_tensors *tensors, const char *key)
{
    const int32_t index = tensors != NULL && key != NULL ? find_key(tensors, key) : -1;
    return index >= 0 ? tensors->metadata[index].value : NULL;
}

int32_t gan_tensors_metadata_count(const gan_tensors *tensors)
{
    return tensors != NULL ? tensors->metadata_count : 0;
}

const char *gan_tensors_metadata_key(const gan_tensors *tensors, int32_t index)
{
    return index >= 0 && index < gan_tensors_metadata_count(tensors) ? tensors->metadata[index].key : NULL;
}
