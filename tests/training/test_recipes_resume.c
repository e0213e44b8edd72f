/* Trainings of translators that go on after a break with a full pool of pictures; parts that are switched
 * off; previews of the same pictures all along. */
#include "base/suite.h"
#include "formats/folder.h"
#include "gan/gan.h"
#include "models/reference.h"
#include "training/folder.h"

#include <stdio.h>
#include <string.h>

enum { SIDE = 32, BATCH = 2, STEPS = 30 }; /* CycleGAN's pools are full after 25 steps */

struct room {
    gan_context *context;
    struct picture_folder sides[2];
    struct folder files;
    int64_t stop_at;
    float losses[12];
};

static void open_room(struct room *room)
{
    *room = (struct room){.context = reference_context(), .stop_at = -1};
    for (int i = 0; i < 2; i++)
        room->sides[i] = make_picture_folder(3 + i, SIDE);
    folder_open(&room->files);
}

static void close_room(struct room *room, int files)
{
    for (int i = 0; i < 2; i++)
        remove_picture_folder(&room->sides[i]);
    folder_close(&room->files, files);
    gan_context_free(room->context);
}

static int32_t watch(void *user, const gan_progress *progress)
{
    struct room *room = user;
    memcpy(room->losses, progress->losses, (size_t)progress->loss_count * sizeof(float));
    return progress->step == room->stop_at;
}

enum { CYCLEGAN, CUT };

static gan_model *train(struct room *room, int recipe, float weight, const gan_training_options *given)
{
    const gan_dataset_options sides = {.struct_size = sizeof sides, .size = SIDE, .seed = 3};
    gan_training_options training = *given;
    training.struct_size = sizeof training;
    training.seed = 5;
    training.progress = watch;
    training.progress_user = room;
    const gan_recipe_options options = {.struct_size = sizeof options,
                                        .preset = "small",
                                        .batch = BATCH,
                                        .generator_channels = 4,
                                        .discriminator_channels = 4,
                                        .blocks = 2,
                                        .reconstruction_weight = weight,
                                        .identity_weight = weight,
                                        .average_images = 8,
                                        .augment = 1,
                                        .training = &training};
    gan_dataset *data;
    gan_model *model;
    must(gan_dataset_open_unpaired(&data, room->context, room->sides[0].path, room->sides[1].path, &sides));
    if (recipe == CYCLEGAN)
        must(gan_train_cyclegan(&model, NULL, room->context, data, &options));
    else
        must(gan_train_cut(&model, room->context, data, 0, &options));
    gan_dataset_free(data);
    return model;
}

static void expect_same(const gan_model *a, const gan_model *b)
{
    static const char *const words[] = {"method", "options", "steps", "final_losses", "library_version"};
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(gan_model_metadata(a, words[i]), gan_model_metadata(b, words[i]));
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

/* Before the pools are full, after, and when all is done. */
START_TEST(breaks_at_any_step_leave_no_trace)
{
    static const int64_t breaks[] = {9, 26, STEPS};
    struct room room;
    open_room(&room);
    const char *checkpoint = folder_file(&room.files, "checkpoint");
    gan_model *whole = train(&room, _i, 0, &(gan_training_options){.steps = STEPS});
    ck_assert_ptr_null(strstr(gan_model_metadata(whole, "final_losses"), "adversarial 0,"));
    for (int i = 0; i < 3; i++) {
        room.stop_at = breaks[i];
        gan_model_free(
            train(&room, _i, 0, &(gan_training_options){.steps = STEPS, .checkpoint = checkpoint}));
        room.stop_at = -1;
        gan_model *resumed =
            train(&room, _i, 0, &(gan_training_options){.steps = STEPS, .resume = checkpoint});
        expect_same(whole, resumed);
        gan_model_free(resumed);
    }
    gan_model_free(whole);
    close_room(&room, 1);
}
END_TEST

/* Losses 1 and 2 are those of reconstruction and identity in both. */
START_TEST(parts_without_weight_are_left_out)
{
    struct room room;
    open_room(&room);
    gan_model_free(train(&room, _i, 0.5f, &(gan_training_options){.steps = 2}));
    ck_assert(room.losses[1] != 0 && room.losses[2] != 0);
    gan_model_free(train(&room, _i, -1, &(gan_training_options){.steps = 2}));
    ck_assert(room.losses[0] != 0 && room.losses[1] == 0 && room.losses[2] == 0 && room.losses[3] != 0);
    close_room(&room, 0);
}
END_TEST

/* The left column of a preview after so many steps: the pictures that were put in. */
static gan_tensor *shown(struct room *room, int recipe, int64_t steps)
{
    const char *path = folder_file(&room->files, "preview.png");
    gan_tensor *picture, *column;
    gan_model_free(train(room, recipe, 0, &(gan_training_options){.steps = steps, .preview_png = path}));
    must(gan_image_load(&picture, NULL, room->context, path));
    must(gan_image_crop(&column, picture, 0, 0, gan_tensor_size(picture, 1), SIDE));
    gan_tensor_free(picture);
    return column;
}

START_TEST(previews_show_the_same_pictures_all_along)
{
    struct room room;
    open_room(&room);
    gan_tensor *first = shown(&room, _i, 1), *later = shown(&room, _i, 2);
    ck_assert_int_eq(gan_tensor_count(first), gan_tensor_count(later));
    ck_assert(memcmp(gan_tensor_data_const(first), gan_tensor_data_const(later),
                     (size_t)gan_tensor_count(first) * sizeof(float)) == 0);
    gan_tensor_free(first);
    gan_tensor_free(later);
    close_room(&room, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recipes, resumed");
    TCase *tests = tcase_create("recipes, resumed");
    tcase_set_timeout(tests, 900);
    tcase_add_loop_test(tests, breaks_at_any_step_leave_no_trace, 0, 2);
    tcase_add_loop_test(tests, parts_without_weight_are_left_out, 0, 2);
    tcase_add_loop_test(tests, previews_show_the_same_pictures_all_along, 0, 2);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
