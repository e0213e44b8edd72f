/* Exchange of tensors by DLPack, version 0.8: https://dmlc.github.io/dlpack/latest/c_api.html. The structures
 * are the protocol's, under this library's naming. */
#include "tensor/tensor.h"

#include <string.h>

enum { DEVICE_CPU = 1 };
enum { CODE_INTEGER = 0, CODE_UNSIGNED = 1, CODE_FLOAT = 2 };

struct dl_device {
    int32_t type;
    int32_t number;
};

struct dl_data_type {
    uint8_t code;
    uint8_t bits;
    uint16_t lanes;
};

struct dl_tensor {
    void *data;
    struct dl_device device;
    int32_t rank;
    struct dl_data_type type;
    int64_t *shape;
    int64_t *strides; /* in elements; NULL: row-major without gaps */
    uint64_t byte_offset;
};

struct dl_managed_tensor {
    struct dl_tensor tensor;
    void *manager;
    void (*deleter)(struct dl_managed_tensor *self);
};

struct export
{
    struct dl_managed_tensor managed;
    gan_tensor *tensor;
    int64_t shape[GAN_MAX_RANK];
    int64_t strides[GAN_MAX_RANK];
};

static const struct dl_data_type data_types[] = {
    [GAN_FLOAT32] = {CODE_FLOAT, 32, 1},
    [GAN_FLOAT16] = {CODE_FLOAT, 16, 1},
    [GAN_INT32] = {CODE_INTEGER, 32, 1},
    [GAN_UINT8] = {CODE_UNSIGNED, 8, 1},
};

static void fill_strides(const int64_t *shape, int32_t rank, int64_t *strides)
{
    int64_t distance = 1;
    for (int32_t axis = rank - 1; axis >= 0; axis--) {
        strides[axis] = distance;
        distance *= shape[axis];
    }
}

static void delete_export(struct dl_managed_tensor *self)
{
    struct export *export = self->manager;
    gan_tensor *tensor = export->tensor;
    gan_release(tensor->context, export);
    gan_tensor_free(tensor);
}

gan_status gan_tensor_to_dlpack(gan_tensor *tensor, void **managed)
{
    if (managed == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_to_dlpack: managed is NULL");
    *managed = NULL;
    if (tensor == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_to_dlpack: the tensor is NULL");
    struct export *export = gan_allocate_zeroed(tensor->context, sizeof *export);
    if (export == NULL)
        return gan_fail_memory("a DLPack tensor", sizeof *export);
    export->tensor = gan_tensor_retain(tensor);
    memcpy(export->shape, tensor->shape.size, sizeof export->shape);
    fill_strides(export->shape, tensor->shape.rank, export->strides);
    export->managed = (struct dl_managed_tensor){
        .tensor = {tensor->data,
                   {DEVICE_CPU, 0},
                   tensor->shape.rank,
                   data_types[tensor->type],
                   export->shape,
                   export->strides,
                   0},
        .manager = export,
        .deleter = delete_export,
    };
    *managed = &export->managed;
    return GAN_OK;
}

static gan_status find_type(int32_t *type, const struct dl_data_type *given)
{
    for (int32_t i = 0; i < (int32_t)(sizeof data_types / sizeof data_types[0]); i++)
        if (data_types[i].code == given->code && data_types[i].bits == given->bits && given->lanes == 1) {
            *type = i;
            return GAN_OK;
        }
    return gan_fail(
        GAN_ERROR_TYPE,
        "gan_tensor_from_dlpack: elements have type code %d, %d bits, %d lanes; expected float32, "
        "float16, int32 or uint8",
        given->code, given->bits, given->lanes);
}

/* Sizes of 1 make a stride meaningless, and an empty tensor all of them. */
static gan_status check_strides(const struct dl_tensor *tensor)
{
    int64_t expected[GAN_MAX_RANK];
    bool empty = false;
    fill_strides(tensor->shape, tensor->rank, expected);
    for (int32_t axis = 0; axis < tensor->rank; axis++)
        empty = empty || tensor->shape[axis] == 0;
    for (int32_t axis = 0; axis < tensor->rank && tensor->strides != NULL && !empty; axis++)
        if (tensor->shape[axis] != 1 && tensor->strides[axis] != expected[axis])
            return gan_fail(GAN_ERROR_UNSUPPORTED,
                            "gan_tensor_from_dlpack: axis %d has stride %lld, expected %lld (row-major "
                            "without gaps)",
                            axis, (long long)tensor->strides[axis], (long long)expected[axis]);
    return GAN_OK;
}

static gan_status check_import(const struct dl_tensor *tensor, int32_t *type)
{
    if (tensor->device.type != DEVICE_CPU)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "gan_tensor_from_dlpack: the device type is %d, expected %d (CPU)",
                        tensor->device.type, DEVICE_CPU);
    struct shape shape;
    gan_status status = gan_shape_take(&shape, tensor->shape, tensor->rank, 0);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_tensor_from_dlpack: ");
    status = find_type(type, &tensor->type);
    return status == GAN_OK ? check_strides(tensor) : status;
}

static void release_import(void *user)
{
    struct dl_managed_tensor *managed = user;
    if (managed->deleter != NULL)
        managed->deleter(managed);
}

gan_status gan_tensor_from_dlpack(gan_tensor **out, gan_context *context, void *managed)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_from_dlpack: out is NULL");
    *out = NULL;
    if (managed == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_tensor_from_dlpack: managed is NULL");
    const struct dl_tensor *tensor = &((struct dl_managed_tensor *)managed)->tensor;
    int32_t type = -1;
    const gan_status status = check_import(tensor, &type);
    if (status != GAN_OK)
        return status;
    unsigned char *data = tensor->data;
    if (data != NULL)
        data += tensor->byte_offset;
    return gan_tensor_wrap(out, context, type, tensor->shape, tensor->rank, data, release_import, managed);
}
