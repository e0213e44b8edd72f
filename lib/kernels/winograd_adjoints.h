/* The transposed transforms of F(4, 3), which gradients at the weights need, after winograd_body.h. They are
 * called WINOGRAD_ADJOINTS. */

/* A y */
WINOGRAD_INLINE void spread_three(const vector *y, vector *p)
{
    const vector near = y[0] + 0.5f * y[2], near_odd = root_half * (y[1] + 0.5f * y[3]);
    const vector far = y[0] + 2.0f * y[2], far_odd = root_two * (y[1] + 2.0f * y[3]);
    p[0] = y[0];
    p[1] = near + near_odd;
    p[2] = near - near_odd;
    p[3] = far + far_odd;
    p[4] = far - far_odd;
    p[5] = y[3];
}

/* G^T u */
WINOGRAD_INLINE void gather_three(const vector *u, vector *g)
{
    const vector near = two_thirds * (u[1] + u[2]), near_odd = two_thirds * (u[1] - u[2]);
    const vector far = one_sixth * (u[3] + u[4]), far_odd = one_sixth * (u[3] - u[4]);
    g[0] = u[0] - near + far;
    g[1] = root_two * far_odd - root_half * near_odd;
    g[2] = 2.0f * far - 0.5f * near + u[5];
}

WINOGRAD_INLINE void spread_lanes(const float *tile, int64_t row_step, int64_t pixel_step, float *points,
                                  int64_t point_step, int64_t lanes)
{
    vector half[4][6]; /* [column][row] */
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
        vector column[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
            column[i] = load(tile + i * row_step + j * pixel_step, lanes);
        spread_three(column, half[j]);
    }
#pragma GCC unroll 6
    for (int i = 0; i < 6; i++) {
        vector row[4], whole[6];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++)
            row[j] = half[j][i];
        spread_three(row, whole);
#pragma GCC unroll 6
        for (int j = 0; j < 6; j++)
            store(points + (i * 6 + j) * point_step, whole[j], lanes);
    }
}

WINOGRAD_TARGET static void tile_adjoint(const float *tile, int64_t row_step, int64_t pixel_step,
                                         int64_t channels, float *points, int64_t point_step)
{
    int64_t c = 0;
    for (; c + LANES <= channels; c += LANES)
        spread_lanes(tile + c, row_step, pixel_step, points + c, point_step, LANES);
    if (c < channels)
        spread_lanes(tile + c, row_step, pixel_step, points + c, point_step, channels - c);
}

WINOGRAD_INLINE void gather_lanes(const float *points, int64_t point_step, float *weights, int64_t tap_step,
                                  bool add, int64_t lanes)
{
    vector half[6][3]; /* [column][row] */
#pragma GCC unroll 6
    for (int j = 0; j < 6; j++) {
        vector column[6];
#pragma GCC unroll 6
        for (int i = 0; i < 6; i++)
            column[i] = load(points + (i * 6 + j) * point_step, lanes);
        gather_three(column, half[j]);
    }
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
        vector row[6], whole[3];
#pragma GCC unroll 6
        for (int j = 0; j < 6; j++)
            row[j] = half[j][i];
        gather_three(row, whole);
#pragma GCC unroll 3
        for (int j = 0; j < 3; j++) {
            float *to = weights + (i * 3 + j) * tap_step;
            store(to, add ? load(to, lanes) + whole[j] : whole[j], lanes);
        }
    }
}

WINOGRAD_TARGET static void weights_adjoint(const float *points, int64_t point_step, int64_t lanes,
                                            float *weights, int64_t tap_step, bool add)
{
    int64_t lane = 0;
    for (; lane + LANES <= lanes; lane += LANES)
        gather_lanes(points + lane, point_step, weights + lane, tap_step, add, LANES);
    if (lane < lanes)
        gather_lanes(points + lane, point_step, weights + lane, tap_step, add, lanes - lane);
}

const struct winograd_adjoints WINOGRAD_ADJOINTS = {tile_adjoint, weights_adjoint};
