#include "kernels/warp.h"
#include "base/threads.h"

#include <math.h>
#include <string.h>

/* The four pixels about a place and their weights. */
struct neighbours {
    int64_t pixels[4]; /* of the picture */
    float weights[4];
};

/* Onto the picture; NaN becomes 0. */
static float clamped(float place, int64_t size)
{
    return fminf(fmaxf(place, 0.0f), (float)(size - 1));
}

static struct neighbours about(const struct warp *warp, int64_t y, int64_t x, const float *displacement)
{
    const float row = clamped((float)y + displacement[0], warp->height);
    const float column = clamped((float)x + displacement[1], warp->width);
    const int64_t top = (int64_t)row, left = (int64_t)column;
    const int64_t bottom = top + 1 < warp->height ? top + 1 : top;
    const int64_t right = left + 1 < warp->width ? left + 1 : left;
    const float down = row - (float)top, across = column - (float)left;
    return (struct neighbours){
        {top * warp->width + left, top * warp->width + right, bottom * warp->width + left,
         bottom * warp->width + right},
        {(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across}};
}

struct warping {
    const struct warp *warp;
    const float *from;
    float *to;
};

static void fetch_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct warping *job = argument;
    const struct warp *warp = job->warp;
    const int64_t picture = row / warp->height, channels = warp->channels;
    const float *x = job->from + picture * warp->height * warp->width * channels;
    for (int64_t column = 0; column < warp->width; column++) {
        const int64_t pixel = row * warp->width + column;
        const struct neighbours near =
            about(warp, row % warp->height, column, warp->displacement + 2 * pixel);
        float *y = job->to + pixel * channels;
        for (int64_t c = 0; c < channels; c++) {
            float sum = 0;
            for (int32_t k = 0; k < 4; k++)
                sum += near.weights[k] * x[near.pixels[k] * channels + c];
            y[c] = sum;
        }
    }
}

void gan_warp_forward(gan_context *context, const struct warp *warp, const float *x, float *y)
{
    struct warping job = {warp, x, y};
    gan_parallel(context, warp->batch * warp->height, fetch_row, &job);
}

/* A whole picture, since any pixel may have been fetched from anywhere in it. */
static void scatter_picture(void *argument, int64_t picture, int32_t worker)
{
    (void)worker;
    const struct warping *job = argument;
    const struct warp *warp = job->warp;
    const int64_t pixels = warp->height * warp->width, channels = warp->channels;
    float *dx = job->to + picture * pixels * channels;
    memset(dx, 0, (size_t)(pixels * channels) * sizeof *dx);
    for (int64_t i = 0; i < pixels; i++) {
        const int64_t pixel = picture * pixels + i;
        const float *dy = job->from + pixel * channels;
        const struct neighbours near =
            about(warp, i / warp->width, i % warp->width, warp->displacement + 2 * pixel);
        for (int32_t k = 0; k < 4; k++)
            for (int64_t c = 0; c < channels; c++)
                dx[near.pixels[k] * channels + c] += near.weights[k] * dy[c];
    }
}

void gan_warp_backward(gan_context *context, const struct warp *warp, const float *dy, float *dx)
{
    struct warping job = {warp, dy, dx};
    gan_parallel(context, warp->batch, scatter_picture, &job);
}
