/* The two steps of a GAN (Goodfellow et al. 2014) as two objectives.
 *
 * D's graph holds G(z) behind a wall that stops gradients; there the running statistics of G move. G's graph
 * computes the same pictures from the same batch statistics, and leaves G's running ones alone: so they move
 * once a step, as if the batch had been generated once. D is in training mode in both. */
#include "gan/layers.h"
#include "graph/model.h"
#include "training/verdict.h"

enum { WATCH_REAL = 0, WATCH_FAKE = 1, WATCHED = 2 };

struct gan_adversarial {
    gan_context *context;
    gan_objective *discriminate, *generate;
};

void gan_adversarial_free(gan_adversarial *adversarial)
{
    if (adversarial == NULL)
        return;
    gan_context *context = adversarial->context;
    gan_objective_free(adversarial->discriminate);
    gan_objective_free(adversarial->generate);
    gan_release(context, adversarial);
    gan_context_free(context);
}

struct players {
    gan_model *generator, *discriminator;
    gan_optimizer *generator_optimizer, *discriminator_optimizer;
    gan_adversarial_options options;
};

static gan_status build_discriminate(gan_objective **out, gan_graph *graph, const struct players *players)
{
    const int32_t loss = players->options.loss;
    const float weights[WATCHED] = {1, 1};
    gan_layer *inputs[2] = {gan_copy_input(graph, "input", players->generator, 0),
                            gan_copy_input(graph, "real", players->discriminator, 0)};
    gan_layer *fake =
        gan_stop_gradient(gan_apply_with(players->generator, &inputs[0], 1, GAN_STATISTICS_FOLLOW));
    gan_layer *verdict_real = gan_apply_with(players->discriminator, &inputs[1], 1, GAN_STATISTICS_FOLLOW);
    gan_layer *verdict_fake = gan_apply_with(players->discriminator, &fake, 1, GAN_STATISTICS_FOLLOW);
    gan_layer *watched[WATCHED];
    watched[WATCH_REAL] = gan_verdict_on_real(verdict_real, loss);
    watched[WATCH_FAKE] = gan_verdict_on_fake(verdict_fake, loss);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = players->options.precision,
                                           .watched = watched,
                                           .watched_count = WATCHED};
    return gan_objective_create(out, gan_weighted_sum(watched, weights, WATCHED), inputs, 2,
                                &players->discriminator, 1, players->discriminator_optimizer, &options);
}

static gan_status build_generate(gan_objective **out, gan_graph *graph, const struct players *players)
{
    gan_layer *input = gan_copy_input(graph, "input", players->generator, 0);
    gan_layer *fake = gan_apply_with(players->generator, &input, 1, GAN_STATISTICS_BATCH);
    gan_layer *verdict = gan_apply_with(players->discriminator, &fake, 1, GAN_STATISTICS_FOLLOW);
    gan_layer *loss = gan_verdict_for_generator(verdict, players->options.loss);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = players->options.precision};
    return gan_objective_create(out, loss, &input, 1, &players->generator, 1, players->generator_optimizer,
                                &options);
}

typedef gan_status (*build_function)(gan_objective **out, gan_graph *graph, const struct players *players);

static gan_status build(gan_objective **out, build_function function, const struct players *players)
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, players->generator->graph->context);
    if (status != GAN_OK)
        return status;
    status = function(out, graph, players);
    gan_graph_free(graph);
    return status;
}

static gan_status check_model(const gan_model *model, const char *what)
{
    if (model == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the %s is NULL", what);
    if (model->input_count != 1 || model->output_count != 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "the %s has %d inputs and %d outputs, expected one of each", what,
                        model->input_count, model->output_count);
    return GAN_OK;
}

static gan_status check_players(const struct players *players)
{
    gan_status status = check_model(players->generator, "generator");
    if (status == GAN_OK)
        status = check_model(players->discriminator, "discriminator");
    if (status != GAN_OK)
        return status;
    if (players->generator_optimizer == NULL || players->discriminator_optimizer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "generator and discriminator need an optimizer each");
    if (players->options.loss < GAN_LOSS_BCE_WITH_LOGITS || players->options.loss > GAN_LOSS_HINGE)
        return gan_fail(GAN_ERROR_ARGUMENT, "loss is %d, expected GAN_LOSS_*", players->options.loss);
    return GAN_OK;
}

static gan_status create(gan_adversarial **out, const struct players *players)
{
    gan_context *context = players->generator->graph->context;
    gan_adversarial *adversarial = gan_allocate_zeroed(context, sizeof *adversarial);
    if (adversarial == NULL)
        return gan_fail_memory("an adversarial step", sizeof *adversarial);
    adversarial->context = gan_context_retain(context);
    gan_status status = build(&adversarial->discriminate, build_discriminate, players);
    if (status == GAN_OK)
        status = build(&adversarial->generate, build_generate, players);
    if (status != GAN_OK) {
        gan_adversarial_free(adversarial);
        return status;
    }
    *out = adversarial;
    return GAN_OK;
}

gan_status gan_adversarial_create(gan_adversarial **out, gan_model *generator, gan_model *discriminator,
                                  gan_optimizer *generator_optimizer, gan_optimizer *discriminator_optimizer,
                                  const gan_adversarial_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adversarial_create: out is NULL");
    *out = NULL;
    struct players players = {.generator = generator,
                              .discriminator = discriminator,
                              .generator_optimizer = generator_optimizer,
                              .discriminator_optimizer = discriminator_optimizer};
    gan_status status =
        gan_copy_options(&players.options, sizeof players.options, options, "gan_adversarial_options");
    if (status == GAN_OK)
        status = check_players(&players);
    return status == GAN_OK ? create(out, &players) : status;
}

gan_status gan_adversarial_step(gan_adversarial *adversarial, const gan_tensor *input, const gan_tensor *real,
                                float *d_real, float *d_fake, float *g)
{
    if (adversarial == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adversarial_step: adversarial is NULL");
    const gan_tensor *const both[2] = {input, real};
    const gan_status status = gan_objective_step(adversarial->discriminate, both, 2, NULL);
    if (d_real != NULL)
        *d_real = gan_objective_scalar(adversarial->discriminate, WATCH_REAL);
    if (d_fake != NULL)
        *d_fake = gan_objective_scalar(adversarial->discriminate, WATCH_FAKE);
    return status == GAN_OK ? gan_objective_step(adversarial->generate, &input, 1, g) : status;
}
