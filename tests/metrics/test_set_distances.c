/* Distances of sets of features against their definitions in float64 (make_expected.py) and closed forms. */
#include "base/suite.h"
#include "kernels/symmetric.h"
#include "metrics/expected.h"
#include "metrics/numbers.h"
#include "models/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gan_tensor *numbers(gan_context *context, int64_t count, int64_t channels, int64_t seed, float factor)
{
    gan_tensor *made = make_numbers(context, (const int64_t[]){count, channels}, 2);
    fill_numbers(made, seed, factor);
    return made;
}

/* V^T diag(values) V gives the matrix back, and rows of V are orthonormal. */
static void check_eigen(int64_t count, int rank)
{
    const size_t size = (size_t)(count * count);
    double *matrix = calloc(3 * size + 4 * (size_t)count, sizeof *matrix);
    double *vectors = matrix + size, *back = vectors + size, *values = back + size;
    for (int64_t r = 0; r < rank; r++)
        for (int64_t i = 0; i < count; i++)
            for (int64_t k = 0; k < count; k++)
                matrix[i * count + k] +=
                    sin((double)(i * (r + 2) + r)) * sin((double)(k * (r + 2) + r)) * (r % 2 ? -3 : 1);
    memcpy(vectors, matrix, size * sizeof *matrix);
    ck_assert(gan_symmetric_eigen(vectors, count, true, values, values + count));
    double off = 0, skew = 0;
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < count; k++) {
            double product = 0, sum = 0;
            for (int64_t j = 0; j < count; j++) {
                product += vectors[i * count + j] * vectors[k * count + j];
                sum += values[j] * vectors[j * count + i] * vectors[j * count + k];
            }
            skew = fmax(skew, fabs(product - (i == k)));
            off = fmax(off, fabs(sum - matrix[i * count + k]));
        }
    ck_assert_msg(skew < 1e-12 && off < 1e-12 * (double)count, "%d of rank %d: %g, %g", (int)count, rank,
                  skew, off);
    double again[4 * 70];
    memcpy(vectors, matrix, size * sizeof *matrix);
    ck_assert(gan_symmetric_eigen(vectors, count, false, again, again + count));
    for (int64_t i = 0; i < count; i++)
        is_near(again[i], values[i], 1e-10);
    free(matrix);
}

START_TEST(eigenvalues_and_vectors_give_the_matrix_back)
{
    for (int64_t count = 1; count <= 67; count = count * 2 + 1)
        for (int rank = 0; rank <= 40; rank = 3 * rank + 1)
            check_eigen(count, rank);
}
END_TEST

START_TEST(frechet_agrees_with_the_definition)
{
    gan_context *context = reference_context();
    gan_tensor *a = numbers(context, 40, 6, 3, 1), *b = numbers(context, 30, 6, 4, 1.5f);
    double distance;
    must(gan_frechet_distance(a, b, &distance));
    is_near(distance, EXPECTED_FRECHET, 1e-7);
    must(gan_frechet_distance(a, a, &distance));
    is_near(distance, 0, 1e-12);
    gan_tensor_free(a);
    gan_tensor_free(b);
    a = numbers(context, 5, 12, 5, 1);
    b = numbers(context, 7, 12, 6, 1.5f);
    must(gan_frechet_distance(a, b, &distance));
    is_near(distance, EXPECTED_FRECHET_FEW, 1e-6);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_context_free(context);
}
END_TEST

/* Gaussians whose covariances commute: the distance of means and of standard deviations. */
START_TEST(frechet_of_known_moments_is_the_closed_form)
{
    gan_context *context = reference_context();
    const double c = 0.6, s = 0.8, mean_a[2] = {1, 2}, mean_b[2] = {-1, 2.5};
    double a[4], b[4], distance;
    const double roots_a[2] = {2, 0.5}, roots_b[2] = {1, 3};
    for (int which = 0; which < 2; which++) {
        const double *roots = which ? roots_b : roots_a;
        const double x = roots[0] * roots[0], y = roots[1] * roots[1];
        const double matrix[4] = {c * c * x + s * s * y, c * s * (x - y), c * s * (x - y),
                                  s * s * x + c * c * y};
        memcpy(which ? b : a, matrix, sizeof matrix);
    }
    must(gan_frechet_distance_of_moments(context, 2, mean_a, a, mean_b, b, &distance));
    is_near(distance, 4 + 0.25 + 1 + 6.25, 1e-12);
    b[1] += 1;
    metric_says(gan_frechet_distance_of_moments(context, 2, mean_a, a, mean_b, b, &distance),
                GAN_ERROR_ARGUMENT, "covariance b is not symmetric");
    b[1] = INFINITY;
    metric_says(gan_frechet_distance_of_moments(context, 2, mean_a, a, mean_b, b, &distance),
                GAN_ERROR_NOT_FINITE, "covariance b");
    gan_context_free(context);
}
END_TEST

START_TEST(kernel_distance_agrees_with_the_definition)
{
    gan_context *context = reference_context();
    gan_tensor *a = numbers(context, 30, 6, 3, 1), *b = numbers(context, 30, 6, 4, 1.5f);
    gan_kernel_distance_result result = {.struct_size = sizeof result};
    gan_kernel_distance_options options = {.struct_size = sizeof options, .subset_size = 30, .subsets = 3};
    must(gan_kernel_distance(a, b, &options, &result));
    is_near(result.mean, EXPECTED_KERNEL, 1e-6);
    is_near(result.deviation, 0, 1e-12);
    is_near(result.high - result.low, 0, 1e-12);
    must(gan_kernel_distance(a, b, NULL, &result));
    ck_assert_int_eq(result.subset_size, 15);
    ck_assert_int_eq(result.subsets, 100);
    ck_assert(result.deviation > 0 && result.low < result.mean && result.mean < result.high);
    ck_assert(result.low < EXPECTED_KERNEL && EXPECTED_KERNEL < result.high);
    options.subset_size = 31;
    metric_says(gan_kernel_distance(a, b, &options, &result), GAN_ERROR_ARGUMENT,
                "expected 2 to the smaller set's 30");
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_context_free(context);
}
END_TEST

/* Of two halves of one distribution the unbiased estimate is about as often below 0 as above. */
START_TEST(kernel_distance_is_unbiased)
{
    gan_context *context = reference_context();
    int below = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        gan_tensor *a = numbers(context, 12, 5, 0, 1), *b = numbers(context, 12, 5, 0, 1);
        must(gan_tensor_fill_normal(a, 2 * seed, 0, 1));
        must(gan_tensor_fill_normal(b, 2 * seed + 1, 0, 1));
        gan_kernel_distance_result result = {.struct_size = sizeof result};
        const gan_kernel_distance_options whole = {
            .struct_size = sizeof whole, .subset_size = 12, .subsets = 1};
        must(gan_kernel_distance(a, b, &whole, &result));
        below += result.mean < 0;
        gan_tensor_free(a);
        gan_tensor_free(b);
    }
    ck_assert_msg(below >= 10 && below <= 34, "%d of 40 are below 0", below);
    gan_context_free(context);
}
END_TEST

START_TEST(sets_that_do_not_fit_are_refused)
{
    gan_context *context = reference_context();
    gan_tensor *one = numbers(context, 1, 6, 1, 1), *two = numbers(context, 2, 6, 1, 1),
               *other = numbers(context, 2, 5, 1, 1);
    gan_kernel_distance_result result = {.struct_size = sizeof result};
    double distance;
    metric_says(gan_frechet_distance(two, one, &distance), GAN_ERROR_SHAPE,
                "b has the shape [1,6], expected at least 2");
    metric_says(gan_kernel_distance(one, two, NULL, &result), GAN_ERROR_SHAPE, "a has the shape [1,6]");
    metric_says(gan_frechet_distance(two, other, &distance), GAN_ERROR_SHAPE, "6 and 5");
    ((float *)gan_tensor_data(two))[3] = INFINITY;
    metric_says(gan_frechet_distance(two, two, &distance), GAN_ERROR_NOT_FINITE, "element 3 of a");
    gan_tensor_free(one);
    gan_tensor_free(two);
    gan_tensor_free(other);
    gan_context_free(context);
}
END_TEST

static gan_model *small_extractor(gan_context *context)
{
    const gan_patchgan_options options = {
        .struct_size = sizeof options, .channels = 4, .layers = 1, .norm = GAN_NORM_NONE};
    gan_model *model;
    must(gan_patchgan_create(&model, context, &options));
    return model;
}

/* Pictures of several sizes, together or one by one, with the means computed here. */
START_TEST(features_are_means_over_the_positions)
{
    gan_context *context = reference_context();
    gan_model *model = small_extractor(context);
    gan_features *features;
    must(gan_features_create(&features, model, NULL));
    gan_tensor *batch = make_numbers(context, (const int64_t[]){2, 24, 20, 3}, 4), *map, *all;
    gan_tensor *larger = make_numbers(context, (const int64_t[]){1, 32, 32, 3}, 4);
    fill_numbers(batch, 1, 1);
    fill_numbers(larger, 2, 1);
    must(gan_features_add(features, batch));
    must(gan_features_add(features, larger));
    must(gan_features_get(features, &all));
    ck_assert_int_eq(gan_features_count(features), 3);
    ck_assert_int_eq(gan_tensor_size(all, 0), 3);
    ck_assert_int_eq(gan_tensor_size(all, 1), 1);
    must(gan_model_run(model, larger, &map));
    double sum = 0;
    for (int64_t i = 0; i < gan_tensor_count(map); i++)
        sum += (double)((const float *)gan_tensor_data(map))[i];
    is_near((double)((const float *)gan_tensor_data(all))[2], sum / (double)gan_tensor_count(map), 1e-6);
    gan_tensor_free(map);
    gan_tensor_free(all);
    gan_tensor_free(batch);
    gan_tensor_free(larger);
    gan_features_free(features);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(extractors_that_do_not_fit_are_refused)
{
    gan_context *context = reference_context();
    gan_model *model = small_extractor(context);
    gan_features *features;
    gan_tensor *all;
    metric_says(gan_features_create(&features, model, "relu9"), GAN_ERROR_NOT_FOUND, "relu9");
    must(gan_features_create(&features, model, NULL));
    metric_says(gan_features_get(features, &all), GAN_ERROR_SHAPE, "no picture");
    gan_tensor *grey = make_numbers(context, (const int64_t[]){1, 24, 24, 1}, 4);
    ck_assert_int_eq(gan_features_add(features, grey), GAN_ERROR_SHAPE);
    gan_lpips *lpips;
    metric_says(gan_lpips_create(&lpips, model, "none"), GAN_ERROR_NOT_FOUND, "relu1");
    gan_tensor_free(grey);
    gan_features_free(features);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {eigenvalues_and_vectors_give_the_matrix_back,
                                  frechet_agrees_with_the_definition,
                                  frechet_of_known_moments_is_the_closed_form,
                                  kernel_distance_agrees_with_the_definition,
                                  kernel_distance_is_unbiased,
                                  sets_that_do_not_fit_are_refused,
                                  features_are_means_over_the_positions,
                                  extractors_that_do_not_fit_are_refused};
    return run_suite("set distances", tests, sizeof tests / sizeof tests[0]);
}
