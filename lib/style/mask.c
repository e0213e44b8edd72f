/* Masks: planes that say where something belongs. */
#include "kernels/luma.h"
#include "style/adjuster.h"
#include "style/style.h"

#include <inttypes.h>
#include <math.h>

static gan_status check_shape(const gan_tensor *mask, int64_t height, int64_t width)
{
    char text[SHAPE_TEXT_SIZE];
    const struct shape *shape = &mask->shape;
    if (shape->rank != 4 || shape->size[0] != 1 || shape->size[3] != 1)
        return gan_fail(GAN_ERROR_SHAPE, "the mask has shape %s, expected [1,H,W,1]",
                        gan_shape_text(shape, text));
    if (shape->size[1] != height || shape->size[2] != width)
        return gan_fail(GAN_ERROR_SHAPE,
                        "the mask has %" PRId64 " x %" PRId64 " pixels, but the picture %" PRId64
                        " x %" PRId64,
                        shape->size[2], shape->size[1], width, height);
    return GAN_OK;
}

gan_status gan_mask_check(const gan_tensor *mask, int64_t height, int64_t width)
{
    if (mask->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "the mask is a tensor of %s, expected float32",
                        gan_type_name(mask->type));
    const gan_status status = check_shape(mask, height, width);
    if (status != GAN_OK)
        return status;
    const float *values = mask->data;
    for (int64_t i = 0; i < height * width; i++) {
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE,
                            "the mask is not finite in row %" PRId64 ", column %" PRId64, i / width,
                            i % width);
        if (values[i] < 0.0f || values[i] > 1.0f)
            return gan_fail(GAN_ERROR_ARGUMENT,
                            "the mask is %g in row %" PRId64 ", column %" PRId64 ", expected 0 to 1",
                            (double)values[i], i / width, i % width);
    }
    return GAN_OK;
}

/* Differences to green, so that grey stays what it is to the bit. */
static float grey_of(const float *pixel)
{
    const float grey = pixel[1] + (luma_red * (pixel[0] - pixel[1]) + luma_blue * (pixel[2] - pixel[1]));
    return grey < 0.0f ? 0.0f : grey > 1.0f ? 1.0f : grey;
}

static gan_status fill(gan_tensor *mask, const gan_tensor *picture)
{
    const float *from = picture->data;
    float *to = mask->data;
    for (int64_t i = 0; i < gan_shape_count(&mask->shape); i++) {
        to[i] = grey_of(from + 3 * i);
        if (!isfinite(to[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "gan_mask_of_picture: pixel %" PRId64 " is not finite", i);
    }
    return GAN_OK;
}

gan_status gan_mask_of_picture(gan_tensor **mask, const gan_tensor *picture)
{
    if (mask == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_mask_of_picture: mask is NULL");
    *mask = NULL;
    gan_status status = gan_picture_check(picture, "the picture");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_mask_of_picture: ");
    gan_tensor *made = NULL;
    const struct shape shape = gan_shape_4(1, picture->shape.size[1], picture->shape.size[2], 1);
    status = gan_tensor_make(&made, picture->context, GAN_FLOAT32, &shape);
    if (status == GAN_OK)
        status = fill(made, picture);
    if (status == GAN_OK)
        *mask = made;
    else
        gan_tensor_free(made);
    return status;
}
