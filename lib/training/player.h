/* A side of the game: models that learn together, their optimizer and their objective. */
#ifndef GAN_TRAINING_PLAYER_H
#define GAN_TRAINING_PLAYER_H

#include "training/recipe.h"

enum { PLAYER_MOST_MODELS = 8, PLAYER_MOST_PARTS = 8 };

struct player {
    gan_model *models[PLAYER_MOST_MODELS];
    int32_t model_count;
    gan_optimizer *optimizer;
    gan_objective *objective;
};

/* Give a player a model, with weights from the recipe's seed and a place in the state under a name of its
 * own; with the first model comes Adam. The model is the player's from now on, also where this fails. */
gan_status gan_player_join(struct player *player, struct recipe *recipe, const char *name, gan_model *model);

/* What a player minimises: the weighted sum of the parts. They are watched in this order, and then `further`.
 */
struct player_goal {
    gan_layer *const *inputs;
    int32_t input_count;
    gan_layer *parts[PLAYER_MOST_PARTS];
    float weights[PLAYER_MOST_PARTS];
    int32_t part_count;
    gan_layer *further[2]; /* NULL: none */
};
/* Errors: the graph's; those of gan_objective_create. */
gan_status gan_player_aim(struct player *player, const struct recipe *recipe, gan_graph *graph,
                          const struct player_goal *goal);
/* Let `aim` build on a graph that goes away with the call. */
gan_status gan_player_with_graph(gan_context *context, void *recipe,
                                 gan_status (*aim)(void *recipe, gan_graph *graph));
void gan_player_free(struct player *player);

#endif
