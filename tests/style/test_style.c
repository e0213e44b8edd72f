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

int main(void)
{
    const TTest *const tests[] = {
        a_style_knows_matrix_mean_and_deviation,
        several_pictures_are_averaged_and_styles_blended,
        styles_that_do_not_fit_are_not_blended,
        a_file_brings_the_same_style_back,
        bad_arguments_are_refused,
        a_picture_is_like_itself,
    };
    return run_suite("style", tests, sizeof tests / sizeof tests[0]);
}
