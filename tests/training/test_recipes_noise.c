/* Eight steps of GANs that start from noise, against PyTorch: hinge with spectral norm, WGAN-GP, R1. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/replay.h"

struct game {
    struct replay recipe;
    gan_model *generator, *discriminator;
};

static void open_game(struct game *game, const char *name, int32_t spectral_norm)
{
    const gan_dcgan_options options = {.struct_size = sizeof options,
                                       .size = 32,
                                       .channels = 1,
                                       .width = 4,
                                       .noise = 8,
                                       .norm = GAN_NORM_NONE,
                                       .spectral_norm = spectral_norm};
    replay_open(&game->recipe, name);
    must(gan_dcgan_generator_create(&game->generator, game->recipe.context, &options));
    must(gan_dcgan_discriminator_create(&game->discriminator, game->recipe.context, &options));
    replay_start(&game->recipe, game->generator, "generator");
    replay_start(&game->recipe, game->discriminator, "discriminator");
}

static void close_game(struct game *game)
{
    replay_finish(&game->recipe, game->generator, "generator");
    replay_finish(&game->recipe, game->discriminator, "discriminator");
    gan_model_free(game->generator);
    gan_model_free(game->discriminator);
    replay_close(&game->recipe);
}

START_TEST(hinge_with_spectral_norm)
{
    struct game game;
    gan_adversarial *adversarial;
    open_game(&game, "hinge", 1);
    const gan_adversarial_options options = {
        .struct_size = sizeof options, .loss = GAN_LOSS_HINGE, .precision = GAN_PRECISION_EXACT};
    gan_optimizer *optimizers[2] = {replay_adam(&game.recipe, 2e-4f, 0, 0.9f),
                                    replay_adam(&game.recipe, 2e-4f, 0, 0.9f)};
    must(gan_adversarial_create(&adversarial, game.generator, game.discriminator, optimizers[0],
                                optimizers[1], &options));
    for (int32_t step = 0; step < replay_steps(&game.recipe); step++) {
        float losses[3];
        gan_tensor *noise = replay_batch(&game.recipe, "noise", step);
        gan_tensor *real = replay_batch(&game.recipe, "real", step);
        must(gan_adversarial_step(adversarial, noise, real, &losses[0], &losses[1], &losses[2]));
        for (int i = 0; i < 3; i++)
            replay_compare(&game.recipe, step, i, losses[i]);
        gan_tensor_free(noise);
        gan_tensor_free(real);
    }
    gan_adversarial_free(adversarial);
    gan_optimizer_free(optimizers[0]);
    gan_optimizer_free(optimizers[1]);
    close_game(&game);
}
END_TEST

/* ---- Penalties ---- */

static const int64_t noise_shape[2] = {-1, 8}, picture_shape[4] = {-1, 32, 32, 1},
                     share_shape[4] = {-1, 1, 1, 1};

static gan_layer *weighted(gan_layer *a, float weight_of_a, gan_layer *b, float weight_of_b)
{
    return gan_weighted_sum((gan_layer *const[]){a, b}, (const float[]){weight_of_a, weight_of_b}, 2);
}

static gan_layer *judged(const struct game *game, gan_layer *picture)
{
    return replay_apply(game->discriminator, picture, GAN_STATISTICS_FOLLOW);
}

static gan_layer *imitated(const struct game *game, gan_layer *noise)
{
    return gan_stop_gradient(replay_apply(game->generator, noise, GAN_STATISTICS_FOLLOW));
}

/* Inputs: noise, real pictures, the share of the real ones in each mixture. */
static gan_objective *criticize(const struct game *game, gan_graph *graph)
{
    gan_layer *inputs[3] = {gan_input(graph, "noise", noise_shape, 2),
                            gan_input(graph, "real", picture_shape, 4),
                            gan_input(graph, "share", share_shape, 4)};
    gan_layer *fake = imitated(game, inputs[0]);
    gan_layer *mixed =
        gan_add(gan_multiply(inputs[2], inputs[1]), gan_multiply(gan_scale(inputs[2], -1, 1), fake));
    gan_layer *watched[2];
    watched[0] =
        weighted(gan_wasserstein(judged(game, fake), 1), 1, gan_wasserstein(judged(game, inputs[1]), -1), 1);
    watched[1] = gan_gradient_penalty(judged(game, mixed), mixed);
    return replay_objective(weighted(watched[0], 1, watched[1], 10), inputs, 3, &game->discriminator, 1,
                            replay_adam(&game->recipe, 1e-4f, 0.5f, 0.9f), watched, 2);
}

static gan_layer *agree(gan_layer *logit, float label)
{
    return gan_binary_cross_entropy_with_logits(logit, gan_fill_like(logit, label));
}

static gan_objective *discriminate(const struct game *game, gan_graph *graph)
{
    gan_layer *inputs[2] = {gan_input(graph, "noise", noise_shape, 2),
                            gan_input(graph, "real", picture_shape, 4)};
    gan_layer *verdict = judged(game, inputs[1]);
    gan_layer *watched[2];
    watched[0] = weighted(agree(verdict, 1), 1, agree(judged(game, imitated(game, inputs[0])), 0), 1);
    watched[1] = gan_r1_penalty(verdict, inputs[1]);
    return replay_objective(weighted(watched[0], 1, watched[1], 5), inputs, 2, &game->discriminator, 1,
                            replay_adam(&game->recipe, 2e-4f, 0.5f, 0.999f), watched, 2);
}

static gan_objective *generate(const struct game *game, gan_graph *graph, int wasserstein)
{
    gan_layer *noise = gan_input(graph, "noise", noise_shape, 2);
    gan_layer *verdict = judged(game, replay_apply(game->generator, noise, GAN_STATISTICS_BATCH));
    gan_layer *loss = wasserstein ? gan_wasserstein(verdict, -1) : agree(verdict, 1);
    return replay_objective(loss, &noise, 1, &game->generator, 1,
                            wasserstein ? replay_adam(&game->recipe, 1e-4f, 0.5f, 0.9f)
                                        : replay_adam(&game->recipe, 2e-4f, 0.5f, 0.999f),
                            &loss, 1);
}

static void play(struct game *game, gan_objective *const *objectives, int wasserstein)
{
    for (int32_t step = 0; step < replay_steps(&game->recipe); step++) {
        gan_tensor *batch[3] = {replay_batch(&game->recipe, "noise", step),
                                replay_batch(&game->recipe, "real", step),
                                wasserstein ? replay_batch(&game->recipe, "share", step) : NULL};
        replay_step(objectives[0], batch, wasserstein ? 3 : 2);
        replay_step(objectives[1], batch, 1);
        replay_compare(&game->recipe, step, 0, gan_objective_scalar(objectives[0], 0));
        replay_compare(&game->recipe, step, 1, gan_objective_scalar(objectives[0], 1));
        replay_compare(&game->recipe, step, 2, gan_objective_scalar(objectives[1], 0));
        for (int i = 0; i < 3; i++)
            gan_tensor_free(batch[i]);
    }
}

START_TEST(gradient_penalties)
{
    struct game game;
    gan_graph *graphs[2];
    const int wasserstein = _i == 0;
    open_game(&game, wasserstein ? "wgan_gp" : "r1", 0);
    must(gan_graph_create(&graphs[0], game.recipe.context));
    must(gan_graph_create(&graphs[1], game.recipe.context));
    gan_objective *objectives[2] = {wasserstein ? criticize(&game, graphs[0])
                                                : discriminate(&game, graphs[0]),
                                    generate(&game, graphs[1], wasserstein)};
    play(&game, objectives, wasserstein);
    for (int i = 0; i < 2; i++) {
        gan_objective_free(objectives[i]);
        gan_graph_free(graphs[i]);
    }
    close_game(&game);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("recipes from noise");
    tcase_set_timeout(all, TEST_SECONDS);
    tcase_add_test(all, hinge_with_spectral_norm);
    tcase_add_loop_test(all, gradient_penalties, 0, 2);
    Suite *suite = suite_create("recipes from noise");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
