/* Inside of a transfer of features. */
#ifndef GAN_MODELS_FEATURE_TRANSFER_H
#define GAN_MODELS_FEATURE_TRANSFER_H

#include "gan/feature_transfer.h"
#include "graph/model.h"
#include "style/feature_transform.h"
#include "tensor/tensor.h"

/* Of which the sides of padded pictures are: what the strides of encoders and decoders make of one pixel. */
enum { TRANSFER_PICTURE_MULTIPLE = 16 };

struct transfer_level {
    gan_model *encoder;  /* as given: what a style was made with */
    gan_model *features; /* the encoder with one output, which bears the level's name */
    gan_model *decoder;
    int32_t margin; /* of mirror image around the content */
    struct feature_transform transform;
};

struct transfer_style {
    struct feature_moments levels[GAN_FEATURE_TRANSFER_MOST_LEVELS]; /* as of gan_feature_transform_style */
};

struct gan_feature_transfer {
    gan_context *context;
    int32_t level_count, style_count;
    struct transfer_level levels[GAN_FEATURE_TRANSFER_MOST_LEVELS];
    struct transfer_style styles[GAN_FEATURE_TRANSFER_MOST_STYLES];
};

/* A level of one encoder and one decoder; what was made of it is to be freed after any outcome. `name` NULL:
 * the decoder or the encoder knows. */
gan_status gan_transfer_level_open(struct transfer_level *level, gan_model *encoder, gan_model *decoder,
                                   const char *name, const gan_feature_transfer_options *options);
void gan_transfer_level_close(struct transfer_level *level);

/* How styles share the positions of a feature map [1, H, W, C]. */
struct style_shares {
    int64_t positions;
    int32_t count;
    float weights[GAN_FEATURE_TRANSFER_MOST_STYLES]; /* sum 1 */
    float *planes; /* [count][positions]: of each style at each position; NULL: the weights, everywhere */
};

/* `mixture`: as of gan_feature_transfer_run, checked or NULL. The masks' size is that of the content, which
 * was placed `margin` rows and columns inside `padded` ([1, H, W, C]) amid its mirror image. Errors:
 * OUT_OF_MEMORY. */
gan_status gan_style_shares_open(struct style_shares *shares, const gan_style_mixture *mixture, int32_t count,
                                 const gan_tensor *content, int32_t margin, const gan_tensor *padded,
                                 const gan_tensor *features);
void gan_style_shares_close(struct style_shares *shares, gan_context *context);

/* shares[count], sum 1, of `weights` or, where that is NULL, all the same. */
void gan_style_weights_share(float *shares, const float *weights, int32_t count);

/* Errors: ARGUMENT, SHAPE, TYPE, NOT_FINITE. */
gan_status gan_style_mixture_check(const gan_style_mixture *mixture, int32_t count);

#endif
