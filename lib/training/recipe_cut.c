/* CUT (Park et al. 2020): one generator, one discriminator, and PatchNCE, which holds each patch of the
 * result near the patch it was made from and away from the others. The features are the generator's own. As
 * in the other translations G learns first; D then from the pictures that this step has made. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "training/player.h"
#include "training/verdict.h"

#include <stdio.h>

enum { LEVELS = 5, PATCHES = 256, PROJECTION = 256 };
enum { LOSS_ADVERSARIAL, LOSS_NCE, LOSS_IDENTITY, LOSS_REAL, LOSS_FAKE, LOSSES };
enum { PART_ADVERSARIAL, PART_NCE, PART_IDENTITY, PARTS };

static const char *const loss_names[LOSSES] = {"adversarial", "nce", "identity", "real", "fake"};
static const char *const projection_names[LEVELS] = {"projection_0", "projection_1", "projection_2",
                                                     "projection_3", "projection_4"};

struct cut {
    struct recipe recipe;
    struct player generator; /* with the projections */
    struct player discriminator;
    gan_model *encoder; /* the generator's layers whose outputs are compared */
    gan_average *average;
    gan_tensor *source, *target;
};

/* The picture, the two halvings, the first block and one in the middle. */
static gan_status make_encoder(struct cut *cut)
{
    char middle[24];
    gan_model *generator = cut->generator.models[0];
    const int32_t blocks = cut->recipe.options.blocks;
    snprintf(middle, sizeof middle, "block%d", blocks > 2 ? (blocks + 2) / 2 : blocks);
    const char *const names[LEVELS] = {gan_model_input_name(generator, 0), "down1", "down2", "block1",
                                       middle};
    return gan_model_select_outputs(&cut->encoder, generator, names, LEVELS);
}

static gan_status make_projections(struct cut *cut)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < LEVELS; i++) {
        int64_t shape[8];
        gan_model *projection;
        gan_model_output_shape(cut->encoder, i, shape);
        status = gan_patch_projection_create(&projection, cut->recipe.context, (int32_t)shape[3], PROJECTION);
        if (status == GAN_OK)
            status = gan_player_join(&cut->generator, &cut->recipe, projection_names[i], projection);
    }
    return status;
}

static gan_status make_networks(struct cut *cut)
{
    struct recipe *recipe = &cut->recipe;
    gan_model *generator, *discriminator;
    if (recipe->options.blocks < 2)
        return gan_fail(GAN_ERROR_ARGUMENT, "blocks is %d, CUT compares the features of two or more",
                        recipe->options.blocks);
    gan_status status = gan_recipe_translator(&generator, recipe);
    if (status == GAN_OK)
        status = gan_player_join(&cut->generator, recipe, "generator", generator);
    if (status == GAN_OK)
        status = make_encoder(cut);
    if (status == GAN_OK)
        status = make_projections(cut);
    if (status != GAN_OK)
        return status;
    status = gan_recipe_judge(&discriminator, recipe);
    if (status == GAN_OK)
        status = gan_player_join(&cut->discriminator, recipe, "discriminator", discriminator);
    return status;
}

static gan_layer *translate(const struct cut *cut, gan_layer *picture)
{
    return gan_apply_with(cut->generator.models[0], &picture, 1, GAN_STATISTICS_FOLLOW);
}

static gan_layer *judge_seen(const struct cut *cut, gan_layer *seen)
{
    return gan_apply_with(cut->discriminator.models[0], &seen, 1, GAN_STATISTICS_FOLLOW);
}

static gan_layer *judge(const struct cut *cut, gan_layer *picture)
{
    return judge_seen(cut, gan_recipe_seen(&cut->recipe, picture));
}

static void encode(const struct cut *cut, gan_layer *picture, gan_layer *levels[LEVELS])
{
    for (int32_t i = 0; i < LEVELS; i++)
        levels[i] = NULL;
    if (picture != NULL)
        gan_apply_many(cut->encoder, &picture, 1, levels, LEVELS, NULL);
}

static gan_layer *compare_patches(const struct cut *cut, gan_layer *made, gan_layer *from)
{
    gan_layer *queries[LEVELS], *keys[LEVELS];
    encode(cut, made, queries);
    encode(cut, from, keys);
    return gan_patch_nce_loss(queries, keys, cut->generator.models + 1, NULL, LEVELS, PATCHES, 0);
}

/* Both PatchNCE losses together have the weight of one. */
static gan_status aim_generator(void *recipe, gan_graph *graph)
{
    struct cut *cut = recipe;
    const gan_recipe_options *options = &cut->recipe.options;
    const float whole = options->reconstruction_weight > 0 ? options->reconstruction_weight : 0;
    const float share = options->identity_weight > 0 ? options->identity_weight : 0;
    gan_model *generator = cut->generator.models[0];
    gan_layer *source = gan_copy_input(graph, "source", generator, 0);
    gan_layer *target = gan_copy_input(graph, "target", generator, 0);
    gan_layer *fake = translate(cut, source), *same = translate(cut, target);
    gan_layer *const inputs[2] = {source, target};
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = 2,
        .parts = {gan_verdict_for_generator(judge(cut, fake), options->loss),
                  compare_patches(cut, fake, source), compare_patches(cut, same, target)},
        .weights = {1, whole / (1 + share), whole * share / (1 + share)},
        .part_count = PARTS,
        .further = {fake},
    };
    return gan_player_aim(&cut->generator, &cut->recipe, graph, &goal);
}

static gan_status aim_discriminator(void *recipe, gan_graph *graph)
{
    struct cut *cut = recipe;
    const gan_recipe_options *options = &cut->recipe.options;
    gan_model *discriminator = cut->discriminator.models[0];
    gan_layer *const inputs[2] = {gan_copy_input(graph, "real", discriminator, 0),
                                  gan_copy_input(graph, "fake", discriminator, 0)};
    gan_layer *seen = gan_recipe_seen(&cut->recipe, inputs[0]);
    gan_layer *on_real = judge_seen(cut, seen);
    struct player_goal goal = {
        .inputs = inputs,
        .input_count = 2,
        .parts = {gan_verdict_on_real(on_real, options->loss),
                  gan_verdict_on_fake(judge(cut, inputs[1]), options->loss)},
        .weights = {0.5f, 0.5f},
        .part_count = 2,
    };
    if (options->penalty_weight > 0) {
        goal.parts[2] = gan_r1_penalty(on_real, seen);
        goal.weights[2] = options->penalty_weight / 2;
        goal.part_count = 3;
    }
    return gan_player_aim(&cut->discriminator, &cut->recipe, graph, &goal);
}

static gan_status make_goals(struct cut *cut)
{
    gan_context *context = cut->recipe.context;
    const gan_status status = gan_player_with_graph(context, cut, aim_generator);
    return status == GAN_OK ? gan_player_with_graph(context, cut, aim_discriminator) : status;
}

static gan_status step_discriminator(struct cut *cut, float *losses)
{
    gan_tensor *fake;
    gan_status status = gan_player_further(&cut->generator, 0, &fake);
    if (status != GAN_OK)
        return status;
    const gan_tensor *inputs[2] = {cut->target, fake};
    status = gan_objective_step(cut->discriminator.objective, inputs, 2, NULL);
    gan_tensor_free(fake);
    losses[LOSS_REAL] = gan_player_part(&cut->discriminator, 0);
    losses[LOSS_FAKE] = gan_player_part(&cut->discriminator, 1);
    return status;
}

/* Pictures without contrast make the norms behind them amplify noise. */
static gan_status begin(struct training *training)
{
    struct cut *cut = training->recipe;
    gan_status status = gan_recipe_load(&cut->recipe, cut->source, cut->target, NULL);
    if (status == GAN_OK)
        status = gan_training_check_normalization(training, cut->generator.models[0], cut->source);
    if (status == GAN_OK)
        status = gan_training_check_normalization(training, cut->discriminator.models[0], cut->target);
    return status;
}

static gan_status step(struct training *training)
{
    struct cut *cut = training->recipe;
    const gan_tensor *inputs[2] = {cut->source, cut->target};
    gan_status status = gan_recipe_load(&cut->recipe, cut->source, cut->target, NULL);
    if (status == GAN_OK)
        status = gan_objective_step(cut->generator.objective, inputs, 2, NULL);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; i < PARTS; i++)
        training->losses[i] = gan_player_part(&cut->generator, i);
    status = step_discriminator(cut, training->losses);
    return status == GAN_OK ? gan_recipe_update_average(cut->average) : status;
}

/* A source and what is made of it, a picture of the other side and what stays of it. */
static gan_status preview(const struct training *training, const char *path)
{
    const struct cut *cut = training->recipe;
    gan_model *const models[2] = {cut->generator.models[0], cut->generator.models[0]};
    return gan_recipe_save_translation(&cut->recipe, models, 2, path);
}

static const struct training_method method = {.name = "cut",
                                              .loss_names = loss_names,
                                              .loss_count = LOSSES,
                                              .begin = begin,
                                              .step = step,
                                              .preview = preview};
static const struct training_method method_single = {.name = "cut-single",
                                                     .loss_names = loss_names,
                                                     .loss_count = LOSSES,
                                                     .begin = begin,
                                                     .step = step,
                                                     .preview = preview};

static gan_status make_tensors(struct cut *cut)
{
    const int32_t channels = gan_dataset_channels(cut->recipe.data);
    const gan_status status = gan_recipe_batch(&cut->source, &cut->recipe, channels);
    return status == GAN_OK ? gan_recipe_batch(&cut->target, &cut->recipe, channels) : status;
}

static gan_status train(gan_model **out, struct cut *cut)
{
    cut->recipe.training.schedule.decay = 0.5;
    gan_training_add_judge(&cut->recipe.training, LOSS_REAL);
    gan_training_add_judge(&cut->recipe.training, LOSS_FAKE);
    gan_status status = make_networks(cut);
    if (status == GAN_OK)
        status = make_goals(cut);
    if (status == GAN_OK)
        status = make_tensors(cut);
    if (status == GAN_OK)
        status = gan_recipe_average(&cut->average, &cut->recipe, "average", cut->generator.models[0]);
    if (status == GAN_OK)
        status = gan_recipe_run(&cut->recipe);
    return status == GAN_OK
               ? gan_training_finish(out, &cut->recipe.training, &cut->generator.models[0], cut->average)
               : status;
}

gan_status gan_train_cut(gan_model **generator, gan_context *context, gan_dataset *sides, int32_t single,
                         const gan_recipe_options *options)
{
    struct cut cut = {0};
    if (generator == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_cut: generator is NULL");
    *generator = NULL;
    gan_status status =
        gan_recipe_open(&cut.recipe, context, single != 0 ? &method_single : &method, sides, 2, options);
    if (status == GAN_OK)
        status = train(generator, &cut);
    gan_player_free(&cut.generator);
    gan_player_free(&cut.discriminator);
    gan_model_free(cut.encoder);
    gan_average_free(cut.average);
    gan_tensor_free(cut.source);
    gan_tensor_free(cut.target);
    gan_recipe_close(&cut.recipe);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_cut: ");
}
