#include "training/player.h"

enum { PURPOSE_WEIGHTS = 1000, PURPOSE_STEPS = 2000, MOST_WATCHED = PLAYER_MOST_PARTS + 2 };

gan_status gan_player_join(struct player *player, struct recipe *recipe, const char *name, gan_model *model)
{
    struct training *training = &recipe->training;
    const int64_t purpose = PURPOSE_WEIGHTS + training->network_count;
    player->models[player->model_count++] = model;
    gan_training_add_network(training, name, model);
    const gan_status status = gan_model_initialize(model, gan_recipe_seed(recipe, purpose, 0));
    if (status != GAN_OK || player->optimizer != NULL)
        return status;
    const gan_adam_options adam = {
        .struct_size = sizeof adam, .learning_rate = recipe->options.learning_rate, .beta1 = 0.5f};
    const gan_status made = gan_adam_create(&player->optimizer, recipe->context, &adam);
    if (made == GAN_OK)
        gan_training_add_optimizer(training, name, player->optimizer, recipe->options.learning_rate);
    return made;
}

/* The parts that have a weight, and then what is wanted besides. */
static int32_t watch(struct player *player, const struct player_goal *goal, gan_layer **watched,
                     float *weights)
{
    int32_t count = 0;
    for (int32_t i = 0; i < goal->part_count; i++) {
        player->part_at[i] = goal->weights[i] != 0 ? count : -1;
        if (goal->weights[i] == 0)
            continue;
        weights[count] = goal->weights[i];
        watched[count++] = goal->parts[i];
    }
    player->further_at = count;
    for (int32_t i = 0; i < 2 && goal->further[i] != NULL; i++)
        watched[count++] = goal->further[i];
    return count;
}

/* What is drawn in a step depends on the recipe's seed and on which player it is. */
static uint64_t seed_of(const struct player *player, const struct recipe *recipe)
{
    int64_t index = 0;
    while (recipe->training.networks[index].model != player->models[0])
        index++;
    return gan_recipe_seed(recipe, PURPOSE_STEPS + index, 0);
}

gan_status gan_player_aim(struct player *player, const struct recipe *recipe, gan_graph *graph,
                          const struct player_goal *goal)
{
    gan_layer *watched[MOST_WATCHED];
    float weights[PLAYER_MOST_PARTS];
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const int32_t count = watch(player, goal, watched, weights);
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .watched = watched,
                                           .watched_count = count,
                                           .random_seed = seed_of(player, recipe)};
    gan_layer *loss = gan_weighted_sum(watched, weights, player->further_at);
    return gan_objective_create(&player->objective, loss, goal->inputs, goal->input_count, player->models,
                                player->model_count, player->optimizer, &options);
}

float gan_player_part(const struct player *player, int32_t part)
{
    const int32_t at = player->part_at[part];
    return at >= 0 ? gan_objective_scalar(player->objective, at) : 0;
}

gan_status gan_player_further(const struct player *player, int32_t index, gan_tensor **out)
{
    return gan_objective_value(player->objective, player->further_at + index, out);
}

gan_status gan_player_begin(struct player *player, const gan_tensor *const *inputs, int32_t input_count,
                            const gan_tensor **value)
{
    return gan_objective_begin(player->objective, inputs, input_count, player->further_at,
                               GAN_STATISTICS_FOLLOW, value);
}

gan_status gan_player_with_graph(gan_context *context, void *recipe,
                                 gan_status (*aim)(void *recipe, gan_graph *graph))
{
    gan_graph *graph;
    gan_status status = gan_graph_create(&graph, context);
    if (status != GAN_OK)
        return status;
    status = aim(recipe, graph);
    gan_graph_free(graph);
    return status;
}

void gan_player_free(struct player *player)
{
    gan_objective_free(player->objective);
    gan_optimizer_free(player->optimizer);
    for (int32_t i = 0; i < player->model_count; i++)
        gan_model_free(player->models[i]);
}
