/* A batch as one sheet of pictures. */
#include "gan/image.h"
#include "tensor/tensor.h"

#include <math.h>

static gan_status check(gan_tensor *const *out, const gan_tensor *batch, int32_t columns, int32_t gap,
                        float low, float high)
{
    if (out == NULL || batch == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", out == NULL ? "out" : "batch");
    if (batch->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "batch is a tensor of %s, expected float32",
                        gan_type_name(batch->type));
    char text[SHAPE_TEXT_SIZE];
    const int64_t *size = batch->shape.size;
    if (batch->shape.rank != 4 || (size[3] != 1 && size[3] != 3) || size[0] < 1 || size[0] > 1 << 20)
        return gan_fail(GAN_ERROR_SHAPE, "batch is %s, expected [N,H,W,1] or [N,H,W,3]",
                        gan_shape_text(&batch->shape, text));
    if (columns < 0 || gap < 0 || !(low < high) || !isfinite(high - low))
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "columns %d, gap %d, low %g, high %g; expected 0 or more, low below high", columns,
                        gap, (double)low, (double)high);
    return GAN_OK;
}

static void convert(const gan_tensor *batch, int64_t index, float low, float high, float *to)
{
    const int64_t *size = batch->shape.size, pixels = size[1] * size[2], channels = size[3];
    const float *from = (const float *)batch->data + index * pixels * channels;
    for (int64_t i = 0; i < pixels; i++)
        for (int64_t c = 0; c < 3; c++) {
            const float value = (from[i * channels + (channels == 3 ? c : 0)] - low) / (high - low);
            *to++ = value > 0 ? (value < 1 ? value : 1) : 0;
        }
}

static gan_status make_pictures(gan_tensor **pictures, const gan_tensor *batch, float low, float high)
{
    const int64_t *size = batch->shape.size;
    const struct shape shape = gan_shape_4(1, size[1], size[2], 3);
    gan_status status = GAN_OK;
    for (int64_t i = 0; status == GAN_OK && i < size[0]; i++) {
        status = gan_tensor_make(&pictures[i], batch->context, GAN_FLOAT32, &shape);
        if (status == GAN_OK)
            convert(batch, i, low, high, pictures[i]->data);
    }
    return status;
}

gan_status gan_image_grid_batch(gan_tensor **out, const gan_tensor *batch, int32_t columns, int32_t gap,
                                float low, float high)
{
    if (out != NULL)
        *out = NULL;
    gan_status status = check(out, batch, columns, gap, low, high);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_image_grid_batch: ");
    const int32_t count = (int32_t)batch->shape.size[0];
    if (columns == 0)
        columns = (int32_t)ceil(sqrt((double)count));
    gan_tensor **pictures = gan_allocate_array(batch->context, (size_t)count, sizeof(gan_tensor *));
    if (pictures == NULL)
        return gan_fail_memory("a sheet of pictures", (size_t)count * sizeof *pictures);
    status = make_pictures(pictures, batch, low, high);
    if (status == GAN_OK)
        status = gan_image_grid(out, (const gan_tensor *const *)pictures, count, columns, gap);
    for (int32_t i = 0; i < count; i++)
        gan_tensor_free(pictures[i]);
    gan_release(batch->context, pictures);
    return status;
}
