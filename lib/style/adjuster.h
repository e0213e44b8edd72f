/* Inside of an adjuster: what was found out about a photograph and its result. */
#ifndef GAN_STYLE_ADJUSTER_H
#define GAN_STYLE_ADJUSTER_H

#include "gan/adjust.h"
#include "tensor/tensor.h"

struct gan_adjuster {
    gan_context *context;
    int64_t height, width;
    gan_tensor *photo, *result;
    float *recolored[GAN_COLOR_HISTOGRAM + 1]; /* the result by GAN_COLOR_*; NULL: not asked for yet */
    float *detail;                             /* of detail_radius */
    int32_t detail_radius;                     /* 0: none yet */
    float *mask, *soft_mask;                   /* as given, and feathered; NULL: none */
    int32_t feather;                           /* of soft_mask; 0: none yet */
};

/* Errors: ARGUMENT (NULL, outside 0..1), TYPE, SHAPE (not [1, height, width, 1]), NOT_FINITE. */
gan_status gan_mask_check(const gan_tensor *mask, int64_t height, int64_t width);

#endif
