/* The two steps of a GAN (Goodfellow et al. 2014) as two objectives.
 *
 * G's pictures are computed once: G's step begins with them, D learns from them as from any pictures, and
 * then G's step goes on. Where D's half of a step is run alone, the running statistics of G move there, and
 * stay in G's half. D is in training mode in both. */
#include "gan/layers.h"
#include "graph/model.h"
#include "training/verdict.h"

#include <math.h>

enum { WATCH_REAL, WATCH_FAKE, WATCH_PENALTY, WATCHED };

struct gan_adversarial {
    gan_context *context;
    gan_objective *discriminate, *generate;
    bool penalized;
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

static bool is_penalized(const struct players *players)
{
    return players->options.gradient_penalty > 0 || players->options.r1 > 0;
}

/* What D is shown of a picture. */
static gan_layer *seen(gan_layer *picture, const struct players *players)
{
    const gan_diff_augment_options options = {.struct_size = sizeof options,
                                              .policy = players->options.augment};
    return players->options.augment != 0 ? gan_diff_augment(picture, &options) : picture;
}

static gan_layer *judge(gan_layer *picture, const struct players *players)
{
    return gan_apply_with(players->discriminator, &picture, 1, GAN_STATISTICS_FOLLOW);
}

/* The weighted sum of the penalties that are asked for. */
static gan_layer *penalize(gan_layer *real, gan_layer *verdict_real, gan_layer *fake,
                           const struct players *players)
{
    gan_layer *penalties[2];
    float weights[2];
    int32_t count = 0;
    if (players->options.gradient_penalty > 0) {
        gan_layer *mixed = gan_random_interpolation(real, fake);
        weights[count] = players->options.gradient_penalty;
        penalties[count++] = gan_gradient_penalty(judge(mixed, players), mixed);
    }
    if (players->options.r1 > 0) {
        weights[count] = players->options.r1 / 2;
        penalties[count++] = gan_r1_penalty(verdict_real, real);
    }
    return gan_weighted_sum(penalties, weights, count);
}

static gan_status build_discriminate(gan_objective **out, gan_graph *graph, const struct players *players)
{
    const int32_t loss = players->options.loss, count = is_penalized(players) ? WATCHED : WATCH_PENALTY;
    const float weights[WATCHED] = {1, 1, 1};
    gan_layer *inputs[2] = {gan_copy_input(graph, "real", players->discriminator, 0),
                            gan_copy_input(graph, "fake", players->discriminator, 0)};
    gan_layer *real = seen(inputs[0], players), *fake = seen(inputs[1], players);
    gan_layer *verdict_real = judge(real, players), *verdict_fake = judge(fake, players);
    gan_layer *watched[WATCHED];
    watched[WATCH_REAL] = gan_verdict_on_labelled(verdict_real, loss, players->options.real_label);
    watched[WATCH_FAKE] = gan_verdict_on_fake(verdict_fake, loss);
    if (is_penalized(players))
        watched[WATCH_PENALTY] = penalize(real, verdict_real, fake, players);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = players->options.precision,
                                           .watched = watched,
                                           .watched_count = count};
    return gan_objective_create(out, gan_weighted_sum(watched, weights, count), inputs, 2,
                                &players->discriminator, 1, players->discriminator_optimizer, &options);
}

static gan_status build_generate(gan_objective **out, gan_graph *graph, const struct players *players)
{
    gan_layer *input = gan_copy_input(graph, "input", players->generator, 0);
    gan_layer *fake = gan_apply_with(players->generator, &input, 1, GAN_STATISTICS_FOLLOW);
    gan_layer *verdict = judge(seen(fake, players), players);
    gan_layer *loss = gan_verdict_for_generator(verdict, players->options.loss);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .precision = players->options.precision,
                                           .watched = &fake,
                                           .watched_count = 1};
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

static gan_status check_weight(const char *name, float value)
{
    if (value >= 0 && isfinite(value))
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%s is %g, expected at least 0", name, (double)value);
}

static gan_status check_label(const gan_adversarial_options *options)
{
    const bool compares = options->loss < GAN_LOSS_HINGE;
    if (!compares && options->real_label != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "real_label is %g, but hinge and Wasserstein know no labels",
                        (double)options->real_label);
    if (options->real_label >= 0 && options->real_label <= 1)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "real_label is %g, expected up to 1", (double)options->real_label);
}

static gan_status check_options(const gan_adversarial_options *options)
{
    if (options->loss < GAN_LOSS_DEFAULT || options->loss > GAN_LOSS_WASSERSTEIN)
        return gan_fail(GAN_ERROR_ARGUMENT, "loss is %d, expected GAN_LOSS_*", options->loss);
    if (options->augment < 0 || options->augment > GAN_AUGMENT_ALL)
        return gan_fail(GAN_ERROR_ARGUMENT, "augment is %d, expected a sum of GAN_AUGMENT_*",
                        options->augment);
    gan_status status = check_label(options);
    if (status == GAN_OK)
        status = check_weight("gradient_penalty", options->gradient_penalty);
    return status == GAN_OK ? check_weight("r1", options->r1) : status;
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
    return check_options(&players->options);
}

static gan_status create(gan_adversarial **out, const struct players *players)
{
    gan_context *context = players->generator->graph->context;
    gan_adversarial *adversarial = gan_allocate_zeroed(context, sizeof *adversarial);
    if (adversarial == NULL)
        return gan_fail_memory("an adversarial step", sizeof *adversarial);
    adversarial->context = gan_context_retain(context);
    adversarial->penalized = is_penalized(players);
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
    if (players.options.real_label == 0)
        players.options.real_label = 1;
    return status == GAN_OK ? create(out, &players) : status;
}

static void tell(float *to, const gan_objective *objective, int32_t index)
{
    if (to != NULL)
        *to = gan_objective_scalar(objective, index);
}

/* D learns from real pictures and those with which G's step begins. */
static gan_status discriminate(gan_adversarial *adversarial, const gan_tensor *input, const gan_tensor *real)
{
    const gan_tensor *both[2] = {real, NULL};
    gan_status status =
        gan_objective_begin(adversarial->generate, &input, 1, 0, GAN_STATISTICS_FOLLOW, &both[1]);
    if (status != GAN_OK)
        return status; /* what an earlier half step began is not undone */
    status = gan_objective_step(adversarial->discriminate, both, 2, NULL);
    if (status != GAN_OK)
        gan_objective_cancel(adversarial->generate);
    return status;
}

gan_status gan_adversarial_discriminate(gan_adversarial *adversarial, const gan_tensor *input,
                                        const gan_tensor *real, float *d_real, float *d_fake, float *penalty)
{
    if (adversarial == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adversarial_discriminate: adversarial is NULL");
    const gan_status status = discriminate(adversarial, input, real);
    tell(d_real, adversarial->discriminate, WATCH_REAL);
    tell(d_fake, adversarial->discriminate, WATCH_FAKE);
    if (penalty != NULL)
        *penalty = 0;
    if (adversarial->penalized)
        tell(penalty, adversarial->discriminate, WATCH_PENALTY);
    return status;
}

/* The input may hold other values than D's half saw, so that G begins anew. */
gan_status gan_adversarial_generate(gan_adversarial *adversarial, const gan_tensor *input, float *g)
{
    if (adversarial == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_adversarial_generate: adversarial is NULL");
    const gan_tensor *fake;
    const gan_status status =
        gan_objective_begin(adversarial->generate, &input, 1, 0, GAN_STATISTICS_BATCH, &fake);
    return status == GAN_OK ? gan_objective_step(adversarial->generate, &input, 1, g) : status;
}

gan_status gan_adversarial_step(gan_adversarial *adversarial, const gan_tensor *input, const gan_tensor *real,
                                float *d_real, float *d_fake, float *g)
{
    const gan_status status = gan_adversarial_discriminate(adversarial, input, real, d_real, d_fake, NULL);
    return status == GAN_OK ? gan_objective_step(adversarial->generate, &input, 1, g) : status;
}
