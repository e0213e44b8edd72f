/* VGG-19 to one of the layers at which published encoders end. */
#ifndef GAN_MODELS_VGG19_H
#define GAN_MODELS_VGG19_H

#include "gan/networks.h"

enum { VGG19_LAYERS = 6 };

/* The first `count` of normalize, conv1_1, conv1_2, conv2_1, conv2_2, conv3_1; every ReLU is an output. */
gan_status gan_vgg19_build(gan_model **out, gan_context *context, int32_t count);

/* Decoders of relu1_1, relu2_1 and relu3_1 (level 1 to 3): how many convolutions one has, and the number of
 * the module that a convolution is in published files. */
enum { VGG19_DECODERS = 3, VGG19_DECODER_LAYERS = 5 };
int32_t gan_vgg19_decoder_layers(int32_t level);
int32_t gan_vgg19_decoder_module(int32_t layer);

#endif
