/* Inside of histories of generated pictures. */
#ifndef GAN_TRAINING_IMAGE_POOL_H
#define GAN_TRAINING_IMAGE_POOL_H

#include "gan/image_pool.h"

/* Settle that pictures are as those of a batch [N, ...], before the first is there: a state with others is
 * then refused. Errors: OUT_OF_MEMORY. */
gan_status gan_image_pool_settle(gan_image_pool *pool, const gan_tensor *batch);

#endif
