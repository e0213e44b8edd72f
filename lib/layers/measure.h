/* A layer that adds the rows of a band to what is known of the whole picture each time it runs. */
#ifndef GAN_LAYERS_MEASURE_H
#define GAN_LAYERS_MEASURE_H

#include "graph/op.h"

/* `measures`: MEASURES_* bits; `into` outlives the layer. Its own value [1, 1, 1, C] says nothing. */
gan_layer *gan_add_measure(gan_layer *x, uint32_t measures, struct measurement *into);

#endif
