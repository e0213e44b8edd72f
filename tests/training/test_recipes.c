/* The named trainings: that they learn, go on after a break with the same bits, and refuse what cannot be. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PICTURES = 6, SIDE = 32 };

/* ---- Two folders: pictures with a dark half on top, and their negatives ---- */

struct room {
    char path[64];
    gan_context *context;
};

static const char *path_in(const struct room *room, const char *name)
{
    static char paths[8][128];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, 128, "%s/%s", room->path, name);
    return path;
}

static void paint(const struct room *room, const char *folder, int number, float sign)
{
    const int64_t shape[4] = {1, SIDE, SIDE, 3};
    char name[64];
    gan_tensor *picture;
    must(gan_tensor_create(&picture, room->context, GAN_FLOAT32, shape, 4));
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < SIDE * SIDE * 3; i++) {
        const double row = (double)(i / 3 / SIDE) - SIDE / 2 + number - PICTURES / 2;
        values[i] = 0.5f + sign * (row < 0 ? -0.4f : 0.3f);
    }
    snprintf(name, sizeof name, "%s/%d.png", folder, number);
    must(gan_image_save(picture, NULL, path_in(room, name), 0));
    gan_tensor_free(picture);
}

static struct room open_room(int32_t threads)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    struct room room = {.path = "/tmp/gan_recipes_XXXXXX"};
    must(gan_context_create(&room.context, &options));
    ck_assert_ptr_nonnull(mkdtemp(room.path));
    ck_assert_int_eq(mkdir(path_in(&room, "a"), 0700) | mkdir(path_in(&room, "b"), 0700), 0);
    for (int i = 0; i < PICTURES; i++) {
        paint(&room, "a", i, 1);
        paint(&room, "b", i, -1);
    }
    return room;
}

static void close_room(struct room *room)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", room->path);
    ck_assert_int_eq(system(command), 0);
    gan_context_free(room->context);
}

/* ---- The recipes, in a size that takes no time ---- */

enum { DCGAN, CONDITIONAL, WASSERSTEIN, PIX2PIX, CYCLEGAN, CUT, CUT_SINGLE, RECIPES };

static gan_dataset *open_data(const struct room *room, int recipe)
{
    const gan_dataset_options options = {.struct_size = sizeof options, .size = SIDE, .no_flip = 1};
    gan_dataset *data;
    if (recipe == DCGAN)
        must(gan_dataset_open_folder(&data, room->context, path_in(room, "a"), &options));
    else if (recipe == CONDITIONAL || recipe == WASSERSTEIN)
        must(gan_dataset_open_classes(&data, room->context, room->path, &options));
    else if (recipe == PIX2PIX)
        must(gan_dataset_open_pairs(&data, room->context, path_in(room, "a"), path_in(room, "b"), &options));
    else
        must(gan_dataset_open_unpaired(&data, room->context, path_in(room, "a"), path_in(room, "b"),
                                       &options));
    return data;
}

static gan_status train(gan_model **model, const struct room *room, int recipe,
                        const gan_training_options *training)
{
    const gan_recipe_options options = {.struct_size = sizeof options,
                                        .preset = "small",
                                        .batch = recipe == CONDITIONAL ? 8 : 2,
                                        .generator_channels = 4,
                                        .discriminator_channels = 4,
                                        .blocks = recipe >= CYCLEGAN && recipe <= CUT_SINGLE ? 2 : 0,
                                        .noise = recipe == DCGAN || recipe == CONDITIONAL ? 8 : 0,
                                        .learning_rate = recipe == CONDITIONAL ? 1e-3f : 2e-3f,
                                        .average_images = 8,
                                        .conditional = recipe == CONDITIONAL || recipe == WASSERSTEIN,
                                        .loss = recipe == WASSERSTEIN ? GAN_LOSS_WASSERSTEIN : 0,
                                        .critic_steps = recipe == WASSERSTEIN ? 2 : 0,
                                        .training = training};
    gan_dataset *data = open_data(room, recipe);
    gan_status status;
    if (recipe <= WASSERSTEIN)
        status = gan_train_dcgan(model, room->context, data, &options);
    else if (recipe == PIX2PIX)
        status = gan_train_pix2pix(model, room->context, data, &options);
    else if (recipe == CYCLEGAN)
        status = gan_train_cyclegan(model, NULL, room->context, data, &options);
    else
        status = gan_train_cut(model, room->context, data, recipe == CUT_SINGLE, &options);
    gan_dataset_free(data);
    return status;
}

static gan_training_options steps(int64_t count)
{
    return (gan_training_options){.struct_size = sizeof(gan_training_options), .steps = count, .seed = 5};
}

static void expect_same(const gan_model *a, const gan_model *b)
{
    ck_assert_int_eq(gan_model_parameter_count(a), gan_model_parameter_count(b));
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

struct watch {
    int64_t stop_at, seen;
    float losses[12];
};

static int32_t watch(void *user, const gan_progress *progress)
{
    struct watch *watched = user;
    watched->seen = progress->step;
    memcpy(watched->losses, progress->losses, (size_t)progress->loss_count * sizeof(float));
    return progress->step == watched->stop_at;
}

/* Six steps in one go; and three, a new context with other threads that has made other things, and three
 * more. */
START_TEST(a_resumed_training_gives_the_same_bits)
{
    struct room room = open_room(1), other = open_room(3);
    gan_training_options options = steps(6), first = steps(6), second = steps(6);
    struct watch watched = {.stop_at = 3};
    gan_model *whole, *half, *resumed;
    first.checkpoint = second.resume = path_in(&room, "checkpoint");
    first.progress = watch;
    first.progress_user = &watched;
    must(train(&whole, &room, _i, &options));
    must(train(&half, &room, _i, &first));
    must(train(&resumed, &other, _i, &second));
    expect_same(whole, resumed);
    ck_assert_str_eq(gan_model_metadata(whole, "steps"), "6");
    gan_model_free(whole);
    gan_model_free(half);
    gan_model_free(resumed);
    close_room(&room);
    close_room(&other);
}
END_TEST

START_TEST(a_stopped_training_gives_what_it_has)
{
    struct room room = open_room(1);
    struct watch watched = {.stop_at = 2};
    gan_training_options options = steps(50);
    gan_model *model;
    options.progress = watch;
    options.progress_user = &watched;
    options.log_csv = path_in(&room, "losses.csv");
    options.plot_png = path_in(&room, "losses.png");
    options.preview_png = path_in(&room, "preview.png");
    must(train(&model, &room, _i, &options));
    ck_assert_int_eq(watched.seen, 2);
    ck_assert_str_eq(gan_model_metadata(model, "steps"), "2");
    const char *const files[] = {"losses.csv", "losses.png", "preview.png"};
    for (int i = 0; i < 3; i++) {
        struct stat about;
        ck_assert_msg(stat(path_in(&room, files[i]), &about) == 0 && about.st_size > 20, "%s", files[i]);
    }
    gan_model_free(model);
    close_room(&room);
}
END_TEST

/* The negative of a picture is easy: the L1 loss falls to a part of what a mean picture would give. */
START_TEST(pix2pix_learns_from_pairs)
{
    struct room room = open_room(2);
    struct watch watched = {.stop_at = -1};
    gan_training_options options = steps(150);
    gan_model *model;
    options.progress = watch;
    options.progress_user = &watched;
    must(train(&model, &room, PIX2PIX, &options));
    ck_assert_float_lt(watched.losses[1], 0.25f); /* the pictures' own mean deviation is 0.7 */
    gan_model_free(model);
    close_room(&room);
}
END_TEST

/* All pictures are alike but for where the edge lies: their mean is soon met. */
START_TEST(dcgan_learns_what_pictures_look_like)
{
    struct room room = open_room(2);
    gan_training_options options = steps(150);
    gan_model *model;
    gan_tensor *noise, *pictures;
    must(train(&model, &room, DCGAN, &options));
    must(gan_tensor_create(&noise, room.context, GAN_FLOAT32, (const int64_t[]){16, 8}, 2));
    must(gan_tensor_fill_normal(noise, 3, 0, 1));
    must(gan_model_run(model, noise, &pictures));
    const float *values = gan_tensor_data_const(pictures);
    double top = 0, bottom = 0;
    const int64_t half = SIDE * SIDE * 3 / 4;
    for (int64_t n = 0; n < 16; n++)
        for (int64_t i = 0; i < half; i++) {
            top += (double)values[n * 4 * half + i];
            bottom += (double)values[n * 4 * half + 3 * half + i];
        }
    ck_assert_double_lt(top, bottom - 0.3 * 16 * (double)half); /* in truth 1.4 apart */
    gan_tensor_free(noise);
    gan_tensor_free(pictures);
    gan_model_free(model);
    close_room(&room);
}
END_TEST

/* How much brighter the upper quarter of a class's pictures is than the lower, on average. */
static double brightness_of_the_top(gan_model *model, const struct room *room, float label)
{
    enum { COUNT = 16, PICTURE = SIDE * SIDE * 3 };
    gan_session *session;
    gan_tensor *inputs[2], *pictures;
    must(gan_session_create(&session, model, (const int64_t[]){COUNT, 8, COUNT}, NULL));
    must(gan_tensor_create(&inputs[0], room->context, GAN_FLOAT32, (const int64_t[]){COUNT, 8}, 2));
    must(gan_tensor_create(&inputs[1], room->context, GAN_FLOAT32, (const int64_t[]){COUNT}, 1));
    must(
        gan_tensor_create(&pictures, room->context, GAN_FLOAT32, (const int64_t[]){COUNT, SIDE, SIDE, 3}, 4));
    must(gan_tensor_fill_normal(inputs[0], 3, 0, 1));
    for (int i = 0; i < COUNT; i++)
        ((float *)gan_tensor_data(inputs[1]))[i] = label;
    must(gan_session_run(session, (const gan_tensor *const *)inputs, 2, &pictures, 1));
    const float *values = gan_tensor_data_const(pictures);
    double difference = 0;
    for (int n = 0; n < COUNT; n++)
        for (int i = 0; i < PICTURE / 4; i++)
            difference += (double)values[n * PICTURE + i] - (double)values[n * PICTURE + 3 * PICTURE / 4 + i];
    gan_session_free(session);
    gan_tensor_free(inputs[0]);
    gan_tensor_free(inputs[1]);
    gan_tensor_free(pictures);
    return difference / (COUNT * PICTURE / 4);
}

/* Class a is dark on top, class b bright. */
START_TEST(dcgan_learns_what_classes_look_like)
{
    struct room room = open_room(2);
    gan_training_options options = steps(600);
    gan_model *model;
    must(train(&model, &room, CONDITIONAL, &options));
    ck_assert_str_eq(gan_model_metadata(model, "classes"), "2");
    ck_assert_str_eq(gan_model_metadata(model, "class_names"), "a/b");
    const double a = brightness_of_the_top(model, &room, 0), b = brightness_of_the_top(model, &room, 1);
    printf("top minus bottom: %g of a, %g of b\n", a, b);
    ck_assert_double_lt(a, -0.3); /* in truth 1.4 apart */
    ck_assert_double_gt(b, 0.3);
    gan_model_free(model);
    close_room(&room);
}
END_TEST

static void refuse(gan_status status, gan_status expected, const char *words)
{
    ck_assert_msg(status == expected && strstr(gan_error_message(), words) != NULL, "%d: %s", status,
                  gan_error_message());
}

/* Members that a recipe does not have; a struct whose size nobody said; room of an older caller. */
static void refuse_members(void)
{
    gan_recipe_options options = {.struct_size = sizeof options, .blocks = 3};
    refuse(gan_recipe_complete("dcgan", &options), GAN_ERROR_ARGUMENT, "blocks is 3, but dcgan has none");
    options = (gan_recipe_options){.struct_size = sizeof options, .penalty_weight = 1};
    refuse(gan_recipe_complete("cyclegan", &options), GAN_ERROR_ARGUMENT, "penalty_weight is 1");
    options = (gan_recipe_options){.struct_size = sizeof options, .loss = GAN_LOSS_BCE_WITH_LOGITS};
    must(gan_recipe_complete("cyclegan", &options));
    ck_assert_int_eq(options.loss, GAN_LOSS_BCE_WITH_LOGITS);
    options = (gan_recipe_options){.struct_size = sizeof options, .loss = GAN_LOSS_BCE};
    refuse(gan_recipe_complete("dcgan", &options), GAN_ERROR_ARGUMENT, "logits");
    options = (gan_recipe_options){.batch = 1};
    refuse(gan_recipe_complete("dcgan", &options), GAN_ERROR_ARGUMENT, "struct_size");
    options = (gan_recipe_options){.struct_size = offsetof(gan_recipe_options, blocks)};
    must(gan_recipe_complete("cyclegan", &options));
    ck_assert_int_eq(options.batch, 1);
    ck_assert_int_eq(options.blocks, 0);
}

/* pix2pix without pairs; pictures in 0..1. */
static void refuse_sides(const struct room *room)
{
    const gan_dataset_options unit = {.struct_size = sizeof unit, .size = SIDE, .range = GAN_RANGE_UNIT};
    gan_model *model = NULL;
    gan_dataset *data = open_data(room, CYCLEGAN);
    refuse(gan_train_pix2pix(&model, room->context, data, NULL), GAN_ERROR_ARGUMENT, "no pairs");
    gan_dataset_free(data);
    must(gan_dataset_open_folder(&data, room->context, path_in(room, "a"), &unit));
    refuse(gan_train_dcgan(&model, room->context, data, NULL), GAN_ERROR_ARGUMENT, "GAN_RANGE_SYMMETRIC");
    gan_dataset_free(data);
}

START_TEST(what_cannot_be_is_refused)
{
    struct room room = open_room(1);
    gan_recipe_options options = {.struct_size = sizeof options, .preset = "large"};
    gan_training_options training = steps(2);
    gan_dataset *data = open_data(&room, DCGAN);
    gan_model *model = NULL;
    refuse(gan_train_dcgan(&model, room.context, data, &options), GAN_ERROR_NOT_FOUND, "paper and small");
    refuse(gan_train_dcgan(&model, room.context, NULL, NULL), GAN_ERROR_ARGUMENT, "data set is NULL");
    refuse(gan_train_dcgan(&model, NULL, data, NULL), GAN_ERROR_ARGUMENT, "context is NULL");
    refuse(gan_train_dcgan(NULL, room.context, data, NULL), GAN_ERROR_ARGUMENT, "generator is NULL");
    refuse(gan_train_pix2pix(&model, room.context, data, NULL), GAN_ERROR_ARGUMENT, "1 sides, expected 2");
    refuse(gan_recipe_complete("wgan", &options), GAN_ERROR_NOT_FOUND, "cyclegan");
    options = (gan_recipe_options){.struct_size = sizeof options, .conditional = 1};
    refuse(gan_train_dcgan(&model, room.context, data, &options), GAN_ERROR_ARGUMENT, "has no labels");
    refuse(gan_recipe_complete("cut", &options), GAN_ERROR_ARGUMENT, "only dcgan");
    options = (gan_recipe_options){.struct_size = sizeof options, .loss = GAN_LOSS_WASSERSTEIN};
    refuse(gan_recipe_complete("cyclegan", &options), GAN_ERROR_ARGUMENT, "loss is 5");
    options = (gan_recipe_options){.struct_size = sizeof options, .loss = GAN_LOSS_WASSERSTEIN};
    must(gan_recipe_complete("dcgan", &options));
    ck_assert(options.critic_steps == 5 && options.penalty_weight == 10);
    options = (gan_recipe_options){.struct_size = sizeof options, .preset = "small", .conditional = 1};
    must(gan_recipe_complete("dcgan", &options));
    ck_assert(options.learning_rate == 5e-4f);
    options = (gan_recipe_options){.struct_size = sizeof options, .critic_steps = 2};
    refuse(gan_recipe_complete("pix2pix", &options), GAN_ERROR_ARGUMENT, "critic_steps is 2");
    options = (gan_recipe_options){.struct_size = sizeof options, .learning_rate = 20};
    refuse(gan_recipe_complete("dcgan", &options), GAN_ERROR_ARGUMENT, "learning_rate is 20");
    refuse_members();
    refuse_sides(&room);
    training.checkpoint = path_in(&room, "checkpoint");
    must(train(&model, &room, DCGAN, &training));
    gan_model_free(model);
    training.resume = training.checkpoint;
    training.checkpoint = NULL;
    refuse(train(&model, &room, PIX2PIX, &training), GAN_ERROR_ARGUMENT, "made with other options");
    training.resume = path_in(&room, "a/0.png");
    refuse(train(&model, &room, DCGAN, &training), GAN_ERROR_FORMAT, "0.png");
    training = steps(2);
    training.checkpoint = path_in(&room, "nowhere/checkpoint");
    refuse(train(&model, &room, DCGAN, &training), GAN_ERROR_NOT_FOUND, "nowhere");
    ck_assert_ptr_null(model);
    gan_dataset_free(data);
    close_room(&room);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recipes");
    TCase *tests = tcase_create("recipes");
    tcase_set_timeout(tests, 1700);
    tcase_add_loop_test(tests, a_resumed_training_gives_the_same_bits, 0, RECIPES);
    if (!WATCHES_THREADS) { /* under whose sanitizer learning takes minutes, and does nothing else */
        tcase_add_loop_test(tests, a_stopped_training_gives_what_it_has, 0, RECIPES);
        tcase_add_test(tests, pix2pix_learns_from_pairs);
        tcase_add_test(tests, dcgan_learns_what_pictures_look_like);
        tcase_add_test(tests, dcgan_learns_what_classes_look_like);
    }
    tcase_add_test(tests, what_cannot_be_is_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
