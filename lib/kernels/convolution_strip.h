/* Strips: the destination rows of one phase of one image that a task computes, and the virtual rows they
 * read. */
#ifndef GAN_KERNELS_CONVOLUTION_STRIP_H
#define GAN_KERNELS_CONVOLUTION_STRIP_H

#include "kernels/convolution_epilogue.h"
#include "kernels/convolution_plan.h"

struct strip {
    const struct convolution_run *run;
    const struct convolution_phase *phase;
    int64_t group, image, row, rows;
    int64_t column, pixels; /* destination columns of the phase */
    int64_t columns;        /* virtual columns read */
    int64_t chunk_start, chunk;
    const float *source; /* the first virtual pixel read */
    int64_t pixel_stride, row_stride;
    float *buffer, *line;
    struct moments_slot slot;
    bool copied; /* the virtual rows are made in any case, so that some floats behind them may be read */
};

/* Strips of whole rows, or of blocks of columns: of wide pictures more rows of a block fit into cache, so
 * that the virtual rows that two strips share are made twice less often. */
enum strip_cut { STRIP_ROWS, STRIP_BLOCKS };

/* Destination columns of a block: all of them with STRIP_ROWS. The blocks of a strip are computed one after
 * the other, see gan_strip_keep. */
int64_t gan_strip_columns(const struct convolution_plan *plan, const struct convolution_phase *phase,
                          enum strip_cut cut);

/* Floats of the buffer of virtual rows, and of the line of spread sums, that a worker needs. */
int64_t gan_strip_buffer(const struct convolution_plan *plan, enum strip_cut cut);
int64_t gan_strip_line(const struct convolution_plan *plan);

/* The number of strips of one group, and to make strip number `index` of them. */
int64_t gan_strip_count(const struct convolution_plan *plan, enum strip_cut cut);
void gan_strip_place(struct strip *strip, enum strip_cut cut, int64_t index);

/* Keep `pixels` destination columns from `column` on of those that a phase has. */
void gan_strip_keep(struct strip *strip, int64_t column, int64_t pixels);

/* The destination columns, [*first, *end), that read the source where it lies; false: none of the strip does.
 */
bool gan_strip_inner(const struct strip *strip, int64_t *first, int64_t *end);

/* Make the virtual rows of the current chunk, or point to the caller's where nothing has to be done to them.
 */
void gan_strip_prepare(struct strip *strip);

/* Where row number `row` of the strip lies in the destination. */
struct pixel_run gan_strip_destination(const struct strip *strip, int64_t row);

#endif
