/* A transfer to fixed styles as a network of its own, beside the transfer itself. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "gan/image.h"
#include "graph/networks.h"
#include "models/plain_colors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The networks that come with the library ---- */

struct painting_bench {
    gan_context *context;
    gan_model *encoder, *decoder;
    gan_feature_transfer *transfer; /* two styles */
};

static gan_model *load(gan_context *context, const char *name)
{
    char path[4096];
    gan_model *model;
    snprintf(path, sizeof path, "%s/examples/networks/%s", getenv("GAN_SOURCE_DIR"), name);
    succeed(gan_model_load(&model, context, path));
    return model;
}

static gan_tensor *load_photo(gan_context *context, const char *name, int64_t height, int64_t width)
{
    char path[4096];
    gan_tensor *whole, *photo;
    snprintf(path, sizeof path, "%s/examples/images/%s", getenv("GAN_SOURCE_DIR"), name);
    succeed(gan_image_load(&whole, NULL, context, path));
    succeed(gan_image_resize(&photo, whole, height, width));
    gan_tensor_free(whole);
    return photo;
}

static struct painting_bench open_bench(int32_t threads, int32_t transform)
{
    static const char *const styles[] = {"coffee.jpg", "astronaut.jpg"};
    const gan_feature_transfer_options options = {.struct_size = sizeof options, .transform = transform};
    struct painting_bench bench = {.context = make_context(threads)};
    bench.encoder = load(bench.context, "features.safetensors");
    bench.decoder = load(bench.context, "transfer.safetensors");
    succeed(gan_feature_transfer_create(&bench.transfer, &bench.encoder, &bench.decoder, 1, &options));
    for (int i = 0; i < 2; i++) {
        gan_tensor *style = load_photo(bench.context, styles[i], 96, 128);
        succeed(gan_feature_transfer_add_picture(bench.transfer, style));
        gan_tensor_free(style);
    }
    return bench;
}

static void close_bench(struct painting_bench *bench)
{
    gan_feature_transfer_free(bench->transfer);
    gan_model_free(bench->encoder);
    gan_model_free(bench->decoder);
    gan_context_free(bench->context);
}

static gan_model *generator_of(const gan_feature_transfer *transfer, const gan_style_mixture *mixture)
{
    gan_model *generator;
    succeed(gan_feature_transfer_generator(&generator, transfer, mixture));
    return generator;
}

static gan_tensor *stylize(gan_model *generator, const gan_tensor *photo)
{
    gan_tensor *result;
    succeed(gan_model_stylize(generator, photo, &result));
    return result;
}

static gan_tensor *run(gan_feature_transfer *transfer, const gan_tensor *photo,
                       const gan_style_mixture *mixture)
{
    gan_tensor *result;
    succeed(gan_feature_transfer_run(transfer, photo, 1, mixture, &result));
    return result;
}

static void expect_close(gan_tensor *found, gan_tensor *expected, double tolerance)
{
    const double difference = largest_difference(found, expected);
    ck_assert_msg(difference < tolerance, "%g", difference);
    gan_tensor_free(found);
    gan_tensor_free(expected);
}

/* ---- The same picture ---- */

/* Sides that are multiples of 16 need no padding but the margin, which is the same: what differs is in which
 * order floats are rounded. A picture may be no larger than its margin. */
START_TEST(a_generator_paints_as_its_transfer)
{
    static const int64_t sizes[][2] = {{16, 16}, {48, 16}, {96, 64}, {128, 176}};
    struct painting_bench bench = open_bench(2, GAN_TRANSFORM_MEAN_DEVIATION);
    const gan_style_mixture uneven = {.struct_size = sizeof uneven, .weights = (const float[]){1, 3}},
                            second = {.struct_size = sizeof second, .weights = (const float[]){0, 2}};
    const gan_style_mixture *const mixtures[] = {NULL, &uneven, &second};
    for (int m = 0; m < 3; m++) {
        gan_model *generator = generator_of(bench.transfer, mixtures[m]);
        for (int i = 0; i < 4; i++) {
            gan_tensor *photo = load_photo(bench.context, "chelsea.jpg", sizes[i][0], sizes[i][1]);
            expect_close(stylize(generator, photo), run(bench.transfer, photo, mixtures[m]), 1e-5);
            gan_tensor_free(photo);
        }
        gan_model_free(generator);
    }
    close_bench(&bench);
}
END_TEST

/* What a batch gets is what its pictures get alone: each is normalized by itself. */
START_TEST(a_batch_is_painted_picture_by_picture)
{
    enum { HEIGHT = 48, WIDTH = 32, PIXELS = HEIGHT * WIDTH * 3 };
    struct painting_bench bench = open_bench(2, GAN_TRANSFORM_MEAN_DEVIATION);
    gan_model *generator = generator_of(bench.transfer, NULL);
    gan_tensor *batch, *painted;
    succeed(gan_tensor_create(&batch, bench.context, GAN_FLOAT32, (const int64_t[]){2, HEIGHT, WIDTH, 3}, 4));
    for (int i = 0; i < 2; i++) {
        gan_tensor *photo = load_photo(bench.context, i ? "coffee.jpg" : "chelsea.jpg", HEIGHT, WIDTH);
        memcpy((float *)gan_tensor_data(batch) + i * PIXELS, gan_tensor_data_const(photo),
               PIXELS * sizeof(float));
        gan_tensor_free(photo);
    }
    succeed(gan_model_run(generator, batch, &painted));
    for (int i = 0; i < 2; i++) {
        gan_tensor *photo = load_photo(bench.context, i ? "coffee.jpg" : "chelsea.jpg", HEIGHT, WIDTH);
        gan_tensor *alone = run(bench.transfer, photo, NULL);
        for (int k = 0; k < PIXELS; k++)
            ck_assert_float_eq_tol(((const float *)gan_tensor_data_const(painted))[i * PIXELS + k],
                                   ((const float *)gan_tensor_data_const(alone))[k], 1e-5f);
        gan_tensor_free(photo);
        gan_tensor_free(alone);
    }
    gan_tensor_free(batch);
    gan_tensor_free(painted);
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

/* Mean square of the differences, in decibels. */
static double likeness(gan_tensor *found, gan_tensor *expected)
{
    double decibels = 0;
    succeed(gan_psnr(found, expected, &decibels));
    gan_tensor_free(found);
    gan_tensor_free(expected);
    return decibels;
}

/* Other sides are continued to multiples of 16 before the margin is added, and not after it: the rows beyond
 * the edge are others, and with them, a little, the statistics of all. */
START_TEST(sizes_that_are_padded_stay_close)
{
    static const int64_t sizes[][2] = {{95, 161}, {150, 100}, {97, 113}};
    struct painting_bench bench = open_bench(2, GAN_TRANSFORM_MEAN_DEVIATION);
    gan_model *generator = generator_of(bench.transfer, NULL);
    for (int i = 0; i < 3; i++) {
        gan_tensor *photo = load_photo(bench.context, "chelsea.jpg", sizes[i][0], sizes[i][1]);
        gan_tensor *found = stylize(generator, photo), *expected = run(bench.transfer, photo, NULL);
        ck_assert_int_eq(gan_tensor_size(found, 1), sizes[i][0]);
        ck_assert_int_eq(gan_tensor_size(found, 2), sizes[i][1]);
        const double decibels = likeness(found, expected);
        ck_assert_msg(decibels > 36, "%dx%d: %g dB", (int)sizes[i][1], (int)sizes[i][0], decibels);
        gan_tensor_free(photo);
    }
    gan_model_free(generator);
    close_bench(&bench);
}
END_TEST

START_TEST(threads_change_nothing)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    gan_tensor *expected = NULL;
    for (int i = 0; i < 4; i++) {
        struct painting_bench bench = open_bench(threads[i], GAN_TRANSFORM_MEAN_DEVIATION);
        gan_model *generator = generator_of(bench.transfer, NULL);
        gan_tensor *photo = load_photo(bench.context, "chelsea.jpg", 67, 90);
        gan_tensor *result = stylize(generator, photo);
        ck_assert(expected == NULL || same_bits(expected, result));
        gan_tensor_free(expected);
        expected = result;
        gan_tensor_free(photo);
        gan_model_free(generator);
        close_bench(&bench);
    }
    gan_tensor_free(expected);
}
END_TEST

/* ---- What ridges and levels do ---- */

/* Of colours times 4: the ridge of 0.02 of the mean variance is felt, the one as published for VGG-19 is
 * small, none at all leaves the style's own deviations. */
START_TEST(every_ridge_is_that_of_the_transfer)
{
    static const struct {
        float ridge;
        bool published;
        int32_t margin;
    } ways[] = {{0, false, 0}, {0.02f, false, 7}, {-1, false, -1}, {0, true, 0}};
    struct color_bench bench = color_bench_open(2);
    for (int i = 0; i < 4; i++) {
        const gan_feature_transfer_options options = {
            .struct_size = sizeof options, .ridge = ways[i].ridge, .margin = ways[i].margin};
        gan_feature_transfer *transfer;
        if (ways[i].published)
            succeed(gan_model_set_metadata(bench.encoder, "architecture", "vgg19"));
        succeed(gan_feature_transfer_create(&transfer, &bench.encoder, &bench.decoder, 1, &options));
        succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
        gan_model *generator = generator_of(transfer, NULL);
        expect_close(stylize(generator, bench.content), run(transfer, bench.content, NULL), 2e-6);
        gan_model_free(generator);
        gan_feature_transfer_free(transfer);
    }
    color_bench_close(&bench);
}
END_TEST

START_TEST(levels_are_chained)
{
    struct color_bench bench = color_bench_open(2);
    gan_model *encoders[] = {bench.encoder, make_scaling(bench.context, 3)};
    gan_model *decoders[] = {bench.decoder, make_scaling(bench.context, 0.3f)};
    gan_feature_transfer *transfer;
    succeed(gan_feature_transfer_create(&transfer, encoders, decoders, 2, NULL));
    succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
    succeed(gan_feature_transfer_add_picture(transfer, bench.styles[1]));
    gan_model *generator = generator_of(transfer, NULL);
    expect_close(stylize(generator, bench.content), run(transfer, bench.content, NULL), 2e-6);
    gan_model_free(generator);
    gan_feature_transfer_free(transfer);
    gan_model_free(encoders[1]);
    gan_model_free(decoders[1]);
    color_bench_close(&bench);
}
END_TEST

/* One colour has no deviation to be enlarged but that of rounding. */
START_TEST(a_flat_picture_gets_the_mean_of_the_style)
{
    struct color_bench bench = color_bench_open(1);
    gan_tensor *flat = make_filled(bench.context, (const int64_t[]){1, 16, 32, 3}, 4, 0.25f);
    gan_feature_transfer *transfer;
    succeed(gan_feature_transfer_create(&transfer, &bench.encoder, &bench.decoder, 1, NULL));
    succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
    gan_model *generator = generator_of(transfer, NULL);
    expect_close(stylize(generator, flat), run(transfer, flat, NULL), 5e-4);
    gan_model_free(generator);
    gan_feature_transfer_free(transfer);
    gan_tensor_free(flat);
    color_bench_close(&bench);
}
END_TEST

/* ---- On its own ---- */

/* It stays what it is when styles are added and the transfer is gone, and in a file. */
START_TEST(a_generator_is_kept)
{
    struct painting_bench bench = open_bench(2, GAN_TRANSFORM_MEAN_DEVIATION);
    char room[64], path[128];
    make_room(room);
    snprintf(path, sizeof path, "%s/generator.safetensors", room);
    gan_model *generator = generator_of(bench.transfer, NULL), *loaded;
    gan_tensor *photo = load_photo(bench.context, "chelsea.jpg", 60, 80);
    gan_tensor *expected = stylize(generator, photo), *found;
    succeed(gan_feature_transfer_add_picture(bench.transfer, photo));
    succeed(gan_model_save(generator, path, GAN_STORE_FLOAT32));
    gan_model_free(generator);
    gan_feature_transfer_clear(bench.transfer);
    succeed(gan_model_load(&loaded, bench.context, path));
    ck_assert_str_eq(gan_model_metadata(loaded, "architecture"), "feature_transfer");
    ck_assert_str_eq(gan_model_metadata(loaded, "size_multiple"), "16");
    found = stylize(loaded, photo);
    ck_assert(same_bits(found, expected));
    gan_tensor_free(found);
    gan_tensor_free(expected);
    gan_tensor_free(photo);
    gan_model_free(loaded);
    remove(path);
    remove(room);
    close_bench(&bench);
}
END_TEST

START_TEST(what_no_generator_can_do_is_refused)
{
    struct painting_bench bench = open_bench(1, GAN_TRANSFORM_MEAN_DEVIATION);
    gan_tensor *mask = make_filled(bench.context, (const int64_t[]){1, 4, 4, 1}, 4, 1);
    gan_model *none;
    gan_style_mixture mixture = {.struct_size = sizeof mixture,
                                 .masks = (const gan_tensor *const[]){mask, NULL}};
    fails_with(gan_feature_transfer_generator(&none, bench.transfer, &mixture), GAN_ERROR_UNSUPPORTED,
               "masks are of one content");
    mixture = (gan_style_mixture){.struct_size = sizeof mixture, .weights = (const float[]){0, 0}};
    fails_with(gan_feature_transfer_generator(&none, bench.transfer, &mixture), GAN_ERROR_ARGUMENT,
               "all weights are 0");
    fails_with(gan_feature_transfer_generator(&none, NULL, NULL), GAN_ERROR_ARGUMENT, "transfer is NULL");
    fails_with(gan_feature_transfer_generator(NULL, bench.transfer, NULL), GAN_ERROR_ARGUMENT, "out is NULL");
    gan_feature_transfer_clear(bench.transfer);
    fails_with(gan_feature_transfer_generator(&none, bench.transfer, NULL), GAN_ERROR_STATE, "no style");
    close_bench(&bench);
    gan_tensor_free(mask);
    for (int32_t transform = GAN_TRANSFORM_WHITENING; transform <= GAN_TRANSFORM_LINEAR; transform++) {
        bench = open_bench(1, transform);
        fails_with(gan_feature_transfer_generator(&none, bench.transfer, NULL), GAN_ERROR_UNSUPPORTED,
                   "covariance of each content");
        ck_assert_ptr_null(none);
        close_bench(&bench);
    }
}
END_TEST

/* ---- No memory ---- */

static gan_status prepare_transfer(gan_context *context, void **state)
{
    gan_model *encoder = make_scaling(context, 4), *decoder = make_scaling(context, 0.25f);
    gan_tensor *style = make_colors(context, 2, 0.6f, 0.08f, 0.1f);
    gan_feature_transfer *transfer;
    succeed(gan_feature_transfer_create(&transfer, &encoder, &decoder, 1, NULL));
    succeed(gan_feature_transfer_add_picture(transfer, style));
    gan_tensor_free(style);
    gan_model_free(encoder);
    gan_model_free(decoder);
    *state = transfer;
    return GAN_OK;
}

static gan_status make_one(gan_context *context, void *state)
{
    gan_model *generator;
    (void)context;
    const gan_status status = gan_feature_transfer_generator(&generator, state, NULL);
    gan_model_free(generator);
    return status;
}

static void clean_transfer(void *state)
{
    gan_feature_transfer_free(state);
}

START_TEST(without_memory_it_says_so)
{
    exhaust_memory(&(struct scenario){prepare_transfer, make_one, clean_transfer, 0});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_generator_paints_as_its_transfer,        a_batch_is_painted_picture_by_picture,
        sizes_that_are_padded_stay_close,          threads_change_nothing,
        every_ridge_is_that_of_the_transfer,       levels_are_chained,
        a_flat_picture_gets_the_mean_of_the_style, a_generator_is_kept,
        what_no_generator_can_do_is_refused,       without_memory_it_says_so,
    };
    return run_suite("feature transfer generator", tests, sizeof tests / sizeof tests[0]);
}
