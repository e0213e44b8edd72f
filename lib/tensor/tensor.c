#include "tensor/tensor.h"
#include "base/random.h"

#include <stdint.h>

size_t gan_type_size(int32_t type)
{
    switch (type) {
    case GAN_FLOAT32:
    case GAN_INT32:
        return 4;
    case GAN_FLOAT16:
        return 2;
    case GAN_UINT8:
        return 1;
    default:
        return 0;
    }
}

const char *gan_type_name(int32_t type)
{
    switch (type) {
    case GAN_FLOAT32:
        return "float32";
    case GAN_FLOAT16:
        return "float16";
    case GAN_INT32:
        return "int32";
    case GAN_UINT8:
        return "uint8";
    default:
        return "unknown type";
    }
}

/* A tensor without memory of its own yet. */
static gan_status make_handle(gan_tensor **out, gan_context *context, int32_t type, const struct shape *shape)
{
    gan_tensor *tensor = gan_allocate_zeroed(context, sizeof *tensor);
    if (tensor == NULL)
        return gan_fail_memory("a tensor", sizeof *tensor);
    atomic_init(&tensor->references, 1);
    tensor->context = gan_context_retain(context);
    tensor->type = type;
    tensor->shape = *shape;
    *out = tensor;
    return GAN_OK;
}

gan_status gan_tensor_make(gan_tensor **out, gan_context *context, int32_t type, const struct shape *shape)
{
    *out = NULL;
    gan_tensor *tensor = NULL;
    const gan_status status = make_handle(&tensor, context, type, shape);
    if (status != GAN_OK)
        return status;
    const size_t size = (size_t)gan_shape_count(shape) * gan_type_size(type);
    tensor->owned = true;
    tensor->data = gan_allocate_zeroed(context, size);
    if (tensor->data == NULL) {
        char text[SHAPE_TEXT_SIZE];
        gan_tensor_free(tensor);
        return gan_fail(GAN_ERROR_OUT_OF_MEMORY, "no memory for a tensor %s of %s (%zu bytes)",
                        gan_shape_text(shape, text), gan_type_name(type), size);
    }
    *out = tensor;
    return GAN_OK;
}

static gan_status check_new(gan_tensor **out, const gan_context *context, int32_t type, const char *call)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: out is NULL", call);
    *out = NULL;
    if (context == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: context is NULL", call);
    if (gan_type_size(type) == 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: %d is no element type", call, type);
    return GAN_OK;
}

gan_status gan_tensor_create(gan_tensor **out, gan_context *context, int32_t type, const int64_t *shape,
                             int32_t rank)
{
    struct shape taken;
    gan_status status = check_new(out, context, type, "gan_tensor_create");
    if (status == GAN_OK)
        status = gan_shape_take(&taken, shape, rank, 0);
    return status == GAN_OK ? gan_tensor_make(out, context, type, &taken) : status;
}

static gan_status check_memory(const void *data, int32_t type, const struct shape *shape)
{
    if (data == NULL && gan_shape_count(shape) > 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_wrap: data is NULL");
    if ((uintptr_t)data % gan_type_size(type) != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_wrap: data is not aligned to its %s elements",
                        gan_type_name(type));
    return GAN_OK;
}

gan_status gan_tensor_wrap(gan_tensor **out, gan_context *context, int32_t type, const int64_t *shape,
                           int32_t rank, void *data, gan_release_function release, void *user)
{
    struct shape taken;
    gan_status status = check_new(out, context, type, "gan_tensor_wrap");
    if (status == GAN_OK)
        status = gan_shape_take(&taken, shape, rank, 0);
    if (status == GAN_OK)
        status = check_memory(data, type, &taken);
    if (status == GAN_OK)
        status = make_handle(out, context, type, &taken);
    if (status != GAN_OK)
        return status;
    (*out)->data = data;
    (*out)->release = release;
    (*out)->user = user;
    return GAN_OK;
}

void gan_tensor_free(gan_tensor *tensor)
{
    if (tensor == NULL || atomic_fetch_sub(&tensor->references, 1) != 1)
        return;
    gan_context *context = tensor->context;
    if (tensor->owned)
        gan_release(context, tensor->data);
    else if (tensor->release != NULL)
        tensor->release(tensor->user);
    gan_release(context, tensor);
    gan_context_free(context);
}

gan_tensor *gan_tensor_retain(gan_tensor *tensor)
{
    if (tensor != NULL)
        atomic_fetch_add(&tensor->references, 1);
    return tensor;
}

int32_t gan_tensor_type(const gan_tensor *tensor)
{
    return tensor != NULL ? tensor->type : -1;
}

int32_t gan_tensor_rank(const gan_tensor *tensor)
{
    return tensor != NULL ? tensor->shape.rank : 0;
}

int64_t gan_tensor_size(const gan_tensor *tensor, int32_t axis)
{
    return tensor != NULL && axis >= 0 && axis < tensor->shape.rank ? tensor->shape.size[axis] : 0;
}

int64_t gan_tensor_count(const gan_tensor *tensor)
{
    return tensor != NULL ? gan_shape_count(&tensor->shape) : 0;
}

void *gan_tensor_data(gan_tensor *tensor)
{
    return tensor != NULL ? tensor->data : NULL;
}

const void *gan_tensor_data_const(const gan_tensor *tensor)
{
    return tensor != NULL ? tensor->data : NULL;
}

static gan_status check_fill(const gan_tensor *tensor, const char *call)
{
    if (tensor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: the tensor is NULL", call);
    if (tensor->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s: the tensor is %s, expected float32", call,
                        gan_type_name(tensor->type));
    return GAN_OK;
}

gan_status gan_tensor_fill_normal(gan_tensor *tensor, uint64_t seed, float mean, float standard_deviation)
{
    const gan_status status = check_fill(tensor, "gan_tensor_fill_normal");
    struct random_stream random = {.seed = seed};
    if (status == GAN_OK)
        gan_random_fill_normal(&random, tensor->data, gan_tensor_count(tensor), mean, standard_deviation);
    return status;
}

gan_status gan_tensor_fill_uniform(gan_tensor *tensor, uint64_t seed, float low, float high)
{
    const gan_status status = check_fill(tensor, "gan_tensor_fill_uniform");
    struct random_stream random = {.seed = seed};
    if (status == GAN_OK)
        gan_random_fill_uniform(&random, tensor->data, gan_tensor_count(tensor), low, high);
    return status;
}
