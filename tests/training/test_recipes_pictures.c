/* Eight steps of GANs from picture to picture, against PyTorch: pix2pix, CycleGAN, CUT. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/replay.h"

static const int64_t picture_shape[4] = {-1, 16, 16, 3};

static gan_layer *picture(gan_graph *graph, const char *name)
{
    return gan_input(graph, name, picture_shape, 4);
}

static gan_layer *weighted(gan_layer *a, float weight_of_a, gan_layer *b, float weight_of_b)
{
    return gan_weighted_sum((gan_layer *const[]){a, b}, (const float[]){weight_of_a, weight_of_b}, 2);
}

static gan_graph *new_graph(const struct replay *recipe)
{
    gan_graph *graph;
    must(gan_graph_create(&graph, recipe->context));
    return graph;
}

static gan_model *patchgan(const struct replay *recipe, const char *network, int32_t input_channels,
                           int32_t norm)
{
    const gan_patchgan_options options = {.struct_size = sizeof options,
                                          .input_channels = input_channels,
                                          .channels = 4,
                                          .layers = 2,
                                          .norm = norm};
    gan_model *model;
    must(gan_patchgan_create(&model, recipe->context, &options));
    replay_start(recipe, model, network);
    return model;
}

static gan_model *resnet(const struct replay *recipe, const char *network)
{
    const gan_resnet_generator_options options = {.struct_size = sizeof options, .channels = 4, .blocks = 1};
    gan_model *model;
    must(gan_resnet_generator_create(&model, recipe->context, &options));
    replay_start(recipe, model, network);
    return model;
}

static gan_layer *apply(gan_model *model, gan_layer *x)
{
    return replay_apply(model, x, GAN_STATISTICS_FOLLOW);
}

static gan_optimizer *adam(const struct replay *recipe)
{
    return replay_adam(recipe, 2e-4f, 0.5f, 0.999f);
}

static void finish(struct replay *recipe, gan_model *model, const char *network)
{
    replay_finish(recipe, model, network);
    gan_model_free(model);
}

/* ---- pix2pix: D judges pictures together with their sources ---- */

static gan_layer *logits_loss(gan_model *discriminator, gan_layer *source, gan_layer *result, float label)
{
    gan_layer *logits = apply(discriminator, gan_concat((gan_layer *const[]){source, result}, 2, 3));
    return gan_binary_cross_entropy_with_logits(logits, gan_fill_like(logits, label));
}

static gan_objective *judge_pairs(const struct replay *recipe, gan_graph *graph, gan_model *generator,
                                  gan_model *discriminator)
{
    gan_layer *inputs[2] = {picture(graph, "source"), picture(graph, "target")};
    gan_layer *fake = gan_stop_gradient(apply(generator, inputs[0]));
    gan_layer *on_real = logits_loss(discriminator, inputs[0], inputs[1], 1);
    gan_layer *loss = weighted(on_real, 0.5f, logits_loss(discriminator, inputs[0], fake, 0), 0.5f);
    return replay_objective(loss, inputs, 2, &discriminator, 1, adam(recipe), &loss, 1);
}

static gan_objective *translate_pairs(const struct replay *recipe, gan_graph *graph, gan_model *generator,
                                      gan_model *discriminator)
{
    gan_layer *inputs[2] = {picture(graph, "source"), picture(graph, "target")};
    gan_layer *fake = replay_apply(generator, inputs[0], GAN_STATISTICS_BATCH);
    gan_layer *watched[2] = {logits_loss(discriminator, inputs[0], fake, 1),
                             gan_mean_absolute_error(fake, inputs[1])};
    return replay_objective(weighted(watched[0], 1, watched[1], 100), inputs, 2, &generator, 1, adam(recipe),
                            watched, 2);
}

START_TEST(pix2pix)
{
    struct replay recipe;
    const gan_unet_options options = {
        .struct_size = sizeof options, .channels = 4, .downs = 3, .dropout = -1};
    gan_model *generator;
    replay_open(&recipe, "pix2pix");
    must(gan_unet_create(&generator, recipe.context, &options));
    replay_start(&recipe, generator, "generator");
    gan_model *discriminator = patchgan(&recipe, "discriminator", 6, GAN_NORM_BATCH);
    gan_graph *graphs[2] = {new_graph(&recipe), new_graph(&recipe)};
    gan_objective *d = judge_pairs(&recipe, graphs[0], generator, discriminator);
    gan_objective *g = translate_pairs(&recipe, graphs[1], generator, discriminator);
    for (int32_t step = 0; step < replay_steps(&recipe); step++) {
        gan_tensor *batch[2] = {replay_batch(&recipe, "source", step), replay_batch(&recipe, "target", step)};
        replay_step(d, batch, 2);
        replay_step(g, batch, 2);
        replay_compare(&recipe, step, 0, gan_objective_scalar(d, 0));
        replay_compare(&recipe, step, 1, gan_objective_scalar(g, 0));
        replay_compare(&recipe, step, 2, gan_objective_scalar(g, 1));
        gan_tensor_free(batch[0]);
        gan_tensor_free(batch[1]);
    }
    gan_objective_free(d);
    gan_objective_free(g);
    gan_graph_free(graphs[0]);
    gan_graph_free(graphs[1]);
    finish(&recipe, generator, "generator");
    finish(&recipe, discriminator, "discriminator");
    replay_close(&recipe);
}
END_TEST

/* ---- CycleGAN: both generators learn first; the judges see the pictures from before ---- */

static gan_layer *squares(gan_model *judge, gan_layer *x, float label)
{
    gan_layer *verdict = apply(judge, x);
    return gan_mean_squared_error(verdict, gan_fill_like(verdict, label));
}

enum { A_TO_B, B_TO_A, JUDGE_A, JUDGE_B, CYCLE_MODELS };
static const char *const cycle_names[CYCLE_MODELS] = {"a_to_b", "b_to_a", "judge_a", "judge_b"};

static gan_layer *sum(gan_layer *a, gan_layer *b)
{
    return weighted(a, 1, b, 1);
}

/* Watched: the three losses, fake a, fake b. */
static gan_objective *translate_both_ways(const struct replay *recipe, gan_graph *graph,
                                          gan_model *const *models)
{
    gan_layer *a = picture(graph, "a"), *b = picture(graph, "b"), *inputs[2] = {a, b};
    gan_layer *fake_b = apply(models[A_TO_B], a), *fake_a = apply(models[B_TO_A], b);
    gan_layer *watched[5];
    watched[0] = sum(squares(models[JUDGE_A], fake_a, 1), squares(models[JUDGE_B], fake_b, 1));
    watched[1] = sum(gan_mean_absolute_error(apply(models[B_TO_A], fake_b), a),
                     gan_mean_absolute_error(apply(models[A_TO_B], fake_a), b));
    watched[2] = sum(gan_mean_absolute_error(apply(models[B_TO_A], a), a),
                     gan_mean_absolute_error(apply(models[A_TO_B], b), b));
    watched[3] = fake_a;
    watched[4] = fake_b;
    gan_layer *loss = gan_weighted_sum(watched, (const float[]){1, 10, 5}, 3);
    return replay_objective(loss, inputs, 2, models, 2, adam(recipe), watched, 5);
}

static gan_objective *judge(const struct replay *recipe, gan_graph *graph, gan_model *model)
{
    gan_layer *inputs[2] = {picture(graph, "real"), picture(graph, "fake")};
    gan_layer *loss = weighted(squares(model, inputs[0], 1), 0.5f, squares(model, inputs[1], 0), 0.5f);
    return replay_objective(loss, inputs, 2, &model, 1, adam(recipe), &loss, 1);
}

static void turn_round(struct replay *recipe, gan_objective *const *objectives, int32_t step)
{
    gan_tensor *real[2] = {replay_batch(recipe, "a", step), replay_batch(recipe, "b", step)};
    replay_step(objectives[0], real, 2);
    for (int i = 0; i < 3; i++)
        replay_compare(recipe, step, i, gan_objective_scalar(objectives[0], i));
    for (int i = 0; i < 2; i++) {
        gan_tensor *pair[2] = {real[i], NULL};
        must(gan_objective_value(objectives[0], 3 + i, &pair[1]));
        replay_step(objectives[1 + i], pair, 2);
        replay_compare(recipe, step, 3 + i, gan_objective_scalar(objectives[1 + i], 0));
        gan_tensor_free(pair[1]);
    }
    gan_tensor_free(real[0]);
    gan_tensor_free(real[1]);
}

START_TEST(cyclegan)
{
    struct replay recipe;
    gan_model *models[CYCLE_MODELS];
    gan_graph *graphs[3];
    replay_open(&recipe, "cyclegan");
    for (int i = 0; i < 3; i++)
        graphs[i] = new_graph(&recipe);
    for (int i = 0; i < CYCLE_MODELS; i++)
        models[i] = i < JUDGE_A ? resnet(&recipe, cycle_names[i])
                                : patchgan(&recipe, cycle_names[i], 3, GAN_NORM_INSTANCE);
    gan_objective *objectives[3] = {translate_both_ways(&recipe, graphs[0], models),
                                    judge(&recipe, graphs[1], models[JUDGE_A]),
                                    judge(&recipe, graphs[2], models[JUDGE_B])};
    for (int32_t step = 0; step < replay_steps(&recipe); step++)
        turn_round(&recipe, objectives, step);
    for (int i = 0; i < 3; i++) {
        gan_objective_free(objectives[i]);
        gan_graph_free(graphs[i]);
    }
    for (int i = 0; i < CYCLE_MODELS; i++)
        finish(&recipe, models[i], cycle_names[i]);
    replay_close(&recipe);
}
END_TEST

/* ---- CUT: patches of the result look like patches of the source at the same place ---- */

enum { LEVELS = 3, PATCHES = 12, CUT_INPUTS = 2 + LEVELS };
static const char *const level_names[LEVELS] = {"down1", "down2", "block1"};
static const char *const projection_names[LEVELS] = {"projection0", "projection1", "projection2"};
static const char *const position_names[LEVELS] = {"positions0", "positions1", "positions2"};

struct cut {
    struct replay recipe;
    gan_model *encoder, *discriminator;
    gan_model *learners[1 + LEVELS]; /* the generator, then the projections */
};

static void open_cut(struct cut *cut)
{
    static const int32_t channels[LEVELS] = {8, 16, 16};
    replay_open(&cut->recipe, "cut");
    cut->learners[0] = resnet(&cut->recipe, "generator");
    cut->discriminator = patchgan(&cut->recipe, "discriminator", 3, GAN_NORM_INSTANCE);
    must(gan_model_select_outputs(&cut->encoder, cut->learners[0], level_names, LEVELS));
    for (int i = 0; i < LEVELS; i++) {
        must(gan_patch_projection_create(&cut->learners[1 + i], cut->recipe.context, channels[i], 12));
        replay_start(&cut->recipe, cut->learners[1 + i], projection_names[i]);
    }
}

static gan_layer *patch_loss(const struct cut *cut, gan_layer *source, gan_layer *result,
                             gan_layer *const *positions)
{
    gan_layer *queries[LEVELS], *keys[LEVELS];
    must(gan_apply_many(cut->encoder, &result, 1, queries, LEVELS, NULL));
    must(gan_apply_many(cut->encoder, &source, 1, keys, LEVELS, NULL));
    return gan_patch_nce_loss(queries, keys, cut->learners + 1, positions, LEVELS, 0, 0);
}

/* Inputs: source, target, positions. */
static gan_objective *translate_patches(const struct cut *cut, gan_graph *graph)
{
    gan_layer *inputs[CUT_INPUTS] = {picture(graph, "source"), picture(graph, "target")};
    const int64_t length = PATCHES;
    for (int i = 0; i < LEVELS; i++)
        inputs[2 + i] = gan_input(graph, position_names[i], &length, 1);
    gan_model *generator = cut->learners[0];
    gan_layer *fake = apply(generator, inputs[0]);
    gan_layer *watched[3] = {squares(cut->discriminator, fake, 1),
                             patch_loss(cut, inputs[0], fake, inputs + 2),
                             patch_loss(cut, inputs[1], apply(generator, inputs[1]), inputs + 2)};
    gan_layer *loss = gan_weighted_sum(watched, (const float[]){1, 0.5f, 0.5f}, 3);
    return replay_objective(loss, inputs, CUT_INPUTS, cut->learners, 1 + LEVELS, adam(&cut->recipe), watched,
                            3);
}

static gan_objective *judge_results(const struct cut *cut, gan_graph *graph)
{
    gan_layer *inputs[2] = {picture(graph, "source"), picture(graph, "target")};
    gan_layer *fake = gan_stop_gradient(apply(cut->learners[0], inputs[0]));
    gan_layer *loss =
        weighted(squares(cut->discriminator, fake, 0), 0.5f, squares(cut->discriminator, inputs[1], 1), 0.5f);
    gan_model *discriminator = cut->discriminator;
    return replay_objective(loss, inputs, 2, &discriminator, 1, adam(&cut->recipe), &loss, 1);
}

static void train_cut(struct cut *cut, gan_objective *d, gan_objective *g)
{
    for (int32_t step = 0; step < replay_steps(&cut->recipe); step++) {
        gan_tensor *batch[CUT_INPUTS] = {replay_batch(&cut->recipe, "source", step),
                                         replay_batch(&cut->recipe, "target", step)};
        for (int i = 0; i < LEVELS; i++)
            batch[2 + i] = replay_batch(&cut->recipe, position_names[i], step);
        replay_step(d, batch, 2);
        replay_step(g, batch, CUT_INPUTS);
        replay_compare(&cut->recipe, step, 0, gan_objective_scalar(d, 0));
        for (int i = 0; i < 3; i++)
            replay_compare(&cut->recipe, step, 1 + i, gan_objective_scalar(g, i));
        for (int i = 0; i < CUT_INPUTS; i++)
            gan_tensor_free(batch[i]);
    }
}

START_TEST(contrastive)
{
    struct cut cut;
    open_cut(&cut);
    gan_graph *graphs[2] = {new_graph(&cut.recipe), new_graph(&cut.recipe)};
    gan_objective *d = judge_results(&cut, graphs[0]), *g = translate_patches(&cut, graphs[1]);
    train_cut(&cut, d, g);
    gan_objective_free(d);
    gan_objective_free(g);
    gan_graph_free(graphs[0]);
    gan_graph_free(graphs[1]);
    gan_model_free(cut.encoder);
    finish(&cut.recipe, cut.learners[0], "generator");
    finish(&cut.recipe, cut.discriminator, "discriminator");
    for (int i = 0; i < LEVELS; i++)
        finish(&cut.recipe, cut.learners[1 + i], projection_names[i]);
    replay_close(&cut.recipe);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {pix2pix, cyclegan, contrastive};
    return run_suite("recipes of pictures", tests, sizeof tests / sizeof tests[0]);
}
