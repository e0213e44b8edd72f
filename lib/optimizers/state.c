/* What an optimizer remembers between steps, as tensors: for checkpoints. */
#include "optimizers/optimizer.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int32_t gan_optimizer_state_count(const gan_optimizer *optimizer)
{
    return optimizer != NULL ? optimizer->slab_count : 0;
}

static gan_status check(const gan_optimizer *optimizer, int32_t index)
{
    if (optimizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the optimizer is NULL");
    if (index >= 0 && index < optimizer->slab_count)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "the %s optimizer has %" PRId32 " states, there is none with index "
                    "%" PRId32,
                    optimizer->kind->name, optimizer->slab_count, index);
}

gan_status gan_optimizer_get_state(const gan_optimizer *optimizer, int32_t index, gan_tensor **out)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_optimizer_get_state: out is NULL");
    *out = NULL;
    gan_status status = check(optimizer, index);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_optimizer_get_state: ");
    const int64_t size = (int64_t)optimizer->total;
    status = gan_tensor_create(out, optimizer->context, GAN_FLOAT32, &size, 1);
    if (status == GAN_OK && size > 0)
        memcpy(gan_tensor_data(*out), optimizer->slabs[index], optimizer->total * sizeof(float));
    return status;
}

static gan_status check_value(const gan_optimizer *optimizer, const gan_tensor *value)
{
    if (value == NULL || gan_tensor_type(value) != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "the value is no tensor of float32");
    if (gan_tensor_rank(value) != 1 || (size_t)gan_tensor_count(value) != optimizer->total)
        return gan_fail(GAN_ERROR_SHAPE, "the value has %" PRId64 " elements, expected [%zu]",
                        gan_tensor_count(value), optimizer->total);
    const float *values = gan_tensor_data_const(value);
    for (size_t i = 0; i < optimizer->total; i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "element %zu is not finite", i);
    return GAN_OK;
}

gan_status gan_optimizer_set_state(gan_optimizer *optimizer, int32_t index, const gan_tensor *value)
{
    gan_status status = check(optimizer, index);
    if (status == GAN_OK)
        status = check_value(optimizer, value);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_optimizer_set_state: ");
    if (optimizer->total > 0)
        memcpy(optimizer->slabs[index], gan_tensor_data_const(value), optimizer->total * sizeof(float));
    return GAN_OK;
}

gan_status gan_optimizer_set_step_count(gan_optimizer *optimizer, int64_t step_count)
{
    if (optimizer == NULL || step_count < 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_optimizer_set_step_count: %s",
                        optimizer == NULL ? "the optimizer is NULL" : "expected a count of at least 0");
    optimizer->step_count = step_count;
    return GAN_OK;
}
