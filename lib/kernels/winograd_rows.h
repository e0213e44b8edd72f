/* F(3, 3) along one axis, of whole rows: the end of winograd_body.h. */

/* ---- F(3, 3) along rows, at the points 0, 1, -1, 2 and infinity ---- */

WINOGRAD_INLINE void enter_rows(const vector *d, vector *t)
{
    const vector odd = d[3] - d[1];
    t[0] = 2.0f * (d[0] - d[2]) + odd;
    t[1] = d[3] - d[2] - 2.0f * d[1];
    t[2] = d[3] - 3.0f * d[2] + 2.0f * d[1];
    t[3] = odd;
    t[4] = (d[4] - d[2]) - 2.0f * odd;
}

WINOGRAD_INLINE void leave_rows(const vector *m, vector *y)
{
    const vector sum = m[1] + m[2];
    y[0] = m[0] + sum + m[3];
    y[1] = m[1] - m[2] + 2.0f * m[3];
    y[2] = sum + 4.0f * m[3] + m[4];
}

WINOGRAD_INLINE void pass_rows(const float *from, int64_t from_step, float *to, int64_t to_step,
                               int64_t lanes, int in, int out, transform pass)
{
    vector given[MOST_PATCH], made[MOST_PATCH];
#pragma GCC unroll 6
    for (int i = 0; i < in; i++)
        given[i] = load(from + i * from_step, lanes);
    pass(given, made);
#pragma GCC unroll 6
    for (int i = 0; i < out; i++)
        store(to + i * to_step, made[i], lanes);
}

WINOGRAD_TARGET static void input_rows(const float *rows, int64_t step, int64_t count, float *points,
                                       int64_t point_step)
{
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        pass_rows(rows + i, step, points + i, point_step, LANES, 5, 5, enter_rows);
    if (i < count)
        pass_rows(rows + i, step, points + i, point_step, count - i, 5, 5, enter_rows);
}

WINOGRAD_TARGET static void output_rows(const float *points, int64_t point_step, int64_t count, float *rows,
                                        int64_t step)
{
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        pass_rows(points + i, point_step, rows + i, step, LANES, 5, 3, leave_rows);
    if (i < count)
        pass_rows(points + i, point_step, rows + i, step, count - i, 5, 3, leave_rows);
}

const struct winograd_rows WINOGRAD_ROWS = {input_rows, output_rows};
