/* The feature trainer: lessons are what they say, the network learns them, and the bits repeat. */
#include "base/suite.h"
#include "training/feature_trainer.h"
#include "training/folder.h"

#include "gan/gan.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 32, BATCH = 3 };

struct bench {
    gan_context *context;
    struct picture_folder files;
    gan_model *teachers[2];
    float first, last; /* losses */
    int64_t steps, stop_after;
    char checkpoint[64];
};

static struct bench open_bench(int32_t threads)
{
    struct bench bench = {.stop_after = 0};
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads, .seed = 3};
    snprintf(bench.checkpoint, sizeof bench.checkpoint, "/tmp/gan_features_%ld", (long)getpid());
    ck_assert_int_eq(gan_context_create(&bench.context, &options), GAN_OK);
    bench.files = make_picture_folder(5, 48);
    ck_assert_int_eq(gan_vgg19_create(&bench.teachers[0], bench.context), GAN_OK);
    ck_assert_int_eq(gan_squeezenet_create(&bench.teachers[1], bench.context), GAN_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(gan_model_initialize(bench.teachers[i], 11), GAN_OK);
    return bench;
}

static void close_bench(struct bench *bench)
{
    gan_model_free(bench->teachers[0]);
    gan_model_free(bench->teachers[1]);
    gan_context_free(bench->context);
    remove_picture_folder(&bench->files);
    remove(bench->checkpoint);
}

static int32_t look(void *user, const gan_progress *progress)
{
    struct bench *bench = user;
    ck_assert_int_eq(progress->loss_count, 5);
    if (progress->step == 1)
        bench->first = progress->losses[0];
    bench->last = progress->losses[0];
    bench->steps = progress->step;
    return bench->stop_after > 0 && progress->step >= bench->stop_after;
}

static gan_model *train(struct bench *bench, int64_t steps, const char *checkpoint, const char *resume)
{
    const gan_training_options training = {.struct_size = sizeof training,
                                           .steps = steps,
                                           .seed = 2,
                                           .checkpoint = checkpoint,
                                           .resume = resume,
                                           .progress = look,
                                           .progress_user = bench};
    const gan_feature_trainer_options options = {
        .struct_size = sizeof options, .channels = 4, .size = SIZE, .batch = BATCH, .training = &training};
    gan_model *network;
    const gan_status status = gan_train_features(&network, bench->context, bench->teachers, 2,
                                                 bench->files.path, bench->files.path, &options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return network;
}

static bool same_parameters(const gan_model *a, const gan_model *b)
{
    bool same = true;
    for (int32_t i = 0; i < gan_model_parameter_count(a); i++) {
        gan_tensor *first, *second;
        ck_assert_int_eq(gan_model_get_parameter(a, i, &first), GAN_OK);
        ck_assert_int_eq(gan_model_get_parameter(b, i, &second), GAN_OK);
        same = same && memcmp(gan_tensor_data(first), gan_tensor_data(second),
                              (size_t)gan_tensor_count(first) * sizeof(float)) == 0;
        gan_tensor_free(first);
        gan_tensor_free(second);
    }
    return same;
}

START_TEST(the_network_learns)
{
    struct bench bench = open_bench(0);
    gan_model *network = train(&bench, 60, NULL, NULL);
    ck_assert_float_lt(bench.last, 0.6f * bench.first);
    ck_assert_str_eq(gan_model_metadata(network, "architecture"), "features");
    ck_assert_str_eq(gan_model_metadata(network, "content_level"), "level3");
    ck_assert_ptr_nonnull(strstr(gan_model_metadata(network, "teachers"), "level4: squeezenet1.1 fire5"));
    ck_assert_int_eq(gan_model_output_count(network), 4);
    gan_model_free(network);
    close_bench(&bench);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    gan_model *networks[4];
    struct bench benches[4];
    for (int i = 0; i < 4; i++) {
        benches[i] = open_bench(threads[i]);
        networks[i] = train(&benches[i], 3, NULL, NULL);
        ck_assert(same_parameters(networks[0], networks[i]));
    }
    for (int i = 0; i < 4; i++) {
        gan_model_free(networks[i]);
        close_bench(&benches[i]);
    }
}
END_TEST

START_TEST(a_resumed_training_gives_the_same_bits)
{
    struct bench bench = open_bench(0);
    gan_model *whole = train(&bench, 8, NULL, NULL);
    bench.stop_after = 4;
    gan_model *half = train(&bench, 8, bench.checkpoint, NULL);
    ck_assert(!same_parameters(whole, half));
    bench.stop_after = 0;
    gan_model *resumed = train(&bench, 8, NULL, bench.checkpoint);
    ck_assert(same_parameters(whole, resumed));
    gan_model_free(whole);
    gan_model_free(half);
    gan_model_free(resumed);
    close_bench(&bench);
}
END_TEST

/* A level along its principal axes, and the pictures that these were found with. */
struct desk {
    struct bench bench;
    struct feature_pictures pictures;
    gan_tensor *batch;
    struct feature_lesson lesson;
};

enum { FEATURES = 7 };

static void open_desk(struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    desk->bench = open_bench(0);
    const char *path = desk->bench.files.path;
    ck_assert_int_eq(
        gan_feature_pictures_open(&desk->pictures, desk->bench.context, path, path, BATCH, SIZE, 5), GAN_OK);
    ck_assert_int_eq(gan_tensor_create(&desk->batch, desk->bench.context, GAN_FLOAT32,
                                       (const int64_t[]){BATCH, SIZE, SIZE, 3}, 4),
                     GAN_OK);
    ck_assert_int_eq(gan_feature_lesson_make(&desk->lesson, desk->bench.teachers[0], &gan_taught_levels[1],
                                             FEATURES, &desk->pictures, desk->batch, 1),
                     GAN_OK);
}

static void close_desk(struct desk *desk)
{
    gan_feature_lesson_free(&desk->lesson);
    gan_tensor_free(desk->batch);
    gan_feature_pictures_close(&desk->pictures);
    close_bench(&desk->bench);
}

/* Feature i of position k, as the teacher has it along the axis. */
static double feature(const struct desk *desk, int64_t k, int i)
{
    const float *target = gan_tensor_data_const(desk->lesson.target);
    return (double)target[k * FEATURES + i] / desk->lesson.stretch[i] + desk->lesson.mean[i];
}

static double product(const struct desk *desk, int i, int j)
{
    const int64_t count = gan_tensor_count(desk->lesson.target) / FEATURES;
    double sum = 0;
    for (int64_t k = 0; k < count; k++)
        sum += feature(desk, k, i) * feature(desk, k, j);
    return sum / (double)count;
}

/* Products of different principal components vanish, the squares fall, and their mean is 1. */
START_TEST(lessons_are_principal_components)
{
    struct desk desk;
    open_desk(&desk);
    const gan_tensor *batch = desk.batch;
    ck_assert_int_eq(gan_feature_pictures_disturbed(&desk.pictures, 0, desk.batch), GAN_OK);
    ck_assert_int_eq(gan_session_run(desk.lesson.session, &batch, 1, &desk.lesson.target, 1), GAN_OK);
    double squares = 0;
    for (int i = 0; i < FEATURES; i++) {
        const double square = product(&desk, i, i);
        squares += square / FEATURES;
        for (int j = 0; j < i; j++)
            ck_assert_double_le(fabs(product(&desk, i, j)), 1e-3 * sqrt(product(&desk, j, j) * FEATURES));
        if (i > 0)
            ck_assert_double_le(square, product(&desk, i - 1, i - 1) * 1.001);
    }
    ck_assert_double_eq_tol(squares, 1, 1e-3);
    close_desk(&desk);
}
END_TEST

/* A convolution that has learned the lesson gives the features once it is finished. */
START_TEST(finishing_gives_back_means_and_sizes)
{
    struct desk desk;
    open_desk(&desk);
    const gan_feature_network_options options = {.struct_size = sizeof options, .channels = FEATURES};
    gan_model *network;
    gan_tensor *before, *after, *weight_before, *weight_after;
    ck_assert_int_eq(gan_feature_network_create(&network, desk.bench.context, &options), GAN_OK);
    const int32_t bias = gan_model_parameter_find(network, "level1.bias");
    const int32_t weight = gan_model_parameter_find(network, "level1.weight");
    ck_assert_int_eq(gan_model_get_parameter(network, bias, &before), GAN_OK);
    ck_assert_int_eq(gan_model_get_parameter(network, weight, &weight_before), GAN_OK);
    ck_assert_int_eq(gan_feature_lesson_finish(&desk.lesson, network, "level1"), GAN_OK);
    ck_assert_int_eq(gan_model_get_parameter(network, bias, &after), GAN_OK);
    ck_assert_int_eq(gan_model_get_parameter(network, weight, &weight_after), GAN_OK);
    for (int i = 0; i < FEATURES; i++) {
        const double stretch = desk.lesson.stretch[i], mean = desk.lesson.mean[i];
        const double b = ((const float *)gan_tensor_data(before))[i],
                     c = ((const float *)gan_tensor_data(after))[i];
        const double v = ((const float *)gan_tensor_data(weight_before))[i * FEATURES];
        const double w = ((const float *)gan_tensor_data(weight_after))[i * FEATURES];
        ck_assert_double_eq_tol(c, b / stretch + mean, 1e-5 * (1 + fabs(c)));
        ck_assert_double_eq_tol(w, v / stretch, 1e-5 * (1 + fabs(w)));
    }
    gan_tensor_free(before);
    gan_tensor_free(after);
    gan_tensor_free(weight_before);
    gan_tensor_free(weight_after);
    gan_model_free(network);
    close_desk(&desk);
}
END_TEST

static void expect_refused(struct bench *bench, gan_feature_trainer_options options, int32_t teachers,
                           const char *words)
{
    gan_model *network;
    options.struct_size = sizeof options;
    ck_assert_int_eq(gan_train_features(&network, bench->context, bench->teachers, teachers,
                                        bench->files.path, NULL, &options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(network);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s", gan_error_message());
}

START_TEST(bad_input_is_refused)
{
    struct bench bench = open_bench(1);
    gan_model *network;
    expect_refused(&bench, (gan_feature_trainer_options){.size = 36}, 2, "multiple of 8");
    expect_refused(&bench, (gan_feature_trainer_options){.batch = -1}, 2, "batch");
    expect_refused(&bench, (gan_feature_trainer_options){.learning_rate = NAN}, 2, "learning_rate");
    expect_refused(&bench, (gan_feature_trainer_options){.channels = 300}, 2, "channels");
    expect_refused(&bench, (gan_feature_trainer_options){.channels = 4, .size = 32, .batch = 1}, 1,
                   "squeezenet1.1");
    expect_refused(&bench, (gan_feature_trainer_options){.channels = 80, .size = 32, .batch = 1}, 2,
                   "80 features, but the teacher has 64");
    ck_assert_int_eq(
        gan_train_features(&network, bench.context, bench.teachers, 2, "/nonexistent", NULL, NULL),
        GAN_ERROR_NOT_FOUND);
    ck_assert_int_eq(gan_train_features(NULL, bench.context, bench.teachers, 2, "/nonexistent", NULL, NULL),
                     GAN_ERROR_ARGUMENT);
    close_bench(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_network_learns,
        threads_do_not_change_a_bit,
        a_resumed_training_gives_the_same_bits,
        lessons_are_principal_components,
        finishing_gives_back_means_and_sizes,
        bad_input_is_refused,
    };
    return run_long_suite("features", tests, sizeof tests / sizeof tests[0]);
}
