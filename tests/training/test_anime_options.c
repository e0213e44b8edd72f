/* What gan_train_anime takes and refuses. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/anime_room.h"

#include <math.h>
#include <string.h>

START_TEST(presets_are_the_publications)
{
    static const char *const names[] = {"paper", "paprika", "shinkai", "cartoon", "small"};
    static const float colors[] = {15, 50, 10, -1, 400}, reals[] = {1.2f, 1, 1.7f, 1, 1.2f};
    for (int i = 0; i < 5; i++) {
        gan_recipe_options recipe = {.struct_size = sizeof recipe, .preset = names[i]};
        gan_anime_options options = {.struct_size = sizeof options, .recipe = &recipe, .gram_weight = 3};
        must(gan_anime_complete(&options));
        must(gan_recipe_complete("anime", &recipe));
        ck_assert(options.color_weight == colors[i] && options.real_weight == reals[i]);
        ck_assert(options.gram_weight == 3 && options.content_weight > 0);
        ck_assert_int_eq(options.residual, i == 3);
        ck_assert_int_eq(recipe.loss, i == 3 ? GAN_LOSS_BCE_WITH_LOGITS : GAN_LOSS_LEAST_SQUARES);
        ck_assert_int_eq(recipe.size, i == 4 ? 128 : 256);
    }
}
END_TEST

static void refuse(gan_status given, gan_status expected, const char *words)
{
    ck_assert_msg(given == expected && strstr(gan_error_message(), words) != NULL, "%d: %s", given,
                  gan_error_message());
}

static void refuse_options(void)
{
    gan_recipe_options recipe = {.struct_size = sizeof recipe, .preset = "hayao"};
    gan_anime_options options = {.struct_size = sizeof options, .recipe = &recipe};
    refuse(gan_anime_complete(&options), GAN_ERROR_NOT_FOUND,
           "there are paper, paprika, shinkai, cartoon and small");
    recipe.preset = "paprika";
    refuse(gan_recipe_complete("cut", &recipe), GAN_ERROR_NOT_FOUND, "paper and small");
    recipe = (gan_recipe_options){.struct_size = sizeof recipe, .identity_weight = 1};
    refuse(gan_anime_complete(&options), GAN_ERROR_ARGUMENT, "identity_weight is 1, but anime has none");
    options = (gan_anime_options){.struct_size = sizeof options, .content_weight = -1};
    refuse(gan_anime_complete(&options), GAN_ERROR_ARGUMENT, "an initialization learns the content");
    ck_assert(options.gram_weight == 0); /* it stays as it was */
    options = (gan_anime_options){.struct_size = sizeof options, .adversarial_weight = -1};
    refuse(gan_anime_complete(&options), GAN_ERROR_ARGUMENT, "adversarial_weight is -1");
    options = (gan_anime_options){.struct_size = sizeof options, .initialization = 1};
    refuse(gan_anime_complete(&options), GAN_ERROR_ARGUMENT, "initialization is 1");
    options = (gan_anime_options){.struct_size = sizeof options, .grey_weight = NAN};
    refuse(gan_anime_complete(&options), GAN_ERROR_ARGUMENT, "grey_weight is");
    options = (gan_anime_options){.content_weight = 1};
    refuse(gan_anime_complete(&options), GAN_ERROR_ARGUMENT, "struct_size");
    refuse(gan_anime_complete(NULL), GAN_ERROR_ARGUMENT, "options is NULL");
}

static void refuse_data(struct anime_room *room)
{
    const gan_dataset_options one = {.struct_size = sizeof one, .size = ANIME_SIDE};
    gan_recipe_options recipe = anime_recipe(NULL);
    const gan_anime_options options = {.struct_size = sizeof options, .recipe = &recipe};
    gan_model *model = NULL;
    gan_dataset *data;
    must(gan_dataset_open_folder(&data, room->context, room->photographs.path, &one));
    refuse(gan_train_anime(&model, room->context, data, room->features, &options), GAN_ERROR_ARGUMENT,
           "1 sides, expected 2");
    gan_dataset_free(data);
    data = anime_sides(room, 30);
    refuse(gan_train_anime(&model, room->context, data, room->features, &options), GAN_ERROR_SHAPE,
           "multiple of 4");
    gan_dataset_free(data);
    data = anime_sides(room, ANIME_SIDE);
    refuse(gan_train_anime(&model, room->context, data, NULL, &options), GAN_ERROR_ARGUMENT,
           "features is NULL");
    refuse(gan_train_anime(&model, NULL, data, room->features, &options), GAN_ERROR_ARGUMENT,
           "context is NULL");
    refuse(gan_train_anime(NULL, room->context, data, room->features, &options), GAN_ERROR_ARGUMENT,
           "generator is NULL");
    gan_dataset_free(data);
    ck_assert_ptr_null(model);
}

/* A checkpoint of other weights, or of other features, is of another training. */
static void refuse_checkpoint(struct anime_room *room)
{
    const char *checkpoint = folder_file(&room->files, "checkpoint");
    const gan_training_options training = {.steps = 2, .resume = checkpoint};
    gan_anime_options options = {.initialization = -1};
    gan_model *model = NULL;
    gan_model_free(
        anime_train(room, &options, &(gan_training_options){.steps = 2, .checkpoint = checkpoint}));
    must(gan_model_initialize(room->features, 12));
    refuse(anime_try(&model, room, &options, &training), GAN_ERROR_ARGUMENT, "made with other options");
    must(gan_model_initialize(room->features, 11));
    options.grey_weight = 0.5f;
    refuse(anime_try(&model, room, &options, &training), GAN_ERROR_ARGUMENT, "made with other options");
}

START_TEST(what_cannot_be_is_refused)
{
    struct anime_room room;
    anime_room_open(&room, 1);
    refuse_options();
    refuse_data(&room);
    refuse_checkpoint(&room);
    anime_room_close(&room, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {presets_are_the_publications, what_cannot_be_is_refused};
    return run_suite("anime options", tests, sizeof tests / sizeof tests[0]);
}
