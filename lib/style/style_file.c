/* Styles as files: safetensors with the identity of the extractor that they were made with. */
#include "gan/tensors.h"
#include "style/style.h"

#include <stdio.h>
#include <string.h>

static const char FORMAT[] = "libgan style 1";
static const char *const normalizations[] = {"per_element", "per_position", "covariance"};

enum { NAME_SIZE = 320 };

static gan_status add(gan_tensors *tensors, const char *prefix, const char *level, gan_tensor *value)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", prefix, level);
    return gan_tensors_add(tensors, name, value);
}

static gan_status add_levels(gan_tensors *tensors, const gan_style *style)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < style->level_count; i++) {
        const char *name = gan_style_level_name(style, i);
        status = add(tensors, "gram", name, style->levels[i].gram);
        if (status == GAN_OK)
            status = add(tensors, "mean", name, style->levels[i].mean);
        if (status == GAN_OK)
            status = add(tensors, "deviation", name, style->levels[i].deviation);
    }
    return status;
}

static gan_status add_words(gan_tensors *tensors, const gan_style *style)
{
    char identity[EXTRACTOR_IDENTITY_SIZE];
    gan_status status = gan_extractor_identity_text(identity, style->extractor);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "format", FORMAT);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "extractor", gan_model_name(style->extractor));
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "extractor_identity", identity);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "normalization", normalizations[style->normalization]);
    return status;
}

gan_status gan_style_save(const gan_style *style, const char *path)
{
    if (style == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_save: %s is NULL", style == NULL ? "style" : "path");
    gan_tensors *tensors;
    gan_status status = gan_tensors_create(&tensors, style->context);
    if (status == GAN_OK)
        status = add_levels(tensors, style);
    if (status == GAN_OK)
        status = add_words(tensors, style);
    if (status == GAN_OK)
        status = gan_tensors_save(tensors, path);
    gan_tensors_free(tensors);
    return status;
}

static gan_status check_words(const gan_tensors *tensors, const gan_model *extractor, int32_t *normalization)
{
    char identity[EXTRACTOR_IDENTITY_SIZE];
    const char *format = gan_tensors_metadata(tensors, "format");
    if (format == NULL || strcmp(format, FORMAT) != 0)
        return gan_fail(GAN_ERROR_FORMAT, "it is no style (its format is \"%.60s\", expected \"%s\")",
                        format != NULL ? format : "", FORMAT);
    const gan_status status = gan_extractor_identity_text(identity, extractor);
    if (status != GAN_OK)
        return status;
    const char *made_with = gan_tensors_metadata(tensors, "extractor_identity");
    const char *name = gan_tensors_metadata(tensors, "extractor");
    if (made_with == NULL || strcmp(made_with, identity) != 0)
        return gan_fail(
            GAN_ERROR_FORMAT,
            "it was made with another extractor (\"%.60s\" %.20s; given: \"%s\" %s), or with other "
            "outputs of it",
            name != NULL ? name : "", made_with != NULL ? made_with : "", gan_model_name(extractor),
            identity);
    const char *words = gan_tensors_metadata(tensors, "normalization");
    for (int32_t i = 0; words != NULL && i <= GAN_GRAM_COVARIANCE; i++)
        if (strcmp(words, normalizations[i]) == 0) {
            *normalization = i;
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_FORMAT, "its normalization is \"%.40s\"", words != NULL ? words : "");
}

static gan_status take(gan_tensor *to, const gan_tensors *tensors, const char *prefix, const char *level)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", prefix, level);
    const int32_t index = gan_tensors_find(tensors, name);
    if (index < 0)
        return gan_fail(GAN_ERROR_FORMAT, "it lacks \"%s\"", name);
    const gan_status status = gan_tensor_copy(to, gan_tensors_at(tensors, index));
    if (status == GAN_OK || status == GAN_ERROR_OUT_OF_MEMORY)
        return status;
    return gan_fail_within(GAN_ERROR_FORMAT, "\"%s\": ", name);
}

static gan_status take_levels(gan_style *style, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < style->level_count; i++) {
        const char *name = gan_style_level_name(style, i);
        status = take(style->levels[i].gram, tensors, "gram", name);
        if (status == GAN_OK)
            status = take(style->levels[i].mean, tensors, "mean", name);
        if (status == GAN_OK)
            status = take(style->levels[i].deviation, tensors, "deviation", name);
    }
    return status == GAN_OK ? gan_style_check_finite(style) : status;
}

static gan_status read_style(gan_style **out, gan_model *extractor, const gan_tensors *tensors)
{
    int32_t normalization = 0;
    gan_status status = check_words(tensors, extractor, &normalization);
    if (status == GAN_OK)
        status = gan_style_make(out, extractor, normalization);
    if (status != GAN_OK)
        return status;
    status = take_levels(*out, tensors);
    if (status != GAN_OK) {
        gan_style_free(*out);
        *out = NULL;
    }
    return status;
}

gan_status gan_style_load(gan_style **out, gan_model *extractor, const char *path)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_load: out is NULL");
    *out = NULL;
    gan_status status = gan_extractor_check(extractor);
    if (status == GAN_OK && path == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "path is NULL");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_style_load: ");
    gan_tensors *tensors;
    status = gan_tensors_load(&tensors, extractor->graph->context, path);
    if (status != GAN_OK)
        return status;
    status = read_style(out, extractor, tensors);
    gan_tensors_free(tensors);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "\"%s\": ", path);
}
