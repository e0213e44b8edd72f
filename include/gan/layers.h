/** Layers. Pictures are [N, H, W, C]; a layer that works on pictures refuses other ranks by name.
 *
 *  Every builder copies its options (NULL: all defaults), returns a layer owned by the graph, and returns
 * NULL where its input is NULL or something does not fit (see gan/graph.h). `name` members and arguments are
 *  copied; NULL makes a name such as "conv2d_3". */
#ifndef GAN_LAYERS_H
#define GAN_LAYERS_H

#include "gan/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Spectral normalization (Miyato et al. 2018), of convolutions and dense layers that have the option: w /
 * sigma in place of w, sigma = u W v its largest singular value as found by power iteration, W being w as a
 * matrix with a row for each output channel. u and v are parameters "<layer>_spectral_norm.u" and ".v" of the
 * model that training runs move, by one step each, as batch norms move running statistics (and under the same
 *  GAN_STATISTICS_*); other runs use them as they are. Gradients flow through sigma with u and v constant. */

/** 2-D convolution (cross-correlation), y = x * w + b. x: [N, H, W, C]; w: [filters, KH, KW, C / groups];
 *  y: [N, OH, OW, filters], OH = (H + top + bottom - dilation (KH - 1) - 1) / stride + 1, rounded down.
 *  In the pairs, a width of 0 means the same as the height. groups == C with filters == C is depthwise. */
typedef struct gan_conv2d_options {
    size_t struct_size;
    const char *name;
    int32_t filters;
    int32_t kernel[2];    /**< height, width */
    int32_t stride[2];    /**< 0: 1 */
    int32_t dilation[2];  /**< 0: 1 */
    int32_t groups;       /**< 0: 1 */
    int32_t padding;      /**< GAN_PAD_* */
    int32_t pad[4];       /**< top, left, bottom, right, for GAN_PAD_EXPLICIT */
    int32_t padding_mode; /**< GAN_PADDING_* */
    int32_t no_bias;
    int32_t initializer; /**< GAN_INITIALIZER_* of w */
    float initializer_value;
    int32_t spectral_norm; /**< 1: w is divided by its largest singular value, see below */
} gan_conv2d_options;
GAN_API gan_layer *gan_conv2d(gan_layer *x, const gan_conv2d_options *options);

/** Transposed 2-D convolution, the gradient of gan_conv2d at its input. w: [C, KH, KW, filters].
 *  OH = (H - 1) stride - top - bottom + dilation (KH - 1) + 1 + output_padding. GAN_PAD_SAME gives OH = H
 * stride (TensorFlow's); GAN_PAD_HALF pads (KH - 1) / 2. Zero padding only; no groups. */
typedef struct gan_conv2d_transpose_options {
    size_t struct_size;
    const char *name;
    int32_t filters;
    int32_t kernel[2];
    int32_t stride[2];
    int32_t padding;           /**< GAN_PAD_* */
    int32_t pad[4];            /**< rows and columns cut off: top, left, bottom, right */
    int32_t output_padding[2]; /**< rows and columns added at the bottom and right */
    int32_t no_bias;
    int32_t initializer;
    float initializer_value;
    int32_t spectral_norm; /**< 1: w is divided by its largest singular value, see below */
} gan_conv2d_transpose_options;
GAN_API gan_layer *gan_conv2d_transpose(gan_layer *x, const gan_conv2d_transpose_options *options);

/** Dense (fully connected): x: [..., C], w: [units, C], y: [..., units] = x w^T + b. */
typedef struct gan_dense_options {
    size_t struct_size;
    const char *name;
    int32_t units;
    int32_t no_bias;
    int32_t initializer;
    float initializer_value;
    int32_t spectral_norm; /**< 1: w is divided by its largest singular value, see below */
} gan_dense_options;
GAN_API gan_layer *gan_dense(gan_layer *x, const gan_dense_options *options);

/** Rows of a learned table: labels [N], whole numbers from 0, to [N, width] of w [classes, width]. A label
 * that is no class counts as the nearest that is one, NaN as 0: check labels where they come from. Gradient
 * to w only. */
typedef struct gan_embedding_options {
    size_t struct_size;
    const char *name;
    int32_t classes; /**< 1 to 2^24 */
    int32_t width;
    int32_t initializer; /**< GAN_INITIALIZER_* of w */
    float initializer_value;
    int32_t spectral_norm; /**< 1: w is divided by its largest singular value */
} gan_embedding_options;
GAN_API gan_layer *gan_embedding(gan_layer *labels, const gan_embedding_options *options);

/** Normalization: y = scale (x - mean) / sqrt(variance + epsilon) + shift, scale and shift per channel, the
 *  variance biased. Batch: statistics over N, H, W (x may be [N, C]); running = (1 - momentum) running +
 *  momentum batch, PyTorch's sense, the running variance from the sample variance n / (n - 1) (Ioffe &
 * Szegedy 2015). Instance: over H, W of one picture (Ulyanov et al. 2016). Group: over H, W and C / groups
 * channels (Wu & He 2018). Layer: over H, W, C of one picture (Ba et al. 2016). */
typedef struct gan_norm_options {
    size_t struct_size;
    const char *name;
    float epsilon;                   /**< 0: 1e-5 */
    float momentum;                  /**< batch only; 0: 0.1 (Keras' 0.99 is 0.01 here) */
    int32_t groups;                  /**< group only; 0: 32 */
    int32_t no_affine;               /**< 1: no scale and shift parameters */
    int32_t biased_running_variance; /**< batch only; 1: running variance without n / (n - 1), as Keras */
} gan_norm_options;
GAN_API gan_layer *gan_batch_norm(gan_layer *x, const gan_norm_options *options);
GAN_API gan_layer *gan_instance_norm(gan_layer *x, const gan_norm_options *options);
GAN_API gan_layer *gan_group_norm(gan_layer *x, const gan_norm_options *options);
GAN_API gan_layer *gan_layer_norm(gan_layer *x, const gan_norm_options *options);

/** Adaptive instance normalization (Huang & Belongie 2017): (x - mean x) / std x * std s + mean s, statistics
 *  per picture and channel; std = sqrt(variance + epsilon). content: [N, H, W, C]; style: [N or 1, h, w, C].
 *  sample_variance 1: variance over n - 1. epsilon 0: 1e-5. */
GAN_API gan_layer *gan_adain(gan_layer *content, gan_layer *style, float epsilon, int32_t sample_variance);

/** The same with the scale and shift given: y = scale (x - mean x) / std x + shift; both [N, C] or both [1,
 * C]. */
GAN_API gan_layer *gan_adain_affine(gan_layer *content, gan_layer *scale, gan_layer *shift, float epsilon,
                                    int32_t sample_variance);

/** sqrt(variance + epsilon) of each channel of each picture: [N, H, W, C] to [N, 1, 1, C]. sample_variance 1:
 *  variance over n - 1. epsilon 0: 1e-5. */
GAN_API gan_layer *gan_channel_deviation(gan_layer *x, float epsilon, int32_t sample_variance);

/** y = weight_a a + weight_b b, a weight for each channel: a, b: [N, H, W, C]; weights: [N or 1, 1, 1, C].
 * The modulation of Wang et al. 2023 (MicroAST). */
GAN_API gan_layer *gan_modulate(gan_layer *a, gan_layer *b, gan_layer *weight_a, gan_layer *weight_b);

/** Pointwise functions. */
GAN_API gan_layer *gan_relu(gan_layer *x);
GAN_API gan_layer *gan_leaky_relu(gan_layer *x, float slope);
GAN_API gan_layer *gan_elu(gan_layer *x, float alpha);
GAN_API gan_layer *gan_gelu(gan_layer *x); /**< exact, x (1 + erf(x / sqrt 2)) / 2 */
GAN_API gan_layer *gan_silu(gan_layer *x); /**< x sigmoid(x) */
GAN_API gan_layer *gan_softplus(gan_layer *x);
GAN_API gan_layer *gan_tanh(gan_layer *x);
GAN_API gan_layer *gan_sigmoid(gan_layer *x);
/** Learned slope per channel for x < 0, starting at `initial` (0: 0.25) (He et al. 2015). */
GAN_API gan_layer *gan_prelu(gan_layer *x, const char *name, float initial);
/** Over the last axis. */
GAN_API gan_layer *gan_softmax(gan_layer *x);

/** Pooling. Padding elements never win a maximum; averages count valid elements only, or all of the window
 *  where count_padding is 1. */
typedef struct gan_pool_options {
    size_t struct_size;
    int32_t kernel[2]; /**< 0: 2 */
    int32_t stride[2]; /**< 0: the kernel */
    int32_t pad[4];    /**< top, left, bottom, right; less than the kernel */
    int32_t ceil_mode; /**< 1: a last window may hang over the edge */
    int32_t count_padding;
} gan_pool_options;
GAN_API gan_layer *gan_max_pool(gan_layer *x, const gan_pool_options *options);
GAN_API gan_layer *gan_average_pool(gan_layer *x, const gan_pool_options *options);
/** [N, H, W, C] to [N, 1, 1, C]. */
GAN_API gan_layer *gan_global_average_pool(gan_layer *x);
GAN_API gan_layer *gan_global_max_pool(gan_layer *x);

/** Resampling by a whole factor, or to a size. Bilinear: half-pixel centres (align_corners false). Nearest to
 *  a size: floor(i * H / OH), as PyTorch. */
GAN_API gan_layer *gan_upsample_nearest(gan_layer *x, int32_t factor);
GAN_API gan_layer *gan_upsample_bilinear(gan_layer *x, int32_t factor);
GAN_API gan_layer *gan_resize_nearest(gan_layer *x, int32_t height, int32_t width);
GAN_API gan_layer *gan_resize_bilinear(gan_layer *x, int32_t height, int32_t width);

/** [N, H, W, C r r] to [N, H r, W r, C] and back (Shi et al. 2016); channel order c r r + i r + j as PyTorch.
 */
GAN_API gan_layer *gan_pixel_shuffle(gan_layer *x, int32_t factor);
GAN_API gan_layer *gan_pixel_unshuffle(gan_layer *x, int32_t factor);

/** Another shape with as many elements; one size may be -1: it follows from the others. A batch that is open
 *  stays open where the first size is -1. */
GAN_API gan_layer *gan_reshape(gan_layer *x, const int64_t *shape, int32_t rank);
/** [N, ...] to [N, product of the rest]. */
GAN_API gan_layer *gan_flatten(gan_layer *x);
/** Join along `axis` (negative: from the end); the other sizes are equal. */
GAN_API gan_layer *gan_concat(gan_layer *const *layers, int32_t count, int32_t axis);
/** Elements [start, start + length) along `axis`; length -1: to the end. */
GAN_API gan_layer *gan_slice(gan_layer *x, int32_t axis, int64_t start, int64_t length);

/** Elementwise; a size of 1 on either side is stretched to the other's (both have the same rank). */
GAN_API gan_layer *gan_add(gan_layer *a, gan_layer *b);
GAN_API gan_layer *gan_subtract(gan_layer *a, gan_layer *b);
GAN_API gan_layer *gan_multiply(gan_layer *a, gan_layer *b);
/** y = factor x + offset. */
GAN_API gan_layer *gan_scale(gan_layer *x, float factor, float offset);
/** min(max(x, low), high). */
GAN_API gan_layer *gan_clamp(gan_layer *x, float low, float high);
/** Constant `value` in the shape of x, no gradient: a target for losses. */
GAN_API gan_layer *gan_fill_like(gan_layer *x, float value);

/** While training each element is 0 with probability `rate`, the others are divided by 1 - rate. */
GAN_API gan_layer *gan_dropout(gan_layer *x, float rate);
/** Differentiable augmentation (Zhao et al. 2020) for pictures in -1..1, drawn anew for each picture and step
 * while training; otherwise x as it is. COLOUR: brightness + U(-0.5, 0.5), saturation x U(0, 2), contrast x
 * U(0.5, 1.5). TRANSLATION: by up to `translation` of each side, zeros move in. CUTOUT: a rectangle of
 * `cutout` of each side becomes 0; parts of it may lie outside. Gradients are exact. A discriminator sees all
 * its pictures, real and generated, through one such layer each, in its own step and in the generator's. */
enum { GAN_AUGMENT_COLOUR = 1, GAN_AUGMENT_TRANSLATION = 2, GAN_AUGMENT_CUTOUT = 4, GAN_AUGMENT_ALL = 7 };
typedef struct gan_diff_augment_options {
    size_t struct_size;
    int32_t policy;      /**< sum of GAN_AUGMENT_*; 0: all */
    float translation;   /**< 0: 0.125 */
    float cutout;        /**< 0: 0.5 */
    int32_t shared_draw; /**< > 0: layers of one objective with the same number (to 1000) draw the same for
                          * picture i; 0: each for itself, as the paper does */
} gan_diff_augment_options;
GAN_API gan_layer *gan_diff_augment(gan_layer *x, const gan_diff_augment_options *options);

/** Rows and columns added on each side, or cut off. */
GAN_API gan_layer *gan_pad(gan_layer *x, int32_t top, int32_t left, int32_t bottom, int32_t right,
                           int32_t padding_mode);
GAN_API gan_layer *gan_crop(gan_layer *x, int32_t top, int32_t left, int32_t bottom, int32_t right);
/** A picture bent: y(row, column) = x(row + d0, column + d1), [N, H, W, C], bilinear between pixels, places
 *  outside moved to the border; `displacement` is [N, H, W, 2] in pixels, down and to the right, and gets no
 *  gradient. For losses that compare a moved result with the result of what moved. Since 0.1. */
GAN_API gan_layer *gan_warp(gan_layer *x, gan_layer *displacement);

/** How a Gram matrix is divided. C channels, H W positions. */
enum {
    GAN_GRAM_PER_ELEMENT = 0,  /**< F F^T / (C H W): neural-style, fast-neural-style */
    GAN_GRAM_PER_POSITION = 1, /**< F F^T / (H W) */
    GAN_GRAM_COVARIANCE = 2    /**< centred, / (H W - 1) */
};
/** [N, H, W, C] to [N, C, C] (Gatys et al. 2015). */
GAN_API gan_layer *gan_gram_matrix(gan_layer *x, int32_t normalization);

/** Total variation of each picture [N, H, W, C] to [N]: sum of squared differences of vertical and horizontal
 *  neighbours, or with mean = 1 the mean of the vertical plus the mean of the horizontal ones. */
GAN_API gan_layer *gan_total_variation(gan_layer *x, int32_t mean);

/** `count` different positions of the pictures x [N, H, W, C] (all where there are fewer): [P], whole numbers
 *  y W + x, random and new in each training run, evenly spread in others. No gradient. */
GAN_API gan_layer *gan_random_positions(gan_layer *x, int32_t count);
/** Pixels of x [N, H, W, C] at `positions` [P]: [N, P, C]. Numbers that are no positions count as the
 * nearest. */
GAN_API gan_layer *gan_gather(gan_layer *x, gan_layer *positions);
/** x / (|x| + epsilon), |x| the Euclidean length along the last axis. epsilon 0: 1e-7. */
GAN_API gan_layer *gan_unit_length(gan_layer *x, float epsilon);

/** x = e a + (1 - e) b with one random e in 0..1 for each picture, new in each training run; 1/2 in others.
 */
GAN_API gan_layer *gan_random_interpolation(gan_layer *a, gan_layer *b);

/** The gradient of the sum of `y` at the layer `x`, as a layer in the shape of x, made of layers that share
 * the parameters of those between; its own gradients at parameters are gradients of gradients. Between x and
 * y may stand convolutions (also transposed; zero padding, no dilation, no groups; spectral norms), dense
 * layers, ReLU and leaky ReLU, pooling, resampling, padding and cropping, shape changes, sums, products,
 * scaling and concatenation; any other layer is refused by name with GAN_ERROR_UNSUPPORTED. */
GAN_API gan_layer *gan_input_gradient(gan_layer *y, gan_layer *x);

/** Sum or mean of all elements to one number (rank 0). */
GAN_API gan_layer *gan_sum(gan_layer *x);
GAN_API gan_layer *gan_mean(gan_layer *x);

#ifdef __cplusplus
}
#endif
#endif
