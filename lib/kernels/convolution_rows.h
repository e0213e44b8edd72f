/* Rows of the virtual source: padded, upsampled, and with the input's scale, shift and activation applied. */
#ifndef GAN_KERNELS_CONVOLUTION_ROWS_H
#define GAN_KERNELS_CONVOLUTION_ROWS_H

#include "kernels/convolution_plan.h"

/* A rectangle of the virtual source of one group: channels [channel, channel + channels) counted within all
 * of the source's channels, virtual columns [column, column + columns). */
struct row_window {
    int64_t channel, channels, column, columns;
};

/* Whether rows need no work: virtual and source positions agree and nothing is applied to the input. */
bool gan_rows_plain(const struct convolution_run *run);

/* Write virtual row `row` of image `image` as [columns][channels]. */
void gan_rows_fill(const struct convolution_run *run, int64_t image, int64_t row,
                   const struct row_window *window, float *out);

#endif
