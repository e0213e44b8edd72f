#include "style/luma_pyramid.h"
#include "base/threads.h"
#include "kernels/luma.h"

#include <math.h>

/* A level needs some blocks of motion in each direction to be of use. */
enum { SMALLEST_SIDE = 32 };

gan_status gan_luma_pyramid_create(struct luma_pyramid *pyramid, gan_context *context, int64_t height,
                                   int64_t width)
{
    *pyramid = (struct luma_pyramid){0};
    for (int32_t i = 0; i < PYRAMID_LEVELS && (i == 0 || (height >= SMALLEST_SIDE && width >= SMALLEST_SIDE));
         i++) {
        uint8_t *data = gan_allocate_array(context, (size_t)height, (size_t)width);
        if (data == NULL) {
            gan_luma_pyramid_free(pyramid, context);
            return gan_fail_memory("a picture's brightness", (size_t)(height * width));
        }
        pyramid->levels[i] = (struct luma_level){height, width, data};
        pyramid->count++;
        height /= 2;
        width /= 2;
    }
    return GAN_OK;
}

void gan_luma_pyramid_free(struct luma_pyramid *pyramid, gan_context *context)
{
    for (int32_t i = 0; i < pyramid->count; i++)
        gan_release(context, pyramid->levels[i].data);
    *pyramid = (struct luma_pyramid){0};
}

struct filling {
    const float *rgb;
    const struct luma_level *from, *to;
};

static void fill_row(void *argument, int64_t y, int32_t worker)
{
    (void)worker;
    const struct filling *job = argument;
    const int64_t width = job->to->width;
    const float *rgb = job->rgb + 3 * y * width;
    uint8_t *row = job->to->data + y * width;
    for (int64_t x = 0; x < width; x++) {
        row[x] = (uint8_t)(fminf(fmaxf(luma_of(rgb + 3 * x), 0.0f), 1.0f) * 255.0f + 0.5f);
    }
}

static int64_t clamp_index(int64_t index, int64_t count)
{
    return index < 0 ? 0 : index >= count ? count - 1 : index;
}

/* Weights 1, 3, 3, 1 in both directions: fine textures must not return as coarse ones that stand still. */
static void halve_row(void *argument, int64_t y, int32_t worker)
{
    (void)worker;
    const struct filling *job = argument;
    const int64_t height = job->from->height, width = job->from->width;
    const uint8_t *rows[4];
    for (int64_t k = 0; k < 4; k++)
        rows[k] = job->from->data + clamp_index(2 * y - 1 + k, height) * width;
    uint8_t *row = job->to->data + y * job->to->width;
    for (int64_t x = 0; x < job->to->width; x++) {
        int32_t sum = 0;
        for (int64_t k = 0; k < 4; k++) {
            const int64_t column = clamp_index(2 * x - 1 + k, width);
            const int32_t along = rows[0][column] + 3 * (rows[1][column] + rows[2][column]) + rows[3][column];
            sum += k == 0 || k == 3 ? along : 3 * along;
        }
        row[x] = (uint8_t)((sum + 32) / 64);
    }
}

void gan_luma_pyramid_fill(const struct luma_pyramid *pyramid, gan_context *context, const float *rgb)
{
    struct filling first = {.rgb = rgb, .to = &pyramid->levels[0]};
    gan_parallel(context, first.to->height, fill_row, &first);
    for (int32_t i = 1; i < pyramid->count; i++) {
        struct filling next = {.from = &pyramid->levels[i - 1], .to = &pyramid->levels[i]};
        gan_parallel(context, next.to->height, halve_row, &next);
    }
}
