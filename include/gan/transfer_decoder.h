/** Decoders: pictures out of what a feature network sees, for any style without training. Features of a
 * photograph that are given the statistics of a style's (adaptive instance normalization, Huang & Belongie
 * 2017; whitening and colouring, Li et al. 2017) become a picture in that style. */
#ifndef GAN_TRANSFER_DECODER_H
#define GAN_TRANSFER_DECODER_H

#include "gan/recipes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The decoder: 3x3 convolutions with reflect padding and ReLU, two at each size and three at the smallest,
 * between which nearest upsampling doubles the picture; no norms, which would wash the style out; a sigmoid
 * at the end. Features [N, H, W, features] to pictures [N, H 2^doublings, W 2^doublings, 3], RGB, 0..1. The
 * full size has `channels`, its half twice, all others four times as many. With less than three doublings a
 * branch goes from the smallest size down to an eighth of the picture and back, for strokes that are wide; H
 * and W are then multiples of 2^(3 - doublings). Metadata "architecture":
 * "transfer_decoder". */
typedef struct gan_transfer_decoder_options {
    size_t struct_size;
    int32_t features;  /**< that it takes, 1 to 1024; 0: 48 */
    int32_t channels;  /**< at the full size, 1 to 256; 0: 24 */
    int32_t doublings; /**< 1 to 4; 0: 1 */
} gan_transfer_decoder_options;
/** Random weights: gan_train_transfer gives it meaning. Errors: ARGUMENT, OUT_OF_MEMORY; *out is then NULL.
 * Since 0.1. */
GAN_API gan_status gan_transfer_decoder_create(gan_model **out, gan_context *context,
                                               const gan_transfer_decoder_options *options);

/** Zero members take the default. */
typedef struct gan_transfer_trainer_options {
    size_t struct_size;
    const char *level; /**< output of the extractor that is decoded; NULL: the second, or the only one */
    int32_t channels;  /**< of the decoder at the full size; 0: 24 */
    int32_t size,
        batch; /**< side of the crops, a multiple of 16 from 32 to 512, and crops per step; 0: 128, 4 */
    float content_weight;         /**< 0: 1; below 0: none; so are those that follow */
    float style_weight;           /**< 0: 1 */
    float identity_weight;        /**< 0: 1 */
    float variation_weight;       /**< 0: 1 */
    float learning_rate;          /**< of Adam; 0: 1e-3 */
    int32_t reconstruction_steps; /**< first steps, in which every picture is to be given back as it is;
                                   * 0: 400, below 0: none */
    const gan_training_options *training; /**< NULL: all defaults */
} gan_transfer_trainer_options;

/** Train a decoder for one level of `extractor` (retained for the time of the call), a model from pictures
 * [N, H, W, 3] in 0..1 to 1 to 8 levels, such as gan_train_features makes; sides of the decoded one are those
 * of the picture divided by 2, 4, 8 or 16. In each step crops of `photographs` (a folder) have their features
 * changed to those of crops of `paintings` (a folder), which are turned, mirrored and get other colours, so
 * that few paintings become many styles. Three of four have the mean and deviation of the style's, the others
 * also its covariances; a quarter is changed by a half or more instead of all the way; for some the style is
 * another photograph, and some are not changed at all: of those the decoder has to give the picture back.
 *
 * The decoder minimises content + style + 20 identity + variation, each times its weight. As the extractor
 * sees its pictures: content, the difference from the changed features; style, the differences of the Gram
 * matrices from those of the style, summed over all levels, in the mean over the picture and its half; both
 * relative to what they should be (GAN_REDUCE_RELATIVE). Identity is the mean squared difference of the
 * pictures that should not change, the others counting as 0; variation the total variation, in its mean form.
 *
 * *out is the decoder; its metadata says "encoder" (16 hexadecimal digits that differ between extractors, as
 * in files of styles), "encoder_level", options, steps and final losses. Errors: ARGUMENT (no such level,
 * another kind of model), SHAPE, those of gan_image_folder_open and of trainings; *out is then NULL.
 * Since 0.1. */
GAN_API gan_status gan_train_transfer(gan_model **out, gan_context *context, gan_model *extractor,
                                      const char *photographs, const char *paintings,
                                      const gan_transfer_trainer_options *options);

#ifdef __cplusplus
}
#endif
#endif
