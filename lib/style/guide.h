/* Where in a picture a style is. */
#ifndef GAN_STYLE_GUIDE_H
#define GAN_STYLE_GUIDE_H

#include "base/status.h"
#include "gan/tensor.h"

/* The mask ([1, H, W, 1]) at a level's size, of mean square 1, so that a Gram matrix of masked features is
 * that of the features within (guided Gram matrices of Gatys et al. 2017); all 0 where the mask is. */
gan_status gan_style_guide(gan_tensor **out, const gan_tensor *mask, const gan_tensor *features);

#endif
