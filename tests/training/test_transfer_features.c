/* What a decoder for any style is asked to paint: features with the statistics of a style's, and how often
 * which. */
#include "base/suite.h"
#include "style/feature_covariance.h"
#include "training/transfer_trainer.h"

#include "gan/feature_transfer.h"

#include <math.h>
#include <string.h>

enum { PIXELS = 900, CHANNELS = 6, VALUES = PIXELS * CHANNELS };

static void fill(float *features, uint64_t seed, float size, float offset)
{
    struct random_stream random = {.seed = seed};
    gan_random_fill_normal(&random, features, VALUES, offset, size);
    for (int i = 0; i < VALUES; i++) /* channels that hang together */
        features[i] += 0.5f * features[i - i % CHANNELS];
}

static void change(const struct transfer_wish *wish, const float *content, const float *style, int64_t pixels,
                   float *to)
{
    gan_context *context;
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    ck_assert_int_eq(gan_transfer_features(context, wish, content, style, pixels, CHANNELS, to), GAN_OK);
    gan_context_free(context);
}

static void measure(const float *features, double *mean, double *covariance)
{
    float copy[VALUES];
    gan_context *context;
    memcpy(copy, features, sizeof copy);
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    ck_assert_int_eq(gan_feature_covariance(context, copy, PIXELS, CHANNELS, mean, covariance), GAN_OK);
    gan_context_free(context);
}

/* Means and variances become the style's; with whitening the covariances too, but for the ridge. */
static void expect_statistics(int32_t transform, double bound)
{
    float content[VALUES], style[VALUES], changed[VALUES];
    double mean[CHANNELS], covariance[CHANNELS * CHANNELS];
    double wanted_mean[CHANNELS], wanted[CHANNELS * CHANNELS];
    const struct transfer_wish wish = {.transform = transform, .strength = 1};
    fill(content, 1, 0.5f, 3);
    fill(style, 2, 2, -1);
    change(&wish, content, style, PIXELS, changed);
    measure(changed, mean, covariance);
    measure(style, wanted_mean, wanted);
    for (int i = 0; i < CHANNELS; i++) {
        ck_assert_double_eq_tol(mean[i], wanted_mean[i], 1e-3);
        for (int j = 0; j < CHANNELS; j++)
            if (transform != GAN_TRANSFORM_MEAN_DEVIATION || i == j)
                ck_assert_double_eq_tol(covariance[i * CHANNELS + j], wanted[i * CHANNELS + j],
                                        bound * wanted[i * CHANNELS + i]);
    }
}

START_TEST(changed_features_have_the_statistics_of_the_style)
{
    expect_statistics(GAN_TRANSFORM_MEAN_DEVIATION, 1e-3);
    expect_statistics(GAN_TRANSFORM_WHITENING, 0.05);
    expect_statistics(GAN_TRANSFORM_LINEAR, 0.05);
}
END_TEST

START_TEST(strength_leads_from_the_content_to_the_style)
{
    float content[VALUES], style[VALUES], none[VALUES], half[VALUES], all[VALUES];
    fill(content, 1, 0.5f, 3);
    fill(style, 2, 2, -1);
    change(&(struct transfer_wish){.strength = 0}, content, style, PIXELS, none);
    change(&(struct transfer_wish){.strength = 0.5}, content, style, PIXELS, half);
    change(&(struct transfer_wish){.strength = 1}, content, style, PIXELS, all);
    ck_assert_mem_eq(none, content, sizeof none);
    for (int i = 0; i < VALUES; i++)
        ck_assert_float_eq_tol(half[i], 0.5f * (content[i] + all[i]), 1e-4);
}
END_TEST

/* Features without contrast stay finite, and a single position gets the style's mean, which is itself. */
START_TEST(flat_features_stay_finite)
{
    float content[VALUES] = {0}, style[VALUES], changed[VALUES];
    fill(style, 2, 2, -1);
    for (int32_t transform = 0; transform <= GAN_TRANSFORM_LINEAR; transform++) {
        const struct transfer_wish wish = {.transform = transform, .strength = 1};
        change(&wish, content, style, PIXELS, changed);
        for (int i = 0; i < VALUES; i++)
            ck_assert(isfinite(changed[i]));
        change(&wish, content, style, 1, changed);
        for (int i = 0; i < CHANNELS; i++)
            ck_assert_float_eq_tol(changed[i], style[i], 1e-5);
    }
}
END_TEST

START_TEST(wishes_have_their_shares)
{
    enum { SAMPLES = 20000 };
    int itself = 0, photograph = 0, whitening = 0, linear = 0, partly = 0;
    for (int64_t i = 0; i < SAMPLES; i++) {
        const struct transfer_wish wish = gan_transfer_wish(7, i, false),
                                   again = gan_transfer_wish(7, i, false);
        ck_assert(wish.style == again.style && wish.strength == again.strength);
        itself += wish.style == STYLE_OF_ITSELF;
        photograph += wish.style == STYLE_OF_PHOTOGRAPH;
        whitening += wish.transform == GAN_TRANSFORM_WHITENING;
        linear += wish.transform == GAN_TRANSFORM_LINEAR;
        partly += wish.strength > 0 && wish.strength < 1;
        ck_assert(wish.style == STYLE_OF_ITSELF ? wish.strength == 0 : wish.strength >= 0.5);
    }
    ck_assert_int_eq(gan_transfer_wish(7, 0, true).style, STYLE_OF_ITSELF);
    ck_assert_double_eq_tol(itself / (double)SAMPLES, 0.12, 0.01);
    ck_assert_double_eq_tol(photograph / (double)SAMPLES, 0.10, 0.01);
    ck_assert_double_eq_tol(whitening / (double)SAMPLES, 0.88 * 0.125, 0.01);
    ck_assert_double_eq_tol(linear / (double)SAMPLES, 0.88 * 0.125, 0.01);
    ck_assert_double_eq_tol(partly / (double)SAMPLES, 0.88 * 0.25, 0.01);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        changed_features_have_the_statistics_of_the_style,
        strength_leads_from_the_content_to_the_style,
        flat_features_stay_finite,
        wishes_have_their_shares,
    };
    return run_suite("features for a decoder", tests, sizeof tests / sizeof tests[0]);
}
