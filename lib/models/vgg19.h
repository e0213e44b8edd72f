/* VGG-19 to one of the layers at which published encoders end. */
#ifndef GAN_MODELS_VGG19_H
#define GAN_MODELS_VGG19_H

#include "gan/networks.h"

enum { VGG19_LAYERS = 6 };

/* The first `count` of normalize, conv1_1, conv1_2, conv2_1, conv2_2, conv3_1; every ReLU is an output. */
gan_status gan_vgg19_build(gan_model **out, gan_context *context, int32_t count);

#endif
