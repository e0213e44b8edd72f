/* What the generator of several styles learns from: content and style as the extractor sees them at several
 * scales, and total variation. The Gram matrices are inputs, so that one objective serves every style. */
#include "gan/layers.h"
#include "gan/losses.h"
#include "training/player.h"
#include "training/styles_trainer.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LEVELS = 8, NAME_SIZE = 32, TERMS = STYLES_LOSSES - STYLES_CONTENT };

int32_t gan_styles_grams(const struct styles_trainer *trainer, int32_t style, const gan_tensor **grams)
{
    int32_t count = 0;
    for (int i = 0; i < TRAINER_SCALES; i++) {
        const gan_style *scale = trainer->styles[style].scales[i];
        for (int32_t level = 0; scale != NULL && level < gan_style_level_count(scale); level++)
            grams[count++] = gan_style_gram(scale, level);
    }
    return count;
}

/* The loss while it is put together. */
struct parts {
    gan_layer *inputs[STYLES_MOST_INPUTS];
    int32_t input_count;
    gan_layer *contents[TRAINER_SCALES], *styles[TRAINER_SCALES];
    float content_weights[TRAINER_SCALES], style_weights[TRAINER_SCALES];
    int32_t content_count, style_count;
};

/* The level that holds the content: as the extractor's words say, or its last. */
static int32_t content_level(const gan_model *extractor)
{
    const char *wanted = gan_model_metadata(extractor, "content_level");
    const int32_t count = gan_model_output_count(extractor);
    for (int32_t i = 0; wanted != NULL && i < count; i++)
        if (strcmp(gan_model_output_name(extractor, i), wanted) == 0)
            return i;
    return count - 1;
}

static void add_style(const struct styles_trainer *trainer, struct parts *parts, int scale,
                      gan_layer *const *features)
{
    const int32_t count = gan_model_output_count(trainer->extractors[scale]);
    gan_layer *losses[MOST_LEVELS];
    float even[MOST_LEVELS];
    for (int32_t i = 0; i < count; i++) {
        char name[NAME_SIZE];
        const gan_tensor *gram = gan_style_gram(trainer->styles[0].scales[scale], i);
        const int64_t shape[3] = {1, gan_tensor_size(gram, 1), gan_tensor_size(gram, 2)};
        snprintf(name, sizeof name, "gram%d_%d", scale, (int)i);
        gan_layer *target = gan_input(gan_layer_graph(parts->inputs[0]), name, shape, 3);
        losses[i] = gan_style_matrix_loss(gan_gram_matrix(features[i], GAN_GRAM_PER_ELEMENT), target,
                                          GAN_REDUCE_RELATIVE);
        even[i] = 1;
        parts->inputs[parts->input_count++] = target;
    }
    parts->style_weights[parts->style_count] = trainer->plans[scale].weight;
    parts->styles[parts->style_count++] = gan_weighted_sum(losses, even, count);
}

static void add_content(const struct styles_trainer *trainer, struct parts *parts, int scale,
                        gan_layer *const *features, gan_layer *target)
{
    gan_model *extractor = trainer->extractors[scale];
    const int32_t level = content_level(extractor);
    gan_layer *wanted[MOST_LEVELS];
    if (trainer->plans[scale].content <= 0)
        return;
    gan_apply_many(extractor, &target, 1, wanted, gan_model_output_count(extractor), NULL);
    parts->content_weights[parts->content_count] = trainer->plans[scale].content;
    parts->contents[parts->content_count++] =
        gan_content_loss(features[level], wanted[level], GAN_REDUCE_RELATIVE);
}

static void judge(const struct styles_trainer *trainer, struct parts *parts, gan_layer *picture)
{
    gan_layer *target = parts->inputs[1];
    for (int i = 0; i < TRAINER_SCALES && trainer->extractors[i] != NULL; i++) {
        gan_layer *features[MOST_LEVELS];
        gan_model *extractor = trainer->extractors[i];
        gan_apply_many(extractor, &picture, 1, features, gan_model_output_count(extractor), NULL);
        add_style(trainer, parts, i, features);
        add_content(trainer, parts, i, features, target);
        picture = gan_average_pool(picture, NULL);
        target = gan_average_pool(target, NULL);
    }
}

/* The sum of what has a weight. */
static gan_layer *sum(const struct style_recipe *recipe, gan_layer *const *terms)
{
    const float all[TERMS] = {recipe->content_weight, recipe->style_weight, recipe->variation_weight,
                              recipe->range_weight};
    gan_layer *used[TERMS];
    float weights[TERMS];
    int32_t count = 0;
    for (int i = 0; i < TERMS; i++)
        if (all[i] > 0) {
            used[count] = terms[i];
            weights[count++] = all[i];
        }
    return gan_weighted_sum(used, weights, count);
}

static gan_status build(void *recipe, gan_graph *graph)
{
    struct styles_trainer *trainer = recipe;
    const int64_t size = trainer->recipe.size, picture_shape[4] = {-1, size, size, 3};
    struct parts parts = {.inputs = {gan_input(graph, "content", picture_shape, 4),
                                     gan_input(graph, "target", picture_shape, 4),
                                     gan_input(graph, "style", (const int64_t[]){1, trainer->total}, 2)},
                          .input_count = 3};
    gan_layer *const of_generator[2] = {parts.inputs[0], parts.inputs[2]};
    gan_layer *picture = NULL, *terms[TERMS];
    gan_apply_many(trainer->networks.unclamped, of_generator, 2, &picture, 1, NULL);
    judge(trainer, &parts, picture);
    terms[0] = gan_weighted_sum(parts.contents, parts.content_weights, parts.content_count);
    terms[1] = gan_weighted_sum(parts.styles, parts.style_weights, parts.style_count);
    terms[2] = gan_mean(gan_total_variation(picture, 1));
    terms[3] = gan_trainer_range_term(picture);
    gan_layer *loss = sum(&trainer->recipe, terms);
    const gan_status status = gan_graph_status(graph);
    if (status != GAN_OK)
        return status;
    const gan_objective_options options = {.struct_size = sizeof options,
                                           .clip_norm = trainer->recipe.longest_gradient,
                                           .watched = terms,
                                           .watched_count = TERMS};
    return gan_objective_create(&trainer->objective, loss, parts.inputs, parts.input_count, &trainer->learner,
                                1, trainer->optimizer, &options);
}

gan_status gan_styles_make_objective(struct styles_trainer *trainer)
{
    return gan_player_with_graph(trainer->context, trainer, build);
}
