/* CycleGAN (Zhu et al. 2017): two generators there and back, two discriminators, cycle and identity losses.
 * The generators learn first; the discriminators then from the pictures that this step has made, and older
 * ones. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "training/image_pool.h"
#include "training/player.h"
#include "training/verdict.h"

/* Side 0 is the first folder, side 1 the second. Generator i makes pictures of side 1 - i from side i;
 * discriminator i judges pictures of side i. */
enum { SIDES = 2, POOL_SIZE = 50, PURPOSE_POOL = 100 };
enum { PART_ADVERSARIAL = 0, PART_CYCLE = 2, PART_IDENTITY = 4, PARTS = 6 }; /* two of each, by side */
enum { LOSS_ADVERSARIAL, LOSS_CYCLE, LOSS_IDENTITY, LOSS_DISCRIMINATORS, LOSSES };

static const char *const loss_names[LOSSES] = {"adversarial", "cycle", "identity", "discriminators"};
static const char *const generator_names[SIDES] = {"generator", "inverse"};
static const char *const discriminator_names[SIDES] = {"source_discriminator", "target_discriminator"};
static const char *const average_names[SIDES] = {"generator_average", "inverse_average"};
static const char *const pool_names[SIDES] = {"source_pool", "target_pool"};

struct cyclegan {
    struct recipe recipe;
    struct player generators; /* both: they learn together */
    struct player discriminators[SIDES];
    gan_average *averages[SIDES];
    gan_image_pool *pools[SIDES]; /* of generated pictures, by the side they are on */
    gan_tensor *real[SIDES];
};

static gan_status make_generator(struct cyclegan *cyclegan, int side)
{
    struct recipe *recipe = &cyclegan->recipe;
    gan_model *generator;
    const gan_status status = gan_recipe_translator(&generator, recipe);
    return status == GAN_OK ? gan_player_join(&cyclegan->generators, recipe, generator_names[side], generator)
                            : status;
}

static gan_status make_discriminator(struct cyclegan *cyclegan, int side)
{
    struct recipe *recipe = &cyclegan->recipe;
    gan_model *discriminator;
    const gan_status status = gan_recipe_judge(&discriminator, recipe);
    return status == GAN_OK ? gan_player_join(&cyclegan->discriminators[side], recipe,
                                              discriminator_names[side], discriminator)
                            : status;
}

static gan_status make_memories(struct cyclegan *cyclegan, int side)
{
    struct recipe *recipe = &cyclegan->recipe;
    gan_status status = gan_image_pool_create(&cyclegan->pools[side], recipe->context, POOL_SIZE,
                                              gan_recipe_seed(recipe, PURPOSE_POOL + side, 0));
    if (status == GAN_OK)
        gan_training_add_pool(&recipe->training, pool_names[side], cyclegan->pools[side]);
    if (status == GAN_OK)
        status = gan_recipe_average(&cyclegan->averages[side], recipe, average_names[side],
                                    cyclegan->generators.models[side]);
    if (status == GAN_OK)
        status = gan_recipe_batch(&cyclegan->real[side], recipe, gan_dataset_channels(recipe->data));
    if (status == GAN_OK)
        status = gan_image_pool_settle(cyclegan->pools[side], cyclegan->real[side]);
    return status;
}

static gan_status make_players(struct cyclegan *cyclegan)
{
    gan_status status = GAN_OK;
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = make_generator(cyclegan, side);
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = make_discriminator(cyclegan, side);
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = make_memories(cyclegan, side);
    return status;
}

static gan_layer *translate(const struct cyclegan *cyclegan, int side, gan_layer *picture)
{
    return gan_apply_with(cyclegan->generators.models[side], &picture, 1, GAN_STATISTICS_FOLLOW);
}

static gan_layer *judge(const struct cyclegan *cyclegan, int side, gan_layer *picture)
{
    gan_layer *seen = gan_recipe_seen(&cyclegan->recipe, picture);
    return gan_apply_with(cyclegan->discriminators[side].models[0], &seen, 1, GAN_STATISTICS_FOLLOW);
}

/* The three losses of what generator `side` makes of its side's pictures. */
static void add_parts(const struct cyclegan *cyclegan, int side, gan_layer *const *real,
                      struct player_goal *goal)
{
    const gan_recipe_options *options = &cyclegan->recipe.options;
    const float cycle = options->reconstruction_weight > 0 ? options->reconstruction_weight : 0;
    const float identity = options->identity_weight > 0 ? cycle * options->identity_weight : 0;
    gan_layer *fake = translate(cyclegan, side, real[side]);
    gan_layer *again = translate(cyclegan, 1 - side, fake), *same = translate(cyclegan, side, real[1 - side]);
    goal->parts[PART_ADVERSARIAL + side] =
        gan_verdict_for_generator(judge(cyclegan, 1 - side, fake), options->loss);
    goal->parts[PART_CYCLE + side] = gan_mean_absolute_error(again, real[side]);
    goal->parts[PART_IDENTITY + side] = gan_mean_absolute_error(same, real[1 - side]);
    goal->weights[PART_ADVERSARIAL + side] = 1;
    goal->weights[PART_CYCLE + side] = cycle;
    goal->weights[PART_IDENTITY + side] = identity;
    goal->further[1 - side] = fake;
}

static gan_status aim_generators(struct cyclegan *cyclegan, gan_graph *graph)
{
    gan_layer *const real[SIDES] = {
        gan_copy_input(graph, "source", cyclegan->generators.models[0], 0),
        gan_copy_input(graph, "target", cyclegan->generators.models[1], 0),
    };
    struct player_goal goal = {.inputs = real, .input_count = SIDES, .part_count = PARTS};
    for (int side = 0; side < SIDES; side++)
        add_parts(cyclegan, side, real, &goal);
    return gan_player_aim(&cyclegan->generators, &cyclegan->recipe, graph, &goal);
}

static gan_status aim_discriminator(struct cyclegan *cyclegan, int side, gan_graph *graph)
{
    const int32_t loss = cyclegan->recipe.options.loss;
    gan_model *discriminator = cyclegan->discriminators[side].models[0];
    gan_layer *const inputs[2] = {gan_copy_input(graph, "real", discriminator, 0),
                                  gan_copy_input(graph, "fake", discriminator, 0)};
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = 2,
        .parts = {gan_verdict_on_real(judge(cyclegan, side, inputs[0]), loss),
                  gan_verdict_on_fake(judge(cyclegan, side, inputs[1]), loss)},
        .weights = {0.5f, 0.5f},
        .part_count = 2,
    };
    return gan_player_aim(&cyclegan->discriminators[side], &cyclegan->recipe, graph, &goal);
}

static gan_status make_goals(struct cyclegan *cyclegan)
{
    gan_graph *graphs[1 + SIDES] = {NULL};
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < 1 + SIDES; i++)
        status = gan_graph_create(&graphs[i], cyclegan->recipe.context);
    if (status == GAN_OK)
        status = aim_generators(cyclegan, graphs[0]);
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = aim_discriminator(cyclegan, side, graphs[1 + side]);
    for (int i = 0; i < 1 + SIDES; i++)
        gan_graph_free(graphs[i]);
    return status;
}

/* Discriminator `side` learns from real pictures and from those of the pool. */
static gan_status step_discriminator(struct cyclegan *cyclegan, int side, float *losses)
{
    gan_tensor *fake;
    float loss = 0;
    gan_status status = gan_player_further(&cyclegan->generators, side, &fake);
    if (status != GAN_OK)
        return status;
    status = gan_image_pool_exchange(cyclegan->pools[side], fake, fake);
    const gan_tensor *inputs[2] = {cyclegan->real[side], fake};
    if (status == GAN_OK)
        status = gan_objective_step(cyclegan->discriminators[side].objective, inputs, 2, &loss);
    gan_tensor_free(fake);
    losses[LOSS_DISCRIMINATORS] += loss;
    return status;
}

static float both(const struct cyclegan *cyclegan, int part)
{
    return gan_player_part(&cyclegan->generators, part) + gan_player_part(&cyclegan->generators, part + 1);
}

/* Pictures without contrast make the norms behind them amplify noise. */
static gan_status begin(struct training *training)
{
    struct cyclegan *cyclegan = training->recipe;
    gan_tensor *const *real = cyclegan->real;
    gan_status status = gan_recipe_load(&cyclegan->recipe, real[0], real[1], NULL);
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = gan_training_check_normalization(training, cyclegan->generators.models[side], real[side]);
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status =
            gan_training_check_normalization(training, cyclegan->discriminators[side].models[0], real[side]);
    return status;
}

static gan_status step(struct training *training)
{
    struct cyclegan *cyclegan = training->recipe;
    const gan_tensor *inputs[SIDES] = {cyclegan->real[0], cyclegan->real[1]};
    gan_status status = gan_recipe_load(&cyclegan->recipe, cyclegan->real[0], cyclegan->real[1], NULL);
    if (status == GAN_OK)
        status = gan_objective_step(cyclegan->generators.objective, inputs, SIDES, NULL);
    if (status != GAN_OK)
        return status;
    training->losses[LOSS_ADVERSARIAL] = both(cyclegan, PART_ADVERSARIAL);
    training->losses[LOSS_CYCLE] = both(cyclegan, PART_CYCLE);
    training->losses[LOSS_IDENTITY] = both(cyclegan, PART_IDENTITY);
    training->losses[LOSS_DISCRIMINATORS] = 0;
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = step_discriminator(cyclegan, side, training->losses);
    for (int side = 0; status == GAN_OK && side < SIDES; side++)
        status = gan_recipe_update_average(cyclegan->averages[side]);
    return status;
}

static gan_status preview(const struct training *training, const char *path)
{
    const struct cyclegan *cyclegan = training->recipe;
    return gan_recipe_save_translation(&cyclegan->recipe, cyclegan->generators.models, SIDES, path);
}

static const struct training_method method = {.name = "cyclegan",
                                              .loss_names = loss_names,
                                              .loss_count = LOSSES,
                                              .begin = begin,
                                              .step = step,
                                              .preview = preview};

static gan_status finish(gan_model **out, struct cyclegan *cyclegan, int side)
{
    return gan_training_finish(out, &cyclegan->recipe.training, &cyclegan->generators.models[side],
                               cyclegan->averages[side]);
}

static gan_status train(gan_model **generator, gan_model **inverse, struct cyclegan *cyclegan)
{
    cyclegan->recipe.training.schedule.decay = 0.5;
    gan_training_add_judge(&cyclegan->recipe.training, LOSS_DISCRIMINATORS);
    gan_status status = make_players(cyclegan);
    if (status == GAN_OK)
        status = make_goals(cyclegan);
    if (status == GAN_OK)
        status = gan_recipe_run(&cyclegan->recipe);
    if (status == GAN_OK && inverse != NULL)
        status = finish(inverse, cyclegan, 1);
    if (status == GAN_OK)
        status = finish(generator, cyclegan, 0);
    if (status != GAN_OK && inverse != NULL) {
        gan_model_free(*inverse);
        *inverse = NULL;
    }
    return status;
}

gan_status gan_train_cyclegan(gan_model **generator, gan_model **inverse, gan_context *context,
                              gan_dataset *sides, const gan_recipe_options *options)
{
    struct cyclegan cyclegan = {0};
    if (generator == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_cyclegan: generator is NULL");
    *generator = NULL;
    if (inverse != NULL)
        *inverse = NULL;
    gan_status status = gan_recipe_open(&cyclegan.recipe, context, &method, sides, SIDES, options);
    if (status == GAN_OK)
        status = train(generator, inverse, &cyclegan);
    gan_player_free(&cyclegan.generators);
    for (int side = 0; side < SIDES; side++) {
        gan_player_free(&cyclegan.discriminators[side]);
        gan_average_free(cyclegan.averages[side]);
        gan_image_pool_free(cyclegan.pools[side]);
        gan_tensor_free(cyclegan.real[side]);
    }
    gan_recipe_close(&cyclegan.recipe);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_cyclegan: ");
}
