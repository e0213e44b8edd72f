/* What the named architectures are built with. */
#ifndef GAN_MODELS_BUILD_H
#define GAN_MODELS_BUILD_H

#include "base/status.h"
#include "gan/layers.h"
#include "gan/networks.h"

/* A graph with one input "input" [-1, -1, -1, channels]. */
gan_status gan_build_begin(gan_graph **graph, gan_layer **input, gan_context *context, int32_t channels);

/* Give a layer its name: pointwise layers take none when they are made. Returns `layer`; NULL for NULL, and
 * where memory is out or the name is taken (the graph then has the error). */
gan_layer *gan_build_name(gan_layer *layer, const char *name);

/* Words for a model's metadata; NULL: none. */
struct build_words {
    const char *architecture, *input_range, *output_range;
};

/* The model of `outputs`, with its words; drops the caller's hold on the graph in either case. */
gan_status gan_build_end(gan_model **out, gan_graph *graph, const char *name, gan_layer *const *inputs,
                         int32_t input_count, gan_layer *const *outputs, int32_t output_count,
                         const struct build_words *words);

/* The normalization that belongs to the layer `name`, called "<name>_norm"; GAN_NORM_NONE: x itself. */
gan_layer *gan_build_norm(gan_layer *x, const char *name, int32_t norm);

/* An option that is a GAN_NORM_* number; DEFAULT becomes `otherwise`. */
gan_status gan_build_take_norm(int32_t *norm, int32_t otherwise);

/* An option that counts something: `least` to a million. */
gan_status gan_build_check(const char *option, int32_t value, int32_t least);

#endif
