#include "formats/image_encode.h"
#include "gan/image.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <math.h>

enum { DEFAULT_QUALITY = 92 };

static bool has_alpha_channel(int32_t format)
{
    return format == FORMAT_PNG || format == FORMAT_TGA;
}

static gan_status check_picture(const gan_tensor *picture, int64_t channels, const char *what)
{
    if (picture->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "gan_image_save: %s is %s, expected float32", what,
                        gan_type_name(picture->type));
    const struct shape *shape = &picture->shape;
    char text[SHAPE_TEXT_SIZE];
    if (shape->rank != 4 || shape->size[0] != 1 || shape->size[3] != channels)
        return gan_fail(GAN_ERROR_SHAPE, "gan_image_save: %s is %s, expected [1,H,W,%d]", what,
                        gan_shape_text(shape, text), (int)channels);
    return GAN_OK;
}

static gan_status check_alpha(const gan_tensor *alpha, const gan_tensor *picture)
{
    const gan_status status = check_picture(alpha, 1, "alpha");
    if (status != GAN_OK)
        return status;
    for (int axis = 1; axis <= 2; axis++)
        if (alpha->shape.size[axis] != picture->shape.size[axis])
            return gan_fail(
                GAN_ERROR_SHAPE,
                "gan_image_save: alpha is %" PRId64 " x %" PRId64 ", but the picture %" PRId64 " x %" PRId64,
                alpha->shape.size[2], alpha->shape.size[1], picture->shape.size[2], picture->shape.size[1]);
    return GAN_OK;
}

/* Write `channels` of each pixel into samples that are `stride` apart. Returns the index of a pixel that is
 * no number, or -1. */
static int64_t quantise(const float *values, int64_t pixels, int32_t channels, uint8_t *samples,
                        int32_t stride)
{
    for (int64_t i = 0; i < pixels; i++)
        for (int32_t channel = 0; channel < channels; channel++) {
            const float value = values[i * channels + channel];
            if (!isfinite(value))
                return i;
            const float clamped = value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
            samples[i * stride + channel] = (uint8_t)(clamped * 255.0f + 0.5f);
        }
    return -1;
}

static gan_status fill_samples(const gan_tensor *picture, const gan_tensor *alpha, uint8_t *samples,
                               const char *path)
{
    const int64_t width = picture->shape.size[2], pixels = picture->shape.size[1] * width;
    const int32_t stride = alpha != NULL ? 4 : 3;
    int64_t wrong = quantise(picture->data, pixels, 3, samples, stride);
    if (wrong < 0 && alpha != NULL)
        wrong = quantise(alpha->data, pixels, 1, samples + 3, stride);
    if (wrong < 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_NOT_FINITE,
                    "%s: the pixel in row %" PRId64 ", column %" PRId64 " is NaN or infinite", path,
                    wrong / width, wrong % width);
}

static gan_status save(const gan_tensor *picture, const gan_tensor *alpha, const char *path, int32_t format,
                       int32_t quality)
{
    gan_context *context = picture->context;
    struct canvas canvas = {
        .height = picture->shape.size[1], .width = picture->shape.size[2], .channels = alpha != NULL ? 4 : 3};
    const size_t size = (size_t)gan_tensor_count(picture) / 3 * (size_t)canvas.channels;
    uint8_t *samples = gan_allocate(context, size);
    if (samples == NULL)
        return gan_fail_memory("the samples of a picture", size);
    gan_status status = fill_samples(picture, alpha, samples, path);
    canvas.samples = samples;
    if (status == GAN_OK)
        status = gan_pixels_save(context, &canvas, path, format, quality);
    gan_release(context, samples);
    return status;
}

gan_status gan_image_save(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                          int32_t quality)
{
    int32_t format;
    if (picture == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_save: %s is NULL",
                        picture == NULL ? "the picture" : "path");
    if (quality < 0 || quality > 100)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_save: quality is %d, expected 0 to 100", quality);
    gan_status status = gan_image_format(path, &format);
    if (status == GAN_OK)
        status = check_picture(picture, 3, "the picture");
    if (status == GAN_OK && alpha != NULL)
        status = check_alpha(alpha, picture);
    if (status != GAN_OK)
        return status;
    return save(picture, has_alpha_channel(format) ? alpha : NULL, path, format,
                quality > 0 ? quality : DEFAULT_QUALITY);
}
