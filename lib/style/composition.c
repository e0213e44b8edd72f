#include "style/composition.h"
#include "gan/adjust.h"
#include "kernels/blur.h"
#include "kernels/luma.h"
#include "kernels/ranges.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCK = 4096, MOST_RADIUS = 65535, MOST_DETAIL = 4 };

static float clamp(float value)
{
    const float positive = value > 0.0f ? value : 0.0f;
    return positive < 1.0f ? positive : 1.0f;
}

static void add_detail(const struct composition *job, int64_t start, int64_t end)
{
    for (int64_t i = start; i < end; i++) {
        const float more = job->amount * job->detail[i];
        for (int c = 0; c < 3; c++)
            job->to[3 * i + c] = clamp(job->result[3 * i + c] + more);
    }
}

/* 0 and 1 give the one and the other to the bit, whatever is in the other: 0 times infinity is no number. */
static float mixed(float photo, float result, float strength)
{
    if (strength == 0.0f)
        return photo;
    return strength == 1.0f ? result : (1.0f - strength) * photo + strength * result;
}

static void blend(const struct composition *job, int64_t start, int64_t end)
{
    for (int64_t i = 3 * start; i < 3 * end; i++)
        job->to[i] = mixed(job->photo[i], job->to[i], job->strength);
}

static void blend_by_mask(const struct composition *job, int64_t start, int64_t end)
{
    for (int64_t i = start; i < end; i++) {
        const float strength = job->strength * job->mask[i];
        for (int c = 0; c < 3; c++)
            job->to[3 * i + c] = mixed(job->photo[3 * i + c], job->to[3 * i + c], strength);
    }
}

static void compose_range(const void *argument, int64_t start, int64_t end)
{
    const struct composition *job = argument;
    if (job->detail != NULL)
        add_detail(job, start, end);
    else if (job->to != job->result)
        memcpy(job->to + 3 * start, job->result + 3 * start, (size_t)(3 * (end - start)) * sizeof(float));
    if (job->mask != NULL)
        blend_by_mask(job, start, end);
    else if (job->strength < 1.0f)
        blend(job, start, end);
}

void gan_compose(gan_context *context, const struct composition *composition)
{
    gan_parallel_ranges(context, composition->pixels, BLOCK, compose_range, composition);
}

struct luma_planes {
    float *luma;
    const float *photo, *blurred;
};

static void take_luma(const void *argument, int64_t start, int64_t end)
{
    const struct luma_planes *planes = argument;
    for (int64_t i = start; i < end; i++)
        planes->luma[i] = luma_of(planes->photo + 3 * i);
}

static void subtract_blurred(const void *argument, int64_t start, int64_t end)
{
    const struct luma_planes *planes = argument;
    for (int64_t i = start; i < end; i++)
        planes->luma[i] -= planes->blurred[i];
}

gan_status gan_detail_extract(gan_context *context, float *detail, const float *photo, int64_t height,
                              int64_t width, int32_t radius)
{
    const int64_t pixels = height * width;
    float *blurred = gan_allocate_array(context, 2 * (size_t)pixels, sizeof *blurred);
    if (blurred == NULL)
        return gan_fail_memory("fine detail", 2 * (size_t)pixels * sizeof *blurred);
    const struct luma_planes planes = {detail, photo, blurred};
    gan_parallel_ranges(context, pixels, BLOCK, take_luma, &planes);
    memcpy(blurred, detail, (size_t)pixels * sizeof *blurred);
    gan_blur(context, blurred, blurred + pixels, height, width, radius);
    gan_parallel_ranges(context, pixels, BLOCK, subtract_blurred, &planes);
    gan_release(context, blurred);
    return GAN_OK;
}

gan_status gan_feather(gan_context *context, float *mask, int64_t height, int64_t width, int32_t radius)
{
    const size_t size = (size_t)(height * width) * sizeof(float);
    if (radius == 0 || size == 0)
        return GAN_OK;
    float *scratch = gan_allocate(context, size);
    if (scratch == NULL)
        return gan_fail_memory("softening a mask", size);
    gan_blur(context, mask, scratch, height, width, radius);
    gan_release(context, scratch);
    return GAN_OK;
}

static gan_status check_number(double value, double low, double high, const char *name)
{
    if (value >= low && value <= high)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected %g to %g", name, value, low, high);
}

gan_status gan_check_strength(float strength)
{
    return check_number((double)strength, 0, 1, "strength");
}

gan_status gan_check_detail(float amount, int32_t radius)
{
    const gan_status status = check_number((double)amount, 0, MOST_DETAIL, "detail");
    return status == GAN_OK ? check_number(radius, 1, MOST_RADIUS, "the radius of detail") : status;
}

gan_status gan_check_color(int32_t color)
{
    return check_number(color, GAN_COLOR_RESULT, GAN_COLOR_HISTOGRAM, "color");
}

gan_status gan_check_pixels(int64_t pixels)
{
    if (pixels >= 0 && pixels <= INT64_MAX / 64)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "there are %" PRId64 " pixels, expected 0 or more", pixels);
}

gan_status gan_check_feather(int32_t radius)
{
    return check_number(radius, 0, MOST_RADIUS, "feather");
}
