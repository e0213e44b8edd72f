/* Parts of the gradient at the weights. */
#ifndef GAN_KERNELS_CONVOLUTION_GRADIENT_H
#define GAN_KERNELS_CONVOLUTION_GRADIENT_H

#include "kernels/convolution_plan.h"
#include "kernels/convolution_rows.h"
#include "kernels/packing.h"

/* The taps of one axis: tap t lies `t * dilation / stride` positions further in its class, t % classes, which
 * begins at the virtual position (t % classes) * dilation % stride. */
struct tap_classes {
    int64_t classes, most_shift;
};

/* How the gradient of one phase's weights is cut, which depends on shapes alone. */
struct gradient_cut {
    const struct convolution_phase *phase;
    struct tap_classes y, x;
    int64_t columns, filter_size;        /* of summed kernel positions; floats of a filter's sums */
    int64_t virtual_columns, row_length; /* columns read; pixels from row to row in packed panels */
    int64_t images, rows, bands;         /* of one band; number of bands */
    int64_t depth, class_size;           /* pixels of a gradient panel; floats of a source class */
    int64_t source_panels, gradient_panels;
    int64_t parts, panel_parts; /* partial sums over bands, each cut by source panels */
};

/* Floats of memory. */
struct gradient_size {
    int64_t parts, sums, partials; /* number of partial results, size of each and of all */
    int64_t gradient_panels, source_panel, scratch;
    bool in_place; /* the only partial result is the result */
};

struct gradient_cut gan_gradient_cut(const struct convolution_plan *plan,
                                     const struct convolution_phase *phase);
struct gradient_size gan_gradient_size(const struct convolution_plan *plan);

/* weights[k][r][s][c] from the sum of the partial results [part][k][row][column][c], the filters k of all
 * groups, which lie `part_step` floats apart. */
void gan_gradient_reduce(gan_context *context, const struct convolution_plan *plan, const float *partials,
                         int64_t parts, int64_t part_step, float *weights);

#endif
