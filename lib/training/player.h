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
    int32_t part_at[PLAYER_MOST_PARTS]; /* among what the objective watches; -1: the part has no weight */
    int32_t further_at;                 /* first of what is watched besides */
};

/* Give a player a model, with weights from the recipe's seed and a place in the state under a name of its
 * own; with the first model comes Adam. The model is the player's from now on, also where this fails. */
gan_status gan_player_join(struct player *player, struct recipe *recipe, const char *name, gan_model *model);

/* What a player minimises: the weighted sum of the parts. Those whose weight is 0 are left out: what only
 * they need is not computed. */
struct player_goal {
    gan_layer *const *inputs;
    int32_t input_count;
    gan_layer *parts[PLAYER_MOST_PARTS];
    float weights[PLAYER_MOST_PARTS];
    int32_t part_count;
    gan_layer *further[2]; /* whose values are wanted too; NULL: none */
};
/* Errors: the graph's; those of gan_objective_create. */
gan_status gan_player_aim(struct player *player, const struct recipe *recipe, gan_graph *graph,
                          const struct player_goal *goal);
/* What the last step made of a part, 0 where it is left out; and the value of a further layer, a new tensor.
 */
float gan_player_part(const struct player *player, int32_t part);
gan_status gan_player_further(const struct player *player, int32_t index, gan_tensor **out);
/* Begin a step with the value of the first further layer, which stays the objective's: see
 * gan_objective_begin. */
gan_status gan_player_begin(struct player *player, const gan_tensor *const *inputs, int32_t input_count,
                            const gan_tensor **value);
/* Let `aim` build on a graph that goes away with the call. */
gan_status gan_player_with_graph(gan_context *context, void *recipe,
                                 gan_status (*aim)(void *recipe, gan_graph *graph));
void gan_player_free(struct player *player);

#endif
