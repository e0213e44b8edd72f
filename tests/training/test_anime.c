/* gan_train_anime: what its parts see, its two phases, and breaks without a trace. */
#include "base/suite.h"
#include "models/reference.h"
#include "training/anime_room.h"

#include <string.h>

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
    struct anime_room room;
    anime_room_open(&room, 1);
    const char *checkpoint = folder_file(&room.files, "checkpoint");
    gan_model *whole = anime_train(&room, &options, &(gan_training_options){.steps = ANIME_STEPS});
    for (int i = 0; i < ANIME_LOSSES; i++)
        ck_assert_float_ne(room.losses[ANIME_STEPS][i], 0);
    room.stop_at = breaks[_i];
    gan_model_free(anime_train(&room, &options,
                               &(gan_training_options){.steps = ANIME_STEPS, .checkpoint = checkpoint}));
    room.stop_at = -1;
    gan_context *first = room.context;
    gan_model *features = room.features;
    anime_room_renew(&room, threads[_i]);
    gan_model *resumed =
        anime_train(&room, &options, &(gan_training_options){.steps = ANIME_STEPS, .resume = checkpoint});
    expect_same(whole, resumed);
    ck_assert_str_eq(gan_model_metadata(whole, "final_losses"), gan_model_metadata(resumed, "final_losses"));
    ck_assert_str_eq(gan_model_metadata(whole, "options"), gan_model_metadata(resumed, "options"));
    gan_model_free(whole);
    gan_model_free(resumed);
    gan_model_free(features);
    gan_context_free(first);
    anime_room_close(&room, 1);
}
END_TEST

/* In the first phase nothing but the content counts: its loss falls, there are no others, and their weights
 * change no bit. */
START_TEST(the_first_phase_learns_the_content_alone)
{
    gan_anime_options options = {.initialization = 0.99f, .initialization_rate = 3e-3f};
    const gan_training_options training = {.steps = ANIME_STEPS};
    struct anime_room room;
    anime_room_open(&room, 2);
    room.stop_at = ANIME_STEPS - 1;
    gan_model *model = anime_train(&room, &options, &training);
    for (int64_t step = 1; step < ANIME_STEPS; step++)
        for (int i = 0; i < ANIME_LOSSES; i++)
            ck_assert((room.losses[step][i] > 0) == (i == ANIME_CONTENT));
    const float first = room.losses[1][ANIME_CONTENT] + room.losses[2][ANIME_CONTENT];
    const float last =
        room.losses[ANIME_STEPS - 2][ANIME_CONTENT] + room.losses[ANIME_STEPS - 1][ANIME_CONTENT];
    ck_assert_float_lt(last, 0.9f * first);
    options.adversarial_weight = 7;
    options.gram_weight = options.color_weight = options.grey_weight = -1;
    gan_model *other = anime_train(&room, &options, &training);
    expect_same(model, other);
    gan_model_free(model);
    gan_model_free(other);
    anime_room_close(&room, 0);
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
    struct anime_room room;
    anime_room_open(&room, 2);
    gan_model *model = anime_train(&room, &options, &(gan_training_options){.steps = 2});
    ck_assert_str_eq(gan_model_metadata(model, "architecture"), "resnet_generator");
    for (int i = 0; i < 6; i++)
        ck_assert_float_eq(room.losses[2][left_out[i]], 0);
    ck_assert(room.losses[2][ANIME_ADVERSARIAL] > 0 && room.losses[2][ANIME_REAL] > 0);
    gan_model_free(model);
    anime_room_close(&room, 0);
}
END_TEST

/* Minutes become steps after the first ones, which change nothing: then come both phases. */
START_TEST(minutes_are_planned_by_the_second_phase)
{
    const gan_anime_options options = {.initialization = 0.5f};
    struct anime_room room;
    anime_room_open(&room, 2);
    room.stop_at = 13;
    gan_model *model = anime_train(&room, &options, &(gan_training_options){.minutes = 0.5});
    for (int64_t step = 1; step <= 2; step++)
        ck_assert(room.losses[step][ANIME_ADVERSARIAL] > 0 && room.losses[step][ANIME_SMOOTH] > 0);
    gan_model_free(model);
    room.stop_at = -1;
    model = anime_train(&room, &options, &(gan_training_options){.minutes = 0.001});
    gan_model_free(model);
    anime_room_close(&room, 0);
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
    gan_recipe_options recipe = anime_recipe(NULL);
    struct anime_room room;
    struct anime anime = {.words = ""};
    float loss;
    recipe.augment = -1;
    anime_room_open(&room, 2);
    gan_dataset *data = anime_sides(&room, ANIME_SIDE);
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
    anime_room_close(&room, 0);
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
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
