/* Edges by Canny (1986): Sobel's gradients, thinned to the ridge, kept where they are strong or hang together
 * with strong ones. Thresholds and the blur are AnimeGAN's (OpenCV's of a 5x5 kernel). */
#include "training/edge_smoother.h"
#include "base/context.h"
#include "kernels/luma.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { RGB = 3, REACH = 2, TAPS = 2 * REACH + 1 };
enum edge { EDGE_NONE, EDGE_WEAK, EDGE_STRONG };

/* |gradient| + |gradient| of brightness in -1..1; 100 and 200 of brightness in 0..255. */
static const float weak_gradient = 100.0f / 127.5f, strong_gradient = 200.0f / 127.5f;

/* Standard deviation 1.1: 0.3 ((5 - 1) / 2 - 1) + 0.8. */
static const float blur[TAPS] = {0.0707664f, 0.2444604f, 0.3695465f, 0.2444604f, 0.0707664f};

struct edge_smoother {
    gan_context *context;
    int64_t height, width;
    float *brightness, *down, *right, *size; /* gradients and their size |down| + |right| */
    unsigned char *edges;                    /* enum edge */
    unsigned char *covered;                  /* whether an edge is near */
    int64_t *waiting;                        /* strong edges whose neighbours were not looked at */
};

void gan_edge_smoother_free(struct edge_smoother *smoother)
{
    if (smoother == NULL)
        return;
    gan_context *context = smoother->context;
    gan_release(context, smoother->brightness);
    gan_release(context, smoother->edges);
    gan_release(context, smoother->waiting);
    gan_release(context, smoother);
    gan_context_free(context);
}

gan_status gan_edge_smoother_create(struct edge_smoother **out, gan_context *context, int64_t height,
                                    int64_t width)
{
    const size_t pixels = (size_t)height * (size_t)width;
    struct edge_smoother *smoother = gan_allocate_zeroed(context, sizeof *smoother);
    *out = NULL;
    if (smoother == NULL)
        return gan_fail_memory("an edge smoother", sizeof *smoother);
    smoother->context = gan_context_retain(context);
    smoother->height = height;
    smoother->width = width;
    smoother->brightness = gan_allocate(context, 4 * pixels * sizeof(float));
    smoother->edges = gan_allocate(context, 2 * pixels);
    smoother->waiting = gan_allocate(context, pixels * sizeof(int64_t));
    if (smoother->brightness == NULL || smoother->edges == NULL || smoother->waiting == NULL) {
        gan_edge_smoother_free(smoother);
        return gan_fail_memory("an edge smoother's pictures", pixels * 4 * sizeof(float));
    }
    smoother->down = smoother->brightness + pixels;
    smoother->right = smoother->down + pixels;
    smoother->size = smoother->right + pixels;
    smoother->covered = smoother->edges + pixels;
    *out = smoother;
    return GAN_OK;
}

static int64_t clamp(int64_t value, int64_t count)
{
    return value < 0 ? 0 : value < count ? value : count - 1;
}

/* ---- Edges ---- */

static float brightness_at(const struct edge_smoother *s, int64_t row, int64_t column)
{
    return s->brightness[clamp(row, s->height) * s->width + clamp(column, s->width)];
}

static void differentiate(struct edge_smoother *s)
{
    for (int64_t row = 0; row < s->height; row++)
        for (int64_t column = 0; column < s->width; column++) {
            float around[3][3];
            for (int64_t i = 0; i < 3; i++)
                for (int64_t k = 0; k < 3; k++)
                    around[i][k] = brightness_at(s, row + i - 1, column + k - 1);
            const int64_t at = row * s->width + column;
            s->down[at] =
                around[2][0] - around[0][0] + 2 * (around[2][1] - around[0][1]) + around[2][2] - around[0][2];
            s->right[at] =
                around[0][2] - around[0][0] + 2 * (around[1][2] - around[1][0]) + around[2][2] - around[2][0];
            s->size[at] = fabsf(s->down[at]) + fabsf(s->right[at]);
        }
}

/* Beyond the picture there is no gradient. */
static float size_at(const struct edge_smoother *s, int64_t row, int64_t column)
{
    const bool inside = row >= 0 && row < s->height && column >= 0 && column < s->width;
    return inside ? s->size[row * s->width + column] : 0;
}

/* Whether no pixel beside it across the edge is stronger. The four directions are told apart at 22.5 and 67.5
 * degrees. */
static bool is_ridge(const struct edge_smoother *s, int64_t row, int64_t column)
{
    const float tangent = 0.41421356f;
    const int64_t at = row * s->width + column;
    const float down = fabsf(s->down[at]), right = fabsf(s->right[at]);
    int64_t row_step = 1, column_step = 0;
    if (down <= tangent * right) {
        row_step = 0;
        column_step = 1;
    } else if (right > tangent * down) {
        column_step = (s->down[at] < 0) == (s->right[at] < 0) ? 1 : -1;
    }
    return s->size[at] > size_at(s, row - row_step, column - column_step) &&
           s->size[at] >= size_at(s, row + row_step, column + column_step);
}

/* Returns how many strong ones wait. */
static int64_t find_ridges(struct edge_smoother *s)
{
    int64_t count = 0;
    for (int64_t row = 0; row < s->height; row++)
        for (int64_t column = 0; column < s->width; column++) {
            const int64_t at = row * s->width + column;
            s->edges[at] = EDGE_NONE;
            if (s->size[at] <= weak_gradient || !is_ridge(s, row, column))
                continue;
            s->edges[at] = s->size[at] > strong_gradient ? EDGE_STRONG : EDGE_WEAK;
            if (s->edges[at] == EDGE_STRONG)
                s->waiting[count++] = at;
        }
    return count;
}

/* Weak edges beside strong ones become strong, and so on; each waits at most once. */
static void follow(struct edge_smoother *s, int64_t count)
{
    while (count > 0) {
        const int64_t at = s->waiting[--count], row = at / s->width, column = at % s->width;
        for (int64_t i = -1; i <= 1; i++)
            for (int64_t k = -1; k <= 1; k++) {
                const int64_t near = clamp(row + i, s->height) * s->width + clamp(column + k, s->width);
                if (s->edges[near] != EDGE_WEAK)
                    continue;
                s->edges[near] = EDGE_STRONG;
                s->waiting[count++] = near;
            }
    }
}

static void cover(struct edge_smoother *s)
{
    memset(s->covered, 0, (size_t)(s->height * s->width));
    for (int64_t row = 0; row < s->height; row++)
        for (int64_t column = 0; column < s->width; column++) {
            if (s->edges[row * s->width + column] != EDGE_STRONG)
                continue;
            const int64_t left = clamp(column - REACH, s->width), right = clamp(column + REACH, s->width);
            for (int64_t i = clamp(row - REACH, s->height); i <= clamp(row + REACH, s->height); i++)
                memset(s->covered + i * s->width + left, 1, (size_t)(right - left + 1));
        }
}

/* ---- The blur ---- */

/* The border's pixels go on by their mirror image, which does not repeat them; where there is too little of
 * it, by themselves. */
static int64_t mirror(int64_t value, int64_t count)
{
    if (value < 0)
        value = -value;
    else if (value >= count)
        value = 2 * count - 2 - value;
    return clamp(value, count);
}

static void blur_pixel(const struct edge_smoother *s, const float *from, int64_t row, int64_t column,
                       float *pixel)
{
    float sum[RGB] = {0};
    for (int64_t i = -REACH; i <= REACH; i++)
        for (int64_t k = -REACH; k <= REACH; k++) {
            const int64_t at = mirror(row + i, s->height) * s->width + mirror(column + k, s->width);
            for (int c = 0; c < RGB; c++)
                sum[c] += blur[i + REACH] * blur[k + REACH] * from[RGB * at + c];
        }
    memcpy(pixel, sum, sizeof sum);
}

static void smooth(struct edge_smoother *s, const float *from, float *to)
{
    const int64_t pixels = s->height * s->width;
    for (int64_t i = 0; i < pixels; i++)
        s->brightness[i] = luma_of(from + RGB * i);
    differentiate(s);
    follow(s, find_ridges(s));
    cover(s);
    memcpy(to, from, (size_t)(RGB * pixels) * sizeof(float));
    for (int64_t i = 0; i < pixels; i++)
        if (s->covered[i])
            blur_pixel(s, from, i / s->width, i % s->width, to + RGB * i);
}

void gan_smooth_edges(struct edge_smoother *smoother, const gan_tensor *from, gan_tensor *to)
{
    const int64_t elements = RGB * smoother->height * smoother->width;
    const float *source = gan_tensor_data_const(from);
    float *target = gan_tensor_data(to);
    for (int64_t n = 0; n < gan_tensor_size(from, 0); n++)
        smooth(smoother, source + n * elements, target + n * elements);
}

void gan_make_grey(const gan_tensor *from, gan_tensor *to)
{
    const float *source = gan_tensor_data_const(from);
    float *target = gan_tensor_data(to);
    for (int64_t i = 0; i < gan_tensor_count(from); i += RGB) {
        const float grey = luma_of(source + i);
        for (int c = 0; c < RGB; c++)
            target[i + c] = grey;
    }
}
