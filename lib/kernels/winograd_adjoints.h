/* The transposed transforms in two dimensions, which gradients at the weights need, after winograd_body.h's
 * loads and stores. */

WINOGRAD_INLINE void spread_lanes(const float *from, int64_t row_step, int64_t pixel_step, float *points,
                                  int64_t point_step, int64_t lanes, int tile, int size, transform spread)
{
    vector half[MOST_TILE][MOST_PATCH]; /* [column][row] */
#pragma GCC unroll 4
    for (int j = 0; j < tile; j++) {
        vector column[MOST_TILE];
#pragma GCC unroll 4
        for (int i = 0; i < tile; i++)
            column[i] = load(from + i * row_step + j * pixel_step, lanes);
        spread(column, half[j]);
    }
#pragma GCC unroll 6
    for (int i = 0; i < size; i++) {
        vector row[MOST_TILE], whole[MOST_PATCH];
#pragma GCC unroll 4
        for (int j = 0; j < tile; j++)
            row[j] = half[j][i];
        spread(row, whole);
#pragma GCC unroll 6
        for (int j = 0; j < size; j++)
            store(points + (i * size + j) * point_step, whole[j], lanes);
    }
}

/* A microkernel's panel of pixels, whose width is no multiple of LANES, as one vector of a known length. */
enum { PIXELS = LANES - LANES / 4 };

WINOGRAD_INLINE void spread_channels(const float *tile, int64_t row_step, int64_t pixel_step,
                                     int64_t channels, float *points, int64_t point_step, int outputs,
                                     int size, transform spread)
{
    int64_t c = 0;
    if (channels == PIXELS) {
        spread_lanes(tile, row_step, pixel_step, points, point_step, PIXELS, outputs, size, spread);
        return;
    }
    for (; c + LANES <= channels; c += LANES)
        spread_lanes(tile + c, row_step, pixel_step, points + c, point_step, LANES, outputs, size, spread);
    if (c < channels)
        spread_lanes(tile + c, row_step, pixel_step, points + c, point_step, channels - c, outputs, size,
                     spread);
}

WINOGRAD_INLINE void gather_lanes(const float *points, int64_t point_step, const struct winograd_taps *taps,
                                  int64_t lane, int64_t lanes, int size, int count, transform gather)
{
    vector half[MOST_PATCH][WINOGRAD_MOST_TAPS]; /* [column][row] */
#pragma GCC unroll 6
    for (int j = 0; j < size; j++) {
        vector column[MOST_PATCH];
#pragma GCC unroll 6
        for (int i = 0; i < size; i++)
            column[i] = load(points + (i * size + j) * point_step + lane, lanes);
        gather(column, half[j]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
        vector row[MOST_PATCH], whole[WINOGRAD_MOST_TAPS];
#pragma GCC unroll 6
        for (int j = 0; j < size; j++)
            row[j] = half[j][i];
        gather(row, whole);
#pragma GCC unroll 4
        for (int j = 0; j < count; j++) {
            float *to = taps->first + i * taps->row_step + j * taps->column_step + lane;
            store(to, taps->add ? load(to, lanes) + whole[j] : whole[j], lanes);
        }
    }
}

WINOGRAD_INLINE void gather_all(const float *points, int64_t point_step, int64_t lanes,
                                const struct winograd_taps *taps, int size, int count, transform gather)
{
    int64_t lane = 0;
    for (; lane + LANES <= lanes; lane += LANES)
        gather_lanes(points, point_step, taps, lane, LANES, size, count, gather);
    if (lane < lanes)
        gather_lanes(points, point_step, taps, lane, lanes - lane, size, count, gather);
}

WINOGRAD_TARGET static void tile_three(const float *tile, int64_t row_step, int64_t pixel_step,
                                       int64_t channels, float *points, int64_t point_step)
{
    spread_channels(tile, row_step, pixel_step, channels, points, point_step, 4, 6, spread_three);
}

WINOGRAD_TARGET static void taps_three(const float *points, int64_t point_step, int64_t lanes,
                                       const struct winograd_taps *taps)
{
    gather_all(points, point_step, lanes, taps, 6, 3, gather_three);
}

WINOGRAD_TARGET static void tile_four(const float *tile, int64_t row_step, int64_t pixel_step,
                                      int64_t channels, float *points, int64_t point_step)
{
    spread_channels(tile, row_step, pixel_step, channels, points, point_step, 3, 6, spread_four);
}

WINOGRAD_TARGET static void taps_four(const float *points, int64_t point_step, int64_t lanes,
                                      const struct winograd_taps *taps)
{
    gather_all(points, point_step, lanes, taps, 6, 4, gather_four);
}

WINOGRAD_TARGET static void tile_two(const float *tile, int64_t row_step, int64_t pixel_step,
                                     int64_t channels, float *points, int64_t point_step)
{
    spread_channels(tile, row_step, pixel_step, channels, points, point_step, 3, 4, spread_two);
}

WINOGRAD_TARGET static void taps_two(const float *points, int64_t point_step, int64_t lanes,
                                     const struct winograd_taps *taps)
{
    gather_all(points, point_step, lanes, taps, 4, 2, gather_two);
}

WINOGRAD_TARGET static void tile_pair(const float *tile, int64_t row_step, int64_t pixel_step,
                                      int64_t channels, float *points, int64_t point_step)
{
    spread_channels(tile, row_step, pixel_step, channels, points, point_step, 4, 5, spread_pair);
}

WINOGRAD_TARGET static void taps_pair(const float *points, int64_t point_step, int64_t lanes,
                                      const struct winograd_taps *taps)
{
    gather_all(points, point_step, lanes, taps, 5, 2, gather_pair);
}
