/* How parameters start: GAN_INITIALIZER_*. */
#ifndef GAN_GRAPH_INITIALIZER_H
#define GAN_GRAPH_INITIALIZER_H

#include "base/random.h"
#include "graph/parameter.h"

/* Fill a parameter that has its store. */
void gan_parameter_initialize(struct parameter *parameter, struct random_stream *random);

#endif
