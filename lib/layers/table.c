#include "graph/graph.h"
#include "layers/ops.h"

#include <string.h>

/* Names in files are looked up here: an op that is not in the table cannot be loaded. */
static const struct gan_op *const table[] = {
    &gan_op_input,
    &gan_op_constant,
    &gan_op_stop_gradient,

    &gan_op_conv2d,
    &gan_op_conv2d_transpose,
    &gan_op_dense,
    &gan_op_spectral_norm,
    &gan_op_scaled,
    &gan_op_batch_norm,
    &gan_op_instance_norm,
    &gan_op_group_norm,
    &gan_op_layer_norm,
    &gan_op_adain,
    &gan_op_adain_affine,
    &gan_op_gram_matrix,
    &gan_op_total_variation,
    &gan_op_dropout,
    &gan_op_diff_augment,

    &gan_op_relu,
    &gan_op_leaky_relu,
    &gan_op_elu,
    &gan_op_gelu,
    &gan_op_silu,
    &gan_op_softplus,
    &gan_op_tanh,
    &gan_op_sigmoid,
    &gan_op_prelu,
    &gan_op_softmax,
    &gan_op_reshape,
    &gan_op_flatten,
    &gan_op_sum,
    &gan_op_mean,
    &gan_op_concat,
    &gan_op_slice,
    &gan_op_pixel_shuffle,
    &gan_op_pixel_unshuffle,
    &gan_op_add,
    &gan_op_subtract,
    &gan_op_multiply,
    &gan_op_scale,
    &gan_op_clamp,
    &gan_op_fill_like,
    &gan_op_max_pool,
    &gan_op_average_pool,
    &gan_op_global_average_pool,
    &gan_op_global_max_pool,
    &gan_op_upsample_nearest,
    &gan_op_upsample_bilinear,
    &gan_op_resize_nearest,
    &gan_op_resize_bilinear,
    &gan_op_pad,
    &gan_op_crop,

    &gan_op_average_pool_gradient,
    &gan_op_global_average_pool_gradient,
    &gan_op_pad_gradient,
    &gan_op_crop_gradient,
    &gan_op_slice_gradient,
    &gan_op_pixel_shuffle_gradient,
    &gan_op_pixel_unshuffle_gradient,
    &gan_op_sum_gradient,
    &gan_op_mean_gradient,
    &gan_op_upsample_nearest_gradient,
    &gan_op_upsample_bilinear_gradient,
    &gan_op_resize_nearest_gradient,
    &gan_op_resize_bilinear_gradient,
    &gan_op_activation_gradient,
    &gan_op_max_pool_gradient,
    &gan_op_dense_transposed,
    &gan_op_random_positions,
    &gan_op_gather,
    &gan_op_unit_length,
    &gan_op_info_nce,
    &gan_op_random_interpolation,
    &gan_op_gradient_norm,

    &gan_op_binary_cross_entropy,
    &gan_op_binary_cross_entropy_with_logits,
    &gan_op_mean_squared_error,
    &gan_op_mean_absolute_error,
    &gan_op_smooth_l1,
    &gan_op_hinge,
    &gan_op_wasserstein,
    &gan_op_content_loss,
    &gan_op_style_matrix_loss,
    &gan_op_weighted_sum,
};

const struct gan_op *gan_op_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i]->name, name) == 0)
            return table[i];
    return NULL;
}
