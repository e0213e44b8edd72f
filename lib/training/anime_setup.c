/* Networks and room of gan_train_anime. */
#include "gan/layers.h"
#include "gan/networks.h"
#include "gan/session.h"
#include "graph/model.h"
#include "training/anime.h"
#include "training/style_trainer.h"
#include "training/verdict.h"

#include <inttypes.h>
#include <stdio.h>

enum { MEASURED_PICTURES = 16, MULTIPLE = 4, RGB = 3 };

/* ---- The network of features ---- */

/* What its words say, or the deepest of the levels that trainings of styles use, or its last output. */
static const char *compared_level(const gan_model *features)
{
    const struct scale_plan *plan = &gan_style_recipe_scales(features)[0];
    const char *said = gan_model_metadata(features, "content_level");
    const char *last = gan_model_output_name(features, gan_model_output_count(features) - 1);
    for (int i = 0; i < 8 && plan->levels[i] != NULL; i++)
        last = plan->levels[i];
    return said != NULL ? said : last;
}

static gan_status take_features(struct anime *anime, gan_model *features)
{
    if (features == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the network of features is NULL");
    if (gan_model_input_count(features) != 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "the network of features has %d inputs, expected one picture",
                        gan_model_input_count(features));
    const char *name = compared_level(features);
    int64_t shape[GAN_MAX_RANK];
    const gan_status status = gan_model_select_outputs(&anime->features, features, &name, 1);
    if (status != GAN_OK)
        return status;
    if (gan_model_output_shape(anime->features, 0, shape) != 4)
        return gan_fail(GAN_ERROR_SHAPE, "output \"%s\" of the network of features is no [N,H,W,C]", name);
    return GAN_OK;
}

/* A model of two numbers: how large the features of photographs are, and the Gram matrices of drawings. */
static gan_status build_measure(gan_model **out, struct anime *anime, gan_graph *graph)
{
    gan_model *generator = anime->generator.models[0];
    gan_layer *inputs[2] = {gan_copy_input(graph, "source", generator, 0),
                            gan_copy_input(graph, "grey", generator, 0)};
    gan_layer *seen[2] = {
        gan_anime_look(anime, inputs[0]),
        gan_gram_matrix(gan_anime_look(anime, inputs[1]), GAN_GRAM_PER_ELEMENT),
    };
    gan_layer *sizes[2];
    for (int i = 0; i < 2; i++) {
        gan_layer *size = gan_mean_absolute_error(seen[i], gan_fill_like(seen[i], 0));
        sizes[i] = gan_reshape(size, (const int64_t[]){1}, 1);
    }
    const gan_status status = gan_graph_status(graph);
    return status == GAN_OK ? gan_model_create(out, "sizes", inputs, 2, sizes, 2) : status;
}

static gan_status open_measure(gan_session **session, struct anime *anime)
{
    const int64_t n = anime->recipe.options.batch, size = anime->recipe.options.size;
    const int64_t shapes[8] = {n, size, size, RGB, n, size, size, RGB};
    gan_graph *graph;
    gan_model *model = NULL;
    gan_status status = gan_graph_create(&graph, anime->recipe.context);
    if (status != GAN_OK)
        return status;
    status = build_measure(&model, anime, graph);
    if (status == GAN_OK)
        status = gan_session_create(session, model, shapes, NULL);
    gan_model_free(model);
    gan_graph_free(graph);
    return status;
}

/* A black side has no size to be relative to. */
static float unit(double sum, int64_t count)
{
    return sum > 0 ? (float)(sum / (double)count) : 1;
}

static gan_status measure_batches(struct anime *anime, gan_session *session, gan_tensor *const *sizes)
{
    const gan_tensor *const inputs[2] = {anime->source, anime->grey};
    double sums[2] = {0};
    int64_t count = 0;
    gan_status status = GAN_OK;
    while (status == GAN_OK && count * anime->recipe.options.batch < MEASURED_PICTURES) {
        status = gan_anime_load(anime, count++);
        if (status == GAN_OK)
            status = gan_session_run(session, inputs, 2, sizes, 2);
        for (int i = 0; status == GAN_OK && i < 2; i++)
            sums[i] += (double)*(const float *)gan_tensor_data_const(sizes[i]);
    }
    anime->content_unit = unit(sums[0], count);
    anime->gram_unit = unit(sums[1], count);
    return status;
}

static gan_status measure(struct anime *anime)
{
    const int64_t one = 1;
    gan_tensor *sizes[2] = {NULL};
    gan_session *session = NULL;
    gan_status status = open_measure(&session, anime);
    for (int i = 0; status == GAN_OK && i < 2; i++)
        status = gan_tensor_create(&sizes[i], anime->recipe.context, GAN_FLOAT32, &one, 1);
    if (status == GAN_OK)
        status = measure_batches(anime, session, sizes);
    gan_tensor_free(sizes[0]);
    gan_tensor_free(sizes[1]);
    gan_session_free(session);
    return status;
}

/* ---- The players ---- */

static gan_status check_data(const struct recipe *recipe)
{
    if (gan_dataset_channels(recipe->data) != RGB)
        return gan_fail(GAN_ERROR_ARGUMENT, "the pictures have %d channels, expected 3: colours are compared",
                        gan_dataset_channels(recipe->data));
    if (recipe->options.size % MULTIPLE != 0)
        return gan_fail(GAN_ERROR_SHAPE, "the pictures have sides of %d pixels, expected a multiple of %d",
                        recipe->options.size, (int)MULTIPLE);
    return GAN_OK;
}

static gan_status make_generator(struct anime *anime)
{
    struct recipe *recipe = &anime->recipe;
    const gan_anime_network_options options = {.struct_size = sizeof options,
                                               .channels = recipe->options.generator_channels,
                                               .depth = recipe->options.blocks};
    gan_model *generator;
    const gan_status status = anime->options.residual > 0
                                  ? gan_recipe_translator(&generator, recipe)
                                  : gan_anime_generator_create(&generator, recipe->context, &options);
    return status == GAN_OK ? gan_player_join(&anime->generator, recipe, "generator", generator) : status;
}

static gan_status make_discriminator(struct anime *anime)
{
    struct recipe *recipe = &anime->recipe;
    const gan_anime_network_options options = {.struct_size = sizeof options,
                                               .channels = recipe->options.discriminator_channels};
    gan_model *discriminator;
    gan_status status = gan_anime_discriminator_create(&discriminator, recipe->context, &options);
    if (status == GAN_OK)
        status = gan_player_join(&anime->discriminator, recipe, "discriminator", discriminator);
    if (status == GAN_OK)
        recipe->training.optimizers[recipe->training.optimizer_count - 1].rate =
            anime->options.discriminator_rate;
    return status;
}

/* The generator's moments of the one phase say nothing of the other. */
static gan_status make_beginner(struct anime *anime)
{
    const float rate = anime->options.initialization_rate;
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = rate, .beta1 = 0.5f};
    struct player *beginner = &anime->beginner;
    if (anime->options.initialization < 0)
        return GAN_OK;
    beginner->models[beginner->model_count++] = gan_model_retain(anime->generator.models[0]);
    const gan_status status = gan_adam_create(&beginner->optimizer, anime->recipe.context, &adam);
    if (status == GAN_OK)
        gan_training_add_optimizer(&anime->recipe.training, "beginner", beginner->optimizer, rate);
    return status;
}

static gan_status make_room(struct anime *anime)
{
    const int64_t size = anime->recipe.options.size;
    gan_tensor **tensors[] = {&anime->source, &anime->target, &anime->grey, &anime->smooth};
    gan_status status = gan_edge_smoother_create(&anime->smoother, anime->recipe.context, size, size);
    for (size_t i = 0; status == GAN_OK && i < sizeof tensors / sizeof tensors[0]; i++)
        status = gan_recipe_batch(tensors[i], &anime->recipe, RGB);
    return status;
}

/* Without grey negatives, those with smoothed edges keep their colours. */
gan_status gan_anime_load(struct anime *anime, int64_t number)
{
    const gan_status status =
        gan_recipe_load_batch(&anime->recipe, number, anime->source, anime->target, NULL);
    if (status != GAN_OK)
        return status;
    gan_make_grey(anime->target, anime->grey);
    if (anime->options.smooth_weight > 0)
        gan_smooth_edges(anime->smoother, anime->options.grey_weight > 0 ? anime->grey : anime->target,
                         anime->smooth);
    return GAN_OK;
}

/* For the fingerprint: all that decides a step besides the recipe's own options. */
static gan_status describe(struct anime *anime)
{
    const gan_anime_options *o = &anime->options;
    uint64_t hash;
    const gan_status status = gan_trainer_hash_model(&hash, anime->features);
    if (status != GAN_OK)
        return status;
    snprintf(anime->words, sizeof anime->words,
             "content=%g gram=%g color=%g variation=%g adversarial=%g real=%g fake=%g grey=%g smooth=%g "
             "initialization=%g rates=%g/%g residual=%" PRId32 " features=%.100s weights=%016" PRIx64,
             (double)o->content_weight, (double)o->gram_weight, (double)o->color_weight,
             (double)o->variation_weight, (double)o->adversarial_weight, (double)o->real_weight,
             (double)o->fake_weight, (double)o->grey_weight, (double)o->smooth_weight,
             (double)o->initialization, (double)o->initialization_rate, (double)o->discriminator_rate,
             o->residual, gan_model_output_name(anime->features, 0), hash);
    anime->recipe.words = anime->words;
    return GAN_OK;
}

gan_status gan_anime_prepare(struct anime *anime, gan_model *features)
{
    gan_status status = check_data(&anime->recipe);
    if (status == GAN_OK)
        status = take_features(anime, features);
    if (status == GAN_OK)
        status = describe(anime);
    if (status == GAN_OK)
        status = make_generator(anime);
    if (status == GAN_OK)
        status = make_discriminator(anime);
    if (status == GAN_OK)
        status = make_beginner(anime);
    if (status == GAN_OK)
        status = make_room(anime);
    if (status == GAN_OK)
        status = measure(anime);
    if (status == GAN_OK)
        status = gan_anime_make_goals(anime);
    if (status == GAN_OK)
        status = gan_recipe_average(&anime->average, &anime->recipe, "average", anime->generator.models[0]);
    return status;
}

void gan_anime_release(struct anime *anime)
{
    gan_player_free(&anime->generator);
    gan_player_free(&anime->discriminator);
    gan_player_free(&anime->beginner);
    gan_average_free(anime->average);
    gan_model_free(anime->features);
    gan_edge_smoother_free(anime->smoother);
    gan_tensor_free(anime->source);
    gan_tensor_free(anime->target);
    gan_tensor_free(anime->grey);
    gan_tensor_free(anime->smooth);
    gan_recipe_close(&anime->recipe);
}
