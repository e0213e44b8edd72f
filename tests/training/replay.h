/* Reference runs of recipes (tests/training/references, see make_references.py there): the start, a batch for
 * each step, the losses and the end, each compared with five times what PyTorch's float32 runs deviate. */
#ifndef TESTS_TRAINING_REPLAY_H
#define TESTS_TRAINING_REPLAY_H

#include "gan/gan.h"
#include "gan/tensors.h"

struct replay {
    const char *name;
    gan_context *context;
    gan_tensors *tensors;
    double worst; /* deviation as a part of what is allowed */
};

void replay_open(struct replay *recipe, const char *name);
/* Prints the worst deviation. */
void replay_close(struct replay *recipe);
int32_t replay_steps(const struct replay *recipe);

/* Set all parameters; compare all parameters. */
void replay_start(const struct replay *recipe, gan_model *model, const char *network);
void replay_finish(struct replay *recipe, const gan_model *model, const char *network);

/* The step's part of the data called `name`; new. */
gan_tensor *replay_batch(const struct replay *recipe, const char *name, int64_t step);

/* Loss number `index` of a step. */
void replay_compare(struct replay *recipe, int64_t step, int64_t index, float given);

gan_optimizer *replay_adam(const struct replay *recipe, float rate, float beta1, float beta2);

/* An objective in exact arithmetic; the optimizer stays the objective's. `watched` may be NULL. */
gan_objective *replay_objective(gan_layer *loss, gan_layer *const *inputs, int32_t input_count,
                                gan_model *const *models, int32_t model_count, gan_optimizer *optimizer,
                                gan_layer *const *watched, int32_t watched_count);

/* One step on these tensors. */
void replay_step(gan_objective *objective, gan_tensor *const *inputs, int32_t input_count);

/* The model applied to a layer; GAN_STATISTICS_*. */
gan_layer *replay_apply(gan_model *model, gan_layer *x, int32_t statistics);

#endif
