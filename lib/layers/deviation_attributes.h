/* What the standard deviation of channels is made with. */
#ifndef GAN_LAYERS_DEVIATION_ATTRIBUTES_H
#define GAN_LAYERS_DEVIATION_ATTRIBUTES_H

#include <stdint.h>

struct deviation_attributes {
    float epsilon;
    int32_t sample_variance;
};

#endif
