/* Checkpoints: the whole state of a training, in memory and as one file. */
#ifndef GAN_TRAINING_CHECKPOINT_H
#define GAN_TRAINING_CHECKPOINT_H

#include "base/context.h"
#include "gan/tensors.h"

/* The counts of a training. */
struct training_counts {
    int64_t step, total;                          /* total 0: not known yet */
    int64_t generator_steps, discriminator_steps; /* of the optimizers */
    int64_t milliseconds;                         /* of training so far */
    int64_t failures;                             /* each has halved the learning rate */
};

struct training_state {
    gan_context *context;
    gan_tensors *tensors;
    struct training_counts counts;
    char *fingerprint; /* what it was made with; others cannot go on from it */
};

gan_status gan_training_state_create(struct training_state **out, gan_context *context,
                                     const char *fingerprint);
void gan_training_state_free(struct training_state *state);

/* Add "prefix.name"; the tensor's hold passes to the state, also where this fails. */
gan_status gan_training_state_add(struct training_state *state, const char *prefix, const char *name,
                                  gan_tensor *tensor);
/* A tensor by its name; its hold is the state's. Errors: FORMAT (there is none). */
gan_status gan_training_state_find(const struct training_state *state, const char *prefix, const char *name,
                                   const gan_tensor **tensor);

/* One safetensors file, whole or not at all. Loading: NOT_FOUND, IO, FORMAT, OUT_OF_MEMORY. */
gan_status gan_checkpoint_save(const struct training_state *state, const char *path);
gan_status gan_checkpoint_load(struct training_state **out, gan_context *context, const char *path);

#endif
