/* Every kind of layer that lives in lib/layers and lib/losses. The table is in table.c. */
#ifndef GAN_LAYERS_OPS_H
#define GAN_LAYERS_OPS_H

#include "graph/op.h"

extern const struct gan_op gan_op_conv2d, gan_op_conv2d_transpose, gan_op_dense;
extern const struct gan_op gan_op_batch_norm, gan_op_instance_norm, gan_op_group_norm, gan_op_layer_norm;
extern const struct gan_op gan_op_adain, gan_op_adain_affine;
extern const struct gan_op gan_op_channel_deviation, gan_op_modulate;
extern const struct gan_op gan_op_spectral_norm, gan_op_scaled;
extern const struct gan_op gan_op_gram_matrix, gan_op_total_variation, gan_op_dropout, gan_op_diff_augment;

extern const struct gan_op gan_op_relu, gan_op_leaky_relu, gan_op_elu, gan_op_gelu, gan_op_silu;
extern const struct gan_op gan_op_softplus, gan_op_tanh, gan_op_sigmoid, gan_op_prelu, gan_op_softmax;
extern const struct gan_op gan_op_reshape, gan_op_flatten, gan_op_sum, gan_op_mean;
extern const struct gan_op gan_op_concat, gan_op_slice, gan_op_pixel_shuffle, gan_op_pixel_unshuffle;
extern const struct gan_op gan_op_add, gan_op_subtract, gan_op_multiply;
extern const struct gan_op gan_op_scale, gan_op_clamp, gan_op_fill_like;
extern const struct gan_op gan_op_max_pool, gan_op_average_pool;
extern const struct gan_op gan_op_global_average_pool, gan_op_global_max_pool;
extern const struct gan_op gan_op_upsample_nearest, gan_op_upsample_bilinear;
extern const struct gan_op gan_op_resize_nearest, gan_op_resize_bilinear, gan_op_pad, gan_op_crop,
    gan_op_warp;

extern const struct gan_op gan_op_average_pool_gradient, gan_op_global_average_pool_gradient,
    gan_op_pad_gradient, gan_op_crop_gradient, gan_op_slice_gradient, gan_op_pixel_shuffle_gradient,
    gan_op_pixel_unshuffle_gradient, gan_op_sum_gradient, gan_op_mean_gradient,
    gan_op_upsample_nearest_gradient, gan_op_upsample_bilinear_gradient, gan_op_resize_nearest_gradient,
    gan_op_resize_bilinear_gradient, gan_op_activation_gradient, gan_op_max_pool_gradient;
extern const struct gan_op gan_op_random_positions, gan_op_gather, gan_op_unit_length, gan_op_info_nce;
extern const struct gan_op gan_op_embedding, gan_op_dense_transposed, gan_op_random_interpolation,
    gan_op_gradient_norm;

extern const struct gan_op gan_op_binary_cross_entropy, gan_op_binary_cross_entropy_with_logits;
extern const struct gan_op gan_op_mean_squared_error, gan_op_mean_absolute_error, gan_op_smooth_l1;
extern const struct gan_op gan_op_hinge, gan_op_wasserstein, gan_op_content_loss;
extern const struct gan_op gan_op_style_matrix_loss, gan_op_weighted_sum;

#endif
