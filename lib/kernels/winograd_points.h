/* One-dimensional transforms of F(3, 4) and of F(4, 2), before winograd_body.h's two-dimensional ones, and
 * the transposed ones of all that gradients at the weights need. */

/* ---- F(3, 4), at the points of F(4, 3), whose input transform it shares ---- */

/* G g */
WINOGRAD_INLINE void filter_four(const vector *g, vector *u)
{
    const vector near = g[0] + 0.5f * g[2], near_odd = root_half * (g[1] + 0.5f * g[3]);
    const vector far = g[0] + 2.0f * g[2], far_odd = root_two * (g[1] + 2.0f * g[3]);
    u[0] = g[0];
    u[1] = -two_thirds * (near + near_odd);
    u[2] = -two_thirds * (near - near_odd);
    u[3] = one_sixth * (far + far_odd);
    u[4] = one_sixth * (far - far_odd);
    u[5] = g[3];
}

/* A^T m */
WINOGRAD_INLINE void leave_four(const vector *m, vector *y)
{
    const vector sum = m[1] + m[2], outer_sum = m[3] + m[4];
    y[0] = m[0] + sum + outer_sum;
    y[1] = root_half * ((m[1] - m[2]) + 2.0f * (m[3] - m[4]));
    y[2] = 0.5f * sum + 2.0f * outer_sum + m[5];
}

/* ---- F(4, 2), at the points +-0.4, +-1.2 and infinity: half the error of 0, 1, -1, 2 and infinity ---- */

static const float near_point = 0.4f, far_point = 1.2f;
static const float near_square = 0.16f, far_square = 1.44f, sum_of_squares = 1.6f;
static const float product_of_squares = 0.2304f;
/* 1 / (2 p (p^2 - q^2)) of the points p and q. */
static const float near_factor = -0.9765625f, far_factor = 0.32552083f;

/* B^T d */
WINOGRAD_INLINE void enter_pair(const vector *d, vector *t)
{
    const vector near = near_point * (d[2] - far_square * d[0]), near_odd = d[3] - far_square * d[1];
    const vector far = far_point * (d[2] - near_square * d[0]), far_odd = d[3] - near_square * d[1];
    t[0] = near_odd + near;
    t[1] = near_odd - near;
    t[2] = far_odd + far;
    t[3] = far_odd - far;
    t[4] = d[4] - sum_of_squares * d[2] + product_of_squares * d[0];
}

/* G g */
WINOGRAD_INLINE void filter_pair(const vector *g, vector *u)
{
    const vector near = near_point * g[1], far = far_point * g[1];
    u[0] = near_factor * (g[0] + near);
    u[1] = near_factor * (near - g[0]);
    u[2] = far_factor * (g[0] + far);
    u[3] = far_factor * (far - g[0]);
    u[4] = g[1];
}

/* A^T m */
WINOGRAD_INLINE void leave_pair(const vector *m, vector *y)
{
    const vector near = m[0] + m[1], near_odd = near_point * (m[0] - m[1]);
    const vector far = m[2] + m[3], far_odd = far_point * (m[2] - m[3]);
    y[0] = near + far;
    y[1] = near_odd + far_odd;
    y[2] = near_square * near + far_square * far;
    y[3] = near_square * near_odd + far_square * far_odd + m[4];
}

/* ---- A y and G^T u ---- */

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

WINOGRAD_INLINE void gather_three(const vector *u, vector *g)
{
    const vector near = two_thirds * (u[1] + u[2]), near_odd = two_thirds * (u[1] - u[2]);
    const vector far = one_sixth * (u[3] + u[4]), far_odd = one_sixth * (u[3] - u[4]);
    g[0] = u[0] - near + far;
    g[1] = root_two * far_odd - root_half * near_odd;
    g[2] = 2.0f * far - 0.5f * near + u[5];
}

WINOGRAD_INLINE void spread_four(const vector *y, vector *p)
{
    const vector near = y[0] + 0.5f * y[2], near_odd = root_half * y[1];
    const vector far = y[0] + 2.0f * y[2], far_odd = root_two * y[1];
    p[0] = y[0];
    p[1] = near + near_odd;
    p[2] = near - near_odd;
    p[3] = far + far_odd;
    p[4] = far - far_odd;
    p[5] = y[2];
}

WINOGRAD_INLINE void gather_four(const vector *u, vector *g)
{
    const vector near = two_thirds * (u[1] + u[2]), near_odd = two_thirds * root_half * (u[1] - u[2]);
    const vector far = one_sixth * (u[3] + u[4]), far_odd = one_sixth * root_two * (u[3] - u[4]);
    g[0] = u[0] - near + far;
    g[1] = far_odd - near_odd;
    g[2] = 2.0f * far - 0.5f * near;
    g[3] = 2.0f * far_odd - 0.5f * near_odd + u[5];
}

WINOGRAD_INLINE void spread_two(const vector *y, vector *p)
{
    const vector even = y[0] + y[2];
    p[0] = y[0];
    p[1] = even - y[1];
    p[2] = y[2];
    p[3] = even + y[1];
}

WINOGRAD_INLINE void gather_two(const vector *u, vector *g)
{
    g[0] = u[0] + 0.5f * (u[3] + u[1]);
    g[1] = 0.5f * (u[3] - u[1]) + u[2];
}

WINOGRAD_INLINE void spread_pair(const vector *y, vector *p)
{
    const vector near = y[0] + near_square * y[2], near_odd = near_point * (y[1] + near_square * y[3]);
    const vector far = y[0] + far_square * y[2], far_odd = far_point * (y[1] + far_square * y[3]);
    p[0] = near + near_odd;
    p[1] = near - near_odd;
    p[2] = far + far_odd;
    p[3] = far - far_odd;
    p[4] = y[3];
}

WINOGRAD_INLINE void gather_pair(const vector *u, vector *g)
{
    const float near_slope = near_factor * near_point, far_slope = far_factor * far_point;
    g[0] = near_factor * (u[0] - u[1]) + far_factor * (u[2] - u[3]);
    g[1] = near_slope * (u[0] + u[1]) + far_slope * (u[2] + u[3]) + u[4];
}
