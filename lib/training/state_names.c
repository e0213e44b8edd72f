#include "training/state_names.h"
#include "formats/tensors.h"
#include "tensor/tensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 400 };

static gan_status join(char name[NAME_SIZE], const char *prefix, const char *part)
{
    const int length = snprintf(name, NAME_SIZE, "%s.%s", prefix, part);
    if (length > 0 && length < NAME_SIZE)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "the name \"%.60s.%.60s\" is too long", prefix, part);
}

gan_status gan_state_add(gan_tensors *state, const char *prefix, const char *part, gan_tensor *tensor)
{
    char name[NAME_SIZE];
    const gan_status status = join(name, prefix, part);
    return status == GAN_OK ? gan_tensors_add(state, name, tensor) : status;
}

gan_status gan_state_add_copy(gan_tensors *state, const char *prefix, const char *part,
                              const gan_tensor *tensor)
{
    gan_tensor *copy = NULL;
    gan_status status = gan_tensor_make(&copy, tensor->context, tensor->type, &tensor->shape);
    if (status == GAN_OK)
        status = gan_tensor_copy(copy, tensor);
    if (status == GAN_OK)
        status = gan_state_add(state, prefix, part, copy);
    gan_tensor_free(copy);
    return status;
}

static gan_status find(const gan_tensors *state, const char *prefix, const char *part, int32_t type,
                       const gan_tensor **tensor)
{
    char name[NAME_SIZE];
    const gan_status status = join(name, prefix, part);
    if (status != GAN_OK)
        return status;
    const int32_t index = gan_tensors_find(state, name);
    if (index < 0)
        return gan_fail(GAN_ERROR_FORMAT, "the state lacks \"%s\"", name);
    *tensor = gan_tensors_at(state, index);
    if ((*tensor)->type != type)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" is no tensor of %s", name, gan_type_name(type));
    return GAN_OK;
}

gan_status gan_state_find(const gan_tensors *state, const char *prefix, const char *part,
                          const gan_tensor **tensor)
{
    return find(state, prefix, part, GAN_FLOAT32, tensor);
}

gan_status gan_state_add_integers(gan_tensors *state, const char *prefix, const char *part,
                                  const int64_t *values, int64_t count)
{
    const struct shape shape = {.rank = 2, .size = {count, 2}};
    gan_tensor *halves;
    gan_status status = gan_tensor_make(&halves, state->context, GAN_INT32, &shape);
    if (status != GAN_OK)
        return status;
    for (int64_t i = 0; i < count; i++) {
        const uint32_t pair[2] = {(uint32_t)((uint64_t)values[i] >> 32), (uint32_t)values[i]};
        memcpy((uint32_t *)halves->data + 2 * i, pair, sizeof pair);
    }
    status = gan_state_add(state, prefix, part, halves);
    gan_tensor_free(halves);
    return status;
}

gan_status gan_state_find_integers(const gan_tensors *state, const char *prefix, const char *part,
                                   int64_t count, const gan_tensor **tensor)
{
    char text[SHAPE_TEXT_SIZE];
    const gan_status status = find(state, prefix, part, GAN_INT32, tensor);
    if (status != GAN_OK)
        return status;
    const struct shape *shape = &(*tensor)->shape;
    if (shape->rank == 2 && shape->size[1] == 2 && (count < 0 || shape->size[0] == count))
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT, "\"%s.%s\" has the shape %s, expected whole numbers", prefix, part,
                    gan_shape_text(shape, text));
}

int64_t gan_state_integer(const gan_tensor *tensor, int64_t index)
{
    uint32_t pair[2];
    memcpy(pair, (const uint32_t *)tensor->data + 2 * index, sizeof pair);
    const uint64_t bits = (uint64_t)pair[0] << 32 | pair[1];
    int64_t value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

gan_status gan_state_set_count(gan_tensors *state, const char *prefix, const char *part, int64_t count)
{
    char name[NAME_SIZE], text[32];
    const gan_status status = join(name, prefix, part);
    snprintf(text, sizeof text, "%" PRId64, count);
    return status == GAN_OK ? gan_tensors_set_metadata(state, name, text) : status;
}

gan_status gan_state_count(const gan_tensors *state, const char *prefix, const char *part, int64_t *count)
{
    char name[NAME_SIZE], *end = NULL;
    const gan_status status = join(name, prefix, part);
    if (status != GAN_OK)
        return status;
    const char *text = gan_tensors_metadata(state, name);
    errno = 0;
    const long long value = text != NULL && text[0] != '\0' ? strtoll(text, &end, 10) : -1;
    if (end == NULL || *end != '\0' || errno != 0 || value < 0 || value > (INT64_C(1) << 50))
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" is \"%.40s\", expected a count", name,
                        text != NULL ? text : "");
    *count = value;
    return GAN_OK;
}
