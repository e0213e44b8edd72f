/* Names under which parts of a training keep their state in a collection. */
#ifndef GAN_TRAINING_STATE_NAMES_H
#define GAN_TRAINING_STATE_NAMES_H

#include "gan/tensors.h"

/* Add a copy of a tensor as "<prefix>.<name>". */
gan_status gan_state_add(gan_tensors *state, const char *prefix, const char *name, const gan_tensor *tensor);
/* A float32 tensor of this shape, borrowed. Errors: FORMAT. */
gan_status gan_state_find(const gan_tensors *state, const char *prefix, const char *name,
                          const gan_tensor **tensor);
/* A count as metadata "<prefix>.<name>". Errors of reading: FORMAT (no count from 0 to 2^50). */
gan_status gan_state_set_count(gan_tensors *state, const char *prefix, const char *name, int64_t count);
gan_status gan_state_count(const gan_tensors *state, const char *prefix, const char *name, int64_t *count);

#endif
