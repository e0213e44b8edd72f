/* Cropping and mirroring. */
#include "gan/image.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

static gan_status check_picture(gan_tensor **out, const gan_tensor *picture, const char *call)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: out is NULL", call);
    *out = NULL;
    if (picture == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s: a picture is NULL", call);
    if (picture->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "%s: the picture is %s, expected float32", call,
                        gan_type_name(picture->type));
    char text[SHAPE_TEXT_SIZE];
    if (picture->shape.rank != 4)
        return gan_fail(GAN_ERROR_SHAPE, "%s: the picture is %s, expected [N,H,W,C]", call,
                        gan_shape_text(&picture->shape, text));
    return GAN_OK;
}

/* Copy a rectangle of `width` floats by `height` rows. */
static void copy_rectangle(float *to, int64_t to_step, const float *from, int64_t from_step, int64_t height,
                           int64_t width)
{
    for (int64_t y = 0; y < height && width > 0; y++)
        memcpy(to + y * to_step, from + y * from_step, (size_t)width * sizeof *to);
}

static bool inside(int64_t start, int64_t size, int64_t whole)
{
    return start >= 0 && size >= 0 && start <= whole && size <= whole - start;
}

gan_status gan_image_crop(gan_tensor **out, const gan_tensor *picture, int64_t top, int64_t left,
                          int64_t height, int64_t width)
{
    const gan_status checked = check_picture(out, picture, "gan_image_crop");
    if (checked != GAN_OK)
        return checked;
    const int64_t *size = picture->shape.size;
    if (!inside(top, height, size[1]) || !inside(left, width, size[2]))
        return gan_fail(GAN_ERROR_SHAPE,
                        "gan_image_crop: rows %" PRId64 " + %" PRId64 ", columns %" PRId64 " + %" PRId64
                        " are not inside a picture of %" PRId64 " x %" PRId64,
                        top, height, left, width, size[2], size[1]);
    const struct shape shape = gan_shape_4(size[0], height, width, size[3]);
    const gan_status status = gan_tensor_make(out, picture->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK || gan_shape_count(&shape) == 0)
        return status;
    const int64_t from_step = size[2] * size[3], to_step = width * size[3];
    const float *from = (const float *)picture->data + top * from_step + left * size[3];
    float *to = (*out)->data;
    for (int64_t i = 0; i < size[0]; i++)
        copy_rectangle(to + i * height * to_step, to_step, from + i * size[1] * from_step, from_step, height,
                       to_step);
    return GAN_OK;
}

static void mirror_row(float *restrict to, const float *restrict from, int64_t width, int64_t channels)
{
    for (int64_t x = 0; x < width; x++)
        for (int64_t channel = 0; channel < channels; channel++)
            to[x * channels + channel] = from[(width - 1 - x) * channels + channel];
}

gan_status gan_image_flip(gan_tensor **out, const gan_tensor *picture)
{
    gan_status status = check_picture(out, picture, "gan_image_flip");
    if (status == GAN_OK)
        status = gan_tensor_make(out, picture->context, GAN_FLOAT32, &picture->shape);
    if (status != GAN_OK || gan_tensor_count(picture) == 0)
        return status;
    const int64_t *size = picture->shape.size;
    const int64_t step = size[2] * size[3];
    float *to = (*out)->data;
    const float *from = picture->data;
    for (int64_t row = 0; row < size[0] * size[1]; row++)
        mirror_row(to + row * step, from + row * step, size[2], size[3]);
    return GAN_OK;
}
