#include "metrics/pictures.h"

#include <inttypes.h>
#include <math.h>

gan_status gan_metric_check(const gan_tensor *tensor, const char *name)
{
    char text[SHAPE_TEXT_SIZE];
    if (tensor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", name);
    if (tensor->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s is a tensor of %s, expected float32", name,
                        gan_type_name(tensor->type));
    const int64_t count = gan_tensor_count(tensor);
    if (count == 0)
        return gan_fail(GAN_ERROR_SHAPE, "%s has no elements: its shape is %s", name,
                        gan_shape_text(&tensor->shape, text));
    const float *values = tensor->data;
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "element %" PRId64 " of %s is not finite", i, name);
    return GAN_OK;
}

gan_status gan_metric_check_pair(const gan_tensor *a, const gan_tensor *b)
{
    gan_status status = gan_metric_check(a, "a");
    if (status == GAN_OK)
        status = gan_metric_check(b, "b");
    if (status != GAN_OK)
        return status;
    char first[SHAPE_TEXT_SIZE], second[SHAPE_TEXT_SIZE];
    if (!gan_shape_equal(&a->shape, &b->shape))
        return gan_fail(GAN_ERROR_SHAPE, "the pictures have the shapes %s and %s, expected one",
                        gan_shape_text(&a->shape, first), gan_shape_text(&b->shape, second));
    return GAN_OK;
}

static gan_status check_set(const gan_tensor *set, const char *name)
{
    const gan_status status = gan_metric_check(set, name);
    if (status != GAN_OK)
        return status;
    char text[SHAPE_TEXT_SIZE];
    if (set->shape.rank != 2 || set->shape.size[0] < 2)
        return gan_fail(GAN_ERROR_SHAPE, "%s has the shape %s, expected at least 2 vectors, [count, C]", name,
                        gan_shape_text(&set->shape, text));
    return GAN_OK;
}

gan_status gan_metric_check_sets(const gan_tensor *a, const gan_tensor *b)
{
    gan_status status = check_set(a, "a");
    if (status == GAN_OK)
        status = check_set(b, "b");
    if (status == GAN_OK && a->shape.size[1] != b->shape.size[1])
        status = gan_fail(GAN_ERROR_SHAPE,
                          "the vectors have %" PRId64 " and %" PRId64 " elements, expected as many",
                          a->shape.size[1], b->shape.size[1]);
    return status;
}
