/* Words that travel with a model. */
#include "graph/model.h"

#include <string.h>

static struct metadata_entry *find(const gan_model *model, const char *key)
{
    for (int32_t i = 0; i < model->metadata_count; i++)
        if (strcmp(model->metadata[i].key, key) == 0)
            return &model->metadata[i];
    return NULL;
}

const char *gan_model_metadata(const gan_model *model, const char *key)
{
    if (model == NULL || key == NULL)
        return NULL;
    const struct metadata_entry *entry = find(model, key);
    return entry != NULL ? entry->value : NULL;
}

static void remove_entry(gan_model *model, struct metadata_entry *entry)
{
    gan_release(model->graph->context, entry->key);
    gan_release(model->graph->context, entry->value);
    *entry = model->metadata[--model->metadata_count];
}

static gan_status append(gan_model *model, const char *key, char *value)
{
    gan_context *context = model->graph->context;
    const size_t count = (size_t)model->metadata_count;
    struct metadata_entry *entries = gan_allocate_array(context, count + 1, sizeof *entries);
    char *key_copy = gan_copy_string(context, key);
    if (entries == NULL || key_copy == NULL) {
        gan_release(context, entries);
        gan_release(context, key_copy);
        return gan_fail_memory("metadata", (count + 1) * sizeof *entries);
    }
    if (count > 0)
        memcpy(entries, model->metadata, count * sizeof *entries);
    entries[count] = (struct metadata_entry){key_copy, value};
    gan_release(context, model->metadata);
    model->metadata = entries;
    model->metadata_count++;
    return GAN_OK;
}

gan_status gan_model_set_metadata(gan_model *model, const char *key, const char *value)
{
    if (model == NULL || key == NULL || key[0] == '\0')
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_set_metadata: the %s is missing",
                        model == NULL ? "model" : "key");
    struct metadata_entry *entry = find(model, key);
    if (value == NULL) {
        if (entry != NULL)
            remove_entry(model, entry);
        return GAN_OK;
    }
    char *copy = gan_copy_string(model->graph->context, value);
    if (copy == NULL)
        return gan_fail_memory("metadata", strlen(value));
    if (entry != NULL) {
        gan_release(model->graph->context, entry->value);
        entry->value = copy;
        return GAN_OK;
    }
    const gan_status status = append(model, key, copy);
    if (status != GAN_OK)
        gan_release(model->graph->context, copy);
    return status;
}

gan_status gan_model_copy_metadata(gan_model *to, const gan_model *from)
{
    gan_status status = GAN_OK;
    to->trainable = from->trainable;
    for (int32_t i = 0; status == GAN_OK && i < from->metadata_count; i++)
        status = gan_model_set_metadata(to, from->metadata[i].key, from->metadata[i].value);
    return status;
}
