#include "kernels/winograd.h"
#include "gan/types.h"

#define WINOGRAD_TARGET
#define WINOGRAD_LANES 4
#include "kernels/winograd_body.h"

const struct winograd_kernels gan_winograd_portable = {input, output};

const struct winograd_kernels *gan_winograd_kernels(int32_t kernels)
{
#if defined(__x86_64__)
    if (kernels == GAN_KERNELS_AVX512)
        return &gan_winograd_avx512;
    if (kernels == GAN_KERNELS_AVX2)
        return &gan_winograd_avx2;
#else
    (void)kernels;
#endif
    return &gan_winograd_portable;
}

/* G g */
static void transform_three(const float g[3], float u[6])
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

static void transform_filter(const float *filters, int64_t lanes, float *points, int64_t point_step)
{
    float half[3][6];
    for (int j = 0; j < 3; j++) {
        const float column[3] = {filters[j * lanes], filters[(3 + j) * lanes], filters[(6 + j) * lanes]};
        transform_three(column, half[j]);
    }
    for (int i = 0; i < 6; i++) {
        const float row[3] = {half[0][i], half[1][i], half[2][i]};
        float whole[6];
        transform_three(row, whole);
        for (int j = 0; j < 6; j++)
            points[(i * 6 + j) * point_step] = whole[j];
    }
}

void gan_winograd_weights(const float *filters, int64_t lanes, float *points, int64_t point_step)
{
    for (int64_t lane = 0; lane < lanes; lane++)
        transform_filter(filters + lane, lanes, points + lane, point_step);
}
