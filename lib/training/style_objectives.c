/* What the generator and the discriminator learn from. */
#include "gan/losses.h"
#include "training/player.h"
#include "training/style_trainer.h"

#include <string.h>

enum { PARTS = LOSS_DISCRIMINATOR - LOSS_CONTENT }; /* content, style, variation, ... */

/* Terms of a loss while it is put together. */
struct terms {
    gan_layer *parts[PARTS]; /* before weighting, in the order of enum trainer_loss from LOSS_CONTENT */
    float weights[PARTS];
};

static gan_layer **part(struct terms *terms, enum trainer_loss loss)
{
    return &terms->parts[loss - LOSS_CONTENT];
}

static void set_weights(struct terms *terms, const struct style_recipe *recipe)
{
    const float weights[PARTS] = {recipe->content_weight,     recipe->style_weight,
                                  recipe->variation_weight,   recipe->range_weight,
                                  recipe->adversarial_weight, recipe->temporal_weight};
    memcpy(terms->weights, weights, sizeof weights);
}

/* Content and style as an extractor sees them, at several scales: strokes may be wider than what the
 * extractor's last level takes in. */
static void extractor_terms(const struct style_trainer *trainer, struct terms *terms, gan_layer *picture,
                            gan_layer *content)
{
    gan_layer *styles[TRAINER_SCALES], *contents[TRAINER_SCALES];
    float style_weights[TRAINER_SCALES], content_weights[TRAINER_SCALES];
    int32_t style_count = 0, content_count = 0;
    for (int i = 0; i < TRAINER_SCALES && trainer->losses[i] != NULL; i++) {
        gan_style_loss_parts parts = {.struct_size = sizeof parts};
        gan_style_loss_apply(trainer->losses[i], picture, content, &parts);
        contents[content_count] = parts.content;
        content_weights[content_count] = trainer->plans[i].content;
        content_count += parts.content != NULL;
        styles[style_count] = parts.style;
        style_weights[style_count++] = trainer->plans[i].weight;
        picture = gan_average_pool(picture, NULL);
        content = gan_average_pool(content, NULL);
    }
    *part(terms, LOSS_CONTENT) = gan_weighted_sum(contents, content_weights, content_count);
    *part(terms, LOSS_STYLE) = gan_weighted_sum(styles, style_weights, style_count);
}

static void judge(const struct style_trainer *trainer, gan_layer *picture, gan_layer **outputs)
{
    gan_apply_many(trainer->discriminator, &picture, 1, outputs, DISCRIMINATOR_LEVELS + 1, NULL);
}

/* The same by the discriminator's own features. They change as it learns, so the style's matrices are made
 * anew from crops of the style picture in each step. */
static void discriminator_terms(const struct style_trainer *trainer, struct terms *terms,
                                gan_layer *const *features, gan_layer *content, gan_layer *style)
{
    gan_layer *content_features[DISCRIMINATOR_LEVELS + 1], *style_features[DISCRIMINATOR_LEVELS + 1];
    gan_layer *styles[DISCRIMINATOR_LEVELS], *contents[DISCRIMINATOR_LEVELS];
    float even[DISCRIMINATOR_LEVELS];
    judge(trainer, content, content_features);
    judge(trainer, style, style_features);
    for (int32_t i = 0; i < DISCRIMINATOR_LEVELS; i++) {
        gan_layer *target = gan_gram_matrix(style_features[i], GAN_GRAM_PER_ELEMENT);
        gan_layer *gram = gan_gram_matrix(features[i], GAN_GRAM_PER_ELEMENT);
        styles[i] = gan_style_matrix_loss(gram, target, GAN_REDUCE_RELATIVE);
        contents[i] = gan_content_loss(features[i], content_features[i], GAN_REDUCE_RELATIVE);
        even[i] = 1.0f;
    }
    *part(terms, LOSS_STYLE) = gan_weighted_sum(styles, even, DISCRIMINATOR_LEVELS);
    *part(terms, LOSS_CONTENT) = gan_weighted_sum(contents, even, DISCRIMINATOR_LEVELS);
}

static gan_layer *real_or_not(gan_layer *logits, float label)
{
    return gan_binary_cross_entropy_with_logits(logits, gan_fill_like(logits, label));
}

gan_layer *gan_trainer_range_term(gan_layer *picture)
{
    return gan_mean_squared_error(picture, gan_stop_gradient(gan_clamp(picture, 0, 1)));
}

/* The result that has moved beside the result of what has moved, but for a border where something came in. */
static gan_layer *temporal_term(const struct style_trainer *trainer, gan_layer *picture, gan_layer *moved,
                                gan_layer *displacement)
{
    const int32_t border = trainer->recipe.size / 8;
    gan_layer *expected = gan_warp(picture, displacement), *found = gan_apply(trainer->unclamped, moved);
    return gan_mean_absolute_error(gan_crop(found, border, border, border, border),
                                   gan_crop(expected, border, border, border, border));
}

static struct terms make_terms(const struct style_trainer *trainer, gan_layer *picture, gan_layer *content,
                               gan_layer *style)
{
    struct terms terms = {.parts = {NULL}};
    gan_layer *judged[DISCRIMINATOR_LEVELS + 1] = {NULL};
    set_weights(&terms, &trainer->recipe);
    if (trainer->discriminator != NULL)
        judge(trainer, picture, judged);
    if (trainer->plans != NULL)
        extractor_terms(trainer, &terms, picture, content);
    else
        discriminator_terms(trainer, &terms, judged, content, style);
    *part(&terms, LOSS_VARIATION) = gan_mean(gan_total_variation(picture, 1));
    *part(&terms, LOSS_RANGE) = gan_trainer_range_term(picture);
    if (trainer->discriminator != NULL)
        *part(&terms, LOSS_ADVERSARIAL) = real_or_not(judged[DISCRIMINATOR_LEVELS], 1);
    return terms;
}

/* The sum of the terms that have a weight, and the layers to watch: the picture, then the parts; where there
 * is no such part, the picture again. */
static gan_layer *add_terms(const struct terms *terms, gan_layer *picture, gan_layer **watched)
{
    gan_layer *used[PARTS];
    float weights[PARTS];
    int32_t count = 0;
    watched[WATCHED_PICTURE] = picture;
    for (int32_t i = 0; i < PARTS; i++) {
        watched[WATCHED_PARTS + i] = terms->parts[i] != NULL ? terms->parts[i] : picture;
        if (terms->weights[i] <= 0)
            continue;
        used[count] = terms->parts[i];
        weights[count++] = terms->weights[i];
    }
    return gan_weighted_sum(used, weights, count);
}

static gan_layer *picture_input(gan_graph *graph, const char *name, int32_t channels,
                                const struct style_recipe *recipe)
{
    return gan_input(graph, name, (const int64_t[]){-1, recipe->size, recipe->size, channels}, 4);
}

/* Its inputs are the photographs, and what an extractor compares their content with or, without one, pieces
 * of the style picture; then, for a temporal loss, the photographs moved, and by how much. */
static gan_status make_generator_objective(void *recipe, gan_graph *graph)
{
    struct style_trainer *trainer = recipe;
    const bool extractor = trainer->plans != NULL;
    const bool temporal = trainer->recipe.temporal_weight > 0;
    gan_layer *inputs[4] = {picture_input(graph, "content", 3, &trainer->recipe),
                            picture_input(graph, extractor ? "target" : "style", 3, &trainer->recipe)};
    gan_layer *picture = gan_apply(trainer->unclamped, inputs[0]);
    struct terms terms = make_terms(trainer, picture, inputs[extractor ? 1 : 0], inputs[1]);
    if (temporal) {
        inputs[2] = picture_input(graph, "moved", 3, &trainer->recipe);
        inputs[3] = picture_input(graph, "displacement", 2, &trainer->recipe);
        *part(&terms, LOSS_TEMPORAL) = temporal_term(trainer, picture, inputs[2], inputs[3]);
    }
    gan_layer *watched[WATCHED_PARTS + PARTS];
    gan_layer *loss = add_terms(&terms, picture, watched);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .clip_norm = trainer->recipe.longest_gradient,
                                           .watched = watched,
                                           .watched_count = WATCHED_PARTS + PARTS};
    return gan_objective_create(&trainer->generator_objective, loss, inputs, temporal ? 4 : 2,
                                &trainer->generator, 1, trainer->generator_optimizer, &options);
}

static gan_status make_discriminator_objective(void *recipe, gan_graph *graph)
{
    struct style_trainer *trainer = recipe;
    gan_layer *inputs[2] = {picture_input(graph, "generated", 3, &trainer->recipe),
                            picture_input(graph, "real", 3, &trainer->recipe)};
    gan_layer *fake[DISCRIMINATOR_LEVELS + 1], *real[DISCRIMINATOR_LEVELS + 1];
    judge(trainer, inputs[0], fake);
    judge(trainer, inputs[1], real);
    gan_layer *halves[2] = {real_or_not(real[DISCRIMINATOR_LEVELS], 1),
                            real_or_not(fake[DISCRIMINATOR_LEVELS], 0)};
    gan_layer *loss = gan_weighted_sum(halves, (const float[]){0.5f, 0.5f}, 2);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    return gan_objective_create(&trainer->discriminator_objective, loss, inputs, 2, &trainer->discriminator,
                                1, trainer->discriminator_optimizer, NULL);
}

gan_status gan_trainer_make_objectives(struct style_trainer *trainer)
{
    const gan_status status = gan_player_with_graph(trainer->context, trainer, make_generator_objective);
    if (status != GAN_OK || trainer->discriminator == NULL)
        return status;
    return gan_player_with_graph(trainer->context, trainer, make_discriminator_objective);
}
