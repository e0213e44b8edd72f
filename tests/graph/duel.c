#include "graph/duel.h"

#include <check.h>
#include <stdlib.h>

static gan_layer *judge(gan_layer *logits, float target)
{
    return gan_binary_cross_entropy_with_logits(logits, gan_fill_like(logits, target));
}

static void make_objectives(struct duel *duel)
{
    gan_layer *inputs[] = {open_pictures(duel->graph, "source", 3), open_pictures(duel->graph, "real", 3)};
    gan_layer *generated = gan_apply(duel->generator, inputs[0]);
    gan_layer *fooled = judge(gan_apply(duel->discriminator, generated), 1);
    gan_layer *on_real = judge(gan_apply(duel->discriminator, inputs[1]), 1);
    gan_layer *on_fake = judge(gan_apply(duel->discriminator, gan_stop_gradient(generated)), 0);
    gan_layer *watched[] = {on_real, on_fake};
    const gan_objective_options options = {
        .struct_size = sizeof options, .watched = watched, .watched_count = 2};
    succeed(gan_objective_create(&duel->generator_objective, fooled, inputs, 1, &duel->generator, 1,
                                 duel->generator_optimizer, NULL));
    succeed(gan_objective_create(&duel->discriminator_objective, gan_add(on_real, on_fake), inputs, 2,
                                 &duel->discriminator, 1, duel->discriminator_optimizer, &options));
}

struct duel *start_duel(int32_t threads, float rate)
{
    struct duel *duel = calloc(1, sizeof *duel);
    ck_assert_ptr_nonnull(duel);
    const gan_sgd_options descent = {.struct_size = sizeof descent, .learning_rate = rate};
    duel->context = make_context(threads);
    duel->generator = make_generator(duel->context);
    duel->discriminator = make_discriminator(duel->context);
    duel->graph = make_graph(duel->context);
    succeed(gan_sgd_create(&duel->generator_optimizer, duel->context, &descent));
    succeed(gan_sgd_create(&duel->discriminator_optimizer, duel->context, &descent));
    make_objectives(duel);
    duel->source = make_pictures(duel->context, 2, 12, 16, 1);
    duel->real = make_pictures(duel->context, 2, 12, 16, 2);
    return duel;
}

gan_status step_generator(struct duel *duel, float *loss)
{
    const gan_tensor *inputs[] = {duel->source};
    return gan_objective_step(duel->generator_objective, inputs, 1, loss);
}

gan_status step_discriminator(struct duel *duel, float *loss)
{
    const gan_tensor *inputs[] = {duel->source, duel->real};
    return gan_objective_step(duel->discriminator_objective, inputs, 2, loss);
}

void duel_step(struct duel *duel, float losses[2])
{
    succeed(step_discriminator(duel, &losses[0]));
    succeed(step_generator(duel, &losses[1]));
}

void end_duel(struct duel *duel)
{
    gan_tensor_free(duel->source);
    gan_tensor_free(duel->real);
    gan_objective_free(duel->generator_objective);
    gan_objective_free(duel->discriminator_objective);
    gan_optimizer_free(duel->generator_optimizer);
    gan_optimizer_free(duel->discriminator_optimizer);
    gan_graph_free(duel->graph);
    gan_model_free(duel->generator);
    gan_model_free(duel->discriminator);
    gan_context_free(duel->context);
    free(duel);
}
