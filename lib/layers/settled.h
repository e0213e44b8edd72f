/* Layers that need to know a whole picture, once it went by in bands and was measured: struct gan_op's
 * settle. */
#ifndef GAN_LAYERS_SETTLED_H
#define GAN_LAYERS_SETTLED_H

#include "graph/op.h"

gan_layer *gan_settle_norm(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                           const struct measurement *measured);
gan_layer *gan_settle_adain(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                            const struct measurement *measured);
gan_layer *gan_settle_adain_affine(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                                   const struct measurement *measured);

/* Layers whose result is small become constants. */
gan_layer *gan_settle_average(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                              const struct measurement *measured);
gan_layer *gan_settle_largest(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                              const struct measurement *measured);
gan_layer *gan_settle_deviation(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                                const struct measurement *measured);
gan_layer *gan_settle_sum(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                          const struct measurement *measured);
gan_layer *gan_settle_mean(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                           const struct measurement *measured);

#endif
