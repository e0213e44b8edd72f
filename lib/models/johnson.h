/* The transformation network with the liberties that published weights take. */
#ifndef GAN_MODELS_JOHNSON_H
#define GAN_MODELS_JOHNSON_H

#include "gan/networks.h"
#include "models/build.h"

struct johnson_variant {
    struct build_words words;
    float output_factor, output_offset; /* after the output function; factor 0: neither */
};

gan_status gan_johnson_build(gan_model **out, gan_context *context, const gan_johnson_options *options,
                             const struct johnson_variant *variant);

#endif
