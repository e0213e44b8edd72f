/* Instance normalization whose scale and shift come from other layers: from the statistics of a style picture
 * (adain) or as they are (adain_affine). */
#ifndef GAN_LAYERS_ADAPTIVE_NORMALIZATION_H
#define GAN_LAYERS_ADAPTIVE_NORMALIZATION_H

#include "graph/op.h"

struct adain_attributes {
    float epsilon;
    int32_t sample_variance;
};

/* Which input is what. */
enum { CONTENT = 0, STYLE = 1, SCALE = 1, SHIFT = 2 };

gan_status gan_adain_infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                           struct shape *output);
gan_status gan_adain_affine_infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                                  struct shape *output);

#endif
