/* How the kinds of layers follow from rows of their inputs: struct gan_op's band. */
#ifndef GAN_LAYERS_BANDS_H
#define GAN_LAYERS_BANDS_H

#include "graph/op.h"
#include "layers/window.h"

/* Row by row: pointwise functions, sums, whatever works on single pixels or along a row. */
gan_status gan_band_rows(struct band *band);

/* The same for a layer that works along an axis of [N, H, W, C], but not where that is the rows or the batch.
 */
gan_status gan_band_along(struct band *band, int32_t axis);

gan_status gan_band_convolution(struct band *band);
gan_status gan_band_convolution_transpose(struct band *band);
gan_status gan_band_pooling(struct band *band);
gan_status gan_band_pad(struct band *band);
gan_status gan_band_crop(struct band *band);
gan_status gan_band_upsample_nearest(struct band *band);
gan_status gan_band_resample(struct band *band);
gan_status gan_band_pixel_shuffle(struct band *band);
gan_status gan_band_pixel_unshuffle(struct band *band);

/* Rows under a window that slides over all rows. Where reflection or replication needs more rows than lie
 * under it at a border, more rows than wanted are given. *padding: rows missing above and below. */
void gan_band_window(struct band *band, const struct window *window, int32_t padding_mode,
                     struct margin *padding);

#endif
