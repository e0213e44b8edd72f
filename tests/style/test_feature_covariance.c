/* Whitening and colouring of features. */
#include "base/suite.h"
#include "gan/context.h"
#include "gan/tensor.h"
#include "style/feature_covariance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 20, PIXELS = 40000, SQUARE = CHANNELS * CHANNELS };

static gan_context *context;

static void must(gan_status status)
{
    ck_assert_msg(status == GAN_OK, "%s: %s", gan_status_name(status), gan_error_message());
}

/* Features whose channels hang together, about means far from 0. */
static float *make_features(uint64_t seed)
{
    gan_tensor *noise;
    must(gan_tensor_create(&noise, context, GAN_FLOAT32, (const int64_t[]){PIXELS, CHANNELS}, 2));
    must(gan_tensor_fill_normal(noise, seed, 0, 1));
    const float *from = gan_tensor_data_const(noise);
    float *features = malloc(sizeof(float) * PIXELS * CHANNELS);
    ck_assert_ptr_nonnull(features);
    for (int64_t i = 0; i < PIXELS * CHANNELS; i++)
        features[i] = 30.0f * (float)(i % CHANNELS) + from[i] * (float)(1 + i % 3) +
                      0.7f * from[i / CHANNELS * CHANNELS + (int64_t)(seed + 3) % CHANNELS];
    gan_tensor_free(noise);
    return features;
}

static void expect_near(const double *got, const double *expected, int64_t count, double bound)
{
    for (int64_t i = 0; i < count; i++)
        ck_assert_msg(fabs(got[i] - expected[i]) <= bound, "element %d: %g, expected %g", (int)i, got[i],
                      expected[i]);
}

START_TEST(covariances_are_those_of_the_definition)
{
    must(gan_context_create(&context, NULL));
    float *features = make_features(1), *original = make_features(1);
    double mean[CHANNELS], covariance[SQUARE], expected_mean[CHANNELS] = {0}, expected[SQUARE] = {0};
    must(gan_feature_covariance(context, features, PIXELS, CHANNELS, mean, covariance));
    for (int64_t i = 0; i < PIXELS * CHANNELS; i++)
        expected_mean[i % CHANNELS] += (double)original[i] / PIXELS;
    for (int64_t i = 0; i < PIXELS; i++)
        for (int64_t k = 0; k < SQUARE; k++)
            expected[k] += ((double)original[i * CHANNELS + k / CHANNELS] - expected_mean[k / CHANNELS]) *
                           ((double)original[i * CHANNELS + k % CHANNELS] - expected_mean[k % CHANNELS]) /
                           (PIXELS - 1);
    expect_near(mean, expected_mean, CHANNELS, 1e-4);
    expect_near(covariance, expected, SQUARE, 1e-4);
    free(original);
    free(features);
    gan_context_free(context);
}
END_TEST

/* Features made white and coloured by others' covariance have that covariance. */
START_TEST(colored_features_have_the_other_covariance)
{
    must(gan_context_create(&context, NULL));
    float *from = make_features(1), *other = make_features(2),
          *to = malloc(sizeof(float) * PIXELS * CHANNELS);
    double mean[CHANNELS], other_mean[CHANNELS], white[SQUARE], color[SQUARE], wanted[SQUARE], found[SQUARE];
    float matrix[SQUARE], offset[CHANNELS];
    must(gan_feature_covariance(context, from, PIXELS, CHANNELS, mean, white));
    must(gan_feature_covariance(context, other, PIXELS, CHANNELS, other_mean, color));
    memcpy(wanted, color, sizeof wanted);
    must(gan_symmetric_power(context, white, CHANNELS, -0.5, 1e-9));
    must(gan_symmetric_power(context, color, CHANNELS, 0.5, 1e-9));
    for (int64_t i = 0; i < SQUARE; i++) {
        double sum = 0;
        for (int64_t k = 0; k < CHANNELS; k++)
            sum += color[i / CHANNELS * CHANNELS + k] * white[k * CHANNELS + i % CHANNELS];
        matrix[i] = (float)sum;
    }
    for (int64_t i = 0; i < CHANNELS; i++)
        offset[i] = (float)other_mean[i];
    must(gan_feature_map(context, from, PIXELS, CHANNELS, matrix, offset, to));
    must(gan_feature_covariance(context, to, PIXELS, CHANNELS, mean, found));
    expect_near(mean, other_mean, CHANNELS, 1e-3);
    expect_near(found, wanted, SQUARE, 1e-3);
    free(from);
    free(other);
    free(to);
    gan_context_free(context);
}
END_TEST

/* Directions without variance stay so, and numbers that are none are named. */
START_TEST(powers_leave_out_what_is_nothing)
{
    must(gan_context_create(&context, NULL));
    double matrix[4] = {4, 0, 0, 1e-12}, bad[4] = {1, NAN, NAN, 1};
    must(gan_symmetric_power(context, matrix, 2, -0.5, 1e-5));
    expect_near(matrix, (const double[]){0.5, 0, 0, 0}, 4, 1e-12);
    ck_assert_int_eq(gan_symmetric_power(context, bad, 2, 0.5, 1e-5), GAN_ERROR_NOT_FINITE);
    float features[4] = {1, INFINITY, 2, 3};
    double mean[2], covariance[4];
    ck_assert_int_eq(gan_feature_covariance(context, features, 2, 2, mean, covariance), GAN_ERROR_NOT_FINITE);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        covariances_are_those_of_the_definition,
        colored_features_have_the_other_covariance,
        powers_leave_out_what_is_nothing,
    };
    return run_suite("feature_covariance", tests, sizeof tests / sizeof tests[0]);
}
