/* Inside of styles: what one picture, or several, say about strokes and colours. */
#ifndef GAN_STYLE_STYLE_H
#define GAN_STYLE_STYLE_H

#include "gan/style.h"
#include "graph/model.h"

enum { STYLE_MOST_LEVELS = 32, EXTRACTOR_IDENTITY_SIZE = 20 };

struct style_level {
    gan_tensor *gram, *mean, *deviation; /* [1, C, C], [1, C], [1, C] */
};

struct gan_style {
    atomic_int references;
    gan_context *context;
    gan_model *extractor;
    int32_t normalization; /* GAN_GRAM_* */
    int32_t level_count;
    struct style_level levels[STYLE_MOST_LEVELS];
};

struct gan_content {
    gan_context *context;
    int32_t level_count;
    gan_tensor *levels[STYLE_MOST_LEVELS];
};

struct gan_style_loss {
    gan_context *context;
    gan_style *style;
    float content_weight, style_weight, variation_weight; /* 0: none */
    int32_t content_level, reduction;
    float level_weights[STYLE_MOST_LEVELS];
};

/* An extractor is a model with one picture input and 1 to STYLE_MOST_LEVELS feature outputs [N, H, W, C]. */
gan_status gan_extractor_check(const gan_model *extractor);

/* A number that differs between extractors whose parameters or levels differ. */
gan_status gan_extractor_identity(const gan_model *extractor, uint64_t *identity);
/* The same as files say it, in metadata of styles ("extractor_identity") and of decoders ("encoder"). */
gan_status gan_extractor_identity_text(char text[EXTRACTOR_IDENTITY_SIZE], const gan_model *extractor);

/* A picture [1, H, W, 3] of float32 is what all of lib/style works on; `what` it is, in messages. */
gan_status gan_picture_check(const gan_tensor *picture, const char *what);

/* A style of zeros with the levels of a checked extractor; retains it. */
gan_status gan_style_make(gan_style **out, gan_model *extractor, int32_t normalization);
gan_style *gan_style_retain(gan_style *style);

/* Add `share` times the statistics of a picture to a style; or those of what a mask shows of it ([1, H, W,
 * 1], checked: float32 of the picture's size, 0 to 1, not black). */
gan_status gan_style_measure(gan_style *style, const gan_tensor *picture, double share);
gan_status gan_style_mask_check(const gan_tensor *mask, const gan_tensor *picture);
gan_status gan_style_measure_region(gan_style *style, const gan_tensor *picture, const gan_tensor *mask,
                                    double share);

/* Errors: NOT_FINITE where a Gram matrix is not. */
gan_status gan_style_check_finite(const gan_style *style);

/* The terms of the loss for a picture whose features (one per level) are at hand, before weighting. */
gan_layer *gan_style_loss_content_part(const gan_style_loss *loss, gan_layer *const *features,
                                       gan_layer *target);
gan_layer *gan_style_loss_style_part(const gan_style_loss *loss, gan_layer *const *features);

#endif
