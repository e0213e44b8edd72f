/* Generators of every kind of layer that can be computed in bands. */
#ifndef GAN_TESTS_STREAMED_NETWORKS_H
#define GAN_TESTS_STREAMED_NETWORKS_H

#include "gan/gan.h"

struct streamed_network {
    const char *name;
    gan_model *(*make)(gan_context *context);
    int64_t multiple; /* of which sides must be */
};

extern const struct streamed_network streamed_networks[];
extern const int streamed_network_count;

/* One of them, by its name. */
gan_model *make_streamed_network(gan_context *context, const char *name);

/* Norms whose scales and shifts are not all 1 and 0, and weights that tell every row from the next. */
void stir_parameters(gan_model *model);

#endif
