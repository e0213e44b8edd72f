#include "training/state_names.h"
#include "tensor/tensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_SIZE = 400 };

static gan_status join(char name[NAME_SIZE], const char *prefix, const char *part)
{
    const int length = snprintf(name, NAME_SIZE, "%s.%s", prefix, part);
    if (length > 0 && length < NAME_SIZE)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "the name \"%.60s.%.60s\" is too long", prefix, part);
}

gan_status gan_state_add(gan_tensors *state, const char *prefix, const char *part, const gan_tensor *tensor)
{
    char name[NAME_SIZE];
    gan_tensor *copy = NULL;
    gan_status status = join(name, prefix, part);
    if (status == GAN_OK)
        status = gan_tensor_make(&copy, tensor->context, tensor->type, &tensor->shape);
    if (status == GAN_OK)
        status = gan_tensor_copy(copy, tensor);
    if (status == GAN_OK)
        status = gan_tensors_add(state, name, copy);
    gan_tensor_free(copy);
    return status;
}

gan_status gan_state_find(const gan_tensors *state, const char *prefix, const char *part,
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
    if ((*tensor)->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_FORMAT, "\"%s\" is no tensor of float32", name);
    return GAN_OK;
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
