/* Copying elements from one type to another, by way of float32: every value of the smaller types is exact in
 * it, and what an int32 loses lies beyond the range or precision of the types it can become. */
#include "base/threads.h"
#include "tensor/tensor.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1024 };

struct copy {
    gan_tensor *to;
    const gan_tensor *from;
    int64_t count;
};

static void read_block(const gan_tensor *tensor, int64_t start, int64_t count, float *values)
{
    const float *floats = tensor->data;
    const uint16_t *halves = tensor->data;
    const int32_t *integers = tensor->data;
    const uint8_t *bytes = tensor->data;
    const int32_t type = tensor->type;
    for (int64_t i = 0; i < count; i++)
        switch (type) {
        case GAN_FLOAT32:
            values[i] = floats[start + i];
            break;
        case GAN_FLOAT16:
            values[i] = gan_half_to_float(halves[start + i]);
            break;
        case GAN_INT32:
            values[i] = (float)integers[start + i];
            break;
        default:
            values[i] = (float)bytes[start + i];
        }
}

static int32_t to_integer(float value)
{
    if (isnan(value))
        return 0;
    if (value >= 0x1p31f)
        return INT32_MAX;
    return value <= -0x1p31f ? INT32_MIN : (int32_t)rintf(value);
}

static uint8_t to_byte(float value)
{
    /* Written so that NaN fails the first comparison. */
    return value > 0.0f ? (uint8_t)rintf(fminf(value, 255.0f)) : 0;
}

static void write_block(gan_tensor *tensor, int64_t start, int64_t count, const float *values)
{
    float *floats = tensor->data;
    uint16_t *halves = tensor->data;
    int32_t *integers = tensor->data;
    uint8_t *bytes = tensor->data;
    const int32_t type = tensor->type;
    for (int64_t i = 0; i < count; i++)
        switch (type) {
        case GAN_FLOAT32:
            floats[start + i] = values[i];
            break;
        case GAN_FLOAT16:
            halves[start + i] = gan_half_from_float(values[i]);
            break;
        case GAN_INT32:
            integers[start + i] = to_integer(values[i]);
            break;
        default:
            bytes[start + i] = to_byte(values[i]);
        }
}

static void convert_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct copy *copy = argument;
    float values[BLOCK];
    const int64_t start = index * BLOCK;
    const int64_t count = copy->count - start < BLOCK ? copy->count - start : BLOCK;
    read_block(copy->from, start, count, values);
    write_block(copy->to, start, count, values);
}

static gan_status check_copy(const gan_tensor *to, const gan_tensor *from)
{
    if (to == NULL || from == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_copy: %s is NULL", to == NULL ? "to" : "from");
    if (!gan_shape_equal(&to->shape, &from->shape)) {
        char to_text[SHAPE_TEXT_SIZE], from_text[SHAPE_TEXT_SIZE];
        return gan_fail(GAN_ERROR_SHAPE, "gan_tensor_copy: to is %s, but from is %s",
                        gan_shape_text(&to->shape, to_text), gan_shape_text(&from->shape, from_text));
    }
    return GAN_OK;
}

gan_status gan_tensor_copy(gan_tensor *to, const gan_tensor *from)
{
    const gan_status status = check_copy(to, from);
    if (status != GAN_OK)
        return status;
    struct copy copy = {to, from, gan_shape_count(&to->shape)};
    if (copy.count == 0)
        return GAN_OK;
    if (to->type == from->type)
        memmove(to->data, from->data, (size_t)copy.count * gan_type_size(to->type));
    else
        gan_parallel(to->context, (copy.count + BLOCK - 1) / BLOCK, convert_block, &copy);
    return GAN_OK;
}
