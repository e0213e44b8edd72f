/* Styles and contents as objects: made, averaged, blended, saved, loaded, refused. */
#include "base/suite.h"
#include "style/pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gan_style *style_of(gan_model *extractor, const gan_tensor *picture, int32_t normalization)
{
    gan_style *style;
    const gan_style_options options = {.struct_size = sizeof options, .normalization = normalization};
    ck_assert_int_eq(gan_style_create(&style, extractor, &picture, 1, &options), GAN_OK);
    return style;
}

static double largest_difference(const gan_tensor *a, const gan_tensor *b)
{
    const float *first = gan_tensor_data_const(a), *second = gan_tensor_data_const(b);
    double largest = 0;
    ck_assert_int_eq(gan_tensor_count(a), gan_tensor_count(b));
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        largest = fmax(largest, fabs((double)first[i] - (double)second[i]));
    return largest;
}

/* A covariance's diagonal is the variance: deviation squared, but for n / (n - 1). */
START_TEST(a_style_knows_matrix_mean_and_deviation)
{
    struct style_bench bench = style_bench_open();
    gan_style *style = style_of(bench.extractor, bench.pictures[0], GAN_GRAM_COVARIANCE);
    ck_assert_int_eq(gan_style_level_count(style), 2);
    ck_assert_str_eq(gan_style_level_name(style, 1), gan_model_output_name(bench.extractor, 1));
    const gan_tensor *gram = gan_style_gram(style, 0), *deviation = gan_style_deviation(style, 0);
    const int64_t channels = gan_tensor_size(gram, 1);
    const double pixels =
        (double)(gan_tensor_size(bench.pictures[0], 1) * gan_tensor_size(bench.pictures[0], 2));
    for (int64_t c = 0; c < channels; c++) {
        const double variance = (double)((const float *)gan_tensor_data_const(gram))[c * (channels + 1)];
        const double root = (double)((const float *)gan_tensor_data_const(deviation))[c];
        ck_assert_double_eq_tol(variance, root * root * pixels / (pixels - 1), 1e-5 * (variance + 1e-3));
    }
    ck_assert_ptr_null(gan_style_gram(style, 2));
    ck_assert_ptr_null(gan_style_mean(NULL, 0));
    gan_style_free(style);
    style_bench_close(&bench);
}
END_TEST

START_TEST(several_pictures_are_averaged_and_styles_blended)
{
    struct style_bench bench = style_bench_open();
    const gan_tensor *pictures[2] = {bench.pictures[0], bench.pictures[1]};
    gan_style *both, *halfway;
    gan_style *a = style_of(bench.extractor, pictures[0], 0), *b = style_of(bench.extractor, pictures[1], 0);
    ck_assert_int_eq(gan_style_create(&both, bench.extractor, pictures, 2, NULL), GAN_OK);
    ck_assert_int_eq(gan_style_interpolate(&halfway, a, b, 0.5f), GAN_OK);
    for (int32_t i = 0; i < 2; i++) {
        ck_assert_double_lt(largest_difference(gan_style_gram(both, i), gan_style_gram(halfway, i)), 1e-5);
        ck_assert_double_lt(largest_difference(gan_style_mean(both, i), gan_style_mean(halfway, i)), 1e-5);
    }
    ck_assert_double_gt(largest_difference(gan_style_gram(a, 0), gan_style_gram(b, 0)), 1e-4);
    gan_style_free(halfway);
    gan_style_free(both);
    gan_style_free(b);
    gan_style_free(a);
    style_bench_close(&bench);
}
END_TEST

START_TEST(styles_that_do_not_fit_are_not_blended)
{
    struct style_bench bench = style_bench_open();
    gan_style *blend = (gan_style *)&bench;
    gan_style *a = style_of(bench.extractor, bench.pictures[0], GAN_GRAM_PER_ELEMENT);
    gan_style *b = style_of(bench.extractor, bench.pictures[0], GAN_GRAM_PER_POSITION);
    gan_style *c = style_of(bench.other, bench.pictures[0], GAN_GRAM_PER_ELEMENT);
    ck_assert_int_eq(gan_style_interpolate(&blend, a, b, 0.5f), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(blend);
    ck_assert_int_eq(gan_style_interpolate(&blend, a, c, 0.5f), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_style_interpolate(&blend, a, NULL, 0.5f), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_style_interpolate(&blend, a, a, NAN), GAN_ERROR_NOT_FINITE);
    gan_style_free(c);
    gan_style_free(b);
    gan_style_free(a);
    style_bench_close(&bench);
}
END_TEST

START_TEST(a_file_brings_the_same_style_back)
{
    struct style_bench bench = style_bench_open();
    char path[64];
    snprintf(path, sizeof path, "/tmp/gan_style_%ld.safetensors", (long)getpid());
    gan_style *loaded, *style = style_of(bench.extractor, bench.pictures[0], GAN_GRAM_COVARIANCE);
    ck_assert_int_eq(gan_style_save(style, path), GAN_OK);
    ck_assert_int_eq(gan_style_load(&loaded, bench.extractor, path), GAN_OK);
    for (int32_t i = 0; i < 2; i++) {
        ck_assert_double_eq(largest_difference(gan_style_gram(style, i), gan_style_gram(loaded, i)), 0);
        ck_assert_double_eq(largest_difference(gan_style_deviation(style, i), gan_style_deviation(loaded, i)),
                            0);
    }
    gan_style_free(loaded);
    ck_assert_int_eq(gan_style_load(&loaded, bench.other, path), GAN_ERROR_FORMAT);
    ck_assert_ptr_null(loaded);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "another extractor"));
    gan_style_free(style);
    remove(path);
    ck_assert_int_eq(gan_style_load(&loaded, bench.extractor, path), GAN_ERROR_NOT_FOUND);
    style_bench_close(&bench);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    struct style_bench bench = style_bench_open();
    gan_style *style;
    gan_content *content;
    gan_style_loss *loss;
    const gan_tensor *picture = bench.pictures[0];
    ck_assert_int_eq(gan_style_create(NULL, bench.extractor, &picture, 1, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_style_create(&style, NULL, &picture, 1, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_style_create(&style, bench.extractor, &picture, 0, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_content_create(&content, bench.extractor, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_style_loss_create(&loss, NULL, NULL), GAN_ERROR_ARGUMENT);
    style = style_of(bench.extractor, picture, 0);
    gan_style_loss_options options = {.struct_size = sizeof options, .content_level = "nowhere"};
    ck_assert_int_eq(gan_style_loss_create(&loss, style, &options), GAN_ERROR_NOT_FOUND);
    options = (gan_style_loss_options){.struct_size = sizeof options, .style_weight = NAN};
    ck_assert_int_eq(gan_style_loss_create(&loss, style, &options), GAN_ERROR_ARGUMENT);
    gan_style_free(style);
    gan_style_free(NULL);
    gan_content_free(NULL);
    gan_style_loss_free(NULL);
    style_bench_close(&bench);
}
END_TEST

/* A picture against itself: no content and no style loss. */
START_TEST(a_picture_is_like_itself)
{
    struct style_bench bench = style_bench_open();
    gan_style *style = style_of(bench.extractor, bench.pictures[0], 0);
    gan_style_loss *loss;
    gan_content *content;
    float content_value, style_value, variation;
    ck_assert_int_eq(gan_style_loss_create(&loss, style, NULL), GAN_OK);
    ck_assert_int_eq(gan_content_create(&content, bench.extractor, bench.pictures[0]), GAN_OK);
    ck_assert_int_eq(
        gan_style_loss_evaluate(loss, bench.pictures[0], content, &content_value, &style_value, &variation),
        GAN_OK);
    ck_assert_float_lt(content_value, 1e-9f);
    ck_assert_float_lt(style_value, 1e-9f);
    ck_assert_float_gt(variation, 0.0f);
    ck_assert_int_eq(
        gan_style_loss_evaluate(loss, bench.pictures[1], content, &content_value, &style_value, NULL),
        GAN_OK);
    ck_assert_float_gt(content_value, 1e-4f);
    ck_assert_float_gt(style_value, 1e-4f);
    gan_style_loss_free(loss);
    gan_content_free(content);
    gan_style_free(style);
    style_bench_close(&bench);
}
END_TEST

/* Looks at single pixels, so that regions have no neighbours. */
static gan_model *pixel_extractor(gan_context *context)
{
    gan_graph *graph;
    gan_model *model;
    const gan_conv2d_options options = {.struct_size = sizeof options, .filters = 5, .kernel = {1, 1}};
    ck_assert_int_eq(gan_graph_create(&graph, context), GAN_OK);
    gan_layer *input = gan_input(graph, "input", (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *level = gan_relu(gan_conv2d(input, &options));
    ck_assert_int_eq(gan_model_create(&model, "pixels", &input, 1, &level, 1), GAN_OK);
    gan_graph_free(graph);
    return model;
}

static void expect_same_style(const gan_style *a, const gan_style *b, double tolerance)
{
    for (int32_t i = 0; i < gan_style_level_count(a); i++) {
        ck_assert_double_le(largest_difference(gan_style_gram(a, i), gan_style_gram(b, i)), tolerance);
        ck_assert_double_le(largest_difference(gan_style_mean(a, i), gan_style_mean(b, i)), tolerance);
        ck_assert_double_le(largest_difference(gan_style_deviation(a, i), gan_style_deviation(b, i)),
                            tolerance);
    }
}

static gan_tensor *make_mask(gan_context *context, int64_t height, int64_t width, int64_t left, float value)
{
    gan_tensor *mask;
    ck_assert_int_eq(
        gan_tensor_create(&mask, context, GAN_FLOAT32, (const int64_t[]){1, height, width, 1}, 4), GAN_OK);
    float *values = gan_tensor_data(mask);
    for (int64_t i = 0; i < height * width; i++)
        values[i] = i % width < left ? value : 0;
    return mask;
}

/* The style of the left part, alone and as what a mask shows. */
START_TEST(a_mask_shows_a_part)
{
    struct style_bench bench = style_bench_open();
    gan_model *pixels = pixel_extractor(bench.context);
    gan_tensor *part, *mask = make_mask(bench.context, 24, 32, 13, 0.5f);
    ck_assert_int_eq(gan_image_crop(&part, bench.pictures[0], 0, 0, 24, 13), GAN_OK);
    for (int32_t normalization = 0; normalization < GAN_GRAM_COVARIANCE; normalization++) {
        gan_style *alone = style_of(pixels, part, normalization), *masked;
        const gan_tensor *picture = bench.pictures[0], *shown = mask;
        const gan_style_options options = {
            .struct_size = sizeof options, .normalization = normalization, .masks = &shown};
        ck_assert_int_eq(gan_style_create(&masked, pixels, &picture, 1, &options), GAN_OK);
        expect_same_style(alone, masked, 1e-5);
        gan_style_free(alone);
        gan_style_free(masked);
    }
    gan_tensor_free(part);
    gan_tensor_free(mask);
    gan_model_free(pixels);
    style_bench_close(&bench);
}
END_TEST

START_TEST(scales_are_averaged)
{
    struct style_bench bench = style_bench_open();
    const gan_tensor *picture = bench.pictures[0];
    const gan_style_options options = {.struct_size = sizeof options, .scales = 2};
    gan_style *both, *mean, *whole = style_of(bench.extractor, picture, 0), *half;
    gan_tensor *smaller;
    ck_assert_int_eq(gan_image_resize(&smaller, picture, 12, 16), GAN_OK);
    half = style_of(bench.extractor, smaller, 0);
    ck_assert_int_eq(gan_style_create(&both, bench.extractor, &picture, 1, &options), GAN_OK);
    ck_assert_int_eq(gan_style_average(&mean, (const gan_style *const[]){whole, half}, NULL, 2), GAN_OK);
    expect_same_style(both, mean, 1e-6);
    gan_style *styles[] = {both, mean, whole, half};
    for (int i = 0; i < 4; i++)
        gan_style_free(styles[i]);
    gan_tensor_free(smaller);
    style_bench_close(&bench);
}
END_TEST

START_TEST(averages_follow_their_weights)
{
    struct style_bench bench = style_bench_open();
    gan_style *a = style_of(bench.extractor, bench.pictures[0], 0);
    gan_style *b = style_of(bench.extractor, bench.pictures[1], 0),
              *other = style_of(bench.other, bench.pictures[0], 0);
    gan_style *covariance = style_of(bench.extractor, bench.pictures[0], GAN_GRAM_COVARIANCE), *mixed,
              *between;
    const gan_style *const three[] = {a, b, a}, *const strange[] = {a, other},
                           *const unlike[] = {a, covariance};
    ck_assert_int_eq(gan_style_average(&mixed, three, (const float[]){0.25f, 0.25f, 0.5f}, 3), GAN_OK);
    ck_assert_int_eq(gan_style_interpolate(&between, a, b, 0.25f), GAN_OK);
    expect_same_style(mixed, between, 1e-6);
    gan_style_free(mixed);
    ck_assert_int_eq(gan_style_average(&mixed, strange, NULL, 2), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "different extractors"));
    ck_assert_int_eq(gan_style_average(&mixed, unlike, NULL, 2), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_style_average(&mixed, three, (const float[]){NAN, 1, 1}, 3), GAN_ERROR_NOT_FINITE);
    ck_assert_int_eq(gan_style_average(&mixed, three, NULL, 0), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(mixed);
    gan_style *styles[] = {a, b, other, covariance, between};
    for (int i = 0; i < 5; i++)
        gan_style_free(styles[i]);
    style_bench_close(&bench);
}
END_TEST

static void expect_bad_mask(const struct style_bench *bench, gan_tensor *mask, int32_t normalization,
                            gan_status status, const char *words)
{
    gan_style *style;
    const gan_tensor *picture = bench->pictures[0], *shown = mask;
    const gan_style_options options = {
        .struct_size = sizeof options, .normalization = normalization, .masks = &shown};
    ck_assert_int_eq(gan_style_create(&style, bench->extractor, &picture, 1, &options), status);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "%s", gan_error_message());
    ck_assert_ptr_null(style);
    gan_tensor_free(mask);
}

START_TEST(bad_masks_are_refused)
{
    struct style_bench bench = style_bench_open();
    gan_context *context = bench.context;
    expect_bad_mask(&bench, make_mask(context, 24, 31, 5, 1), 0, GAN_ERROR_SHAPE, "31x24, its picture 32x24");
    expect_bad_mask(&bench, make_mask(context, 24, 32, 0, 1), 0, GAN_ERROR_ARGUMENT, "black");
    expect_bad_mask(&bench, make_mask(context, 24, 32, 5, 2), 0, GAN_ERROR_ARGUMENT, "expected 0 to 1");
    expect_bad_mask(&bench, make_mask(context, 24, 32, 5, NAN), 0, GAN_ERROR_ARGUMENT, "expected 0 to 1");
    expect_bad_mask(&bench, make_mask(context, 24, 32, 5, 1), GAN_GRAM_COVARIANCE, GAN_ERROR_UNSUPPORTED,
                    "COVARIANCE");
    gan_style *style;
    const gan_tensor *picture = bench.pictures[0];
    const gan_style_options options = {.struct_size = sizeof options, .scales = 9};
    ck_assert_int_eq(gan_style_create(&style, bench.extractor, &picture, 1, &options), GAN_ERROR_ARGUMENT);
    style_bench_close(&bench);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_mask_shows_a_part,
        scales_are_averaged,
        averages_follow_their_weights,
        bad_masks_are_refused,
        a_style_knows_matrix_mean_and_deviation,
        several_pictures_are_averaged_and_styles_blended,
        styles_that_do_not_fit_are_not_blended,
        a_file_brings_the_same_style_back,
        bad_arguments_are_refused,
        a_picture_is_like_itself,
    };
    return run_suite("style", tests, sizeof tests / sizeof tests[0]);
}
