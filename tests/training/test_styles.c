/* Several styles in one generator: they are learned, chosen, mixed and added to, and the bits repeat. */
#include "base/suite.h"
#include "style/pictures.h"
#include "training/folder.h"

#include "gan/gan.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STYLES = 3 };
static const char *const names[STYLES] = {"wave", "night", "2"};

struct bench {
    gan_context *context;
    struct picture_folder files;
    gan_tensor *pictures[STYLES], *photo;
    gan_model *extractor;
    float first, last; /* losses, each a mean over the styles */
    int64_t stop_after;
    char checkpoint[64];
};

/* One style is flat and dark, one flat and bright, one noise. */
static struct bench open_bench(int32_t threads)
{
    struct bench bench = {.stop_after = 0};
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads, .seed = 3};
    snprintf(bench.checkpoint, sizeof bench.checkpoint, "/tmp/gan_styles_%ld", (long)getpid());
    ck_assert_int_eq(gan_context_create(&bench.context, &options), GAN_OK);
    bench.files = make_picture_folder(4, 40);
    for (int i = 0; i < STYLES; i++)
        bench.pictures[i] = noise_picture(bench.context, 48, 64, (uint64_t)(3 + i));
    for (int i = 0; i < 2; i++) {
        float *values = gan_tensor_data(bench.pictures[i]);
        for (int64_t k = 0; k < gan_tensor_count(bench.pictures[i]); k++)
            values[k] = (i == 0 ? 0.05f : 0.85f) + 0.1f * values[k];
    }
    bench.photo = noise_picture(bench.context, 40, 44, 9);
    bench.extractor = small_extractor(bench.context);
    ck_assert_int_eq(gan_model_initialize(bench.extractor, 4), GAN_OK);
    return bench;
}

static void close_bench(struct bench *bench)
{
    for (int i = 0; i < STYLES; i++)
        gan_tensor_free(bench->pictures[i]);
    gan_tensor_free(bench->photo);
    gan_model_free(bench->extractor);
    gan_context_free(bench->context);
    remove_picture_folder(&bench->files);
    remove(bench->checkpoint);
}

static int32_t look(void *user, const gan_progress *progress)
{
    struct bench *bench = user;
    ck_assert_int_eq(progress->loss_count, 5);
    if (progress->step <= 2)
        bench->first += progress->losses[0] / 2;
    if (progress->step > progress->total - 2)
        bench->last += progress->losses[0] / 2;
    return bench->stop_after > 0 && progress->step >= bench->stop_after;
}

static gan_style_trainer_options options_for(struct bench *bench, int64_t steps)
{
    bench->first = bench->last = 0;
    return (gan_style_trainer_options){.struct_size = sizeof(gan_style_trainer_options),
                                       .extractor = bench->extractor,
                                       .channels = 3,
                                       .blocks = 1,
                                       .size = 32,
                                       .batch = 2,
                                       .style_size = 64,
                                       .learning_rate = 1e-2f,
                                       .steps = steps,
                                       .seed = 5,
                                       .progress = look,
                                       .progress_user = bench};
}

static gan_model *train(struct bench *bench, const gan_style_trainer_options *options)
{
    gan_model *generator;
    const gan_tensor *const pictures[] = {bench->pictures[0], bench->pictures[1]};
    const gan_status status =
        gan_train_styles(&generator, bench->context, pictures, names, 2, bench->files.path, options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return generator;
}

static gan_model *add(struct bench *bench, const gan_model *model, int64_t steps)
{
    gan_model *wider;
    const gan_style_trainer_options options = options_for(bench, steps);
    const gan_status status = gan_train_added_style(&wider, bench->context, model, bench->pictures[2],
                                                    names[2], bench->files.path, &options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return wider;
}

static gan_tensor *paint(const struct bench *bench, gan_model *model, const float *weights, int32_t count)
{
    gan_model *one;
    gan_tensor *picture;
    ck_assert_int_eq(gan_model_mix_styles(&one, model, weights, count), GAN_OK);
    ck_assert_int_eq(gan_model_input_count(one), 1);
    ck_assert_int_eq(gan_model_stylize(one, bench->photo, &picture), GAN_OK);
    gan_model_free(one);
    return picture;
}

static double brightness(const struct bench *bench, gan_model *model, float first, float second)
{
    gan_tensor *picture = paint(bench, model, (const float[]){first, second}, 2);
    const float *values = gan_tensor_data_const(picture);
    const int64_t count = gan_tensor_count(picture);
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)values[i];
    gan_tensor_free(picture);
    return sum / (double)count;
}

static bool same(const gan_tensor *a, const gan_tensor *b)
{
    return memcmp(gan_tensor_data_const(a), gan_tensor_data_const(b),
                  (size_t)gan_tensor_count(a) * sizeof(float)) == 0;
}

static bool same_parameters(const gan_model *a, const gan_model *b)
{
    bool equal = true;
    for (int32_t i = 0; i < gan_model_parameter_count(a); i++) {
        gan_tensor *first, *second;
        ck_assert_int_eq(gan_model_get_parameter(a, i, &first), GAN_OK);
        ck_assert_int_eq(gan_model_get_parameter(b, i, &second), GAN_OK);
        equal = equal && same(first, second);
        gan_tensor_free(first);
        gan_tensor_free(second);
    }
    return equal;
}

/* The dark style paints darker than the bright one, a mixture between them. */
START_TEST(styles_are_learned_and_mixed)
{
    struct bench bench = open_bench(0);
    const gan_style_trainer_options options = options_for(&bench, 160);
    gan_model *generator = train(&bench, &options);
    ck_assert_float_lt(bench.last, 0.5f * bench.first);
    const double dark = brightness(&bench, generator, 1, 0), bright = brightness(&bench, generator, 0, 1);
    const double between = brightness(&bench, generator, 0.5f, 0.5f);
    ck_assert_double_lt(dark + 0.1, bright);
    ck_assert_double_gt(between, dark);
    ck_assert_double_lt(between, bright);
    ck_assert_str_eq(gan_model_metadata(generator, "method"), "styles");
    ck_assert_str_eq(gan_model_metadata(generator, "styles"), "wave/night");
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    struct bench benches[4];
    gan_model *generators[4];
    for (int i = 0; i < 4; i++) {
        benches[i] = open_bench(threads[i]);
        const gan_style_trainer_options options = options_for(&benches[i], 5);
        generators[i] = train(&benches[i], &options);
        ck_assert(same_parameters(generators[0], generators[i]));
    }
    for (int i = 0; i < 4; i++) {
        gan_model_free(generators[i]);
        close_bench(&benches[i]);
    }
}
END_TEST

START_TEST(a_resumed_training_gives_the_same_bits)
{
    struct bench bench = open_bench(0);
    gan_style_trainer_options options = options_for(&bench, 9);
    gan_model *whole = train(&bench, &options);
    options.checkpoint = bench.checkpoint;
    bench.stop_after = 5;
    gan_model *half = train(&bench, &options);
    ck_assert(!same_parameters(whole, half));
    bench.stop_after = 0;
    options.checkpoint = NULL;
    options.resume = bench.checkpoint;
    gan_model *resumed = train(&bench, &options);
    ck_assert(same_parameters(whole, resumed));
    gan_model_free(whole);
    gan_model_free(half);
    gan_model_free(resumed);
    close_bench(&bench);
}
END_TEST

/* What the generator paints in its old styles stays the same to the bit, and the new one is learned. */
START_TEST(a_style_is_added)
{
    struct bench bench = open_bench(0);
    const gan_style_trainer_options options = options_for(&bench, 20);
    gan_model *generator = train(&bench, &options), *wider = add(&bench, generator, 60);
    ck_assert_float_lt(bench.last, 0.8f * bench.first);
    ck_assert_str_eq(gan_model_metadata(wider, "styles"), "wave/night/2");
    ck_assert_int_eq(gan_model_style_count(generator), 2);
    ck_assert_int_eq(gan_model_style_count(wider), 3);
    for (int i = 0; i < 2; i++) {
        const float narrow[2] = {i == 0, i == 1}, wide[3] = {i == 0, i == 1, 0};
        gan_tensor *before = paint(&bench, generator, narrow, 2), *after = paint(&bench, wider, wide, 3);
        ck_assert(same(before, after));
        gan_tensor_free(before);
        gan_tensor_free(after);
    }
    gan_model_free(generator);
    gan_model_free(wider);
    close_bench(&bench);
}
END_TEST

/* Scales and shifts learned for one architecture would paint something else in another. */
START_TEST(other_architectures_get_no_style)
{
    struct bench bench = open_bench(1);
    const gan_style_trainer_options options = options_for(&bench, 1);
    gan_model *generator = train(&bench, &options), *wider;
    ck_assert_int_eq(gan_model_set_metadata(generator, "architecture", "johnson-styles"), GAN_OK);
    ck_assert_int_eq(gan_train_added_style(&wider, bench.context, generator, bench.pictures[2], names[2],
                                           bench.files.path, &options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(wider);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "architecture \"johnson-styles\", expected"));
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

static void expect_weights(const gan_model *model, const char *words, float a, float b, float c)
{
    float weights[STYLES];
    const gan_status status = gan_model_style_weights(model, words, weights);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    ck_assert_float_eq_tol(weights[0], a, 1e-6f);
    ck_assert_float_eq_tol(weights[1], b, 1e-6f);
    ck_assert_float_eq_tol(weights[2], c, 1e-6f);
}

static void expect_no_weights(const gan_model *model, const char *words, const char *message)
{
    float weights[STYLES];
    ck_assert_int_eq(gan_model_style_weights(model, words, weights), GAN_ERROR_ARGUMENT);
    ck_assert_msg(strstr(gan_error_message(), message) != NULL, "%s", gan_error_message());
}

/* Names come before numbers. */
START_TEST(words_choose_styles)
{
    struct bench bench = open_bench(1);
    const gan_style_trainer_options options = options_for(&bench, 1);
    gan_model *two = train(&bench, &options), *model = add(&bench, two, 1);
    char name[64];
    expect_weights(model, "night", 0, 1, 0);
    expect_weights(model, "1", 1, 0, 0);
    expect_weights(model, "2", 0, 0, 1);
    expect_weights(model, "wave,night", 0.5f, 0.5f, 0);
    expect_weights(model, "wave:3,2:1", 0.75f, 0, 0.25f);
    expect_no_weights(model, "day", "no style \"day\"; the styles are wave/night/2");
    expect_no_weights(model, "", "no style");
    expect_no_weights(model, "4", "no style");
    expect_no_weights(model, "wave:", "NAME:WEIGHT");
    expect_no_weights(model, "wave:1x", "NAME:WEIGHT");
    expect_no_weights(model, "wave:-1", "0 or more");
    expect_no_weights(model, "wave:nan", "0 or more");
    expect_no_weights(model, "wave:0", "sum");
    expect_no_weights(bench.extractor, "wave", "several styles");
    ck_assert_int_eq(gan_model_style_name(model, 2, name), GAN_OK);
    ck_assert_str_eq(name, "2");
    ck_assert_int_eq(gan_model_style_name(model, 3, name), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_model_style_count(NULL), 0);
    gan_model_free(two);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

static void expect_refused(struct bench *bench, const gan_tensor *const *pictures, const char *const *words,
                           int32_t count, const gan_style_trainer_options *options, gan_status expected,
                           const char *message)
{
    gan_model *generator;
    ck_assert_int_eq(
        gan_train_styles(&generator, bench->context, pictures, words, count, bench->files.path, options),
        expected);
    ck_assert_ptr_null(generator);
    ck_assert_msg(strstr(gan_error_message(), message) != NULL, "%s", gan_error_message());
}

START_TEST(bad_input_is_refused)
{
    struct bench bench = open_bench(1);
    const gan_style_trainer_options options = options_for(&bench, 1);
    gan_style_trainer_options blind = options;
    const gan_tensor *const pictures[] = {bench.pictures[0], bench.pictures[1]}, *const one[] = {
                                                                                     bench.pictures[0], NULL};
    blind.extractor = NULL;
    expect_refused(&bench, pictures, names, 0, &options, GAN_ERROR_ARGUMENT, "1 to 256");
    expect_refused(&bench, pictures, (const char *const[]){"a", "a"}, 2, &options, GAN_ERROR_ARGUMENT,
                   "two styles");
    expect_refused(&bench, pictures, (const char *const[]){"a", "b/c"}, 2, &options, GAN_ERROR_ARGUMENT,
                   "slash");
    expect_refused(&bench, pictures, (const char *const[]){"a", ""}, 2, &options, GAN_ERROR_ARGUMENT,
                   "characters");
    expect_refused(&bench, pictures, names, 2, &blind, GAN_ERROR_ARGUMENT, "extractor");
    expect_refused(&bench, pictures, names, 2, NULL, GAN_ERROR_ARGUMENT, "extractor");
    expect_refused(&bench, one, names, 2, &options, GAN_ERROR_SHAPE, "style \"night\"");
    gan_model *wider;
    ck_assert_int_eq(gan_train_added_style(&wider, bench.context, bench.extractor, bench.pictures[0], "a",
                                           bench.files.path, &options),
                     GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "no generator of several styles"));
    close_bench(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        styles_are_learned_and_mixed,
        threads_do_not_change_a_bit,
        a_resumed_training_gives_the_same_bits,
        a_style_is_added,
        other_architectures_get_no_style,
        words_choose_styles,
        bad_input_is_refused,
    };
    return run_long_suite("styles", tests, sizeof tests / sizeof tests[0]);
}
