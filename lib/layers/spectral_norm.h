/* Spectral normalization of weights, for the builders of layers that have the option. */
#ifndef GAN_LAYERS_SPECTRAL_NORM_H
#define GAN_LAYERS_SPECTRAL_NORM_H

#include "graph/graph.h"

/* y / sigma + bias for `y`, the product of some input with its parameter 0; sigma is the largest singular
 * value of the weights as a matrix whose rows are their first axis, or their last where `rows_last`. The
 * bias, per channel of y, is left out where `no_bias`. New layers are called "<y>_spectral_norm" and
 * "<y>_scaled". */
gan_layer *gan_add_spectral_norm(gan_layer *y, bool rows_last, bool no_bias);

/* x * factor + bias; `factor` has one element. */
gan_layer *gan_add_scaled(gan_layer *x, gan_layer *factor, bool no_bias, const char *name);

#endif
