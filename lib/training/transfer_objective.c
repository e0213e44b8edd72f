/* What a decoder for any style minimises. */
#include "gan/layers.h"
#include "gan/losses.h"
#include "training/player.h"
#include "training/transfer_trainer.h"

#include <stdio.h>

enum { PARTS = TRANSFER_LOSSES - TRANSFER_CONTENT, NAME_SIZE = 32 };

/* Squares of differences of pixels are small beside shares of features. */
static const float identity_scale = 20;

/* A style that is nearly flat has small matrices, from which every difference is a large part. */
static const float longest_gradient = 1;

static gan_layer *input_like(gan_graph *graph, const char *name, const gan_tensor *tensor)
{
    int64_t shape[GAN_MAX_RANK] = {-1};
    const int32_t rank = gan_tensor_rank(tensor);
    for (int32_t i = 1; i < rank; i++)
        shape[i] = gan_tensor_size(tensor, i);
    return gan_input(graph, name, shape, rank);
}

/* The mean difference of the Gram matrices; `grams` are the inputs for those that are wanted. */
static gan_layer *style_part(const struct transfer_trainer *trainer, gan_graph *graph, gan_layer *const *seen,
                             gan_layer **grams)
{
    gan_layer *losses[TRANSFER_GRAMS];
    float even[TRANSFER_GRAMS];
    for (int32_t i = 0; i < trainer->gram_count; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, "gram%d", (int)i);
        grams[i] = input_like(graph, name, trainer->grams[i]);
        losses[i] = gan_style_matrix_loss(seen[i], grams[i], GAN_REDUCE_RELATIVE);
        even[i] = 1.0f / (float)TRANSFER_SCALES;
    }
    return gan_weighted_sum(losses, even, trainer->gram_count);
}

/* The sum of what has a weight. */
static gan_layer *sum(const gan_transfer_trainer_options *options, gan_layer *const *parts)
{
    const float all[PARTS] = {options->content_weight, options->style_weight,
                              options->identity_weight * identity_scale, options->variation_weight};
    gan_layer *used[PARTS];
    float weights[PARTS];
    int32_t count = 0;
    for (int i = 0; i < PARTS; i++)
        if (all[i] > 0) {
            used[count] = parts[i];
            weights[count++] = all[i];
        }
    return gan_weighted_sum(used, weights, count);
}

static gan_status build(void *recipe, gan_graph *graph)
{
    struct transfer_trainer *trainer = recipe;
    gan_layer *inputs[TRANSFER_MOST_INPUTS] = {
        input_like(graph, "changed", trainer->changed),
        input_like(graph, "photographs", trainer->pictures.photograph_batch),
        input_like(graph, "kept", trainer->kept)};
    gan_layer *picture = gan_apply(trainer->decoder, inputs[0]), *seen[1 + TRANSFER_GRAMS], *parts[PARTS];
    gan_apply_many(trainer->eye, &picture, 1, seen, 1 + trainer->gram_count, NULL);
    parts[0] = gan_content_loss(seen[0], inputs[0], GAN_REDUCE_RELATIVE);
    parts[1] = style_part(trainer, graph, seen + 1, inputs + 3);
    parts[2] = gan_mean_squared_error(gan_multiply(picture, inputs[2]), gan_multiply(inputs[1], inputs[2]));
    parts[3] = gan_mean(gan_total_variation(picture, 1));
    gan_layer *loss = sum(&trainer->options, parts);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .watched = parts,
                                           .watched_count = PARTS,
                                           .clip_norm = longest_gradient};
    return gan_objective_create(&trainer->objective, loss, inputs, 3 + trainer->gram_count, &trainer->decoder,
                                1, trainer->optimizer, &options);
}

gan_status gan_transfer_make_objective(struct transfer_trainer *trainer)
{
    return gan_player_with_graph(trainer->context, trainer, build);
}
