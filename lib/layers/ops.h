/* Every kind of layer that lives in lib/layers and lib/losses. The table is in table.c. */
#ifndef GAN_LAYERS_OPS_H
#define GAN_LAYERS_OPS_H

#include "graph/op.h"

extern const struct gan_op gan_op_conv2d, gan_op_conv2d_transpose, gan_op_dense;
extern const struct gan_op gan_op_batch_norm, gan_op_instance_norm, gan_op_group_norm, gan_op_layer_norm;
extern const struct gan_op gan_op_adain, gan_op_adain_affine;
extern const struct gan_op gan_op_gram_matrix, gan_op_total_variation, gan_op_dropout;

extern const struct gan_op gan_op_relu, gan_op_leaky_relu, gan_op_elu, gan_op_gelu, gan_op_silu;
extern const struct gan_op gan_op_softplus, gan_op_tanh, gan_op_sigmoid, gan_op_prelu, gan_op_softmax;
extern const struct gan_op gan_op_reshape, gan_op_flatten, gan_op_sum, gan_op_mean;

#endif
