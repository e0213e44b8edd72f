/* Gram matrices, adaptive instance normalization and total variation: values against float64, gradients
 * against finite differences. */
#include "gradient_check.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Gram matrices ---- */

static gan_layer *build_gram(gan_layer *const *inputs, const void *argument)
{
    return gan_gram_matrix(inputs[0], *(const int32_t *)argument);
}

static const int32_t per_element = GAN_GRAM_PER_ELEMENT, per_position = GAN_GRAM_PER_POSITION,
                     covariance = GAN_GRAM_COVARIANCE;

/* Features that others read too: the matrices' gradients are added to theirs. */
static gan_layer *build_shared(gan_layer *const *inputs, const void *argument)
{
    const int32_t normalization = *(const int32_t *)argument;
    gan_layer *features = gan_scale(inputs[0], 2, 0), *later = gan_scale(features, 0.5f, 0.25f);
    gan_layer *matrices[] = {gan_gram_matrix(later, normalization), gan_gram_matrix(features, normalization),
                             gan_gram_matrix(features, GAN_GRAM_PER_POSITION)};
    return gan_add(gan_add(matrices[0], matrices[1]), matrices[2]);
}

/* The last one is large enough that it is centred block by block. */
static const struct layer_case grams[] = {
    {"gram per element", build_gram, &per_element, {{4, {2, 5, 7, 6}}}, 0},
    {"gram per position", build_gram, &per_position, {{4, {1, 5, 4, 37}}}, 0},
    {"covariance", build_gram, &covariance, {{4, {2, 5, 7, 6}}}, 0},
    {"covariance of one position", build_gram, &covariance, {{4, {1, 1, 1, 4}}}, 0},
    {"covariance in blocks", build_gram, &covariance, {{4, {1, 90, 100, 32}}}, 0},
};

static const struct layer_case shared[] = {
    {"gram of shared features", build_shared, &per_element, {{4, {2, 5, 7, 6}}}, 0},
    {"covariance of shared features", build_shared, &covariance, {{4, {1, 6, 7, 5}}}, 0},
    {"covariance of shared features in blocks", build_shared, &covariance, {{4, {1, 90, 100, 32}}}, 0},
};

START_TEST(shared_gradients)
{
    check_layer(&shared[_i]);
}
END_TEST

static double divisor_of(int32_t normalization, int64_t pixels, int64_t channels)
{
    if (normalization == GAN_GRAM_PER_ELEMENT)
        return (double)(pixels * channels);
    if (normalization == GAN_GRAM_PER_POSITION)
        return (double)pixels;
    return pixels > 1 ? (double)(pixels - 1) : 1;
}

static double naive_product(const float *x, int64_t pixels, int64_t channels, int64_t i, int64_t j,
                            bool centred)
{
    double a = 0, b = 0, product = 0;
    for (int64_t p = 0; centred && p < pixels; p++) {
        a += (double)x[p * channels + i] / (double)pixels;
        b += (double)x[p * channels + j] / (double)pixels;
    }
    for (int64_t p = 0; p < pixels; p++)
        product += ((double)x[p * channels + i] - a) * ((double)x[p * channels + j] - b);
    return product;
}

static void check_gram(const struct layer_case *tested, float mean, double tolerance)
{
    struct experiment e;
    experiment_create(&e, tested, 0, 2, NULL, NULL);
    expect_ok("fill", gan_tensor_fill_normal(e.inputs[0], 3, mean, 1));
    experiment_run(&e);
    const int32_t normalization = *(const int32_t *)tested->argument;
    const int64_t pixels = gan_tensor_size(e.inputs[0], 1) * gan_tensor_size(e.inputs[0], 2);
    const int64_t channels = gan_tensor_size(e.inputs[0], 3);
    double *expected = calloc((size_t)gan_tensor_count(e.output), sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++) {
        const int64_t n = i / (channels * channels), row = i / channels % channels;
        const float *x = (const float *)gan_tensor_data_const(e.inputs[0]) + n * pixels * channels;
        expected[i] =
            naive_product(x, pixels, channels, row, i % channels, normalization == GAN_GRAM_COVARIANCE) /
            divisor_of(normalization, pixels, channels);
    }
    expect_values(tested->name, "output", e.output, expected, tolerance);
    free(expected);
    experiment_free(&e);
}

START_TEST(gram_gradients)
{
    check_layer(&grams[_i]);
}
END_TEST

START_TEST(gram_values)
{
    check_gram(&grams[_i], 0.5f, 1e-5);
    if (*(const int32_t *)grams[_i].argument == GAN_GRAM_COVARIANCE)
        check_gram(&grams[_i], 1000, 1e-5);
}
END_TEST

/* ---- Adaptive instance normalization ---- */

static gan_layer *build_adain(gan_layer *const *inputs, const void *argument)
{
    return gan_adain(inputs[0], inputs[1], 0, *(const int32_t *)argument);
}

static gan_layer *build_affine(gan_layer *const *inputs, const void *argument)
{
    return gan_adain_affine(inputs[0], inputs[1], inputs[2], *(const float *)argument, 0);
}

static gan_layer *build_adain_and_tanh(gan_layer *const *inputs, const void *argument)
{
    return gan_tanh(build_adain(inputs, argument));
}

static const int32_t population = 0, sample = 1;
static const float no_epsilon = 0, epsilon = 0.01f;

static const struct layer_case adains[] = {
    {"adain", build_adain, &population, {{4, {2, 5, 6, 7}}, {4, {2, 4, 3, 7}}}, 0},
    {"adain, sample variance", build_adain, &sample, {{4, {2, 5, 6, 3}}, {4, {2, 2, 3, 3}}}, 0},
    {"adain, one style", build_adain, &sample, {{4, {3, 4, 4, 5}}, {4, {1, 4, 3, 5}}}, 0},
    {"adain and tanh", build_adain_and_tanh, &population, {{4, {1, 4, 4, 5}}, {4, {1, 4, 3, 5}}}, 0},
    {"adain_affine", build_affine, &no_epsilon, {{4, {2, 4, 5, 6}}, {2, {2, 6}}, {2, {2, 6}}}, 0},
    {"adain_affine, one style", build_affine, &epsilon, {{4, {3, 4, 5, 6}}, {2, {1, 6}}, {2, {1, 6}}}, 0},
};

struct moments {
    double mean, deviation;
};

static struct moments naive_moments(const gan_tensor *tensor, int64_t n, int64_t c, bool sample_variance)
{
    const int64_t pixels = gan_tensor_size(tensor, 1) * gan_tensor_size(tensor, 2);
    const int64_t channels = gan_tensor_size(tensor, 3);
    const float *x = (const float *)gan_tensor_data_const(tensor) + n * pixels * channels + c;
    double sum = 0, square = 0;
    for (int64_t p = 0; p < pixels; p++)
        sum += (double)x[p * channels];
    const double mean = sum / (double)pixels;
    for (int64_t p = 0; p < pixels; p++)
        square += ((double)x[p * channels] - mean) * ((double)x[p * channels] - mean);
    return (struct moments){mean, sqrt(square / (double)(pixels - sample_variance) + 1e-5)};
}

START_TEST(adain_gradients)
{
    check_layer(&adains[_i]);
}
END_TEST

START_TEST(adain_values)
{
    struct experiment e;
    experiment_create(&e, &adains[_i], 0, 2, NULL, NULL);
    experiment_run(&e);
    const bool sample_variance = *(const int32_t *)adains[_i].argument != 0;
    const float *x = gan_tensor_data_const(e.inputs[0]);
    const int64_t channels = gan_tensor_size(e.inputs[0], 3), batch = gan_tensor_size(e.inputs[0], 0);
    const int64_t elements = gan_tensor_count(e.output) / batch;
    double *expected = calloc((size_t)gan_tensor_count(e.output), sizeof *expected);
    ck_assert_ptr_nonnull(expected);
    for (int64_t i = 0; i < gan_tensor_count(e.output); i++) {
        const int64_t n = i / elements, c = i % channels;
        const struct moments content = naive_moments(e.inputs[0], n, c, sample_variance);
        const struct moments style =
            naive_moments(e.inputs[1], gan_tensor_size(e.inputs[1], 0) > 1 ? n : 0, c, sample_variance);
        expected[i] = ((double)x[i] - content.mean) / content.deviation * style.deviation + style.mean;
    }
    expect_values(adains[_i].name, "output", e.output, expected, 1e-5);
    free(expected);
    experiment_free(&e);
}
END_TEST

/* ---- Total variation ---- */

static gan_layer *build_variation(gan_layer *const *inputs, const void *argument)
{
    return gan_total_variation(inputs[0], *(const int32_t *)argument);
}

static const int32_t summed = 0, averaged = 1;

static const struct layer_case variations[] = {
    {"total variation", build_variation, &summed, {{4, {2, 6, 7, 3}}}, 0},
    {"total variation, wide", build_variation, &summed, {{4, {1, 3, 50, 7}}}, 0},
    {"total variation, mean", build_variation, &averaged, {{4, {2, 5, 4, 3}}}, 0},
    {"total variation of a row", build_variation, &averaged, {{4, {1, 1, 9, 3}}}, 0},
    {"total variation of a column", build_variation, &averaged, {{4, {1, 9, 1, 3}}}, 0},
};

START_TEST(variation_gradients)
{
    check_layer(&variations[_i]);
}
END_TEST

static double naive_variation(const gan_tensor *tensor, int64_t n, bool mean)
{
    const int64_t height = gan_tensor_size(tensor, 1), width = gan_tensor_size(tensor, 2);
    const int64_t channels = gan_tensor_size(tensor, 3), row = width * channels;
    const float *x = (const float *)gan_tensor_data_const(tensor) + n * height * row;
    double vertical = 0, horizontal = 0;
    for (int64_t i = 0; i < height * row; i++) {
        if (i + row < height * row)
            vertical += pow((double)x[i + row] - (double)x[i], 2);
        if (i % row + channels < row)
            horizontal += pow((double)x[i + channels] - (double)x[i], 2);
    }
    if (mean && height > 1)
        vertical /= (double)((height - 1) * row);
    if (mean && width > 1)
        horizontal /= (double)(height * (width - 1) * channels);
    return vertical + horizontal;
}

START_TEST(variation_values)
{
    struct experiment e;
    double expected[2] = {0, 0};
    experiment_create(&e, &variations[_i], 0, 2, NULL, NULL);
    experiment_run(&e);
    for (int64_t n = 0; n < gan_tensor_size(e.inputs[0], 0); n++)
        expected[n] = naive_variation(e.inputs[0], n, *(const int32_t *)variations[_i].argument != 0);
    expect_values(variations[_i].name, "output", e.output, expected, 1e-6);
    experiment_free(&e);
}
END_TEST

/* ---- What does not fit ---- */

static gan_layer *misfit(gan_graph *graph, int which)
{
    static const int64_t picture[] = {2, 4, 4, 6}, other[] = {2, 4, 4, 5}, three[] = {3, 4, 4, 6};
    static const int64_t vector[] = {2, 6}, long_vector[] = {2, 7};
    gan_layer *x = gan_input(graph, NULL, picture, 4), *v = gan_input(graph, NULL, vector, 2);
    switch (which) {
    case 0:
        return gan_adain(x, gan_input(graph, NULL, other, 4), 0, 0);
    case 1:
        return gan_adain(x, gan_input(graph, NULL, three, 4), 0, 0);
    case 2:
        return gan_adain_affine(x, v, gan_input(graph, NULL, long_vector, 2), 0, 0);
    case 3:
        return gan_adain_affine(x, x, v, 0, 0);
    case 4:
        return gan_gram_matrix(v, GAN_GRAM_PER_ELEMENT);
    case 5:
        return gan_gram_matrix(x, 3);
    default:
        return gan_total_variation(v, 0);
    }
}

static const char *const refusal_words[] = {
    "content has 6 channels, style has 5", "content has batch 2, style has 3",
    "content has 6 channels, shift has 7", "scale has shape [2,4,4,6]",
    "expected a picture [N,H,W,C]",        "normalization is 3",
    "expected a picture [N,H,W,C]",
};

START_TEST(refusals)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("graph", gan_graph_create(&graph, context));
    ck_assert_ptr_null(misfit(graph, _i));
    ck_assert_int_ne(gan_graph_status(graph), GAN_OK);
    ck_assert_msg(strstr(gan_error_message(), refusal_words[_i]) != NULL, "\"%s\" lacks \"%s\"",
                  gan_error_message(), refusal_words[_i]);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("style_ops");
    TCase *tests = tcase_create("style_ops");
    tcase_set_timeout(tests, 250);
    tcase_add_loop_test(tests, shared_gradients, 0, sizeof shared / sizeof shared[0]);
    tcase_add_loop_test(tests, gram_gradients, 0, 5);
    tcase_add_loop_test(tests, gram_values, 0, 5);
    tcase_add_loop_test(tests, adain_gradients, 0, 6);
    tcase_add_loop_test(tests, adain_values, 0, 3);
    tcase_add_loop_test(tests, variation_gradients, 0, 5);
    tcase_add_loop_test(tests, variation_values, 0, 5);
    tcase_add_loop_test(tests, refusals, 0, 7);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
