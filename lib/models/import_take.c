/* One tensor into one parameter: axes reordered, shape checked. */
#include "graph/model.h"
#include "models/import.h"
#include "tensor/tensor.h"

#include <stdio.h>

/* Axis i of our weights is axis orders[layout][i] of theirs. */
static const int32_t orders[][4] = {
    [IMPORT_CHANNELS_FIRST] = {0, 2, 3, 1},
    [IMPORT_CHANNELS_LAST] = {3, 0, 1, 2},
};

bool gan_import_shape(const struct import *import, const char *name, int32_t rank, int64_t *sizes)
{
    const gan_tensor *tensor = gan_tensors_at(import->tensors, gan_tensors_find(import->tensors, name));
    if (tensor == NULL || tensor->shape.rank != rank)
        return false;
    gan_shape_give(&tensor->shape, sizes);
    return true;
}

int64_t gan_import_element_count(const struct import *import)
{
    int64_t count = 0;
    for (int32_t i = 0; i < gan_tensors_count(import->tensors); i++)
        count += gan_tensor_count(gan_tensors_at(import->tensors, i));
    return count;
}

/* The shape that a parameter has in the file. */
static struct shape shape_in_file(const struct shape *ours, enum import_layout layout)
{
    struct shape theirs = *ours;
    for (int32_t i = 0; ours->rank == 4 && i < 4; i++)
        theirs.size[orders[layout][i]] = ours->size[i];
    return theirs;
}

/* [C], which some files write as [1, C, 1, 1]. */
static bool is_same_vector(const struct shape *expected, const struct shape *given)
{
    const struct shape stretched = {4, {1, expected->size[0], 1, 1}};
    return expected->rank == 1 && gan_shape_equal(given, &stretched);
}

static gan_status check_shape(const struct import *import, const char *name, const struct shape *given,
                              const struct shape *ours)
{
    const struct shape expected = shape_in_file(ours, import->layout);
    char given_text[SHAPE_TEXT_SIZE], expected_text[SHAPE_TEXT_SIZE];
    if (gan_shape_equal(given, &expected) || is_same_vector(&expected, given))
        return GAN_OK;
    return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" has shape %s, architecture \"%s\" expects %s", name,
                    gan_shape_text(given, given_text), import->architecture,
                    gan_shape_text(&expected, expected_text));
}

/* A new float32 tensor with our shape. */
static gan_status convert(const struct import *import, const gan_tensor *from, const struct shape *ours,
                          gan_tensor **out)
{
    gan_tensor *real;
    gan_status status = gan_tensor_make(&real, import->context, GAN_FLOAT32, &from->shape);
    if (status != GAN_OK)
        return status;
    status = gan_tensor_copy(real, from);
    if (status == GAN_OK && ours->rank == 4) {
        status = gan_tensor_transpose(out, real, orders[import->layout]);
        gan_tensor_free(real);
        return status;
    }
    real->shape = *ours;
    *out = real;
    return GAN_OK;
}

gan_status gan_import_take(struct import *import, const char *name, int32_t offset)
{
    const int32_t parameter = import->next + offset;
    const struct shape *ours = &import->model->parameters[parameter].parameter->specification.shape;
    const int32_t index = gan_tensors_find(import->tensors, name);
    if (index < 0)
        return gan_fail(GAN_ERROR_FORMAT, "tensor \"%s\" of architecture \"%s\" is missing", name,
                        import->architecture);
    const gan_tensor *from = gan_tensors_at(import->tensors, index);
    gan_tensor *value = NULL;
    gan_status status = check_shape(import, name, &from->shape, ours);
    if (status == GAN_OK)
        status = convert(import, from, ours, &value);
    if (status == GAN_OK)
        status = gan_model_set_parameter(import->model, parameter, value);
    gan_tensor_free(value);
    import->taken[index] = true;
    return status;
}

gan_status gan_import_take_pair(struct import *import, const char *module, const char *separator)
{
    static const char *const suffixes[2] = {"weight", "bias"};
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < 2; i++) {
        char name[96];
        snprintf(name, sizeof name, "%.64s%s%s", module, separator, suffixes[i]);
        status = gan_import_take(import, name, i);
    }
    import->next += 2;
    return status;
}
