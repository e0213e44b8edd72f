/* What makes a model a feature extractor, and which one it is. */
#include "style/style.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

gan_status gan_extractor_check(const gan_model *extractor)
{
    if (extractor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the extractor is NULL");
    int64_t size[GAN_MAX_RANK];
    const char *name = gan_model_name(extractor);
    const int32_t outputs = gan_model_output_count(extractor);
    if (gan_model_input_count(extractor) != 1 || gan_model_input_shape(extractor, 0, size) != 4 ||
        size[3] != 3)
        return gan_fail(GAN_ERROR_SHAPE, "extractor \"%s\": expected one input [N,H,W,3]", name);
    if (outputs < 1 || outputs > STYLE_MOST_LEVELS)
        return gan_fail(GAN_ERROR_ARGUMENT, "extractor \"%s\" has %" PRId32 " outputs, expected 1 to %d",
                        name, outputs, (int)STYLE_MOST_LEVELS);
    for (int32_t i = 0; i < outputs; i++)
        if (gan_model_output_shape(extractor, i, size) != 4 || size[3] < 1)
            return gan_fail(GAN_ERROR_SHAPE,
                            "extractor \"%s\": output \"%s\" is no feature map [N,H,W,C]: select the outputs "
                            "that are",
                            name, gan_model_output_name(extractor, i));
    return GAN_OK;
}

/* FNV-1a, 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

gan_status gan_extractor_identity(const gan_model *extractor, uint64_t *identity)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int32_t i = 0; i < gan_model_output_count(extractor); i++) {
        const char *name = gan_model_output_name(extractor, i);
        hash = hash_bytes(hash, name, strlen(name) + 1);
    }
    for (int32_t i = 0; i < gan_model_parameter_count(extractor); i++) {
        gan_tensor *value;
        const gan_status status = gan_model_get_parameter(extractor, i, &value);
        if (status != GAN_OK)
            return status;
        hash = hash_bytes(hash, gan_tensor_data(value), (size_t)gan_tensor_count(value) * sizeof(float));
        gan_tensor_free(value);
    }
    *identity = hash;
    return GAN_OK;
}

gan_status gan_extractor_identity_text(char text[EXTRACTOR_IDENTITY_SIZE], const gan_model *extractor)
{
    uint64_t identity = 0;
    const gan_status status = gan_extractor_identity(extractor, &identity);
    snprintf(text, EXTRACTOR_IDENTITY_SIZE, "%016" PRIx64, identity);
    return status;
}

gan_status gan_picture_check(const gan_tensor *picture, const char *what)
{
    char text[SHAPE_TEXT_SIZE];
    if (picture == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", what);
    if (picture->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s is a tensor of %s, expected float32", what,
                        gan_type_name(picture->type));
    const struct shape *shape = &picture->shape;
    if (shape->rank != 4 || shape->size[0] != 1 || shape->size[3] != 3)
        return gan_fail(GAN_ERROR_SHAPE, "%s has shape %s, expected [1,H,W,3]", what,
                        gan_shape_text(shape, text));
    return GAN_OK;
}
