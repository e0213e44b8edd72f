#include "style/adjuster.h"
#include "style/composition.h"
#include "style/recolor.h"
#include "style/style.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { DEFAULT_DETAIL_RADIUS = 2 };

/* ---- Making ---- */

void gan_adjuster_free(gan_adjuster *adjuster)
{
    if (adjuster == NULL)
        return;
    gan_context *context = adjuster->context;
    gan_tensor_free(adjuster->photo);
    gan_tensor_free(adjuster->result);
    for (int32_t color = 0; color <= GAN_COLOR_HISTOGRAM; color++)
        gan_release(context, adjuster->recolored[color]);
    gan_release(context, adjuster->detail);
    gan_release(context, adjuster->mask);
    gan_release(context, adjuster->soft_mask);
    gan_release(context, adjuster);
    gan_context_free(context);
}

static gan_status check_picture(const gan_tensor *picture, const char *what)
{
    const gan_status status = gan_picture_check(picture, what);
    if (status != GAN_OK)
        return status;
    const float *values = picture->data;
    for (int64_t i = 0; i < gan_shape_count(&picture->shape); i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "%s is not finite at element %" PRId64, what, i);
    return GAN_OK;
}

static gan_status check_pictures(const gan_tensor *photo, const gan_tensor *result)
{
    gan_status status = check_picture(photo, "the photograph");
    if (status == GAN_OK)
        status = check_picture(result, "the result");
    if (status != GAN_OK || gan_shape_equal(&photo->shape, &result->shape))
        return status;
    return gan_fail(GAN_ERROR_SHAPE,
                    "the photograph has %" PRId64 " x %" PRId64 " pixels, but the result %" PRId64
                    " x %" PRId64,
                    photo->shape.size[2], photo->shape.size[1], result->shape.size[2], result->shape.size[1]);
}

gan_status gan_adjuster_create(gan_adjuster **out, gan_tensor *photo, gan_tensor *result)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adjuster_create: out is NULL");
    *out = NULL;
    const gan_status status = check_pictures(photo, result);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_adjuster_create: ");
    gan_adjuster *adjuster = gan_allocate_zeroed(photo->context, sizeof *adjuster);
    if (adjuster == NULL)
        return gan_fail_memory("an adjuster", sizeof *adjuster);
    adjuster->context = gan_context_retain(photo->context);
    adjuster->height = photo->shape.size[1];
    adjuster->width = photo->shape.size[2];
    adjuster->photo = gan_tensor_retain(photo);
    adjuster->result = gan_tensor_retain(result);
    *out = adjuster;
    return GAN_OK;
}

static int64_t pixel_count(const gan_adjuster *adjuster)
{
    return adjuster->height * adjuster->width;
}

static float *allocate_plane(const gan_adjuster *adjuster, int64_t channels, const char *what)
{
    const size_t count = (size_t)(pixel_count(adjuster) * channels);
    float *plane = gan_allocate_array(adjuster->context, count, sizeof *plane);
    if (plane == NULL)
        gan_fail_memory(what, count * sizeof *plane);
    return plane;
}

/* ---- The mask ---- */

static void drop_soft_mask(gan_adjuster *adjuster)
{
    gan_release(adjuster->context, adjuster->soft_mask);
    adjuster->soft_mask = NULL;
    adjuster->feather = 0;
}

gan_status gan_adjuster_set_mask(gan_adjuster *adjuster, const gan_tensor *mask)
{
    if (adjuster == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adjuster_set_mask: the adjuster is NULL");
    float *copy = NULL;
    if (mask != NULL) {
        const gan_status status = gan_mask_check(mask, adjuster->height, adjuster->width);
        if (status != GAN_OK)
            return gan_fail_within(status, "gan_adjuster_set_mask: ");
        copy = allocate_plane(adjuster, 1, "a mask");
        if (copy == NULL)
            return GAN_ERROR_OUT_OF_MEMORY;
        memcpy(copy, mask->data, (size_t)pixel_count(adjuster) * sizeof *copy);
    }
    gan_release(adjuster->context, adjuster->mask);
    adjuster->mask = copy;
    drop_soft_mask(adjuster);
    return GAN_OK;
}

static gan_status soften_mask(gan_adjuster *adjuster, int32_t radius)
{
    if (adjuster->mask == NULL || radius == 0 || radius == adjuster->feather)
        return GAN_OK;
    drop_soft_mask(adjuster);
    float *soft = allocate_plane(adjuster, 1, "a soft mask");
    if (soft == NULL)
        return GAN_ERROR_OUT_OF_MEMORY;
    memcpy(soft, adjuster->mask, (size_t)pixel_count(adjuster) * sizeof *soft);
    const gan_status status = gan_feather(adjuster->context, soft, adjuster->height, adjuster->width, radius);
    if (status != GAN_OK) {
        gan_release(adjuster->context, soft);
        return status;
    }
    adjuster->soft_mask = soft;
    adjuster->feather = radius;
    return GAN_OK;
}

/* ---- Colours and detail ---- */

static gan_status recolor(gan_adjuster *adjuster, int32_t color)
{
    if (color == GAN_COLOR_RESULT || adjuster->recolored[color] != NULL)
        return GAN_OK;
    float *pixels = allocate_plane(adjuster, 3, "a recoloured picture");
    if (pixels == NULL)
        return GAN_ERROR_OUT_OF_MEMORY;
    const gan_status status = gan_recolor(adjuster->context, pixels, adjuster->result->data,
                                          adjuster->photo->data, pixel_count(adjuster), color);
    if (status == GAN_OK)
        adjuster->recolored[color] = pixels;
    else
        gan_release(adjuster->context, pixels);
    return status;
}

static gan_status extract_detail(gan_adjuster *adjuster, int32_t radius)
{
    if (radius == adjuster->detail_radius)
        return GAN_OK;
    adjuster->detail_radius = 0;
    if (adjuster->detail == NULL)
        adjuster->detail = allocate_plane(adjuster, 1, "fine detail");
    if (adjuster->detail == NULL)
        return GAN_ERROR_OUT_OF_MEMORY;
    const gan_status status = gan_detail_extract(adjuster->context, adjuster->detail, adjuster->photo->data,
                                                 adjuster->height, adjuster->width, radius);
    if (status == GAN_OK)
        adjuster->detail_radius = radius;
    return status;
}

/* ---- Rendering ---- */

static gan_status check_adjustment(const gan_adjustment *adjustment, float strength)
{
    gan_status status = gan_check_strength(strength);
    if (status == GAN_OK)
        status = gan_check_color(adjustment->color);
    if (status == GAN_OK)
        status = gan_check_detail(adjustment->detail, adjustment->detail_radius);
    return status == GAN_OK ? gan_check_feather(adjustment->feather) : status;
}

static gan_status check_target(const gan_adjuster *adjuster, const gan_tensor *to)
{
    char text[SHAPE_TEXT_SIZE];
    const gan_status status = gan_picture_check(to, "the target");
    if (status != GAN_OK)
        return status;
    if (to->data == adjuster->photo->data || to->data == adjuster->result->data)
        return gan_fail(GAN_ERROR_ARGUMENT, "the target is a picture that the adjuster keeps");
    if (gan_shape_equal(&to->shape, &adjuster->photo->shape))
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE, "the target has shape %s, expected [1,%" PRId64 ",%" PRId64 ",3]",
                    gan_shape_text(&to->shape, text), adjuster->height, adjuster->width);
}

/* All that is slow, unless it is kept from before. */
static gan_status find_out(gan_adjuster *adjuster, const gan_adjustment *adjustment)
{
    gan_status status = soften_mask(adjuster, adjustment->feather);
    if (status == GAN_OK)
        status = recolor(adjuster, adjustment->color);
    if (status == GAN_OK && adjustment->detail > 0.0f)
        status = extract_detail(adjuster, adjustment->detail_radius);
    return status;
}

static void render(const gan_adjuster *adjuster, float strength, const gan_adjustment *adjustment, float *to)
{
    const struct composition composition = {
        .to = to,
        .result = adjustment->color == GAN_COLOR_RESULT ? adjuster->result->data
                                                        : adjuster->recolored[adjustment->color],
        .photo = adjuster->photo->data,
        .detail = adjustment->detail > 0.0f ? adjuster->detail : NULL,
        .mask = adjustment->feather > 0 ? adjuster->soft_mask : adjuster->mask,
        .pixels = pixel_count(adjuster),
        .amount = adjustment->detail,
        .strength = strength,
    };
    gan_compose(adjuster->context, &composition);
}

gan_status gan_adjuster_render(gan_adjuster *adjuster, float strength, const gan_adjustment *given,
                               gan_tensor *to)
{
    if (adjuster == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adjuster_render: the adjuster is NULL");
    gan_adjustment adjustment;
    gan_status status = gan_copy_options(&adjustment, sizeof adjustment, given, "gan_adjustment");
    if (adjustment.detail_radius == 0)
        adjustment.detail_radius = DEFAULT_DETAIL_RADIUS;
    if (status == GAN_OK)
        status = check_adjustment(&adjustment, strength);
    if (status == GAN_OK)
        status = check_target(adjuster, to);
    if (status == GAN_OK)
        status = find_out(adjuster, &adjustment);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_adjuster_render: ");
    render(adjuster, strength, &adjustment, to->data);
    return GAN_OK;
}
