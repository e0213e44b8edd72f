/* Several styles in one picture: weights, masks, and styles that were measured before. */
#include "base/suite.h"
#include "gan/image.h"
#include "graph/networks.h"
#include "models/plain_colors.h"

#include <math.h>

static gan_tensor *run(gan_feature_transfer *transfer, const gan_tensor *content,
                       const gan_style_mixture *mixture)
{
    gan_tensor *result;
    succeed(gan_feature_transfer_run(transfer, content, 1, mixture, &result));
    return result;
}

/* The content in each style alone, and a transfer that has both. */
struct pair {
    struct color_bench bench;
    gan_feature_transfer *both;
    gan_tensor *alone[2];
};

static struct pair open_pair(int32_t transform)
{
    struct pair pair = {.bench = color_bench_open(2)};
    pair.both = make_exact_transfer(&pair.bench, transform);
    for (int i = 0; i < 2; i++) {
        gan_feature_transfer *one = make_exact_transfer(&pair.bench, transform);
        succeed(gan_feature_transfer_add_picture(one, pair.bench.styles[i]));
        succeed(gan_feature_transfer_add_picture(pair.both, pair.bench.styles[i]));
        pair.alone[i] = run(one, pair.bench.content, NULL);
        gan_feature_transfer_free(one);
    }
    return pair;
}

static void close_pair(struct pair *pair)
{
    gan_feature_transfer_free(pair->both);
    gan_tensor_free(pair->alone[0]);
    gan_tensor_free(pair->alone[1]);
    color_bench_close(&pair->bench);
}

/* Shares of the first style, the second and the content at a pixel. */
static void expect_pixel(const struct pair *pair, const gan_tensor *result, int64_t row, int64_t column,
                         const double shares[3])
{
    const gan_tensor *const parts[] = {pair->alone[0], pair->alone[1], pair->bench.content};
    for (int64_t i = 3 * (64 * row + column), end = i + 3; i < end; i++) {
        double expected = 0;
        for (int part = 0; part < 3; part++)
            expected += shares[part] * (double)((const float *)gan_tensor_data_const(parts[part]))[i];
        const double found = (double)((const float *)gan_tensor_data_const(result))[i];
        ck_assert_msg(fabs(found - expected) < 2e-6, "row %d, column %d: %g, expected %g", (int)row,
                      (int)column, found, expected);
    }
}

START_TEST(weights_mix_the_transformed_features)
{
    for (int32_t transform = GAN_TRANSFORM_MEAN_DEVIATION; transform <= GAN_TRANSFORM_LINEAR; transform++) {
        struct pair pair = open_pair(transform);
        const gan_style_mixture mixture = {.struct_size = sizeof mixture, .weights = (const float[]){6, 2}};
        gan_tensor *equal = run(pair.both, pair.bench.content, NULL),
                   *weighted = run(pair.both, pair.bench.content, &mixture);
        for (int64_t row = 0; row < 48; row += 5) {
            expect_pixel(&pair, equal, row, row + 3, (const double[]){0.5, 0.5, 0});
            expect_pixel(&pair, weighted, row, row + 3, (const double[]){0.75, 0.25, 0});
        }
        gan_tensor_free(equal);
        gan_tensor_free(weighted);
        close_pair(&pair);
    }
}
END_TEST

/* Masks of 6 rows and 8 columns, each element for 8 x 8 pixels, of which the inner ones are not blurred by
 * scaling: the first style in the upper half, the second in columns 0 to 3 of it and below, where it is half.
 */
START_TEST(masks_of_another_size_say_where)
{
    struct pair pair = open_pair(GAN_TRANSFORM_WHITENING);
    gan_tensor *masks[2];
    for (int i = 0; i < 2; i++)
        masks[i] = make_zeros(pair.bench.context, (const int64_t[]){1, 6, 8, 1}, 4);
    for (int row = 0; row < 6; row++)
        for (int column = 0; column < 8; column++) {
            ((float *)gan_tensor_data(masks[0]))[8 * row + column] = row < 3;
            ((float *)gan_tensor_data(masks[1]))[8 * row + column] = column >= 4 ? 0 : row < 3 ? 1 : 0.5f;
        }
    gan_style_mixture mixture = {.struct_size = sizeof mixture, .masks = (const gan_tensor *const *)masks};
    gan_tensor *result = run(pair.both, pair.bench.content, &mixture);
    expect_pixel(&pair, result, 4, 60, (const double[]){1, 0, 0});
    expect_pixel(&pair, result, 4, 4, (const double[]){0.5, 0.5, 0});
    expect_pixel(&pair, result, 44, 4, (const double[]){0, 0.5, 0.5});
    expect_pixel(&pair, result, 44, 60, (const double[]){0, 0, 1});
    gan_tensor_free(result);

    mixture.weights = (const float[]){1, 3};
    result = run(pair.both, pair.bench.content, &mixture);
    expect_pixel(&pair, result, 4, 60, (const double[]){1, 0, 0});
    expect_pixel(&pair, result, 4, 4, (const double[]){0.25, 0.75, 0});
    expect_pixel(&pair, result, 44, 4, (const double[]){0, 0.5, 0.5});
    gan_tensor_free(result);

    const gan_tensor *const second_everywhere[] = {masks[0], NULL};
    mixture = (gan_style_mixture){.struct_size = sizeof mixture, .masks = second_everywhere};
    result = run(pair.both, pair.bench.content, &mixture);
    expect_pixel(&pair, result, 4, 60, (const double[]){0.5, 0.5, 0});
    expect_pixel(&pair, result, 44, 60, (const double[]){0, 1, 0});
    gan_tensor_free(result);
    gan_tensor_free(masks[0]);
    gan_tensor_free(masks[1]);
    close_pair(&pair);
}
END_TEST

/* Where no mask is, the content stays in its place, whatever the margin; pictures may be smaller than it. */
START_TEST(margins_move_nothing)
{
    static const int32_t margins[] = {-1, 0, 7, 40};
    struct color_bench bench = color_bench_open(2);
    gan_tensor *mask = make_zeros(bench.context, (const int64_t[]){1, 48, 64, 1}, 4), *one, *result;
    for (int64_t i = 0; i < 24 * 64; i++)
        ((float *)gan_tensor_data(mask))[i] = 1;
    const gan_style_mixture mixture = {.struct_size = sizeof mixture,
                                       .masks = (const gan_tensor *const[]){mask}};
    succeed(gan_image_crop(&one, bench.content, 0, 0, 1, 1));
    for (int i = 0; i < 4; i++) {
        const gan_feature_transfer_options options = {.struct_size = sizeof options, .margin = margins[i]};
        gan_feature_transfer *transfer;
        succeed(gan_feature_transfer_create(&transfer, &bench.encoder, &bench.decoder, 1, &options));
        succeed(gan_feature_transfer_add_picture(transfer, bench.styles[0]));
        result = run(transfer, bench.content, &mixture);
        const float *from = gan_tensor_data_const(bench.content), *to = gan_tensor_data_const(result);
        ck_assert(fabsf(to[0] - from[0]) > 0.05f && fabsf(to[3 * 23 * 64] - from[3 * 23 * 64]) > 0.05f);
        for (int64_t k = 3 * 24 * 64; k < gan_tensor_count(result); k++)
            ck_assert(fabsf(to[k] - from[k]) < 1e-6f);
        gan_tensor_free(result);
        result = run(transfer, one, NULL);
        ck_assert_int_eq(gan_tensor_count(result), 3);
        gan_tensor_free(result);
        gan_feature_transfer_free(transfer);
    }
    const gan_feature_transfer_options wide = {.struct_size = sizeof wide, .margin = 5000};
    gan_feature_transfer *none;
    fails_with(gan_feature_transfer_create(&none, &bench.encoder, &bench.decoder, 1, &wide),
               GAN_ERROR_ARGUMENT, "margin is 5000");
    gan_tensor_free(one);
    gan_tensor_free(mask);
    color_bench_close(&bench);
}
END_TEST

START_TEST(bad_mixtures_are_refused)
{
    struct pair pair = open_pair(GAN_TRANSFORM_LINEAR);
    gan_style_mixture mixture = {.struct_size = sizeof mixture, .weights = (const float[]){0, 0}};
    gan_tensor *result, *bright = make_filled(pair.bench.context, (const int64_t[]){1, 4, 4, 1}, 4, 2);
    fails_with(gan_feature_transfer_run(pair.both, pair.bench.content, 1, &mixture, &result),
               GAN_ERROR_ARGUMENT, "all weights are 0");
    mixture.weights = (const float[]){1, -1};
    fails_with(gan_feature_transfer_run(pair.both, pair.bench.content, 1, &mixture, &result),
               GAN_ERROR_ARGUMENT, "weight 1 is -1");
    mixture = (gan_style_mixture){.struct_size = sizeof mixture,
                                  .masks = (const gan_tensor *const[]){NULL, bright}};
    fails_with(gan_feature_transfer_run(pair.both, pair.bench.content, 1, &mixture, &result),
               GAN_ERROR_ARGUMENT, "style 1: the mask is 2");
    mixture.masks = (const gan_tensor *const[]){pair.bench.content, NULL};
    fails_with(gan_feature_transfer_run(pair.both, pair.bench.content, 1, &mixture, &result), GAN_ERROR_SHAPE,
               "[1,H,W,1]");
    ck_assert_ptr_null(result);
    gan_tensor_free(bright);
    close_pair(&pair);
}
END_TEST

/* ---- S as an object ---- */

static gan_tensor *run_with_style(const struct color_bench *bench, int32_t transform, int32_t normalization)
{
    const gan_style_options options = {.struct_size = sizeof options, .normalization = normalization};
    const gan_tensor *const pictures[] = {bench->styles[0]};
    gan_feature_transfer *transfer = make_exact_transfer(bench, transform);
    gan_style *style;
    succeed(gan_style_create(&style, bench->encoder, pictures, 1, &options));
    succeed(gan_feature_transfer_add_style(transfer, style));
    gan_style_free(style);
    gan_tensor *result = run(transfer, bench->content, NULL);
    gan_feature_transfer_free(transfer);
    return result;
}

START_TEST(a_style_of_any_normalization_paints_as_its_picture)
{
    for (int32_t transform = GAN_TRANSFORM_MEAN_DEVIATION; transform <= GAN_TRANSFORM_LINEAR; transform++) {
        struct pair pair = open_pair(transform);
        for (int32_t way = GAN_GRAM_PER_ELEMENT; way <= GAN_GRAM_COVARIANCE; way++) {
            gan_tensor *result = run_with_style(&pair.bench, transform, way);
            const double difference = largest_difference(result, pair.alone[0]);
            ck_assert_msg(difference < 1e-4, "transform %d, normalization %d: %g", (int)transform, (int)way,
                          difference);
            gan_tensor_free(result);
        }
        close_pair(&pair);
    }
}
END_TEST

START_TEST(a_style_of_another_extractor_is_refused)
{
    struct pair pair = open_pair(GAN_TRANSFORM_LINEAR);
    gan_model *other = make_scaling(pair.bench.context, 3), *same = make_scaling(pair.bench.context, 4);
    const gan_tensor *const pictures[] = {pair.bench.styles[0]};
    gan_style *style;
    succeed(gan_style_create(&style, other, pictures, 1, NULL));
    fails_with(gan_feature_transfer_add_style(pair.both, style), GAN_ERROR_ARGUMENT, "another extractor");
    ck_assert_int_eq(gan_feature_transfer_style_count(pair.both), 2);
    gan_style_free(style);
    succeed(gan_style_create(&style, same, pictures, 1, NULL)); /* of the same weights */
    succeed(gan_feature_transfer_add_style(pair.both, style));
    gan_style_free(style);
    gan_model_free(other);
    gan_model_free(same);
    close_pair(&pair);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        weights_mix_the_transformed_features,
        masks_of_another_size_say_where,
        margins_move_nothing,
        bad_mixtures_are_refused,
        a_style_of_any_normalization_paints_as_its_picture,
        a_style_of_another_extractor_is_refused,
    };
    return run_suite("feature mixture", tests, sizeof tests / sizeof tests[0]);
}
