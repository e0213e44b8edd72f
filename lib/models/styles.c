/* Names and mixtures of the styles in one generator. */
#include "gan/styles.h"
#include "gan/networks.h"
#include "graph/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 64, MOST_STYLES = 256 };

int32_t gan_model_style_count(const gan_model *model)
{
    int64_t shape[GAN_MAX_RANK];
    if (model == NULL || gan_model_metadata(model, "styles") == NULL)
        return 0;
    for (int32_t i = 0; i < gan_model_input_count(model); i++)
        if (strcmp(gan_model_input_name(model, i), "style") == 0 &&
            gan_model_input_shape(model, i, shape) == 2 && shape[1] >= 1 && shape[1] <= MOST_STYLES)
            return (int32_t)shape[1];
    return 0;
}

gan_status gan_model_style_name(const gan_model *model, int32_t index, char *name)
{
    if (name == NULL || index < 0 || index >= gan_model_style_count(model))
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_style_name: no such style");
    const char *at = gan_model_metadata(model, "styles");
    for (int32_t i = 0; i < index; i++) {
        const char *slash = strchr(at, '/');
        if (slash == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "the model has fewer names than styles");
        at = slash + 1;
    }
    const size_t length = strcspn(at, "/");
    snprintf(name, NAME_SIZE, "%.*s", length < NAME_SIZE ? (int)length : NAME_SIZE - 1, at);
    return GAN_OK;
}

/* A style by its name or, where none has it, by its number from 1; -1: neither. */
static int32_t find(const gan_model *model, const char *words, size_t length)
{
    char name[NAME_SIZE], *end;
    const int32_t count = gan_model_style_count(model);
    for (int32_t i = 0; i < count; i++)
        if (gan_model_style_name(model, i, name) == GAN_OK && strlen(name) == length &&
            strncmp(name, words, length) == 0)
            return i;
    const long number = strtol(words, &end, 10);
    return length > 0 && end == words + length && number >= 1 && number <= count ? (int32_t)number - 1 : -1;
}

/* "NAME" or "NAME:WEIGHT", `length` characters. */
static gan_status add(const gan_model *model, const char *words, size_t length, float *weights)
{
    const char *colon = memchr(words, ':', length);
    const size_t name = colon != NULL ? (size_t)(colon - words) : length;
    const int32_t style = find(model, words, name);
    if (style < 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "there is no style \"%.*s\"; the styles are %.200s", (int)name,
                        words, gan_model_metadata(model, "styles"));
    char *end = NULL;
    const float weight = colon != NULL ? strtof(colon + 1, &end) : 1;
    if (colon != NULL && (end == colon + 1 || end != words + length))
        return gan_fail(GAN_ERROR_ARGUMENT, "\"%.*s\": expected NAME:WEIGHT", (int)length, words);
    if (!(weight >= 0) || !isfinite(weight))
        return gan_fail(GAN_ERROR_ARGUMENT, "the weight of \"%.*s\" is %g, expected 0 or more", (int)name,
                        words, (double)weight);
    weights[style] += weight;
    return GAN_OK;
}

gan_status gan_model_style_weights(const gan_model *model, const char *words, float *weights)
{
    const int32_t count = gan_model_style_count(model);
    if (count == 0 || words == NULL || weights == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_model_style_weights: expected a generator of several styles, and words");
    for (int32_t i = 0; i < count; i++)
        weights[i] = 0;
    gan_status status = GAN_OK;
    for (const char *at = words; status == GAN_OK && at != NULL;) {
        const char *comma = strchr(at, ',');
        status = add(model, at, comma != NULL ? (size_t)(comma - at) : strlen(at), weights);
        at = comma != NULL ? comma + 1 : NULL;
    }
    float sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += weights[i];
    if (status != GAN_OK)
        return status;
    if (!(sum > 0) || !isfinite(sum))
        return gan_fail(GAN_ERROR_ARGUMENT, "\"%.100s\": the weights' sum is %g, expected more than 0", words,
                        (double)sum);
    for (int32_t i = 0; i < count; i++)
        weights[i] /= sum;
    return GAN_OK;
}

gan_status gan_model_mix_styles(gan_model **out, gan_model *model, const float *weights, int32_t count)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_mix_styles: out is NULL");
    *out = NULL;
    const int32_t styles = gan_model_style_count(model);
    if (styles == 0 || weights == NULL || count != styles)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_mix_styles: %d weights for %d styles", count, styles);
    for (int32_t i = 0; i < count; i++)
        if (!isfinite(weights[i]))
            return gan_fail(GAN_ERROR_ARGUMENT, "gan_model_mix_styles: weight %d is not finite", i);
    gan_tensor *value;
    gan_status status =
        gan_tensor_create(&value, model->graph->context, GAN_FLOAT32, (const int64_t[]){1, count}, 2);
    if (status != GAN_OK)
        return status;
    memcpy(gan_tensor_data(value), weights, (size_t)count * sizeof *weights);
    status = gan_model_bind(out, model, "style", value);
    gan_tensor_free(value);
    return status;
}
