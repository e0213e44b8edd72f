/* The style trainer: it learns, its results repeat, it resumes with the same bits, it stops when asked. */
#include "base/suite.h"
#include "style/pictures.h"
#include "training/folder.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STOP_NEVER = 0 };

struct watch {
    int64_t stop_after, steps;
    float first, last; /* losses */
    double temporal;   /* its sum over the last twenty steps */
};

static int32_t look(void *user, const gan_progress *progress)
{
    struct watch *watch = user;
    watch->steps = progress->step;
    ck_assert_int_eq(progress->loss_count, 8);
    ck_assert_str_eq(progress->loss_names[0], "loss");
    if (progress->step == 1)
        watch->first = progress->losses[0];
    watch->last = progress->losses[0];
    ck_assert_str_eq(progress->loss_names[6], "temporal");
    if (progress->step > progress->total - 20)
        watch->temporal += (double)progress->losses[6];
    return watch->stop_after != STOP_NEVER && progress->step >= watch->stop_after;
}

struct bench {
    gan_context *context;
    struct picture_folder files;
    gan_tensor *picture;
    gan_model *extractor;
    struct watch watch;
    char checkpoint[64];
};

static struct bench open_bench(int32_t threads)
{
    struct bench bench = {.watch = {0}};
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    snprintf(bench.checkpoint, sizeof bench.checkpoint, "/tmp/gan_trainer_%ld", (long)getpid());
    ck_assert_int_eq(gan_context_create(&bench.context, &options), GAN_OK);
    bench.files = make_picture_folder(4, 40);
    bench.picture = noise_picture(bench.context, 48, 64, 3);
    bench.extractor = small_extractor(bench.context);
    return bench;
}

static void close_bench(struct bench *bench)
{
    gan_model_free(bench->extractor);
    gan_tensor_free(bench->picture);
    gan_context_free(bench->context);
    remove_picture_folder(&bench->files);
    remove(bench->checkpoint);
}

static gan_style_trainer_options options_for(struct bench *bench, int64_t steps)
{
    return (gan_style_trainer_options){.struct_size = sizeof(gan_style_trainer_options),
                                       .extractor = bench->extractor,
                                       .channels = 3,
                                       .blocks = 1,
                                       .size = 32,
                                       .batch = 2,
                                       .style_size = 64,
                                       .adversarial_weight = 0.1f,
                                       .steps = steps,
                                       .seed = 5,
                                       .progress = look,
                                       .progress_user = &bench->watch};
}

static gan_model *train(struct bench *bench, const gan_style_trainer_options *options)
{
    gan_model *generator;
    const gan_status status =
        gan_train_style(&generator, bench->context, bench->picture, bench->files.path, options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return generator;
}

static bool same_parameters(const gan_model *a, const gan_model *b)
{
    bool same = gan_model_parameter_count(a) == gan_model_parameter_count(b);
    for (int32_t i = 0; same && i < gan_model_parameter_count(a); i++) {
        gan_tensor *first, *second;
        ck_assert_int_eq(gan_model_get_parameter(a, i, &first), GAN_OK);
        ck_assert_int_eq(gan_model_get_parameter(b, i, &second), GAN_OK);
        same = memcmp(gan_tensor_data(first), gan_tensor_data(second),
                      (size_t)gan_tensor_count(first) * sizeof(float)) == 0;
        gan_tensor_free(first);
        gan_tensor_free(second);
    }
    return same;
}

START_TEST(the_loss_falls)
{
    struct bench bench = open_bench(0);
    const gan_style_trainer_options options = options_for(&bench, 60);
    gan_model *generator = train(&bench, &options);
    ck_assert_int_eq(bench.watch.steps, 60);
    ck_assert_float_lt(bench.watch.last, 0.7f * bench.watch.first);
    ck_assert_str_eq(gan_model_metadata(generator, "method"), "style");
    ck_assert_str_eq(gan_model_metadata(generator, "steps"), "60");
    ck_assert_ptr_nonnull(gan_model_metadata(generator, "final_losses"));
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

/* Options, seed and pictures alone decide: neither the number of threads nor what the context made before. */
START_TEST(threads_do_not_change_a_bit)
{
    struct bench one = open_bench(1), several = open_bench(3);
    gan_model_copy_parameters(several.extractor, one.extractor);
    gan_model_free(small_extractor(several.context));
    gan_style_trainer_options first = options_for(&one, 6), second = options_for(&several, 6);
    first.temporal_weight = second.temporal_weight = 2;
    gan_model *a = train(&one, &first), *b = train(&several, &second);
    ck_assert(same_parameters(a, b));
    gan_model_free(a);
    gan_model_free(b);
    close_bench(&one);
    close_bench(&several);
}
END_TEST

static void check_resume(bool extractor)
{
    struct bench bench = open_bench(0);
    gan_style_trainer_options options = options_for(&bench, 12);
    options.temporal_weight = extractor ? 2 : 0;
    if (!extractor)
        options.extractor = NULL;
    gan_model *whole = train(&bench, &options);
    options.checkpoint = bench.checkpoint;
    bench.watch.stop_after = 6;
    gan_model *half = train(&bench, &options);
    ck_assert_int_eq(bench.watch.steps, 6);
    ck_assert(!same_parameters(whole, half));
    bench.watch.stop_after = STOP_NEVER;
    options.resume = bench.checkpoint;
    gan_model *resumed = train(&bench, &options);
    ck_assert_int_eq(bench.watch.steps, 12);
    ck_assert(same_parameters(whole, resumed));
    gan_model_free(resumed);
    gan_model_free(half);
    gan_model_free(whole);
    close_bench(&bench);
}

START_TEST(a_resumed_training_gives_the_same_bits)
{
    check_resume(true);
}
END_TEST

START_TEST(without_an_extractor_too)
{
    check_resume(false);
}
END_TEST

/* Pictures with something to see in them that can move. */
static void draw_pictures(struct bench *bench)
{
    for (int i = 0; i < bench->files.count; i++) {
        char path[128];
        gan_tensor *coarse = noise_picture(bench->context, 12, 12, (uint64_t)i), *picture;
        snprintf(path, sizeof path, "%s/sub/picture_%d.png", bench->files.path, i);
        ck_assert_int_eq(gan_image_resize(&picture, coarse, 47, 40), GAN_OK);
        ck_assert_int_eq(gan_image_save(picture, NULL, path, 0), GAN_OK);
        gan_tensor_free(coarse);
        gan_tensor_free(picture);
    }
}

static double inconsistency(struct bench *bench, float weight)
{
    gan_style_trainer_options options = options_for(bench, 120);
    options.adversarial_weight = -1;
    options.temporal_weight = weight;
    bench->watch.temporal = 0;
    gan_model_free(train(bench, &options));
    return bench->watch.temporal / 20;
}

START_TEST(a_temporal_loss_makes_strokes_move_with_the_picture)
{
    struct bench bench = open_bench(0);
    draw_pictures(&bench);
    const double without = inconsistency(&bench, 1e-6f), with = inconsistency(&bench, 50);
    ck_assert_msg(with > 0 && with < 0.6 * without, "%g with, %g without", with, without);
    ck_assert(inconsistency(&bench, 0) == 0);
    close_bench(&bench);
}
END_TEST

START_TEST(a_checkpoint_of_other_options_is_refused)
{
    struct bench bench = open_bench(0);
    gan_model *generator;
    gan_style_trainer_options options = options_for(&bench, 2);
    options.checkpoint = bench.checkpoint;
    gan_model_free(train(&bench, &options));
    options.resume = bench.checkpoint;
    options.seed++;
    ck_assert_int_eq(gan_train_style(&generator, bench.context, bench.picture, bench.files.path, &options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(generator);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "other options"));
    close_bench(&bench);
}
END_TEST

static void expect_refused(const struct bench *bench, const char *folder,
                           const gan_style_trainer_options *options)
{
    gan_model *generator;
    ck_assert_int_eq(gan_train_style(&generator, bench->context, bench->picture, folder, options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "other options"));
}

/* An extractor of the same name with other weights; a folder with other pictures; other kernels. */
START_TEST(a_checkpoint_of_other_material_is_refused)
{
    struct bench bench = open_bench(0);
    struct picture_folder others = make_picture_folder(5, 40);
    gan_style_trainer_options options = options_for(&bench, 2);
    options.checkpoint = bench.checkpoint;
    gan_model_free(train(&bench, &options));
    options.checkpoint = NULL;
    options.resume = bench.checkpoint;
    gan_model_free(train(&bench, &options));
    expect_refused(&bench, others.path, &options);
    options.extractor = small_extractor(bench.context);
    expect_refused(&bench, bench.files.path, &options);
    gan_model_free(options.extractor);
    const gan_context_options portable = {.struct_size = sizeof portable, .kernels = GAN_KERNELS_PORTABLE};
    gan_context *plain;
    ck_assert_int_eq(gan_context_create(&plain, &portable), GAN_OK);
    if (gan_context_kernels(plain) != gan_context_kernels(bench.context)) {
        gan_context *usual = bench.context;
        bench.context = plain;
        options.extractor = small_extractor(plain);
        gan_model_copy_parameters(options.extractor, bench.extractor);
        expect_refused(&bench, bench.files.path, &options);
        gan_model_free(options.extractor);
        bench.context = usual;
    }
    gan_context_free(plain);
    remove_picture_folder(&others);
    close_bench(&bench);
}
END_TEST

START_TEST(a_budget_of_time_is_kept)
{
    struct bench bench = open_bench(0);
    gan_style_trainer_options options = options_for(&bench, 0);
    options.minutes = 0.03;
    gan_model *generator = train(&bench, &options);
    ck_assert_int_gt(bench.watch.steps, 0);
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

static gan_layer *explode(gan_layer *x)
{
    for (int i = 0; i < 8; i++)
        x = gan_multiply(gan_scale(x, 1e9f, 1.0f), x);
    return x;
}

/* Features that overflow as soon as a picture is not black. */
static gan_model *broken_extractor(gan_context *context)
{
    gan_graph *graph;
    gan_model *model;
    ck_assert_int_eq(gan_graph_create(&graph, context), GAN_OK);
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *output = explode(input);
    ck_assert_int_eq(gan_model_create(&model, "broken", &input, 1, &output, 1), GAN_OK);
    gan_graph_free(graph);
    return model;
}

START_TEST(numbers_that_stay_infinite_end_the_training_in_clear_words)
{
    struct bench bench = open_bench(0);
    gan_model *generator, *extractor = broken_extractor(bench.context);
    gan_style_trainer_options options = options_for(&bench, 4);
    memset(gan_tensor_data(bench.picture), 0, (size_t)gan_tensor_count(bench.picture) * sizeof(float));
    options.extractor = extractor;
    ck_assert_int_eq(gan_train_style(&generator, bench.context, bench.picture, bench.files.path, &options),
                     GAN_ERROR_NOT_FINITE);
    ck_assert_ptr_null(generator);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "halved"));
    gan_model_free(extractor);
    close_bench(&bench);
}
END_TEST

START_TEST(bad_options_are_refused_before_any_work)
{
    struct bench bench = open_bench(0);
    gan_model *generator;
    gan_style_trainer_options options = options_for(&bench, 2);
    options.preset = "huge";
    ck_assert_int_eq(gan_train_style(&generator, bench.context, bench.picture, bench.files.path, &options),
                     GAN_ERROR_ARGUMENT);
    options = options_for(&bench, 2);
    options.learning_rate = NAN;
    ck_assert_int_eq(gan_train_style(&generator, bench.context, bench.picture, bench.files.path, &options),
                     GAN_ERROR_ARGUMENT);
    options = options_for(&bench, 2);
    ck_assert_int_eq(gan_train_style(&generator, bench.context, NULL, bench.files.path, &options),
                     GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_train_style(&generator, bench.context, bench.picture, "/nonexistent", &options),
                     GAN_ERROR_NOT_FOUND);
    options.checkpoint = "/nonexistent/folder/file";
    ck_assert_int_lt(gan_train_style(&generator, bench.context, bench.picture, bench.files.path, &options),
                     0);
    ck_assert_int_eq(gan_train_style(NULL, bench.context, bench.picture, bench.files.path, &options),
                     GAN_ERROR_ARGUMENT);
    close_bench(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_loss_falls,
        threads_do_not_change_a_bit,
        a_resumed_training_gives_the_same_bits,
        without_an_extractor_too,
        a_temporal_loss_makes_strokes_move_with_the_picture,
        a_checkpoint_of_other_options_is_refused,
        a_checkpoint_of_other_material_is_refused,
        a_budget_of_time_is_kept,
        numbers_that_stay_infinite_end_the_training_in_clear_words,
        bad_options_are_refused_before_any_work,
    };
    return run_long_suite("style trainer", tests, sizeof tests / sizeof tests[0]);
}
