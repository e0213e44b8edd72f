#include "models/picture_padding.h"
#include "tensor/tensor.h"

#include <string.h>

/* Where position `at` is found in a line of `size`: forwards, then backwards, and so on. */
static int64_t reflected(int64_t at, int64_t size)
{
    const int64_t within = at % (2 * size);
    return within < size ? within : 2 * size - 1 - within;
}

static void fill_row(float *to, const float *from, int64_t width, int64_t from_width, int64_t channels)
{
    const size_t pixel = (size_t)channels * sizeof *to;
    memcpy(to, from, (size_t)from_width * pixel);
    for (int64_t x = from_width; x < width; x++)
        memcpy(to + x * channels, from + reflected(x, from_width) * channels, pixel);
}

gan_status gan_picture_pad(gan_tensor **out, const gan_tensor *picture, int64_t height, int64_t width)
{
    const int64_t *size = picture->shape.size, channels = size[3];
    const struct shape shape = gan_shape_4(1, height, width, channels);
    const gan_status status = gan_tensor_make(out, picture->context, GAN_FLOAT32, &shape);
    if (status != GAN_OK)
        return status;
    const float *from = picture->data;
    float *to = (*out)->data;
    for (int64_t y = 0; y < height; y++)
        fill_row(to + y * width * channels, from + reflected(y, size[1]) * size[2] * channels, width, size[2],
                 channels);
    return GAN_OK;
}
