/* What a generator of pictures is given: a picture and, where it has several styles, how much of each. */
#ifndef GAN_MODELS_GENERATOR_INPUTS_H
#define GAN_MODELS_GENERATOR_INPUTS_H

#include "tensor/tensor.h"

enum { GENERATOR_INPUTS = 2 };

struct generator_inputs {
    int32_t place;                     /* of the picture among the inputs */
    int64_t fixed_height, fixed_width; /* that the model demands; -1: any */
    gan_tensor *weights;               /* of the styles, for the other input; NULL: there is none */
    bool chosen;                       /* the weights */
};

/* Errors: ARGUMENT (not one RGB picture in and one out), OUT_OF_MEMORY. gan_generator_inputs_release after
 * any outcome. */
gan_status gan_generator_inputs_find(struct generator_inputs *inputs, const gan_model *model);
void gan_generator_inputs_release(struct generator_inputs *inputs);

/* Set the weights of the styles. Errors: ARGUMENT (another number of them, not finite). */
gan_status gan_generator_inputs_choose(struct generator_inputs *inputs, const float *weights, int32_t count);
/* Whether there are styles, and none were chosen yet. */
bool gan_generator_inputs_wait(const struct generator_inputs *inputs);

/* For a session: shapes of all inputs one after the other, and the inputs themselves, whose number is
 * returned. */
void gan_generator_inputs_shapes(const struct generator_inputs *inputs, const struct shape *picture,
                                 int64_t shapes[GENERATOR_INPUTS * GAN_MAX_RANK]);
int32_t gan_generator_inputs_gather(const struct generator_inputs *inputs, const gan_tensor *picture,
                                    const gan_tensor *gathered[GENERATOR_INPUTS]);

#endif
