/* The generators that recipes hand over have running statistics of their own weights, not of the last steps'.
 */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"
#include "training/folder.h"

#include <math.h>
#include <string.h>

enum { SIDE = 32, NOISE = 8, BATCH = 8, BATCHES = 100, MOST = 1024 };

struct room {
    gan_context *context;
    struct picture_folder folder;
};

static struct room open_room(void)
{
    struct room room = {.folder = make_picture_folder(6, SIDE)};
    must(gan_context_create(&room.context, NULL));
    return room;
}

static void close_room(struct room *room)
{
    remove_picture_folder(&room->folder);
    gan_context_free(room->context);
}

/* Too few steps for the statistics of training to forget where they began. */
static gan_recipe_options options_of(const gan_training_options *training, float average_images)
{
    return (gan_recipe_options){.struct_size = sizeof(gan_recipe_options),
                                .preset = "small",
                                .batch = BATCH,
                                .generator_channels = 4,
                                .discriminator_channels = 4,
                                .learning_rate = 2e-3f,
                                .average_images = average_images,
                                .training = training};
}

static gan_model *train(const struct room *room, int pairs, float average_images)
{
    const gan_training_options training = {.struct_size = sizeof training, .steps = 6, .seed = 5};
    const gan_dataset_options opening = {.struct_size = sizeof opening, .size = SIDE};
    const char *path = room->folder.path;
    gan_recipe_options options = options_of(&training, average_images);
    gan_dataset *data;
    gan_model *model;
    if (pairs) {
        must(gan_dataset_open_pairs(&data, room->context, path, path, &opening));
        must(gan_train_pix2pix(&model, room->context, data, &options));
    } else {
        options.noise = NOISE;
        must(gan_dataset_open_folder(&data, room->context, path, &opening));
        must(gan_train_dcgan(&model, room->context, data, &options));
    }
    gan_dataset_free(data);
    return model;
}

/* Noise, or pictures where there is a data set. */
static void fill(gan_dataset *data, gan_tensor *batch, int number)
{
    if (data != NULL)
        must(gan_dataset_next(data, batch, NULL, NULL));
    else
        must(gan_tensor_fill_normal(batch, 900 + (uint64_t)number, 0, 1));
}

static void measure(const struct room *room, gan_model *model, int pairs)
{
    const int64_t noise[2] = {BATCH, NOISE}, pictures[4] = {BATCH, SIDE, SIDE, 3};
    const gan_dataset_options opening = {.struct_size = sizeof opening, .size = SIDE, .seed = 77};
    const gan_session_options options = {.struct_size = sizeof options, .measure_statistics = 1};
    gan_tensor *batch, *const unwanted = NULL;
    gan_dataset *data = NULL;
    gan_session *session;
    if (pairs)
        must(gan_dataset_open_folder(&data, room->context, room->folder.path, &opening));
    must(gan_tensor_create(&batch, room->context, GAN_FLOAT32, pairs ? pictures : noise, pairs ? 4 : 2));
    must(gan_session_create(&session, model, pairs ? pictures : noise, &options));
    for (int i = 0; i < BATCHES; i++) {
        fill(data, batch, i);
        must(gan_session_run(session, (const gan_tensor *const *)&batch, 1, &unwanted, 1));
    }
    gan_session_free(session);
    gan_tensor_free(batch);
    gan_dataset_free(data);
}

/* Running means or variances, by what their names end with. */
static int read_statistics(const gan_model *model, const char *ending, double *values)
{
    int count = 0;
    for (int32_t i = 0; i < gan_model_parameter_count(model); i++) {
        gan_tensor *tensor;
        if (strstr(gan_model_parameter_name(model, i), ending) == NULL)
            continue;
        must(gan_model_get_parameter(model, i, &tensor));
        ck_assert_int_le(count + (int)gan_tensor_count(tensor), MOST);
        for (int64_t k = 0; k < gan_tensor_count(tensor); k++)
            values[count++] = (double)((float *)gan_tensor_data(tensor))[k];
        gan_tensor_free(tensor);
    }
    return count;
}

/* Other batches give nearly the same; those of training differ by the 1 and 0 from which they began. */
static void check_statistics(int pairs, float average_images)
{
    static double means[2][MOST], variances[2][MOST];
    struct room room = open_room();
    gan_model *model = train(&room, pairs, average_images);
    const int count = read_statistics(model, "running_mean", means[0]);
    ck_assert_int_gt(count, 8);
    ck_assert_int_eq(read_statistics(model, "running_variance", variances[0]), count);
    measure(&room, model, pairs);
    read_statistics(model, "running_mean", means[1]);
    read_statistics(model, "running_variance", variances[1]);
    for (int i = 0; i < count; i++) {
        ck_assert_double_eq_tol(means[0][i], means[1][i], 0.25 * sqrt(variances[1][i]) + 1e-4);
        ck_assert_double_eq_tol(variances[0][i], variances[1][i], 0.25 * variances[1][i] + 1e-6);
    }
    gan_model_free(model);
    close_room(&room);
}

START_TEST(of_an_average)
{
    check_statistics(_i, 16);
}
END_TEST

START_TEST(of_the_last_weights)
{
    check_statistics(_i, -1);
}
END_TEST

int main(void)
{
    TCase *test_case = tcase_create("statistics");
    tcase_set_timeout(test_case, TEST_SECONDS);
    tcase_add_loop_test(test_case, of_an_average, 0, 2);
    tcase_add_loop_test(test_case, of_the_last_weights, 0, 2);
    Suite *suite = suite_create("running statistics of what recipes make");
    suite_add_tcase(suite, test_case);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
