/* Transforms of features: of plain colours, where the result can be told. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "gan/image.h"
#include "graph/networks.h"
#include "models/plain_colors.h"
#include "style/pictures.h"
#include "style/style.h"

#include <math.h>
#include <stdlib.h>

static gan_tensor *run(gan_feature_transfer *transfer, const gan_tensor *content, float strength,
                       const gan_style_mixture *mixture)
{
    gan_tensor *result;
    succeed(gan_feature_transfer_run(transfer, content, strength, mixture, &result));
    return result;
}

static gan_tensor *in_style(const struct color_bench *bench, int32_t transform, int style)
{
    gan_feature_transfer *transfer = make_exact_transfer(bench, transform);
    succeed(gan_feature_transfer_add_picture(transfer, bench->styles[style]));
    gan_tensor *result = run(transfer, bench->content, 1, NULL);
    gan_feature_transfer_free(transfer);
    return result;
}

/* ---- Statistics ---- */

static void expect_statistics(const gan_tensor *picture, const struct colors *expected, bool diagonal)
{
    const struct colors found = measure_colors(picture);
    for (int c = 0; c < 3; c++)
        ck_assert_msg(fabs(found.mean[c] - expected->mean[c]) < 1e-6, "mean %g, expected %g", found.mean[c],
                      expected->mean[c]);
    for (int k = 0; k < 9; k += diagonal ? 4 : 1)
        ck_assert_msg(fabs(found.covariance[k] - expected->covariance[k]) < 1e-7, "%g, expected %g",
                      found.covariance[k], expected->covariance[k]);
}

START_TEST(features_get_the_statistics_of_the_style)
{
    struct color_bench bench = color_bench_open(2);
    const struct colors content = measure_colors(bench.content), style = measure_colors(bench.styles[0]);
    for (int32_t transform = GAN_TRANSFORM_MEAN_DEVIATION; transform <= GAN_TRANSFORM_LINEAR; transform++) {
        gan_feature_transfer *transfer = make_exact_transfer(&bench, transform);
        succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
        gan_tensor *whole = run(transfer, bench.content, 1, NULL),
                   *none = run(transfer, bench.content, 0, NULL),
                   *half = run(transfer, bench.content, 0.5f, NULL);
        expect_statistics(whole, &style, transform == GAN_TRANSFORM_MEAN_DEVIATION);
        expect_statistics(none, &content, false);
        ck_assert(largest_difference(none, bench.content) < 1e-6);
        for (int64_t i = 0; i < gan_tensor_count(half); i++) {
            const float *a = gan_tensor_data_const(whole), *b = gan_tensor_data_const(none),
                        *c = gan_tensor_data_const(half);
            ck_assert(fabsf(c[i] - (a[i] + b[i]) / 2) < 1e-6f);
        }
        gan_tensor_free(whole);
        gan_tensor_free(none);
        gan_tensor_free(half);
        gan_feature_transfer_free(transfer);
    }
    color_bench_close(&bench);
}
END_TEST

/* Mean square of what happened to the pixels, the means aside. */
static double moved(const gan_tensor *from, const gan_tensor *to)
{
    const struct colors before = measure_colors(from), after = measure_colors(to);
    const float *a = gan_tensor_data_const(from), *b = gan_tensor_data_const(to);
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_count(from); i++) {
        const double way = ((double)b[i] - after.mean[i % 3]) - ((double)a[i] - before.mean[i % 3]);
        sum += way * way;
    }
    return sum / (double)gan_tensor_count(from);
}

START_TEST(the_linear_transform_moves_features_least)
{
    struct color_bench bench = color_bench_open(1);
    gan_tensor *whitened = in_style(&bench, GAN_TRANSFORM_WHITENING, 0);
    gan_tensor *transported = in_style(&bench, GAN_TRANSFORM_LINEAR, 0);
    ck_assert(moved(bench.content, transported) < 0.999 * moved(bench.content, whitened));
    gan_tensor_free(whitened);
    gan_tensor_free(transported);
    color_bench_close(&bench);
}
END_TEST

/* One colour has no variance to be enlarged; a style of one colour leaves nothing else. */
START_TEST(flat_pictures_give_finite_results)
{
    struct color_bench bench = color_bench_open(1);
    gan_tensor *flat = make_filled(bench.context, (const int64_t[]){1, 16, 16, 3}, 4, 0.25f);
    for (int32_t transform = GAN_TRANSFORM_MEAN_DEVIATION; transform <= GAN_TRANSFORM_LINEAR; transform++) {
        gan_feature_transfer *transfer = make_exact_transfer(&bench, transform);
        succeed(gan_feature_transfer_add_picture(transfer, flat));
        gan_tensor *result = run(transfer, bench.content, 1, NULL);
        struct colors colors = measure_colors(result);
        ck_assert(colors.covariance[0] < 1e-9 && fabs(colors.mean[0] - 0.25) < 1e-6);
        gan_tensor_free(result);
        gan_feature_transfer_clear(transfer);
        succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
        result = run(transfer, flat, 1, NULL);
        colors = measure_colors(result);
        ck_assert(colors.covariance[0] < 1e-9 && fabs(colors.mean[0] - 0.6) < 0.01);
        gan_tensor_free(result);
        gan_feature_transfer_free(transfer);
    }
    gan_tensor_free(flat);
    color_bench_close(&bench);
}
END_TEST

START_TEST(threads_and_odd_sizes)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    gan_tensor *expected = NULL;
    for (int i = 0; i < 4; i++) {
        struct color_bench bench = color_bench_open(threads[i]);
        gan_feature_transfer *transfer = make_exact_transfer(&bench, GAN_TRANSFORM_LINEAR);
        gan_tensor *odd, *result, *mask = make_filled(bench.context, (const int64_t[]){1, 5, 4, 1}, 4, 0.5f);
        const gan_style_mixture mixture = {.struct_size = sizeof mixture,
                                           .masks = (const gan_tensor *const[]){mask}};
        succeed(gan_image_crop(&odd, bench.content, 0, 0, 19, 21));
        succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
        result = run(transfer, odd, 1, &mixture);
        ck_assert_int_eq(gan_tensor_size(result, 1), 19);
        ck_assert_int_eq(gan_tensor_size(result, 2), 21);
        ck_assert(expected == NULL || same_bits(expected, result));
        gan_tensor_free(odd);
        gan_tensor_free(mask);
        gan_tensor_free(expected);
        expected = result;
        gan_feature_transfer_free(transfer);
        color_bench_close(&bench);
    }
    gan_tensor_free(expected);
}
END_TEST

/* ---- Levels of a network ---- */

/* [-1, -1, -1, channels] to pictures twice as large. */
static gan_model *make_decoder(gan_context *context, int32_t channels)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, channels);
    gan_model *model = make_model("decoder", x, gan_upsample_nearest(convolve(x, "paint", 3, 3, 1), 2));
    gan_graph_free(graph);
    return model;
}

static gan_status create(gan_feature_transfer **out, gan_model *encoder, gan_model *decoder, const char *name)
{
    const char *const names[] = {name};
    const gan_feature_transfer_options options = {.struct_size = sizeof options,
                                                  .level_names = name != NULL ? names : NULL};
    return gan_feature_transfer_create(out, &encoder, &decoder, 1, &options);
}

START_TEST(decoders_say_to_which_features_they_belong)
{
    struct style_bench bench = style_bench_open();
    gan_model *decoder = make_decoder(bench.context, 8), *first = make_decoder(bench.context, 6);
    gan_feature_transfer *transfer;
    gan_style *style;
    const gan_tensor *const pictures[] = {bench.pictures[1]};
    succeed(create(&transfer, bench.extractor, decoder, NULL)); /* the last output */
    succeed(gan_style_create(&style, bench.extractor, pictures, 1, NULL));
    succeed(gan_feature_transfer_add_style(transfer, style));
    gan_tensor *result = run(transfer, bench.pictures[0], 1, NULL);
    ck_assert_int_eq(gan_tensor_size(result, 1), 24);
    ck_assert_int_eq(gan_tensor_size(result, 2), 32);
    gan_tensor_free(result);
    gan_feature_transfer_free(transfer);

    fails_with(create(&transfer, bench.extractor, first, NULL), GAN_ERROR_SHAPE, "8");
    succeed(create(&transfer, bench.extractor, first, "first"));
    gan_feature_transfer_free(transfer);
    succeed(gan_model_set_metadata(first, "encoder_level", "first"));
    succeed(create(&transfer, bench.extractor, first, NULL));
    gan_feature_transfer_free(transfer);
    succeed(gan_model_set_metadata(first, "encoder_level", "third"));
    fails_with(create(&transfer, bench.extractor, first, NULL), GAN_ERROR_NOT_FOUND, "third");
    char identity[EXTRACTOR_IDENTITY_SIZE];
    succeed(gan_extractor_identity_text(identity, bench.extractor));
    succeed(gan_model_set_metadata(decoder, "encoder", identity));
    succeed(create(&transfer, bench.extractor, decoder, NULL));
    gan_feature_transfer_free(transfer);
    fails_with(create(&transfer, bench.other, decoder, NULL), GAN_ERROR_ARGUMENT, identity);
    succeed(gan_model_set_metadata(decoder, "encoder", "0123456789abcdef"));
    fails_with(create(&transfer, bench.extractor, decoder, NULL), GAN_ERROR_ARGUMENT, "another encoder");
    gan_style_free(style);
    gan_model_free(decoder);
    gan_model_free(first);
    style_bench_close(&bench);
}
END_TEST

/* ---- Bad input ---- */

START_TEST(bad_input_is_refused)
{
    struct color_bench bench = color_bench_open(1);
    gan_feature_transfer *other, *transfer = make_exact_transfer(&bench, GAN_TRANSFORM_WHITENING);
    gan_feature_transfer_options options = {.struct_size = sizeof options, .transform = 3};
    gan_tensor *result, *picture = make_filled(bench.context, (const int64_t[]){1, 16, 16, 3}, 4, NAN);
    fails_with(gan_feature_transfer_run(transfer, bench.content, 1, NULL, &result), GAN_ERROR_STATE,
               "no style");
    succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
    fails_with(gan_feature_transfer_run(transfer, bench.content, 1.5f, NULL, &result), GAN_ERROR_ARGUMENT,
               "1.5");
    fails_with(gan_feature_transfer_add_picture(transfer, picture), GAN_ERROR_NOT_FINITE, "finite");
    ck_assert_int_eq(gan_feature_transfer_style_count(transfer), 1);
    gan_tensor_free(run(transfer, bench.content, 1, NULL));
    while (gan_feature_transfer_style_count(transfer) < GAN_FEATURE_TRANSFER_MOST_STYLES)
        succeed(gan_feature_transfer_add_picture(transfer, bench.styles[1]));
    fails_with(gan_feature_transfer_add_picture(transfer, bench.styles[1]), GAN_ERROR_ARGUMENT, "16");
    fails_with(gan_feature_transfer_create(&other, &bench.encoder, &bench.decoder, 1, &options),
               GAN_ERROR_ARGUMENT, "transform is 3");
    fails_with(gan_feature_transfer_create(&other, &bench.encoder, &bench.decoder, 6, NULL),
               GAN_ERROR_ARGUMENT, "1 to 5");
    fails_with(gan_feature_transfer_create(&other, &bench.encoder, (gan_model *[]){NULL}, 1, NULL),
               GAN_ERROR_ARGUMENT, "NULL");
    ck_assert_ptr_null(other);
    gan_tensor_free(picture);
    gan_feature_transfer_free(transfer);
    color_bench_close(&bench);
}
END_TEST

/* ---- No memory ---- */

static gan_status prepare_models(gan_context *context, void **state)
{
    gan_model **models = calloc(2, sizeof(gan_model *));
    *state = models;
    models[0] = make_scaling(context, 100);
    models[1] = make_scaling(context, 0.01f);
    return GAN_OK;
}

static void clean_models(void *state)
{
    gan_model **models = state;
    gan_model_free(models[0]);
    gan_model_free(models[1]);
    free(models);
}

/* Two styles, one of them S, by masks. */
static gan_status paint_mixture(gan_feature_transfer *transfer, gan_model *encoder, const gan_tensor *picture,
                                const gan_tensor *mask)
{
    const gan_tensor *const pictures[] = {picture}, *const masks[] = {mask, NULL};
    const gan_style_mixture mixture = {.struct_size = sizeof mixture, .masks = masks};
    gan_style *style = NULL;
    gan_tensor *result = NULL;
    gan_status status = gan_style_create(&style, encoder, pictures, 1, NULL);
    if (status == GAN_OK)
        status = gan_feature_transfer_add_style(transfer, style);
    if (status == GAN_OK)
        status = gan_feature_transfer_add_picture(transfer, picture);
    if (status == GAN_OK)
        status = gan_feature_transfer_run(transfer, picture, 1, NULL, &result);
    gan_tensor_free(result);
    result = NULL;
    if (status == GAN_OK)
        status = gan_feature_transfer_run(transfer, picture, 1, &mixture, &result);
    gan_tensor_free(result);
    gan_style_free(style);
    return status;
}

static gan_status paint(gan_context *context, void *state)
{
    gan_model **models = state;
    const gan_feature_transfer_options options = {.struct_size = sizeof options,
                                                  .transform = GAN_TRANSFORM_LINEAR};
    gan_feature_transfer *transfer = NULL;
    gan_tensor *picture = NULL, *mask = NULL;
    gan_status status = gan_tensor_create(&picture, context, GAN_FLOAT32, (const int64_t[]){1, 9, 8, 3}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(picture, 1, 0, 1);
    if (status == GAN_OK)
        status = gan_tensor_create(&mask, context, GAN_FLOAT32, (const int64_t[]){1, 3, 3, 1}, 4);
    if (status == GAN_OK)
        status = gan_tensor_fill_uniform(mask, 2, 0, 1);
    if (status == GAN_OK)
        status = gan_feature_transfer_create(&transfer, &models[0], &models[1], 1, &options);
    if (status == GAN_OK)
        status = paint_mixture(transfer, models[0], picture, mask);
    gan_tensor_free(picture);
    gan_tensor_free(mask);
    gan_feature_transfer_free(transfer);
    return status;
}

START_TEST(without_memory_it_says_so)
{
    exhaust_memory(&(struct scenario){prepare_models, paint, clean_models, 3});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        features_get_the_statistics_of_the_style,
        the_linear_transform_moves_features_least,
        flat_pictures_give_finite_results,
        threads_and_odd_sizes,
        decoders_say_to_which_features_they_belong,
        bad_input_is_refused,
        without_memory_it_says_so,
    };
    return run_suite("feature transfer", tests, sizeof tests / sizeof tests[0]);
}
