/* gan_import: which architecture a file holds, and its words. */
#include "models/import.h"
#include "base/context.h"

#include <string.h>

static const struct {
    const char *name;
    bool (*is)(const struct import *import);
    gan_status (*read)(struct import *import);
} architectures[] = {
    {"fns", gan_import_is_fns, gan_import_fns},
    {"johnson", gan_import_is_johnson, gan_import_johnson},
    {"microast", gan_import_is_microast, gan_import_microast},
    {"squeezenet1.1", gan_import_is_squeezenet, gan_import_squeezenet},
    {"vgg19", gan_import_is_vgg19, gan_import_vgg19},
    {"vgg19_decoder", gan_import_is_vgg19_decoder, gan_import_vgg19_decoder},
};

enum { COUNT = sizeof architectures / sizeof architectures[0] };
static const char known[] =
    "\"fns\", \"johnson\", \"microast\", \"squeezenet1.1\", \"vgg19\" and \"vgg19_decoder\"";

static gan_status find(const struct import *import, const char *wished, size_t *index)
{
    for (*index = 0; *index < COUNT; ++*index)
        if (wished != NULL ? strcmp(architectures[*index].name, wished) == 0
                           : architectures[*index].is(import))
            return GAN_OK;
    if (wished != NULL)
        return gan_fail(GAN_ERROR_NOT_FOUND, "there is no architecture \"%.60s\"; known are %s", wished,
                        known);
    if (gan_tensors_metadata(import->tensors, "libgan.format") != NULL)
        return gan_fail(GAN_ERROR_NOT_FOUND, "this is a model of libgan itself: gan_model_load reads it");
    const char *first = gan_tensors_name(import->tensors, 0);
    return gan_fail(GAN_ERROR_NOT_FOUND,
                    "no known architecture has such tensors (\"%.60s\", ...); known are %s",
                    first != NULL ? first : "none at all", known);
}

static gan_status check_all_taken(const struct import *import)
{
    for (int32_t i = 0; i < gan_tensors_count(import->tensors); i++)
        if (!import->taken[i])
            return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" is none of architecture \"%s\"",
                            gan_tensors_name(import->tensors, i), import->architecture);
    return GAN_OK;
}

/* What the file says of itself goes along; the architecture's own words stand. */
static gan_status copy_words(const struct import *import)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_tensors_metadata_count(import->tensors); i++) {
        const char *key = gan_tensors_metadata_key(import->tensors, i);
        if (key[0] != '\0' && gan_model_metadata(import->model, key) == NULL)
            status = gan_model_set_metadata(import->model, key, gan_tensors_metadata(import->tensors, key));
    }
    return status;
}

static gan_status fill(struct import *import, const char *wished)
{
    size_t index;
    gan_status status = find(import, wished, &index);
    if (status != GAN_OK)
        return status;
    import->architecture = architectures[index].name;
    import->taken =
        gan_allocate_array(import->context, (size_t)gan_tensors_count(import->tensors), sizeof(bool));
    if (import->taken == NULL)
        return gan_fail_memory("a list of tensors", (size_t)gan_tensors_count(import->tensors));
    status = architectures[index].read(import);
    if (status == GAN_OK)
        status = check_all_taken(import);
    return status == GAN_OK ? copy_words(import) : status;
}

gan_status gan_import(gan_model **out, gan_context *context, const char *path, const char *architecture)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_import: out is NULL");
    *out = NULL;
    struct import import = {.context = context};
    gan_status status = gan_tensors_load(&import.tensors, context, path);
    if (status != GAN_OK)
        return status;
    status = fill(&import, architecture);
    gan_release(context, import.taken);
    gan_tensors_free(import.tensors);
    if (status != GAN_OK) {
        gan_model_free(import.model);
        return gan_fail_within(status, "%s: ", path);
    }
    *out = import.model;
    return GAN_OK;
}
