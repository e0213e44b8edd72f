/* The losses of the two players, by the name that the literature gives them. */
#ifndef GAN_TRAINING_VERDICT_H
#define GAN_TRAINING_VERDICT_H

#include "gan/losses.h"
#include "gan/training.h"

/* Loss layers of a verdict (logits or patch logits) by GAN_LOSS_*. */
gan_layer *gan_verdict_on_real(gan_layer *verdict, int32_t loss);
/* The same with another label than 1 where the loss compares with one: BCE and least squares. */
gan_layer *gan_verdict_on_labelled(gan_layer *verdict, int32_t loss, float label);
gan_layer *gan_verdict_on_fake(gan_layer *verdict, int32_t loss);
gan_layer *gan_verdict_for_generator(gan_layer *verdict, int32_t loss);

/* A graph's input with the shape of a model's, and the model applied to it. NULL where it fails; the graph
 * then has the error. */
gan_layer *gan_copy_input(gan_graph *graph, const char *name, const gan_model *model, int32_t index);
gan_layer *gan_apply_with(gan_model *model, gan_layer *const *inputs, int32_t count, int32_t statistics);

#endif
