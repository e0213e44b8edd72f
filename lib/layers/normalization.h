/* What batch, instance, group and layer normalization have in common. */
#ifndef GAN_LAYERS_NORMALIZATION_H
#define GAN_LAYERS_NORMALIZATION_H

#include "graph/op.h"
#include <stdint.h>

/* Instance norm has a group per channel, layer norm has one group. */
struct norm_attributes {
    int32_t channels, groups;
    float epsilon, momentum;
    int32_t no_affine, biased_running_variance;
};

/* Scale and shift, and of batch norm the running statistics: struct gan_op's parameters. */
int32_t gan_norm_parameters(const void *attributes, struct parameter_specification *specifications);
int32_t gan_batch_norm_parameters(const void *attributes, struct parameter_specification *specifications);

#endif
