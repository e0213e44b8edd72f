/* The trainer of decoders for any style: its parts are what they say, the decoder learns, and the bits
 * repeat. */
#include "base/suite.h"
#include "style/style.h"
#include "training/folder.h"
#include "training/transfer_trainer.h"

#include "gan/gan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 32, BATCH = 3 };

struct bench {
    gan_context *context;
    struct picture_folder files;
    gan_model *extractor;
    double first, last; /* mean losses of the first ten steps, and of the last ten */
    int64_t stop_after;
    int32_t reconstruction_steps;
    char checkpoint[64];
};

static struct bench open_bench(int32_t threads)
{
    struct bench bench = {.reconstruction_steps = 2};
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads, .seed = 3};
    const gan_feature_network_options network = {.struct_size = sizeof network, .channels = 4};
    snprintf(bench.checkpoint, sizeof bench.checkpoint, "/tmp/gan_decoder_%ld", (long)getpid());
    ck_assert_int_eq(gan_context_create(&bench.context, &options), GAN_OK);
    bench.files = make_picture_folder(5, 48);
    ck_assert_int_eq(gan_feature_network_create(&bench.extractor, bench.context, &network), GAN_OK);
    ck_assert_int_eq(gan_model_initialize(bench.extractor, 11), GAN_OK);
    return bench;
}

static void close_bench(struct bench *bench)
{
    gan_model_free(bench->extractor);
    gan_context_free(bench->context);
    remove_picture_folder(&bench->files);
    remove(bench->checkpoint);
}

static int32_t look(void *user, const gan_progress *progress)
{
    struct bench *bench = user;
    ck_assert_int_eq(progress->loss_count, TRANSFER_LOSSES);
    if (progress->step <= 10)
        bench->first += (double)progress->losses[0] / 10;
    if (progress->step > progress->total - 10)
        bench->last += (double)progress->losses[0] / 10;
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
    const gan_transfer_trainer_options options = {.struct_size = sizeof options,
                                                  .channels = 4,
                                                  .size = SIZE,
                                                  .batch = BATCH,
                                                  .learning_rate = 4e-3f,
                                                  .reconstruction_steps = bench->reconstruction_steps,
                                                  .training = &training};
    gan_model *decoder;
    const gan_status status = gan_train_transfer(&decoder, bench->context, bench->extractor,
                                                 bench->files.path, bench->files.path, &options);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    return decoder;
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

/* ---- The whole ---- */

/* With the features that come with libgan. */
static void take_own_features(struct bench *bench)
{
    char path[4096];
    const char *source = getenv("GAN_SOURCE_DIR");
    ck_assert_ptr_nonnull(source);
    snprintf(path, sizeof path, "%s/examples/networks/features.safetensors", source);
    gan_model_free(bench->extractor);
    ck_assert_int_eq(gan_model_load(&bench->extractor, bench->context, path), GAN_OK);
}

START_TEST(the_decoder_learns)
{
    struct bench bench = open_bench(0);
    take_own_features(&bench);
    char identity[EXTRACTOR_IDENTITY_SIZE];
    int64_t shape[GAN_MAX_RANK];
    bench.reconstruction_steps = 160;
    gan_model *decoder = train(&bench, 160, NULL, NULL);
    ck_assert_double_lt(bench.last, 0.7 * bench.first);
    ck_assert_int_eq(gan_extractor_identity_text(identity, bench.extractor), GAN_OK);
    ck_assert_str_eq(gan_model_metadata(decoder, "encoder"), identity);
    ck_assert_str_eq(gan_model_metadata(decoder, "encoder_level"), "level2");
    ck_assert_str_eq(gan_model_metadata(decoder, "architecture"), "transfer_decoder");
    ck_assert_str_eq(gan_model_metadata(decoder, "method"), "transfer");
    ck_assert_int_eq(gan_model_input_shape(decoder, 0, shape), 4);
    ck_assert_int_eq(shape[3], 48);
    gan_model_free(decoder);
    close_bench(&bench);
}
END_TEST

/* Under the thread sanitizer one training lets the threads meet. */
START_TEST(threads_do_not_change_a_bit)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    gan_model *decoders[4];
    struct bench benches[4];
    const int first = WATCHES_THREADS ? 2 : 0, end = WATCHES_THREADS ? 3 : 4;
    for (int i = first; i < end; i++) {
        benches[i] = open_bench(threads[i]);
        decoders[i] = train(&benches[i], 4, NULL, NULL);
        ck_assert(same_parameters(decoders[first], decoders[i]));
    }
    for (int i = first; i < end; i++) {
        gan_model_free(decoders[i]);
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

/* ---- Pictures ---- */

/* A batch is what its number says, in whatever order it is asked for; greys stay in range and, where colours
 * turn about their axis, grey. */
START_TEST(pictures_follow_from_their_number)
{
    struct bench bench = open_bench(0);
    struct transfer_pictures pictures;
    float first[BATCH * SIZE * SIZE * 3];
    ck_assert_int_eq(gan_transfer_pictures_open(&pictures, bench.context, bench.files.path, bench.files.path,
                                                BATCH, SIZE, 5),
                     GAN_OK);
    float *paintings = gan_tensor_data(pictures.painting_batch);
    ck_assert_int_eq(gan_transfer_pictures_load(&pictures, 3), GAN_OK);
    memcpy(first, paintings, sizeof first);
    ck_assert_int_eq(gan_transfer_pictures_load(&pictures, 4), GAN_OK);
    ck_assert_int_ne(memcmp(first, paintings, sizeof first), 0);
    ck_assert_int_eq(gan_transfer_pictures_load(&pictures, 3), GAN_OK);
    ck_assert_mem_eq(first, paintings, sizeof first);
    for (int i = 0; i < BATCH * SIZE * SIZE; i++) {
        ck_assert(first[3 * i] >= 0 && first[3 * i] <= 1);
        ck_assert_float_eq_tol(first[3 * i], first[3 * i + 1], 0.01);
        ck_assert_float_eq_tol(first[3 * i], first[3 * i + 2], 0.01);
    }
    gan_transfer_pictures_close(&pictures);
    close_bench(&bench);
}
END_TEST

START_TEST(a_preview_is_a_sheet_of_three_rows)
{
    struct bench bench = open_bench(0);
    char path[sizeof bench.checkpoint + 8];
    gan_tensor *sheet;
    gan_model *decoder;
    snprintf(path, sizeof path, "%s.png", bench.checkpoint);
    const gan_training_options training = {.struct_size = sizeof training, .steps = 2, .preview_png = path};
    const gan_transfer_trainer_options options = {
        .struct_size = sizeof options, .channels = 2, .size = SIZE, .batch = BATCH, .training = &training};
    ck_assert_int_eq(gan_train_transfer(&decoder, bench.context, bench.extractor, bench.files.path,
                                        bench.files.path, &options),
                     GAN_OK);
    ck_assert_int_eq(gan_image_load(&sheet, NULL, bench.context, path), GAN_OK);
    ck_assert_int_ge(gan_tensor_size(sheet, 1), 3 * SIZE);
    ck_assert_int_ge(gan_tensor_size(sheet, 2), BATCH * SIZE);
    gan_tensor_free(sheet);
    gan_model_free(decoder);
    remove(path);
    close_bench(&bench);
}
END_TEST

/* ---- Bad input ---- */

static void expect_refused(struct bench *bench, gan_transfer_trainer_options options, gan_status expected,
                           const char *words)
{
    gan_model *decoder;
    options.struct_size = sizeof options;
    ck_assert_int_eq(gan_train_transfer(&decoder, bench->context, bench->extractor, bench->files.path,
                                        bench->files.path, &options),
                     expected);
    ck_assert_ptr_null(decoder);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s", gan_error_message());
}

START_TEST(bad_options_are_refused)
{
    struct bench bench = open_bench(1);
    const gan_status argument = GAN_ERROR_ARGUMENT;
    expect_refused(&bench, (gan_transfer_trainer_options){.size = 40}, argument, "multiple of 16");
    expect_refused(&bench, (gan_transfer_trainer_options){.batch = -1}, argument, "batch");
    expect_refused(&bench, (gan_transfer_trainer_options){.channels = -1, .size = 32, .batch = 1}, argument,
                   "channels");
    expect_refused(&bench, (gan_transfer_trainer_options){.learning_rate = NAN}, argument, "learning_rate");
    expect_refused(&bench, (gan_transfer_trainer_options){.style_weight = INFINITY}, argument,
                   "style_weight");
    expect_refused(&bench, (gan_transfer_trainer_options){.content_weight = -1, .style_weight = -1}, argument,
                   "neither content nor style");
    expect_refused(&bench, (gan_transfer_trainer_options){.level = "level9"}, argument, "\"level9\"");
    expect_refused(&bench, (gan_transfer_trainer_options){.level = "level1", .size = 32, .batch = 1},
                   GAN_ERROR_SHAPE, "32x32 positions");
    close_bench(&bench);
}
END_TEST

START_TEST(bad_material_is_refused)
{
    struct bench bench = open_bench(1);
    char empty[80];
    gan_model *decoder = NULL, *johnson;
    snprintf(empty, sizeof empty, "%s.empty", bench.checkpoint);
    ck_assert_int_eq(mkdir(empty, 0700), 0);
    ck_assert_int_eq(gan_johnson_create(&johnson, bench.context, NULL), GAN_OK);
    const char *photos = bench.files.path;
    const gan_transfer_trainer_options small = {.struct_size = sizeof small, .size = 32, .batch = 1};
    ck_assert_int_eq(gan_train_transfer(&decoder, bench.context, bench.extractor, photos, empty, &small),
                     GAN_ERROR_FORMAT);
    ck_assert_ptr_null(decoder);
    ck_assert_int_eq(
        gan_train_transfer(&decoder, bench.context, bench.extractor, "/nonexistent", photos, &small),
        GAN_ERROR_NOT_FOUND);
    ck_assert_int_eq(gan_train_transfer(&decoder, bench.context, johnson, photos, photos, &small),
                     GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_train_transfer(&decoder, bench.context, NULL, photos, photos, &small),
                     GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_train_transfer(&decoder, bench.context, bench.extractor, photos, NULL, &small),
                     GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_train_transfer(NULL, bench.context, bench.extractor, photos, photos, &small),
                     GAN_ERROR_ARGUMENT);
    gan_model_free(johnson);
    rmdir(empty);
    close_bench(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_decoder_learns,
        threads_do_not_change_a_bit,
        a_resumed_training_gives_the_same_bits,
        pictures_follow_from_their_number,
        a_preview_is_a_sheet_of_three_rows,
        bad_options_are_refused,
        bad_material_is_refused,
    };
    return run_long_suite("transfer trainer", tests, sizeof tests / sizeof tests[0]);
}
