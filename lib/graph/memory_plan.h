/* Where in one arena each buffer lies, when each is alive for an interval of time only. */
#ifndef GAN_GRAPH_MEMORY_PLAN_H
#define GAN_GRAPH_MEMORY_PLAN_H

#include "base/context.h"

struct memory_block {
    size_t size;         /* bytes; 0: needs none */
    int32_t first, last; /* times at which it is alive, both included */
    size_t offset;       /* result: a multiple of 64 */
};

/* Give every block an offset so that no two that are alive together overlap: largest first, each in the
 * smallest gap that holds it. *total is the size of the arena. Errors: OUT_OF_MEMORY. */
gan_status gan_memory_plan(gan_context *context, struct memory_block *blocks, int32_t count, size_t *total);

#endif
