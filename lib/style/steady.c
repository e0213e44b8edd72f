#include "style/steady.h"
#include "base/threads.h"

#include <math.h>
#include <string.h>

enum { RADIUS = 2 }; /* of the window over which differences are averaged */

/* Mean differences of brightness (0 to 255): beyond the first, even after its motion is undone, a frame shows
 * another scene; below the second a difference is nothing to see, whatever the noise. */
static const float cut = 30.0f, unseen = 3.0f;
/* What is taken for noise at most, and by how many times what is unseen a place must differ to be new. */
static const float most_noise = 12.0f, times_new = 3.0f;

gan_status gan_steadier_create(struct steadier *steadier, gan_context *context, int64_t height, int64_t width)
{
    *steadier = (struct steadier){.context = context, .height = height, .width = width};
    const size_t pixels = (size_t)(height * width);
    gan_status status = gan_luma_pyramid_create(&steadier->now, context, height, width);
    if (status == GAN_OK)
        status = gan_luma_pyramid_create(&steadier->before, context, height, width);
    if (status == GAN_OK)
        status = gan_motion_create(&steadier->motion, context, height, width);
    if (status == GAN_OK) {
        steadier->result = gan_allocate_array(context, pixels, 3 * sizeof(float));
        steadier->differences = gan_allocate_array(context, pixels, sizeof(float));
        steadier->sums = gan_allocate_array(context, pixels, sizeof(float));
        if (steadier->result == NULL || steadier->differences == NULL || steadier->sums == NULL)
            status = gan_fail_memory("frames of a video", 5 * pixels * sizeof(float));
    }
    if (status != GAN_OK)
        gan_steadier_free(steadier);
    return status;
}

void gan_steadier_free(struct steadier *steadier)
{
    if (steadier->context == NULL)
        return;
    gan_luma_pyramid_free(&steadier->now, steadier->context);
    gan_luma_pyramid_free(&steadier->before, steadier->context);
    gan_motion_free(&steadier->motion, steadier->context);
    gan_release(steadier->context, steadier->result);
    gan_release(steadier->context, steadier->differences);
    gan_release(steadier->context, steadier->sums);
    *steadier = (struct steadier){0};
}

void gan_steadier_forget(struct steadier *steadier)
{
    steadier->has_former = false;
}

static float mean_difference(const struct motion_field *motion)
{
    const int64_t count = motion->rows * motion->columns;
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)motion->vectors[i].difference;
    return (float)(sum / (double)count);
}

bool gan_steadier_see(struct steadier *steadier, const float *frame)
{
    const struct luma_pyramid spare = steadier->before;
    steadier->before = steadier->now;
    steadier->now = spare;
    gan_luma_pyramid_fill(&steadier->now, steadier->context, frame);
    if (!steadier->has_former)
        return false;
    gan_motion_estimate(&steadier->motion, steadier->context, &steadier->now, &steadier->before);
    steadier->has_former = mean_difference(&steadier->motion) <= cut;
    return steadier->has_former;
}

/* Most of a picture is what it was, and differs by noise alone. */
static float noise_level(const struct motion_field *motion)
{
    return fminf(gan_motion_median(motion).difference, most_noise);
}

/* A place between pixels in the frame before. */
struct place {
    int64_t index, below, right; /* of the pixel above left; to its neighbours, in pixels */
    float along, across;
    bool inside;
};

static struct place place_before(const struct steadier *steadier, int64_t y, int64_t x)
{
    const struct motion_vector vector = gan_motion_at(&steadier->motion, y, x);
    const float row = (float)y + vector.down, column = (float)x + vector.right;
    struct place place = {.inside = row >= 0 && column >= 0 && row <= (float)(steadier->height - 1) &&
                                    column <= (float)(steadier->width - 1)};
    if (!place.inside)
        return place;
    const int64_t top = (int64_t)row, left = (int64_t)column;
    place.index = top * steadier->width + left;
    place.below = top + 1 < steadier->height ? steadier->width : 0;
    place.right = left + 1 < steadier->width ? 1 : 0;
    place.along = row - (float)top;
    place.across = column - (float)left;
    return place;
}

static float between(const struct place *place, float a, float b, float c, float d)
{
    const float above = a + place->across * (b - a), below = c + place->across * (d - c);
    return above + place->along * (below - above);
}

static float luma_before(const struct steadier *steadier, const struct place *place)
{
    const uint8_t *luma = steadier->before.levels[0].data + place->index;
    return between(place, (float)luma[0], (float)luma[place->right], (float)luma[place->below],
                   (float)luma[place->below + place->right]);
}

/* The differences of a row, and their sums over windows along it. */
static void compare_row(void *argument, int64_t y, int32_t worker)
{
    (void)worker;
    const struct steadier *steadier = argument;
    const int64_t width = steadier->width;
    const uint8_t *now = steadier->now.levels[0].data + y * width;
    float *differences = steadier->differences + y * width, *sums = steadier->sums + y * width;
    for (int64_t x = 0; x < width; x++) {
        const struct place place = place_before(steadier, y, x);
        differences[x] = place.inside ? fabsf((float)now[x] - luma_before(steadier, &place)) : 255.0f;
    }
    for (int64_t x = 0; x < width; x++) {
        float sum = 0;
        for (int64_t k = x - RADIUS; k <= x + RADIUS; k++)
            sum += differences[k < 0 ? 0 : k >= width ? width - 1 : k];
        sums[x] = sum;
    }
}

struct mixing {
    const struct steadier *steadier;
    float *result;
    float most, lowest, highest; /* share; differences from which on it falls, and at which it is 0 */
};

static float window_mean(const struct steadier *steadier, int64_t y, int64_t x)
{
    float sum = 0;
    for (int64_t k = y - RADIUS; k <= y + RADIUS; k++) {
        const int64_t row = k < 0 ? 0 : k >= steadier->height ? steadier->height - 1 : k;
        sum += steadier->sums[row * steadier->width + x];
    }
    return sum / (float)((2 * RADIUS + 1) * (2 * RADIUS + 1));
}

static float share_of_former(const struct mixing *job, float difference)
{
    const float t = (job->highest - difference) / (job->highest - job->lowest);
    return job->most * fminf(fmaxf(t, 0.0f), 1.0f);
}

static void mix_row(void *argument, int64_t y, int32_t worker)
{
    (void)worker;
    const struct mixing *job = argument;
    const struct steadier *steadier = job->steadier;
    for (int64_t x = 0; x < steadier->width; x++) {
        const float share = share_of_former(job, window_mean(steadier, y, x));
        const struct place place = place_before(steadier, y, x);
        if (!place.inside || share <= 0)
            continue;
        const float *former = steadier->result + 3 * place.index;
        const int64_t right = 3 * place.right, below = 3 * place.below;
        float *pixel = job->result + 3 * (y * steadier->width + x);
        for (int32_t c = 0; c < 3; c++)
            pixel[c] += share * (between(&place, former[c], former[right + c], former[below + c],
                                         former[below + right + c]) -
                                 pixel[c]);
    }
}

void gan_steadier_mix(struct steadier *steadier, float *result, float most)
{
    if (steadier->has_former) {
        const float seen = unseen + 2 * noise_level(&steadier->motion);
        struct mixing job = {steadier, result, most, seen, times_new * seen};
        gan_parallel(steadier->context, steadier->height, compare_row, steadier);
        gan_parallel(steadier->context, steadier->height, mix_row, &job);
    }
    memcpy(steadier->result, result, (size_t)(3 * steadier->height * steadier->width) * sizeof(float));
    steadier->has_former = true;
}
