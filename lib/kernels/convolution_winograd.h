/* Steps of Winograd's convolutions, which packed and unpacked weights share. */
#ifndef GAN_KERNELS_CONVOLUTION_WINOGRAD_H
#define GAN_KERNELS_CONVOLUTION_WINOGRAD_H

#include "kernels/convolution_moments.h"
#include "kernels/convolution_plan.h"

/* Rows and columns of tiles of an image. */
struct winograd_grid {
    int64_t down, across;
};

struct winograd_grid gan_winograd_grid(const struct convolution_plan *plan,
                                       const struct winograd_kernels *winograd);

/* How much later than the axis' first phase a phase begins to read. */
int64_t gan_winograd_delay(const struct axis *axis, const struct phase *phase);

/* Where the part of a tile that lies inside a phase goes: its first channel. Nowhere where part.row_end <=
 * part.row, or the same of columns. */
struct winograd_target {
    struct winograd_part part;
    int64_t offset;
};

/* No task has more tiles. */
enum { WINOGRAD_MOST_TILES = 264 };

/* Some tiles, and memory for a patch of one, [winograd->points][channel]; for their points,
 * [point][tile][channel] with gan_winograd_point_step from point to point; for their products with a panel of
 * weights, [point][tile][lane]; where each goes in the phase that gan_winograd_place was told. */
struct winograd_task {
    const struct convolution_run *run;
    struct winograd_grid grid;
    int64_t first, tiles;
    float *patch, *points, *products;
    struct winograd_target *targets;
    struct moments_slot slot;
};

/* Some destination channels of one phase. */
struct winograd_lanes {
    const struct convolution_phase *phase;
    int64_t first, count;
};

/* The lanes of panel `index` of gan_winograd_panels. */
struct winograd_lanes gan_winograd_lanes(const struct convolution_plan *plan, int64_t index);

/* Floats from one point of all tiles to the next. */
int64_t gan_winograd_point_step(const struct convolution_plan *plan, int64_t tiles);

/* The points of the task's tile `index`. */
void gan_winograd_enter(const struct winograd_task *task, int64_t index);

void gan_winograd_place(struct winograd_task *task, const struct convolution_phase *phase);

/* Fetch the lines that tiles `first` to `last` - 1 will be written to, while the processor multiplies. */
void gan_winograd_prefetch(const struct winograd_task *task, int64_t first, int64_t last,
                           const struct winograd_lanes *lanes);

/* The products of all tiles with a packed panel. */
void gan_winograd_multiply(const struct winograd_task *task, const struct winograd_lanes *lanes,
                           const float *panel);

/* The output of all tiles of the task, from the products. */
void gan_winograd_leave(const struct winograd_task *task, const struct winograd_lanes *lanes);

/* Points of the weights for `count` channels from `first` on, out[point * point_step + channel * width +
 * lane]. */
void gan_winograd_pack_points(const struct convolution_plan *plan, const float *weights, int64_t index,
                              int64_t first, int64_t count, float *out, int64_t point_step);

#endif
