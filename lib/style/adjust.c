/* Adjusting plain pixels, one thing at a time. */
#include "gan/adjust.h"
#include "style/composition.h"
#include "style/recolor.h"
#include "style/style.h"

#include <inttypes.h>

static gan_status check_buffers(const gan_context *context, const float *result, const float *photo,
                                int64_t pixels)
{
    if (context == NULL || result == NULL || photo == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL",
                        context == NULL  ? "the context"
                        : result == NULL ? "the result"
                                         : "the photograph");
    return gan_check_pixels(pixels);
}

static gan_status check_size(int64_t height, int64_t width)
{
    if (height >= 0 && width >= 0 && (width == 0 || height <= INT64_MAX / 64 / width))
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "the picture has %" PRId64 " x %" PRId64 " pixels", width, height);
}

gan_status gan_adjust_strength(gan_context *context, float *result, const float *photo, const float *mask,
                               int64_t pixels, float strength)
{
    gan_status status = check_buffers(context, result, photo, pixels);
    if (status == GAN_OK)
        status = gan_check_strength(strength);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_adjust_strength: ");
    const struct composition composition = {
        .to = result, .result = result, .photo = photo, .mask = mask, .pixels = pixels, .strength = strength};
    gan_compose(context, &composition);
    return GAN_OK;
}

gan_status gan_adjust_color(gan_context *context, float *result, const float *photo, int64_t pixels,
                            int32_t color)
{
    gan_status status = check_buffers(context, result, photo, pixels);
    if (status == GAN_OK)
        status = gan_check_color(color);
    if (status == GAN_OK && color != GAN_COLOR_RESULT)
        status = gan_recolor(context, result, result, photo, pixels, color);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_adjust_color: ");
}

static gan_status add_detail(gan_context *context, float *result, const float *photo, int64_t height,
                             int64_t width, float amount, int32_t radius)
{
    const int64_t pixels = height * width;
    if (amount == 0.0f || pixels == 0)
        return GAN_OK;
    float *detail = gan_allocate_array(context, (size_t)pixels, sizeof *detail);
    if (detail == NULL)
        return gan_fail_memory("fine detail", (size_t)pixels * sizeof *detail);
    const gan_status status = gan_detail_extract(context, detail, photo, height, width, radius);
    const struct composition composition = {.to = result,
                                            .result = result,
                                            .photo = photo,
                                            .detail = detail,
                                            .pixels = pixels,
                                            .amount = amount,
                                            .strength = 1.0f};
    if (status == GAN_OK)
        gan_compose(context, &composition);
    gan_release(context, detail);
    return status;
}

gan_status gan_adjust_detail(gan_context *context, float *result, const float *photo, int64_t height,
                             int64_t width, float amount, int32_t radius)
{
    gan_status status = check_buffers(context, result, photo, 0);
    if (status == GAN_OK)
        status = check_size(height, width);
    if (status == GAN_OK)
        status = gan_check_detail(amount, radius);
    if (status == GAN_OK)
        status = add_detail(context, result, photo, height, width, amount, radius);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_adjust_detail: ");
}

gan_status gan_mask_feather(gan_context *context, float *mask, int64_t height, int64_t width, int32_t radius)
{
    gan_status status = check_size(height, width);
    if (status == GAN_OK)
        status = gan_check_feather(radius);
    if (status == GAN_OK && (context == NULL || mask == NULL))
        status = gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", context == NULL ? "the context" : "the mask");
    if (status == GAN_OK)
        status = gan_feather(context, mask, height, width, radius);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_mask_feather: ");
}
