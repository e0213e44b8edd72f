/* Eight steps of gan_train_anime against PyTorch: three of the content alone, five of both players. The
 * objectives are the recipe's own. */
#include "base/suite.h"
#include "graph/model.h"
#include "models/reference.h"
#include "training/anime.h"
#include "training/replay.h"

enum { BEGINNING = 3 };

static gan_model *start(const struct replay *recipe, gan_model *model, const char *network)
{
    replay_start(recipe, model, network);
    return model;
}

static gan_model *make_features(const struct replay *recipe)
{
    const gan_conv2d_options first = {.struct_size = sizeof first,
                                      .name = "conv1",
                                      .filters = 6,
                                      .kernel = {3, 3},
                                      .padding = GAN_PAD_HALF};
    const gan_conv2d_options second = {.struct_size = sizeof second,
                                       .name = "conv2",
                                       .filters = 8,
                                       .kernel = {3, 3},
                                       .stride = {2, 2},
                                       .padding = GAN_PAD_HALF};
    gan_graph *graph;
    gan_model *model;
    must(gan_graph_create(&graph, recipe->context));
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *output = gan_conv2d(gan_relu(gan_conv2d(input, &first)), &second);
    must(gan_model_create(&model, "features", &input, 1, &output, 1));
    gan_graph_free(graph);
    return start(recipe, model, "features");
}

static void join(struct player *player, struct anime *anime, const struct replay *recipe, gan_model *model,
                 float rate)
{
    player->models[player->model_count++] = model;
    player->optimizer = replay_adam(recipe, rate, 0.5f, 0.999f);
    gan_training_add_network(&anime->recipe.training, gan_model_name(model), model);
}

static void open_players(struct anime *anime, const struct replay *recipe)
{
    const gan_anime_network_options small = {.struct_size = sizeof small, .channels = 2, .depth = 1};
    gan_model *generator, *discriminator, *again;
    must(gan_anime_generator_create(&generator, recipe->context, &small));
    must(gan_anime_discriminator_create(&discriminator, recipe->context, &small));
    join(&anime->generator, anime, recipe, start(recipe, generator, "generator"), 2e-4f);
    join(&anime->discriminator, anime, recipe, start(recipe, discriminator, "discriminator"), 4e-4f);
    again = gan_model_retain(generator);
    join(&anime->beginner, anime, recipe, again, 1e-3f);
}

static void open_anime(struct anime *anime, const struct replay *recipe)
{
    *anime = (struct anime){.recipe = {.context = recipe->context, .seed = 1},
                            .options = {.content_weight = 150,
                                        .gram_weight = 250,
                                        .color_weight = 15,
                                        .variation_weight = 0.5f,
                                        .adversarial_weight = 300,
                                        .real_weight = 1.2f,
                                        .fake_weight = 1.1f,
                                        .grey_weight = 1,
                                        .smooth_weight = 0.8f,
                                        .initialization = 0.5f},
                            .content_unit = 0.5f,
                            .gram_unit = 0.25f};
    anime->recipe.options.loss = GAN_LOSS_LEAST_SQUARES;
    anime->recipe.training.context = recipe->context;
    anime->features = make_features(recipe);
    open_players(anime, recipe);
    must(gan_anime_make_goals(anime));
}

static void take_batch(struct anime *anime, const struct replay *recipe, int32_t step)
{
    anime->source = replay_batch(recipe, "source", step);
    anime->target = replay_batch(recipe, "target", step);
    anime->smooth = replay_batch(recipe, "smooth", step);
    anime->grey = replay_batch(recipe, "target", step);
    gan_make_grey(anime->target, anime->grey);
}

static void drop_batch(struct anime *anime)
{
    gan_tensor **tensors[] = {&anime->source, &anime->target, &anime->smooth, &anime->grey};
    for (int i = 0; i < 4; i++) {
        gan_tensor_free(*tensors[i]);
        *tensors[i] = NULL;
    }
}

static void begin_step(struct anime *anime)
{
    const gan_tensor *input = anime->source;
    must(gan_objective_step(anime->beginner.objective, &input, 1, NULL));
}

static void play_step(struct anime *anime)
{
    const gan_tensor *inputs[2] = {anime->source, anime->grey}, *result;
    must(gan_player_begin(&anime->generator, inputs, 2, &result));
    const gan_tensor *judged[4] = {anime->target, result, anime->grey, anime->smooth};
    must(gan_objective_step(anime->discriminator.objective, judged, 4, NULL));
    must(gan_objective_step(anime->generator.objective, inputs, 2, NULL));
}

static void compare(struct anime *anime, struct replay *recipe, int32_t step)
{
    if (step < BEGINNING) {
        replay_compare(recipe, step, ANIME_CONTENT, gan_player_part(&anime->beginner, 0));
        return;
    }
    for (int32_t i = ANIME_CONTENT; i <= ANIME_ADVERSARIAL; i++)
        replay_compare(recipe, step, i, gan_player_part(&anime->generator, i));
    for (int32_t i = ANIME_REAL; i < ANIME_LOSSES; i++)
        replay_compare(recipe, step, i, gan_player_part(&anime->discriminator, i - ANIME_REAL));
}

START_TEST(anime_steps)
{
    struct replay recipe;
    struct anime anime;
    replay_open(&recipe, "anime");
    open_anime(&anime, &recipe);
    for (int32_t step = 0; step < replay_steps(&recipe); step++) {
        take_batch(&anime, &recipe, step);
        if (step < BEGINNING)
            begin_step(&anime);
        else
            play_step(&anime);
        compare(&anime, &recipe, step);
        drop_batch(&anime);
    }
    replay_finish(&recipe, anime.generator.models[0], "generator");
    replay_finish(&recipe, anime.discriminator.models[0], "discriminator");
    replay_finish(&recipe, anime.features, "features");
    gan_anime_release(&anime);
    replay_close(&recipe);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {anime_steps};
    return run_suite("reference of anime", tests, sizeof tests / sizeof tests[0]);
}
