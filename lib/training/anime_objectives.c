/* What generator and discriminator of gan_train_anime learn from: the losses of AnimeGANv2. */
#include "gan/layers.h"
#include "training/anime.h"
#include "training/verdict.h"

static gan_layer *brighten(gan_layer *picture)
{
    return gan_scale(picture, 0.5f, 0.5f);
}

gan_layer *gan_anime_look(const struct anime *anime, gan_layer *picture)
{
    gan_layer *seen = brighten(picture);
    return seen != NULL ? gan_apply(anime->features, seen) : NULL;
}

static gan_layer *judge(const struct anime *anime, gan_layer *picture)
{
    gan_layer *seen = gan_recipe_seen(&anime->recipe, picture);
    return gan_apply_with(anime->discriminator.models[0], &seen, 1, GAN_STATISTICS_FOLLOW);
}

static gan_layer *relative(gan_layer *x, gan_layer *target, float unit)
{
    return gan_scale(gan_mean_absolute_error(x, gan_stop_gradient(target)), 1 / unit, 0);
}

static gan_layer *texture(gan_layer *features)
{
    return gan_gram_matrix(features, GAN_GRAM_PER_ELEMENT);
}

static float part_weight(float option)
{
    return option > 0 ? option : 0;
}

/* The content alone. */
static gan_status aim_beginner(void *recipe, gan_graph *graph)
{
    struct anime *anime = recipe;
    gan_model *generator = anime->generator.models[0];
    gan_layer *source = gan_copy_input(graph, "source", generator, 0);
    gan_layer *result = gan_apply_with(generator, &source, 1, GAN_STATISTICS_FOLLOW);
    gan_layer *found = gan_anime_look(anime, result), *expected = gan_anime_look(anime, source);
    const struct player_goal goal = {
        .inputs = &source,
        .input_count = 1,
        .parts = {relative(found, expected, anime->content_unit)},
        .weights = {anime->options.content_weight},
        .part_count = 1,
    };
    return gan_player_aim(&anime->beginner, &anime->recipe, graph, &goal);
}

/* Texture is compared with drawings without colours, colours with those of the photographs. */
static gan_status aim_generator(void *recipe, gan_graph *graph)
{
    struct anime *anime = recipe;
    const gan_anime_options *options = &anime->options;
    gan_model *generator = anime->generator.models[0];
    gan_layer *source = gan_copy_input(graph, "source", generator, 0);
    gan_layer *grey = gan_copy_input(graph, "grey", generator, 0), *const inputs[2] = {source, grey};
    gan_layer *result = gan_apply_with(generator, &source, 1, GAN_STATISTICS_FOLLOW);
    gan_layer *found = gan_anime_look(anime, result), *expected = gan_anime_look(anime, source);
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = 2,
        .parts = {relative(found, expected, anime->content_unit),
                  relative(texture(found), texture(gan_anime_look(anime, grey)), anime->gram_unit),
                  gan_color_loss(brighten(result), brighten(source)),
                  gan_mean(gan_total_variation(result, 1)),
                  gan_verdict_for_generator(judge(anime, result), anime->recipe.options.loss)},
        .weights = {part_weight(options->content_weight), part_weight(options->gram_weight),
                    part_weight(options->color_weight), part_weight(options->variation_weight),
                    options->adversarial_weight},
        .part_count = 5,
        .further = {result},
    };
    return gan_player_aim(&anime->generator, &anime->recipe, graph, &goal);
}

static gan_status aim_discriminator(void *recipe, gan_graph *graph)
{
    enum { REAL, FAKE, GREY, SMOOTH, SIDES };
    static const char *const names[SIDES] = {"real", "fake", "grey", "smooth"};
    struct anime *anime = recipe;
    const gan_anime_options *options = &anime->options;
    gan_layer *inputs[SIDES], *verdicts[SIDES];
    for (int i = 0; i < SIDES; i++) {
        inputs[i] = gan_copy_input(graph, names[i], anime->discriminator.models[0], 0);
        verdicts[i] = judge(anime, inputs[i]);
    }
    const int32_t loss = anime->recipe.options.loss;
    const struct player_goal goal = {
        .inputs = inputs,
        .input_count = SIDES,
        .parts = {gan_verdict_on_real(verdicts[REAL], loss), gan_verdict_on_fake(verdicts[FAKE], loss),
                  gan_verdict_on_fake(verdicts[GREY], loss), gan_verdict_on_fake(verdicts[SMOOTH], loss)},
        .weights = {options->real_weight, options->fake_weight, part_weight(options->grey_weight),
                    part_weight(options->smooth_weight)},
        .part_count = SIDES,
    };
    return gan_player_aim(&anime->discriminator, &anime->recipe, graph, &goal);
}

gan_status gan_anime_make_goals(struct anime *anime)
{
    gan_context *context = anime->recipe.context;
    gan_status status = gan_player_with_graph(context, anime, aim_generator);
    if (status == GAN_OK)
        status = gan_player_with_graph(context, anime, aim_discriminator);
    if (status == GAN_OK && anime->options.initialization > 0)
        status = gan_player_with_graph(context, anime, aim_beginner);
    return status;
}
