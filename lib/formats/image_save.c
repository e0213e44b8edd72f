/* Whole pictures into files. */
#include "formats/image_encode.h"
#include "gan/image.h"
#include "gan/image_rows.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <math.h>

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

static gan_status save(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                       const gan_image_sink_options *options)
{
    const int64_t height = picture->shape.size[1], width = picture->shape.size[2];
    gan_image_sink *sink;
    gan_status status = gan_image_sink_open(&sink, picture->context, path, height, width, options);
    if (status != GAN_OK)
        return status;
    status = gan_image_sink_write(sink, height, picture->data, alpha != NULL ? alpha->data : NULL);
    if (status == GAN_OK)
        status = gan_image_sink_finish(sink);
    gan_image_sink_free(sink);
    return status;
}

/* Nothing is opened for a picture that cannot be written. */
static gan_status check(const gan_tensor *picture, const gan_tensor *alpha, const char *path)
{
    gan_status status = check_picture(picture, 3, "the picture");
    if (status == GAN_OK && alpha != NULL)
        status = check_alpha(alpha, picture);
    if (status == GAN_OK)
        status = check_finite(picture, path);
    return status == GAN_OK && alpha != NULL ? check_finite(alpha, path) : status;
}

gan_status gan_image_save_with_options(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                                       const gan_image_save_options *given)
{
    if (picture == NULL || path == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_save: %s is NULL",
                        picture == NULL ? "the picture" : "path");
    gan_image_save_options options;
    int32_t format = FORMAT_NONE;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_image_save_options");
    if (status == GAN_OK)
        status = gan_image_format(path, &format);
    const gan_tensor *kept = gan_format_has_alpha(format) ? alpha : NULL;
    if (status == GAN_OK)
        status = check(picture, kept, path);
    if (status != GAN_OK)
        return status;
    const gan_image_sink_options sink = {.struct_size = sizeof sink,
                                         .quality = options.quality,
                                         .depth = options.depth,
                                         .alpha = kept != NULL,
                                         .metadata = options.metadata};
    return save(picture, kept, path, &sink);
}

gan_status gan_image_save(const gan_tensor *picture, const gan_tensor *alpha, const char *path,
                          int32_t quality)
{
    const gan_image_save_options options = {.struct_size = sizeof options, .quality = quality};
    return gan_image_save_with_options(picture, alpha, path, &options);
}
