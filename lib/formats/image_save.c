#include "formats/image_metadata.h"
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

/* Errors: NOT_FINITE, with the place. */
static gan_status check_finite(const gan_tensor *tensor, const char *path)
{
    const float *values = tensor->data;
    const int64_t channels = tensor->shape.size[3], width = tensor->shape.size[2];
    for (int64_t i = 0; i < gan_shape_count(&tensor->shape); i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE,
                            "%s: the pixel in row %" PRId64 ", column %" PRId64 " is NaN or infinite", path,
                            i / channels / width, i / channels % width);
    return GAN_OK;
}

/* The pixels on their way into samples. */
struct quantising {
    const float *picture, *alpha; /* alpha: NULL where there is none */
    int64_t width;
    int32_t stride; /* samples of a pixel */
    int32_t depth;
};

static uint32_t level(float value, float largest)
{
    const float clamped = value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
    return (uint32_t)(clamped * largest + 0.5f);
}

/* Write `channels` of `count` pixels into samples of 8 bits that lie `stride` apart. */
static void quantise_8(const float *values, int64_t count, int32_t channels, uint8_t *samples, int32_t stride)
{
    for (int64_t i = 0; i < count; i++)
        for (int32_t channel = 0; channel < channels; channel++)
            samples[i * stride + channel] = (uint8_t)level(values[i * channels + channel], 255.0f);
}

/* The same with 16 bits, high byte first. */
static void quantise_16(const float *values, int64_t count, int32_t channels, uint8_t *samples,
                        int32_t stride)
{
    for (int64_t i = 0; i < count; i++)
        for (int32_t channel = 0; channel < channels; channel++) {
            const uint32_t value = level(values[i * channels + channel], 65535.0f);
            samples[2 * (i * stride + channel)] = (uint8_t)(value >> 8);
            samples[2 * (i * stride + channel) + 1] = (uint8_t)value;
        }
}

static void quantise_row(void *user, int64_t row, uint8_t *samples)
{
    const struct quantising *job = user;
    void (*const quantise)(const float *, int64_t, int32_t, uint8_t *, int32_t) =
        job->depth == 16 ? quantise_16 : quantise_8;
    const float *picture = job->picture + row * job->width * 3;
    quantise(picture, job->width, 3, samples, job->stride);
    if (job->alpha != NULL)
        quantise(job->alpha + row * job->width, job->width, 1, samples + 3 * job->depth / 8, job->stride);
}

/* All rows in memory, for the formats that want them so. */
static gan_status save_whole(gan_context *context, struct canvas *canvas, struct quantising *job,
                             const char *path, const struct encoding_options *encoding)
{
    const size_t row = (size_t)canvas->width * (size_t)canvas->channels, size = (size_t)canvas->height * row;
    uint8_t *samples = gan_allocate(context, size);
    if (samples == NULL)
        return gan_fail_memory("the samples of a picture", size);
    for (int64_t y = 0; y < canvas->height; y++)
        quantise_row(job, y, samples + (size_t)y * row);
    canvas->samples = samples;
    const gan_status status = gan_pixels_save(context, canvas, path, encoding);
    gan_release(context, samples);
    return status;
}

static gan_status save(const gan_tensor *picture, const gan_tensor *alpha, const char *path, int32_t depth,
                       const struct encoding_options *encoding)
{
    const int32_t channels = alpha != NULL ? 4 : 3;
    struct quantising job = {.picture = picture->data,
                             .alpha = alpha != NULL ? alpha->data : NULL,
                             .width = picture->shape.size[2],
                             .stride = channels,
                             .depth = depth};
    struct canvas canvas = {.row = quantise_row,
                            .user = &job,
                            .height = picture->shape.size[1],
                            .width = picture->shape.size[2],
                            .channels = channels,
                            .depth = depth};
    gan_status status = check_finite(picture, path);
    if (status == GAN_OK && alpha != NULL)
        status = check_finite(alpha, path);
    if (status != GAN_OK)
        return status;
    return encoding->format == FORMAT_PNG ? gan_pixels_save(picture->context, &canvas, path, encoding)
                                          : save_whole(picture->context, &canvas, &job, path, encoding);
}

static gan_status check_options(const gan_image_save_options *options, int32_t format)
{
    if (options->quality < 0 || options->quality > 100)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_save: quality is %d, expected 0 to 100",
                        options->quality);
    if (options->depth != 0 && options->depth != 8 && options->depth != 16)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_save: depth is %d, expected 8 or 16", options->depth);
    if (options->depth == 16 && format != FORMAT_PNG)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "gan_image_save: depth is 16, which of the formats that are written PNG alone holds");
    return GAN_OK;
}

gan_status gan_image_save_with_options(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                                       const gan_image_save_options *given)
{
    if (picture == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_save: %s is NULL",
                        picture == NULL ? "the picture" : "path");
    gan_image_save_options options;
    struct encoding_options encoding = {0};
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_image_save_options");
    if (status == GAN_OK)
        status = gan_image_format(path, &encoding.format);
    if (status == GAN_OK)
        status = check_options(&options, encoding.format);
    if (status == GAN_OK)
        status = check_picture(picture, 3, "the picture");
    if (status == GAN_OK && alpha != NULL)
        status = check_alpha(alpha, picture);
    if (status != GAN_OK)
        return status;
    struct image_extras extras = {0};
    encoding.quality = options.quality > 0 ? options.quality : DEFAULT_QUALITY;
    encoding.extras = &extras;
    if (options.metadata != NULL)
        status =
            gan_image_extras_make(&extras, options.metadata, picture->shape.size[2], picture->shape.size[1]);
    if (status == GAN_OK)
        status = save(picture, has_alpha_channel(encoding.format) ? alpha : NULL, path,
                      options.depth > 0 ? options.depth : 8, &encoding);
    if (options.metadata != NULL)
        gan_image_extras_release(&extras, options.metadata->context);
    return status;
}

gan_status gan_image_save(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                          int32_t quality)
{
    const gan_image_save_options options = {.struct_size = sizeof options, .quality = quality};
    return gan_image_save_with_options(picture, alpha, path, &options);
}
