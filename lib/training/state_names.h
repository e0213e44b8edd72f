/* Names under which parts of a training keep their state in a collection. */
#ifndef GAN_TRAINING_STATE_NAMES_H
#define GAN_TRAINING_STATE_NAMES_H

#include "gan/tensors.h"

/* Add a tensor as "<prefix>.<name>"; the collection holds it. Errors: ARGUMENT (too long a name, or one that
 * is taken), OUT_OF_MEMORY. */
gan_status gan_state_add(gan_tensors *state, const char *prefix, const char *name, gan_tensor *tensor);
/* Add a copy of a tensor that will change. */
gan_status gan_state_add_copy(gan_tensors *state, const char *prefix, const char *name,
                              const gan_tensor *tensor);
/* A float32 tensor by its name, borrowed. Errors: FORMAT. */
gan_status gan_state_find(const gan_tensors *state, const char *prefix, const char *name,
                          const gan_tensor **tensor);

/* Whole numbers as the tensor "<prefix>.<name>", int32 [count, 2]: upper and lower half of each. Finding
 * borrows it and checks its shape, `count` below 0: any. Errors of that: FORMAT. */
gan_status gan_state_add_integers(gan_tensors *state, const char *prefix, const char *name,
                                  const int64_t *values, int64_t count);
gan_status gan_state_find_integers(const gan_tensors *state, const char *prefix, const char *name,
                                   int64_t count, const gan_tensor **tensor);
int64_t gan_state_integer(const gan_tensor *tensor, int64_t index);

/* A count as metadata "<prefix>.<name>". Errors of reading: FORMAT (no count from 0 to 2^50). */
gan_status gan_state_set_count(gan_tensors *state, const char *prefix, const char *name, int64_t count);
gan_status gan_state_count(const gan_tensors *state, const char *prefix, const char *name, int64_t *count);

#endif
