/* gan_train_anime: what its parts see, its two phases, breaks without a trace, and what it refuses. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/gan.h"
#include "models/reference.h"
#include "training/anime.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIDE = 32, PICTURES = 3, STEPS = 10 };

struct room {
    gan_context *context;
    struct folder photographs, drawings, files;
    gan_model *features;
    int64_t stop_at;
    float losses[STEPS + 1][ANIME_LOSSES]; /* by step, from 1 */
};

/* Photographs are coloured slopes, drawings have two colours and a hard edge between. */
static void paint(gan_context *context, struct folder *folder, int number, int drawing)
{
    const int64_t shape[4] = {1, SIDE, SIDE, 3};
    char name[16];
    gan_tensor *picture;
    must(gan_tensor_create(&picture, context, GAN_FLOAT32, shape, 4));
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < SIDE * SIDE; i++) {
        const int64_t row = i / SIDE, column = i % SIDE;
        const float slope = (float)(row + number * column) / (float)(SIDE * (number + 1));
        const int inside = row + column < SIDE + 3 * number;
        values[3 * i] = drawing ? (inside ? 0.9f : 0.2f) : slope;
        values[3 * i + 1] = drawing ? (inside ? 0.8f : 0.1f) : 1 - slope;
        values[3 * i + 2] = drawing ? (inside ? 0.4f : 0.5f) : 0.3f + 0.1f * (float)(column % 5);
    }
    snprintf(name, sizeof name, "%d.png", number);
    must(gan_image_save(picture, NULL, folder_file(folder, name), 0));
    gan_tensor_free(picture);
}

static void open_context(struct room *room, int32_t threads)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    const gan_feature_network_options small = {.struct_size = sizeof small, .channels = 4};
    must(gan_context_create(&room->context, &options));
    must(gan_feature_network_create(&room->features, room->context, &small));
    must(gan_model_initialize(room->features, 11));
}

static void close_context(struct room *room)
{
    gan_model_free(room->features);
    gan_context_free(room->context);
}

static void open_room(struct room *room, int32_t threads)
{
    *room = (struct room){.stop_at = -1};
    open_context(room, threads);
    folder_open(&room->photographs);
    folder_open(&room->drawings);
    folder_open(&room->files);
    for (int i = 0; i < PICTURES; i++) {
        paint(room->context, &room->photographs, i, 0);
        paint(room->context, &room->drawings, i, 1);
    }
}

static void close_room(struct room *room, int files)
{
    folder_close(&room->photographs, PICTURES);
    folder_close(&room->drawings, PICTURES);
    folder_close(&room->files, files);
    close_context(room);
}

static int32_t watch(void *user, const gan_progress *progress)
{
    struct room *room = user;
    if (progress->step <= STEPS)
        memcpy(room->losses[progress->step], progress->losses, sizeof room->losses[0]);
    return progress->step == room->stop_at;
}

static gan_dataset *open_sides(const struct room *room, int32_t size)
{
    const gan_dataset_options options = {.struct_size = sizeof options, .size = size, .seed = 3};
    gan_dataset *data;
    must(gan_dataset_open_unpaired(&data, room->context, room->photographs.path, room->drawings.path,
                                   &options));
    return data;
}

static gan_recipe_options recipe_of(const gan_training_options *training)
{
    return (gan_recipe_options){.struct_size = sizeof(gan_recipe_options),
                                .preset = "small",
                                .size = SIDE,
                                .batch = 2,
                                .generator_channels = 3,
                                .discriminator_channels = 3,
                                .blocks = 2,
                                .learning_rate = 1e-3f,
                                .average_images = 8,
                                .augment = 1,
                                .training = training};
}

static gan_status try_to_train(gan_model **model, struct room *room, const gan_anime_options *given,
                               const gan_training_options *training)
{
    gan_training_options all = *training;
    all.struct_size = sizeof all;
    all.seed = 5;
    all.progress = watch;
    all.progress_user = room;
    const gan_recipe_options recipe = recipe_of(&all);
    gan_anime_options options = *given;
    options.struct_size = sizeof options;
    options.recipe = &recipe;
    gan_dataset *data = open_sides(room, SIDE);
    const gan_status status = gan_train_anime(model, room->context, data, room->features, &options);
    gan_dataset_free(data);
    return status;
}

static gan_model *train(struct room *room, const gan_anime_options *given,
                        const gan_training_options *training)
{
    gan_model *model = NULL;
    must(try_to_train(&model, room, given, training));
    return model;
}

static void expect_same(const gan_model *a, const gan_model *b)
{
    for (int32_t i = 0; i < gan_model_parameter_count(a); i++) {
        gan_tensor *x, *y;
        must(gan_model_get_parameter(a, i, &x));
        must(gan_model_get_parameter(b, i, &y));
        ck_assert_msg(memcmp(gan_tensor_data_const(x), gan_tensor_data_const(y),
                             (size_t)gan_tensor_count(x) * sizeof(float)) == 0,
                      "%s differs", gan_model_parameter_name(a, i));
        gan_tensor_free(x);
        gan_tensor_free(y);
    }
}

/* Breaks in the first phase, between both, and in the second; with other threads on the other side. */
START_TEST(breaks_at_any_step_leave_no_trace)
{
    static const int64_t breaks[] = {2, 4, 7};
    static const int32_t threads[] = {2, 3, 8};
    const gan_anime_options options = {.initialization = 0.4f, .initialization_rate = 1e-3f};
    struct room room;
    open_room(&room, 1);
    const char *checkpoint = folder_file(&room.files, "checkpoint");
    gan_model *whole = train(&room, &options, &(gan_training_options){.steps = STEPS});
    for (int i = 0; i < ANIME_LOSSES; i++)
        ck_assert_float_ne(room.losses[STEPS][i], 0);
    room.stop_at = breaks[_i];
    gan_model_free(train(&room, &options, &(gan_training_options){.steps = STEPS, .checkpoint = checkpoint}));
    room.stop_at = -1;
    gan_context *first = room.context;
    gan_model *features = room.features;
    open_context(&room, threads[_i]);
    gan_model *resumed =
        train(&room, &options, &(gan_training_options){.steps = STEPS, .resume = checkpoint});
    expect_same(whole, resumed);
    ck_assert_str_eq(gan_model_metadata(whole, "final_losses"), gan_model_metadata(resumed, "final_losses"));
    ck_assert_str_eq(gan_model_metadata(whole, "options"), gan_model_metadata(resumed, "options"));
    gan_model_free(whole);
    gan_model_free(resumed);
    gan_model_free(features);
    gan_context_free(first);
    close_room(&room, 1);
}
END_TEST

/* In the first phase nothing but the content counts: its loss falls, there are no others, and their weights
 * change no bit. */
START_TEST(the_first_phase_learns_the_content_alone)
{
    gan_anime_options options = {.initialization = 0.99f, .initialization_rate = 3e-3f};
    const gan_training_options training = {.steps = STEPS};
    struct room room;
    open_room(&room, 2);
    room.stop_at = STEPS - 1;
    gan_model *model = train(&room, &options, &training);
    for (int64_t step = 1; step < STEPS; step++)
        for (int i = 0; i < ANIME_LOSSES; i++)
            ck_assert((room.losses[step][i] > 0) == (i == ANIME_CONTENT));
    const float first = room.losses[1][ANIME_CONTENT] + room.losses[2][ANIME_CONTENT];
    const float last = room.losses[STEPS - 2][ANIME_CONTENT] + room.losses[STEPS - 1][ANIME_CONTENT];
    ck_assert_float_lt(last, 0.9f * first);
    options.adversarial_weight = 7;
    options.gram_weight = options.color_weight = options.grey_weight = -1;
    gan_model *other = train(&room, &options, &training);
    expect_same(model, other);
    gan_model_free(model);
    gan_model_free(other);
    close_room(&room, 0);
}
END_TEST

START_TEST(parts_without_weight_are_left_out)
{
    static const int left_out[] = {ANIME_CONTENT,   ANIME_GRAM, ANIME_COLOR,
                                   ANIME_VARIATION, ANIME_GREY, ANIME_SMOOTH};
    const gan_anime_options options = {.initialization = -1,
                                       .content_weight = -1,
                                       .gram_weight = -1,
                                       .color_weight = -1,
                                       .variation_weight = -1,
                                       .grey_weight = -1,
                                       .smooth_weight = -1,
                                       .residual = 1};
    struct room room;
    open_room(&room, 2);
    gan_model *model = train(&room, &options, &(gan_training_options){.steps = 2});
    ck_assert_str_eq(gan_model_metadata(model, "architecture"), "resnet_generator");
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq(room.losses[2][left_out[i]], 0);
    ck_assert(room.losses[2][ANIME_ADVERSARIAL] > 0 && room.losses[2][ANIME_REAL] > 0);
    gan_model_free(model);
    close_room(&room, 0);
}
END_TEST

/* Minutes become steps after the first ones, which change nothing: then come both phases. */
START_TEST(minutes_are_planned_by_the_second_phase)
{
    const gan_anime_options options = {.initialization = 0.5f};
    struct room room;
    open_room(&room, 2);
    room.stop_at = 13;
    gan_model *model = train(&room, &options, &(gan_training_options){.minutes = 0.5});
    for (int64_t step = 1; step <= 2; step++)
        ck_assert(room.losses[step][ANIME_ADVERSARIAL] > 0 && room.losses[step][ANIME_SMOOTH] > 0);
    gan_model_free(model);
    room.stop_at = -1;
    model = train(&room, &options, &(gan_training_options){.minutes = 0.001});
    gan_model_free(model);
    close_room(&room, 0);
}
END_TEST

/* ---- The discriminator's terms ---- */

/* Mean squared distance of the verdicts on some pictures from a label. */
static double verdict_on(const struct anime *anime, const gan_tensor *pictures, double label)
{
    gan_tensor *verdicts;
    double sum = 0;
    must(gan_model_run(anime->discriminator.models[0], pictures, &verdicts));
    const int64_t count = gan_tensor_count(verdicts);
    for (int64_t i = 0; i < count; i++) {
        const double d = (double)((const float *)gan_tensor_data_const(verdicts))[i] - label;
        sum += d * d / (double)count;
    }
    gan_tensor_free(verdicts);
    return sum;
}

static const struct training_method method = {.name = "anime"};

/* Once the power iterations have settled, models and objectives divide by the same norms. */
START_TEST(the_discriminator_judges_four_sorts_of_pictures)
{
    enum { SETTLING = 60 };
    gan_recipe_options recipe = recipe_of(NULL);
    struct room room;
    struct anime anime = {.words = ""};
    float loss;
    recipe.augment = -1;
    open_room(&room, 2);
    gan_dataset *data = open_sides(&room, SIDE);
    anime.options = (gan_anime_options){.struct_size = sizeof anime.options, .recipe = &recipe};
    must(gan_anime_complete(&anime.options));
    must(gan_recipe_open(&anime.recipe, room.context, &method, data, 2, &recipe));
    must(gan_anime_prepare(&anime, room.features));
    must(gan_anime_load(&anime, 0));
    const gan_tensor *judged[4] = {anime.target, anime.source, anime.grey, anime.smooth};
    must(gan_optimizer_set_learning_rate(anime.discriminator.optimizer, 1e-12f));
    for (int i = 0; i < SETTLING; i++)
        must(gan_objective_step(anime.discriminator.objective, judged, 4, &loss));
    double sum = 0;
    const float weights[4] = {anime.options.real_weight, anime.options.fake_weight, anime.options.grey_weight,
                              anime.options.smooth_weight};
    for (int i = 0; i < 4; i++) {
        const double expected = verdict_on(&anime, judged[i], i == 0 ? 1 : 0);
        const double given = (double)gan_player_part(&anime.discriminator, i);
        ck_assert_double_eq_tol(given, expected, 2e-3 * expected + 1e-6);
        sum += (double)weights[i] * given;
    }
    ck_assert_double_eq_tol((double)loss, sum, 1e-5 * sum);
    gan_anime_release(&anime);
    gan_dataset_free(data);
    close_room(&room, 0);
}
END_TEST

/* ---- Options ---- */

START_TEST(presets_are_the_publications)
{
    static const char *const names[] = {"paper", "paprika", "shinkai", "cartoon", "small"};
    static const float colors[] = {15, 50, 10, -1, 50}, reals[] = {1.2f, 1, 1.7f, 1, 1.2f};
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

static void refuse_data(struct room *room)
{
    const gan_dataset_options one = {.struct_size = sizeof one, .size = SIDE};
    gan_recipe_options recipe = recipe_of(NULL);
    const gan_anime_options options = {.struct_size = sizeof options, .recipe = &recipe};
    gan_model *model = NULL;
    gan_dataset *data;
    must(gan_dataset_open_folder(&data, room->context, room->photographs.path, &one));
    refuse(gan_train_anime(&model, room->context, data, room->features, &options), GAN_ERROR_ARGUMENT,
           "1 sides, expected 2");
    gan_dataset_free(data);
    data = open_sides(room, 30);
    refuse(gan_train_anime(&model, room->context, data, room->features, &options), GAN_ERROR_SHAPE,
           "multiple of 4");
    gan_dataset_free(data);
    data = open_sides(room, SIDE);
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
static void refuse_checkpoint(struct room *room)
{
    const char *checkpoint = folder_file(&room->files, "checkpoint");
    const gan_training_options training = {.steps = 2, .resume = checkpoint};
    gan_anime_options options = {.initialization = -1};
    gan_model *model = NULL;
    gan_model_free(train(room, &options, &(gan_training_options){.steps = 2, .checkpoint = checkpoint}));
    must(gan_model_initialize(room->features, 12));
    refuse(try_to_train(&model, room, &options, &training), GAN_ERROR_ARGUMENT, "made with other options");
    must(gan_model_initialize(room->features, 11));
    options.grey_weight = 0.5f;
    refuse(try_to_train(&model, room, &options, &training), GAN_ERROR_ARGUMENT, "made with other options");
}

START_TEST(what_cannot_be_is_refused)
{
    struct room room;
    open_room(&room, 1);
    refuse_options();
    refuse_data(&room);
    refuse_checkpoint(&room);
    close_room(&room, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("anime");
    TCase *tests = tcase_create("anime");
    tcase_set_timeout(tests, 900);
    tcase_add_loop_test(tests, breaks_at_any_step_leave_no_trace, 0, 3);
    tcase_add_test(tests, the_first_phase_learns_the_content_alone);
    tcase_add_test(tests, parts_without_weight_are_left_out);
    tcase_add_test(tests, minutes_are_planned_by_the_second_phase);
    tcase_add_test(tests, the_discriminator_judges_four_sorts_of_pictures);
    tcase_add_test(tests, presets_are_the_publications);
    tcase_add_test(tests, what_cannot_be_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
