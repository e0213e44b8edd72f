/* Drawings made worse on purpose, as negatives of a discriminator: without their colours, without their clear
 * edges. Functions of the drawing alone. */
#ifndef GAN_TRAINING_EDGE_SMOOTHER_H
#define GAN_TRAINING_EDGE_SMOOTHER_H

#include "gan/tensor.h"

/* Room for the work on one picture. Threads: one at a time. */
struct edge_smoother;
gan_status gan_edge_smoother_create(struct edge_smoother **out, gan_context *context, int64_t height,
                                    int64_t width);
void gan_edge_smoother_free(struct edge_smoother *smoother);

/* Edge-promoting data of CartoonGAN (Chen, Lai and Liu 2018, section 3.2) from pictures [N, height, width, 3]
 * in -1..1: edges as found by Canny (1986), widened to 5x5 pixels each, and all that they cover blurred by a
 * Gaussian of 5x5 pixels; the rest as it is. `from` and `to` have the same shape and are not the same. */
void gan_smooth_edges(struct edge_smoother *smoother, const gan_tensor *from, gan_tensor *to);

/* The luma of pictures [N, H, W, 3] in all three channels. `from` and `to` may be the same. */
void gan_make_grey(const gan_tensor *from, gan_tensor *to);

#endif
