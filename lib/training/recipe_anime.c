/* AnimeGANv2 (Chen, Liu and Chen 2020; the authors' second version) and CartoonGAN (Chen, Lai and Liu 2018):
 * what a step does, and the public call. As the authors do, D learns first, from the results with which G's
 * step begins. */
#include "training/anime.h"

static const char *const loss_names[ANIME_LOSSES] = {"content", "gram", "color", "variation", "adversarial",
                                                     "real",    "fake", "grey",  "smooth"};

static void tell(struct anime *anime)
{
    float *losses = anime->recipe.training.losses;
    for (int32_t i = ANIME_CONTENT; i <= ANIME_ADVERSARIAL; i++)
        losses[i] = gan_player_part(&anime->generator, i);
    for (int32_t i = ANIME_REAL; i < ANIME_LOSSES; i++)
        losses[i] = gan_player_part(&anime->discriminator, i - ANIME_REAL);
}

/* ---- The two phases ---- */

static bool is_beginning(const struct training *training, const struct anime *anime)
{
    return (double)training->step < (double)anime->options.initialization * (double)training->total;
}

static gan_status step_beginner(struct anime *anime)
{
    const gan_tensor *input = anime->source;
    const gan_status status = gan_objective_step(anime->beginner.objective, &input, 1, NULL);
    float *losses = anime->recipe.training.losses;
    for (int32_t i = 0; i < ANIME_LOSSES; i++)
        losses[i] = 0;
    losses[ANIME_CONTENT] = gan_player_part(&anime->beginner, 0);
    return status;
}

static gan_status step_players(struct anime *anime)
{
    const gan_tensor *inputs[2] = {anime->source, anime->grey}, *result;
    gan_status status = gan_player_begin(&anime->generator, inputs, 2, &result);
    if (status != GAN_OK)
        return status;
    const gan_tensor *judged[4] = {anime->target, result, anime->grey, anime->smooth};
    status = gan_objective_step(anime->discriminator.objective, judged, 4, NULL);
    if (status != GAN_OK) {
        gan_objective_cancel(anime->generator.objective);
        return status;
    }
    status = gan_objective_step(anime->generator.objective, inputs, 2, NULL);
    tell(anime);
    return status;
}

/* As long as minutes have not become steps, no one knows where the first phase ends: both players work as in
 * the second, whose steps are the many, and nothing changes. */
static gan_status rehearse(struct anime *anime)
{
    const gan_tensor *inputs[2] = {anime->source, anime->grey};
    const gan_tensor *judged[4] = {anime->target, anime->source, anime->grey, anime->smooth};
    gan_status status = gan_objective_gradients(anime->generator.objective, inputs, 2, NULL);
    if (status == GAN_OK)
        status = gan_objective_gradients(anime->discriminator.objective, judged, 4, NULL);
    tell(anime);
    return status;
}

/* The discriminator's losses are watched once there are any. */
static void watch_judge(struct training *training)
{
    if (training->judge_count > 0)
        return;
    gan_training_add_judge(training, ANIME_REAL);
    gan_training_add_judge(training, ANIME_FAKE);
}

static gan_status step(struct training *training)
{
    struct anime *anime = training->recipe;
    gan_status status = gan_anime_load(anime, training->step);
    if (status != GAN_OK)
        return status;
    if (training->total == 0)
        return rehearse(anime);
    if (is_beginning(training, anime)) {
        status = step_beginner(anime);
    } else {
        watch_judge(training);
        status = step_players(anime);
    }
    return status == GAN_OK ? gan_recipe_update_average(anime->average) : status;
}

/* Pictures without contrast make the norms behind them amplify noise. */
static gan_status begin(struct training *training)
{
    struct anime *anime = training->recipe;
    gan_status status = gan_anime_load(anime, 0);
    if (status == GAN_OK)
        status = gan_training_check_normalization(training, anime->generator.models[0], anime->source);
    if (status == GAN_OK)
        status = gan_training_check_normalization(training, anime->discriminator.models[0], anime->target);
    return status;
}

/* A photograph, what is made of it, and a drawing. */
static gan_status preview(const struct training *training, const char *path)
{
    const struct anime *anime = training->recipe;
    return gan_recipe_save_translation(&anime->recipe, anime->generator.models, 1, path);
}

static const struct training_method method = {.name = "anime",
                                              .loss_names = loss_names,
                                              .loss_count = ANIME_LOSSES,
                                              .begin = begin,
                                              .step = step,
                                              .preview = preview};

static gan_status take_options(struct anime *anime, const gan_anime_options *given)
{
    const gan_status status =
        gan_copy_options(&anime->options, sizeof anime->options, given, "gan_anime_options");
    if (status != GAN_OK)
        return status;
    anime->options.struct_size = sizeof anime->options;
    return gan_anime_complete(&anime->options);
}

gan_status gan_train_anime(gan_model **generator, gan_context *context, gan_dataset *sides,
                           gan_model *features, const gan_anime_options *options)
{
    struct anime anime = {.words = ""};
    if (generator == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_anime: generator is NULL");
    *generator = NULL;
    gan_status status = take_options(&anime, options);
    if (status == GAN_OK)
        status = gan_recipe_open(&anime.recipe, context, &method, sides, 2, anime.options.recipe);
    if (status == GAN_OK)
        status = gan_anime_prepare(&anime, features);
    if (status == GAN_OK)
        status = gan_recipe_run(&anime.recipe);
    if (status == GAN_OK)
        status =
            gan_training_finish(generator, &anime.recipe.training, &anime.generator.models[0], anime.average);
    gan_anime_release(&anime);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_train_anime: ");
}
