/* A generator and a discriminator with their two objectives. */
#ifndef GAN_TESTS_DUEL_H
#define GAN_TESTS_DUEL_H

#include "graph/networks.h"

struct duel {
    gan_context *context;
    gan_model *generator, *discriminator;
    gan_graph *graph;
    gan_optimizer *generator_optimizer, *discriminator_optimizer;
    gan_objective *generator_objective;     /* input: source; changes the generator */
    gan_objective *discriminator_objective; /* inputs: source, real; changes the discriminator */
    gan_tensor *source, *real;              /* a batch of two pictures each */
};

/* With plain gradient descent at this rate. */
struct duel *start_duel(int32_t threads, float rate);
/* One step of each; the losses. */
void duel_step(struct duel *duel, float losses[2]);
gan_status step_generator(struct duel *duel, float *loss);
gan_status step_discriminator(struct duel *duel, float *loss);
void end_duel(struct duel *duel);

#endif
