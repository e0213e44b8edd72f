/* How much of each style is at each position. */
#include "gan/image.h"
#include "models/feature_transfer.h"
#include "models/picture_padding.h"
#include "style/adjuster.h"

#include <inttypes.h>
#include <math.h>

static gan_status check_weights(const float *weights, int32_t count)
{
    double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0) || !isfinite(weights[i]))
            return gan_fail(GAN_ERROR_ARGUMENT, "weight %" PRId32 " is %g, expected 0 or more", i,
                            (double)weights[i]);
        sum += (double)weights[i];
    }
    return sum > 0 ? GAN_OK : gan_fail(GAN_ERROR_ARGUMENT, "all weights are 0");
}

gan_status gan_style_mixture_check(const gan_style_mixture *mixture, int32_t count)
{
    gan_status status = mixture->weights != NULL ? check_weights(mixture->weights, count) : GAN_OK;
    for (int32_t i = 0; status == GAN_OK && mixture->masks != NULL && i < count; i++) {
        const gan_tensor *mask = mixture->masks[i];
        if (mask == NULL)
            continue;
        status = gan_mask_check(mask, mask->shape.size[1], mask->shape.size[2]);
        if (status != GAN_OK)
            return gan_fail_within(status, "style %" PRId32 ": ", i);
    }
    return status;
}

void gan_style_weights_share(float *shares, const float *weights, int32_t count)
{
    double sum = 0;
    for (int32_t i = 0; i < count; i++)
        sum += weights != NULL ? (double)weights[i] : 1;
    for (int32_t i = 0; i < count; i++)
        shares[i] = (float)((weights != NULL ? (double)weights[i] : 1) / sum);
}

/* A mask follows the content: to its size, beyond its edges, and down to its features. */
static gan_status scale_mask(gan_tensor **scaled, const gan_tensor *mask, const gan_tensor *content,
                             int32_t margin, const gan_tensor *padded, const gan_tensor *features)
{
    gan_tensor *whole = NULL, *continued = NULL;
    gan_status status = gan_image_resize(&whole, mask, content->shape.size[1], content->shape.size[2]);
    if (status == GAN_OK)
        status = gan_picture_place(&continued, whole, margin, margin, padded->shape.size[1],
                                   padded->shape.size[2]);
    if (status == GAN_OK)
        status = gan_image_resize(scaled, continued, features->shape.size[1], features->shape.size[2]);
    gan_tensor_free(whole);
    gan_tensor_free(continued);
    return status;
}

static gan_status fill_plane(float *plane, int64_t positions, const gan_tensor *mask,
                             const gan_tensor *content, int32_t margin, const gan_tensor *padded,
                             const gan_tensor *features)
{
    gan_tensor *scaled = NULL;
    const gan_status status =
        mask != NULL ? scale_mask(&scaled, mask, content, margin, padded, features) : GAN_OK;
    if (status != GAN_OK)
        return status;
    const float *values = scaled != NULL ? scaled->data : NULL;
    for (int64_t i = 0; i < positions; i++)
        plane[i] = values != NULL ? fminf(fmaxf(values[i], 0.0f), 1.0f) : 1.0f;
    gan_tensor_free(scaled);
    return GAN_OK;
}

/* From masks to shares: together they cover a position as far as the masks add up, up to 1. */
static void normalize(struct style_shares *shares, int64_t position)
{
    float covered = 0, sum = 0, *plane = shares->planes + position;
    for (int32_t i = 0; i < shares->count; i++) {
        const float value = plane[i * shares->positions];
        covered += shares->weights[i] > 0 ? value : 0;
        sum += shares->weights[i] * value;
    }
    const float factor = sum > 0 ? fminf(covered, 1.0f) / sum : 0.0f;
    for (int32_t i = 0; i < shares->count; i++)
        plane[i * shares->positions] *= shares->weights[i] * factor;
}

gan_status gan_style_shares_open(struct style_shares *shares, const gan_style_mixture *mixture, int32_t count,
                                 const gan_tensor *content, int32_t margin, const gan_tensor *padded,
                                 const gan_tensor *features)
{
    *shares =
        (struct style_shares){.positions = features->shape.size[1] * features->shape.size[2], .count = count};
    gan_style_weights_share(shares->weights, mixture != NULL ? mixture->weights : NULL, count);
    if (mixture == NULL || mixture->masks == NULL)
        return GAN_OK;
    shares->planes = gan_allocate_array(content->context, (size_t)(count * shares->positions), sizeof(float));
    if (shares->planes == NULL)
        return gan_fail_memory("masks of styles", (size_t)(count * shares->positions) * sizeof(float));
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < count; i++)
        status = fill_plane(shares->planes + i * shares->positions, shares->positions, mixture->masks[i],
                            content, margin, padded, features);
    for (int64_t position = 0; status == GAN_OK && position < shares->positions; position++)
        normalize(shares, position);
    return status;
}

void gan_style_shares_close(struct style_shares *shares, gan_context *context)
{
    gan_release(context, shares->planes);
}
