/* Checkpoints: the whole state of a training, in memory and as one file. */
#ifndef GAN_TRAINING_CHECKPOINT_H
#define GAN_TRAINING_CHECKPOINT_H

#include "base/context.h"
#include "gan/model.h"
#include "gan/optimizer.h"
#include "gan/tensors.h"

#include <stdbool.h>

#define TRAINING_MOST_STEPS (INT64_C(1) << 50)

enum {
    TRAINING_MOST_OPTIMIZERS = 4,
    TRAINING_MOST_FAILURES = 6 /* after so many a training gives up */
};

/* The counts of a training. */
struct training_counts {
    int64_t step, total; /* total 0: not known yet */
    int64_t optimizer_steps[TRAINING_MOST_OPTIMIZERS];
    int64_t milliseconds; /* of training so far */
    int64_t failures;     /* each has halved the learning rate */
    int64_t log_rows;     /* of the log at that time; the rows themselves only a file needs */
};

struct training_state {
    gan_context *context;
    gan_tensors *tensors;
    struct training_counts counts;
    char *fingerprint;  /* what it was made with; others cannot go on from it */
    bool log_is_stored; /* its rows are among the tensors */
};

gan_status gan_training_state_create(struct training_state **out, gan_context *context,
                                     const char *fingerprint);
void gan_training_state_free(struct training_state *state);

/* The parameters of a model as "prefix.parameter", and back. */
gan_status gan_training_state_add_model(struct training_state *state, const gan_model *model,
                                        const char *prefix);
gan_status gan_training_state_get_model(const struct training_state *state, gan_model *model,
                                        const char *prefix);

/* What an optimizer keeps, as "prefix.number", and back with its count of steps. */
gan_status gan_training_state_add_optimizer(struct training_state *state, const gan_optimizer *optimizer,
                                            const char *prefix);
gan_status gan_training_state_get_optimizer(const struct training_state *state, gan_optimizer *optimizer,
                                            const char *prefix, int64_t steps);

/* A state for a file that also holds a former one: what a training that goes on from here goes back to, as
 * long as no step has shown that this state can be gone on from. Tensors are shared. And the former one of a
 * state that was loaded: *back NULL where it has none; FORMAT where it cannot be a former state. */
gan_status gan_training_state_join(struct training_state **out, const struct training_state *state,
                                   const struct training_state *back);
gan_status gan_training_state_take_back(struct training_state **back, const struct training_state *state);

/* One safetensors file, whole or not at all. Loading: NOT_FOUND, IO, FORMAT, UNSUPPORTED (of another version
 * of the library, whose steps may give other bits), OUT_OF_MEMORY. */
gan_status gan_checkpoint_save(const struct training_state *state, const char *path);
gan_status gan_checkpoint_load(struct training_state **out, gan_context *context, const char *path);

#endif
