#include "kernels/winograd.h"
#include "gan/types.h"

#define WINOGRAD_TARGET
#define WINOGRAD_LANES 4
#define WINOGRAD_THREE gan_winograd_three_portable
#define WINOGRAD_TWO gan_winograd_two_portable
#define WINOGRAD_ROWS gan_winograd_rows_portable
#include "kernels/winograd_body.h"

static const struct winograd_kernels *of_three_taps(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_winograd_three_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_winograd_three_avx2;
#else
    (void)kernels;
#endif
    return &gan_winograd_three_portable;
}

static const struct winograd_kernels *of_two_taps(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_winograd_two_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_winograd_two_avx2;
#else
    (void)kernels;
#endif
    return &gan_winograd_two_portable;
}

const struct winograd_kernels *gan_winograd_kernels(int32_t kernels, int64_t taps)
{
    return taps == 3 ? of_three_taps(kernels) : taps == 2 ? of_two_taps(kernels) : NULL;
}

const struct winograd_rows *gan_winograd_rows(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_winograd_rows_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_winograd_rows_avx2;
#else
    (void)kernels;
#endif
    return &gan_winograd_rows_portable;
}

void gan_winograd_rows_weights(const float *filters, int64_t lanes, float *points, int64_t point_step)
{
    for (int64_t lane = 0; lane < lanes; lane++) {
        const float *g = filters + lane;
        const float even = g[0] + g[2 * lanes], odd = g[lanes];
        float *u = points + lane;
        u[0] = 0.5f * g[0];
        u[point_step] = -0.5f * (even + odd);
        u[2 * point_step] = (odd - even) / 6.0f;
        u[3 * point_step] = (g[0] + 2.0f * odd + 4.0f * g[2 * lanes]) / 6.0f;
        u[4 * point_step] = g[2 * lanes];
    }
}

/* G g of F(4, 3) */
static void filter_three(const float *g, float *u)
{
    const float near = g[0] + 0.5f * g[2], near_odd = root_half * g[1];
    const float far = g[0] + 2.0f * g[2], far_odd = root_two * g[1];
    u[0] = g[0];
    u[1] = -(near + near_odd) / 1.5f;
    u[2] = -(near - near_odd) / 1.5f;
    u[3] = (far + far_odd) / 6.0f;
    u[4] = (far - far_odd) / 6.0f;
    u[5] = g[2];
}

/* G g of F(3, 2) */
static void filter_two(const float *g, float *u)
{
    u[0] = g[0];
    u[1] = 0.5f * (g[0] + g[1]);
    u[2] = 0.5f * (g[0] - g[1]);
    u[3] = g[1];
}

typedef void (*filter_transform)(const float *g, float *u);

/* One lane: along the columns, then along the rows. */
static void transform_filter(const float *filters, int64_t lanes, float *points, int64_t point_step,
                             int64_t taps, filter_transform filter)
{
    const int64_t patch = taps == 3 ? 6 : 4;
    float half[WINOGRAD_MOST_TAPS][MOST_PATCH];
    for (int64_t j = 0; j < taps; j++) {
        float column[WINOGRAD_MOST_TAPS];
        for (int64_t i = 0; i < taps; i++)
            column[i] = filters[(i * taps + j) * lanes];
        filter(column, half[j]);
    }
    for (int64_t i = 0; i < patch; i++) {
        float row[WINOGRAD_MOST_TAPS], whole[MOST_PATCH];
        for (int64_t j = 0; j < taps; j++)
            row[j] = half[j][i];
        filter(row, whole);
        for (int64_t j = 0; j < patch; j++)
            points[(i * patch + j) * point_step] = whole[j];
    }
}

void gan_winograd_weights_three(const float *filters, int64_t lanes, float *points, int64_t point_step)
{
    for (int64_t lane = 0; lane < lanes; lane++)
        transform_filter(filters + lane, lanes, points + lane, point_step, 3, filter_three);
}

void gan_winograd_weights_two(const float *filters, int64_t lanes, float *points, int64_t point_step)
{
    for (int64_t lane = 0; lane < lanes; lane++)
        transform_filter(filters + lane, lanes, points + lane, point_step, 2, filter_two);
}
