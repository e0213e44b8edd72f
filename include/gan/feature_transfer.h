/** Any style without training, by transforms of features: an encoder sees the content, its features get the
 *  statistics of a style's features, and a decoder that was trained to undo the encoder paints what has
 * become of them. With several levels the result of one is the content of the next.
 *
 *  f are the content's features without their mean, Cc their covariance and Cs, m that and the mean of the
 *  style's, over all positions. */
#ifndef GAN_FEATURE_TRANSFER_H
#define GAN_FEATURE_TRANSFER_H

#include "gan/model.h"
#include "gan/style.h"

#ifdef __cplusplus
extern "C" {
#endif

/** MEAN_DEVIATION: each channel gets the style's mean and standard deviation (adaptive instance
 * normalization, Huang & Belongie 2017): diag(Cs)^1/2 diag(Cc)^-1/2 f + m. WHITENING: all of the covariance,
 * Cs^1/2 Cc^-1/2 f + m (Li et al. 2017, "Universal Style Transfer via Feature Transforms"). LINEAR: the one
 * symmetric matrix that does so too and moves the features least, Cc^-1/2 (Cc^1/2 Cs Cc^1/2)^1/2 Cc^-1/2 f +
 * m: the optimal transport between two normal distributions (Olkin & Pukelsheim 1982; of colours Pitie &
 * Kokaram 2007, of features Lu et al. 2019, "A Closed-Form Solution to Universal Style Transfer"). */
enum { GAN_TRANSFORM_MEAN_DEVIATION = 0, GAN_TRANSFORM_WHITENING = 1, GAN_TRANSFORM_LINEAR = 2 };

enum { GAN_FEATURE_TRANSFER_MOST_LEVELS = 5, GAN_FEATURE_TRANSFER_MOST_STYLES = 16 };

typedef struct gan_feature_transfer gan_feature_transfer;

typedef struct gan_feature_transfer_options {
    size_t struct_size;
    int32_t transform; /**< GAN_TRANSFORM_* */
    float ridge;    /**< what is added to the content's variances, as a share of their mean, lest directions
                     *   in which the content says nothing be blown up; below 0: nothing; 0: 0.0001
                     * (MEAN_DEVIATION) or 0.01, but with VGG-19 as published: 0.00001 (MEAN_DEVIATION) or 1
                     * (WHITENING) itself */
    int32_t margin; /**< rows and columns of its mirror image around the content while it is painted, cut off
                     * afterwards, which keeps frame lines out; 0: 16, but none with VGG-19 as published;
                     * below 0: none */
    const char *const *level_names; /**< the output of each encoder that its decoder takes; NULL: that which
                                     * the decoder's metadata "encoder_level" names, or else the last */
} gan_feature_transfer_options;

/** `encoders` and `decoders`: one each for `levels` levels (1 to 5), in the order in which they work: the
 *  deepest first, as published. Encoders take pictures [N, H, W, 3] in 0..1 and give feature maps of at most
 * 512 channels, such as the models that gan_import makes of VGG-19, or libgan's own feature network; their
 * strides divide 16. Models are retained, `options` may be NULL. Errors: ARGUMENT (NULL, no pictures in or
 * out, a decoder whose metadata "encoder" says that it belongs to another encoder), NOT_FOUND (no such
 * output), SHAPE (a decoder that takes other channels), OUT_OF_MEMORY; *out is then NULL. Threads: one at a
 * time per object. Since 0.1. */
GAN_API gan_status gan_feature_transfer_create(gan_feature_transfer **out, gan_model *const *encoders,
                                               gan_model *const *decoders, int32_t levels,
                                               const gan_feature_transfer_options *options);
GAN_API void gan_feature_transfer_free(gan_feature_transfer *transfer);

/** One style more (1 to 16), measured once: that of a picture [1, H, W, 3], RGB, 0 to 1. Pictures of
 * different sizes give different strokes: scaled to 512 pixels is a good start. Errors: SHAPE, TYPE,
 * NOT_FINITE, ARGUMENT (too many styles), OUT_OF_MEMORY; the styles then stay what they were. Since 0.1. */
GAN_API gan_status gan_feature_transfer_add_picture(gan_feature_transfer *transfer,
                                                    const gan_tensor *picture);

/** The same from the style matrix S, of whichever normalization: gan_style_create, gan_style_load,
 *  gan_style_average. Nothing of it is kept but copies. Errors: ARGUMENT (a style of another extractor than
 * the encoders, too many styles), NOT_FOUND (a style without one of the levels), NOT_FINITE, OUT_OF_MEMORY.
 * Since 0.1. */
GAN_API gan_status gan_feature_transfer_add_style(gan_feature_transfer *transfer, const gan_style *style);

GAN_API int32_t gan_feature_transfer_style_count(const gan_feature_transfer *transfer);
/** Forget all styles. */
GAN_API void gan_feature_transfer_clear(gan_feature_transfer *transfer);

/** How several styles share a picture: the features are mixed after their transforms. */
typedef struct gan_style_mixture {
    size_t struct_size;
    const float *weights; /**< how much of each style, 0 or more and not all 0; only their ratios count. NULL:
                           * all the same */
    const gan_tensor *const *masks; /**< where each style belongs: [1, h, w, 1] in 0..1 of any size, scaled to
                                     * the content's; NULL, also for a single one: everywhere. Where masks
                                     * overlap their styles share by weight times mask; where they add up to
                                     * less than 1, the rest is the content's own */
} gan_style_mixture;

/** *result is a new picture of the content's size. `strength` (0 to 1) is the share of the transformed
 * features, the rest is the content's own: at 0 the picture has only gone through encoder and decoder.
 * `mixture` (NULL: all styles in equal parts) has as many weights and masks as there are styles. Errors:
 * STATE (there is no style yet), ARGUMENT, SHAPE, TYPE, NOT_FINITE, OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_status gan_feature_transfer_run(gan_feature_transfer *transfer, const gan_tensor *content,
                                            float strength, const gan_style_mixture *mixture,
                                            gan_tensor **result);

/** *out is the transfer to this mixture of its styles as a network of its own, for gan_stylizer, streams,
 * videos and gan_model_save: pictures [N, H, W, 3] in 0..1 to pictures of the same size, painted at strength
 * 1. MEAN_DEVIATION alone, of any number of levels: between encoder and decoder stands then an instance
 * normalization whose scale and shift are the styles'. The other transforms are new matrices for each
 * content, and masks are of one content. The model shares the parameters of encoders and decoders, and does
 * not follow styles that are added afterwards. Its results are those of gan_feature_transfer_run within
 * float rounding where both sides are multiples of 16 and the content is not of nearly one colour (deviations
 * below 0.001: there rounding is all that is to be normalized); others it takes through its metadata
 * "size_multiple", continued by their mirror image at the lower and the right edge, where the margin then
 * mirrors that and not the picture: small differences, largest there. Errors: UNSUPPORTED (another transform,
 * masks), STATE (there is no style yet), ARGUMENT, OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_feature_transfer_generator(gan_model **out, const gan_feature_transfer *transfer,
                                                  const gan_style_mixture *mixture);

#ifdef __cplusplus
}
#endif
#endif
