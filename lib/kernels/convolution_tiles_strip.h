/* Strips of bfloat16 pixels: a rectangle of destination positions, the same of every phase, and the virtual
 * pixels that these read. */
#ifndef GAN_KERNELS_CONVOLUTION_TILES_STRIP_H
#define GAN_KERNELS_CONVOLUTION_TILES_STRIP_H

#include "kernels/convolution_plan.h"

struct tile_strip {
    const struct convolution_run *run;
    int64_t image, part;
    int64_t row, rows, column, columns; /* positions; phases may have fewer */
    int64_t first_row, virtual_rows, first_column, virtual_columns;
    int64_t pitch;      /* values of a row */
    uint16_t *pixels;   /* [virtual_rows][pitch] */
    uint16_t *values;   /* a virtual row before it is unfolded */
    float *line, *sums; /* a virtual row before it is rounded; sums of a spread plan */
};

/* Bytes of the four arrays, one after another, for any strip of a plan. */
struct tile_room {
    int64_t pixels, values, line, sums;
};
struct tile_room gan_tile_room(const struct convolution_plan *plan);

/* The number of strips, parts of lanes counted, and to make strip number `index` in `memory`. */
int64_t gan_tile_strip_count(const struct convolution_plan *plan);
void gan_tile_strip_place(struct tile_strip *strip, const struct convolution_run *run, int64_t index,
                          void *memory);
void gan_tile_strip_fill(const struct tile_strip *strip);

#endif
