/* Packed weights, shared by all plans that need one layout of one parameter.
 *
 * They hang off the parameter, so sessions of any model that has it find them, and go with the last plan that
 * holds them. Memory is allocated while a plan is made; the first run fills it, and the first run after the
 * parameter changed fills it again. Both may happen in several threads at once. */
#ifndef GAN_GRAPH_PACKED_H
#define GAN_GRAPH_PACKED_H

#include "graph/graph.h"

struct packed_weights;

/* Those of a step's parameter 0 for a pass, made where nobody has them. Errors: OUT_OF_MEMORY. */
gan_status gan_packed_acquire(struct packed_weights **out, struct parameter *parameter,
                              const struct gan_op *op, const struct op_call *call, enum op_pass pass);

/* The same where somebody has them already; NULL where nobody has. */
struct packed_weights *gan_packed_join(struct parameter *parameter, const struct gan_op *op,
                                       const struct op_call *call, enum op_pass pass);
void gan_packed_release(struct packed_weights *packed);

/* The memory, filled from the parameter as it is now. */
const void *gan_packed_fill(struct packed_weights *packed, const struct op_call *call);

size_t gan_packed_bytes(const struct packed_weights *packed);

#endif
