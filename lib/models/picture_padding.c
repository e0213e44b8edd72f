#include "models/picture_padding.h"
#include "kernels/border.h"
#include "kernels/sizes.h"
#include "tensor/tensor.h"

#include <string.h>

static void copy_reflected(float *to, const float *from, const int64_t *size, int64_t begin, int64_t end,
                           int64_t left)
{
    for (int64_t x = begin; x < end; x++)
        memcpy(to + x * size[3], from + mirrored(x - left, size[2]) * size[3], (size_t)size[3] * sizeof *to);
}

static void fill_row(float *to, const float *from, const int64_t *size, int64_t left, int64_t width)
{
    copy_reflected(to, from, size, 0, left, left);
    memcpy(to + left * size[3], from, (size_t)(size[2] * size[3]) * sizeof *to);
    copy_reflected(to, from, size, left + size[2], width, left);
}

gan_status gan_picture_pad(gan_tensor **out, const gan_tensor *picture, int64_t height, int64_t width)
{
    return gan_picture_place(out, picture, 0, 0, height, width);
}

gan_status gan_picture_place(gan_tensor **out, const gan_tensor *picture, int64_t top, int64_t left,
                             int64_t height, int64_t width)
{
    const int64_t *size = picture->shape.size, channels = size[3];
    const struct shape shape = gan_shape_4(1, height, width, channels);
    const gan_status status = gan_tensor_make(out, picture->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        return status;
    const float *from = picture->data;
    float *to = (*out)->data;
    for (int64_t y = 0; y < height; y++)
        fill_row(to + y * width * channels, from + mirrored(y - top, size[1]) * size[2] * channels, size,
                 left, width);
    return GAN_OK;
}

gan_status gan_picture_repeat(gan_tensor **out, const gan_tensor *picture, int64_t margin)
{
    const int64_t *size = picture->shape.size;
    const struct shape shape = gan_shape_4(1, size[1] + 2 * margin, size[2] + 2 * margin, size[3]);
    const struct border border = {1,      size[1], size[2], size[3],         margin,
                                  margin, margin,  margin,  GAN_PADDING_WRAP};
    const gan_status status = gan_tensor_make(out, picture->context, GAN_FLOAT32, &shape);
    if (status == GAN_OK)
        gan_border_add(picture->context, &border, picture->data, (*out)->data);
    return status;
}
