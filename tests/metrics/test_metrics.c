/* Metrics against their definitions in float64 (make_expected.py), closed forms, and inputs that make no
 * sense. */
#include "base/suite.h"
#include "gan/gan.h"
#include "metrics/expected.h"
#include "kernels/symmetric.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gan_tensor *tensor(gan_context *context, const int64_t *shape, int32_t rank)
{
    gan_tensor *made;
    must(gan_tensor_create(&made, context, GAN_FLOAT32, shape, rank));
    return made;
}

/* The numbers of make_expected.py. */
static void fill(gan_tensor *to, int64_t seed, float factor)
{
    float *values = gan_tensor_data(to);
    for (int64_t i = 0; i < gan_tensor_count(to); i++)
        values[i] = factor * ((float)((i * 37 + i * i * 11 + seed * 101) % 251) / 250);
}

static gan_tensor *numbers(gan_context *context, int64_t count, int64_t channels, int64_t seed, float factor)
{
    gan_tensor *made = tensor(context, (const int64_t[]){count, channels}, 2);
    fill(made, seed, factor);
    return made;
}

static void near(double got, double expected, double tolerance)
{
    ck_assert_msg(fabs(got - expected) <= tolerance, "%.17g, expected %.17g", got, expected);
}

static void says(gan_status status, gan_status expected, const char *words)
{
    ck_assert_int_eq(status, expected);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
}

struct pair {
    gan_context *context;
    gan_tensor *a, *b;
};

static struct pair make_pair(int32_t threads)
{
    struct pair pair;
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    must(gan_context_create(&pair.context, &options));
    const int64_t shape[4] = {1, 16, 13, 3};
    pair.a = tensor(pair.context, shape, 4);
    pair.b = tensor(pair.context, shape, 4);
    fill(pair.a, 1, 1);
    fill(pair.b, 2, 1);
    const float *a = gan_tensor_data(pair.a);
    float *b = gan_tensor_data(pair.b);
    for (int64_t i = 0; i < gan_tensor_count(pair.b); i++)
        b[i] = (float)(0.7 * (double)a[i] + 0.3 * (double)b[i]);
    return pair;
}

static void free_pair(struct pair *pair)
{
    gan_tensor_free(pair->a);
    gan_tensor_free(pair->b);
    gan_context_free(pair->context);
}

START_TEST(pictures_agree_with_the_definitions)
{
    struct pair pair = make_pair(0);
    const gan_ssim_options channels = {.struct_size = sizeof channels, .per_channel = 1};
    double value;
    must(gan_psnr(pair.a, pair.b, &value));
    near(value, EXPECTED_PSNR, 1e-12);
    must(gan_ssim(pair.a, pair.b, NULL, &value));
    near(value, EXPECTED_SSIM_LUMA, 1e-12);
    must(gan_ssim(pair.a, pair.b, &channels, &value));
    near(value, EXPECTED_SSIM_CHANNELS, 1e-12);
    must(gan_ssim(pair.b, pair.b, NULL, &value));
    near(value, 1, 1e-15);
    must(gan_psnr(pair.b, pair.b, &value));
    ck_assert(isinf(value) && value > 0);
    free_pair(&pair);
}
END_TEST

START_TEST(similarity_has_the_same_bits_for_any_number_of_threads)
{
    struct pair one = make_pair(1), three = make_pair(3);
    double first, second;
    must(gan_ssim(one.a, one.b, NULL, &first));
    must(gan_ssim(three.a, three.b, NULL, &second));
    ck_assert(first == second);
    free_pair(&one);
    free_pair(&three);
}
END_TEST

START_TEST(pictures_that_do_not_fit_are_refused)
{
    struct pair pair = make_pair(0);
    double value;
    gan_tensor *other = tensor(pair.context, (const int64_t[]){1, 16, 14, 3}, 4);
    says(gan_ssim(pair.a, other, NULL, &value), GAN_ERROR_SHAPE, "[1,16,13,3] and [1,16,14,3]");
    says(gan_psnr(pair.a, other, &value), GAN_ERROR_SHAPE, "[1,16,13,3] and [1,16,14,3]");
    gan_tensor *flat = tensor(pair.context, (const int64_t[]){1, 16, 10, 3}, 4);
    says(gan_ssim(flat, flat, NULL, &value), GAN_ERROR_SHAPE, "at least 11");
    ((float *)gan_tensor_data(pair.b))[7] = NAN;
    says(gan_ssim(pair.a, pair.b, NULL, &value), GAN_ERROR_NOT_FINITE, "element 7 of b");
    says(gan_psnr(pair.a, NULL, &value), GAN_ERROR_ARGUMENT, "b is NULL");
    says(gan_mean_pairwise_distance(pair.a, &value), GAN_ERROR_SHAPE, "at least 2");
    gan_tensor_free(other);
    gan_tensor_free(flat);
    free_pair(&pair);
}
END_TEST

START_TEST(diversity_is_the_mean_over_all_pairs)
{
    gan_context *context = reference_context();
    gan_tensor *batch = tensor(context, (const int64_t[]){3, 2}, 2);
    const float values[6] = {0, 0, 3, 4, 3, 4};
    memcpy(gan_tensor_data(batch), values, sizeof values);
    double distance;
    must(gan_mean_pairwise_distance(batch, &distance));
    near(distance, 2 * 5 / sqrt(2) / 3, 1e-12);
    gan_tensor_free(batch);
    gan_context_free(context);
}
END_TEST

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
        near(again[i], values[i], 1e-10);
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
    near(distance, EXPECTED_FRECHET, 1e-7);
    must(gan_frechet_distance(a, a, &distance));
    near(distance, 0, 1e-12);
    gan_tensor_free(a);
    gan_tensor_free(b);
    a = numbers(context, 5, 12, 5, 1);
    b = numbers(context, 7, 12, 6, 1.5f);
    must(gan_frechet_distance(a, b, &distance));
    near(distance, EXPECTED_FRECHET_FEW, 1e-6);
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
    near(distance, 4 + 0.25 + 1 + 6.25, 1e-12);
    b[1] += 1;
    says(gan_frechet_distance_of_moments(context, 2, mean_a, a, mean_b, b, &distance), GAN_ERROR_ARGUMENT,
         "covariance b is not symmetric");
    b[1] = INFINITY;
    says(gan_frechet_distance_of_moments(context, 2, mean_a, a, mean_b, b, &distance), GAN_ERROR_NOT_FINITE,
         "covariance b");
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
    near(result.mean, EXPECTED_KERNEL, 1e-6);
    near(result.deviation, 0, 1e-12);
    near(result.high - result.low, 0, 1e-12);
    must(gan_kernel_distance(a, b, NULL, &result));
    ck_assert_int_eq(result.subset_size, 15);
    ck_assert_int_eq(result.subsets, 100);
    ck_assert(result.deviation > 0 && result.low < result.mean && result.mean < result.high);
    ck_assert(result.low < EXPECTED_KERNEL && EXPECTED_KERNEL < result.high);
    options.subset_size = 31;
    says(gan_kernel_distance(a, b, &options, &result), GAN_ERROR_ARGUMENT,
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
    says(gan_frechet_distance(two, one, &distance), GAN_ERROR_SHAPE,
         "b has the shape [1,6], expected at least 2");
    says(gan_kernel_distance(one, two, NULL, &result), GAN_ERROR_SHAPE, "a has the shape [1,6]");
    says(gan_frechet_distance(two, other, &distance), GAN_ERROR_SHAPE, "6 and 5");
    ((float *)gan_tensor_data(two))[3] = INFINITY;
    says(gan_frechet_distance(two, two, &distance), GAN_ERROR_NOT_FINITE, "element 3 of a");
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
    gan_tensor *batch = tensor(context, (const int64_t[]){2, 24, 20, 3}, 4), *map, *all;
    gan_tensor *larger = tensor(context, (const int64_t[]){1, 32, 32, 3}, 4);
    fill(batch, 1, 1);
    fill(larger, 2, 1);
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
    near((double)((const float *)gan_tensor_data(all))[2], sum / (double)gan_tensor_count(map), 1e-6);
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
    says(gan_features_create(&features, model, "relu9"), GAN_ERROR_NOT_FOUND, "relu9");
    must(gan_features_create(&features, model, NULL));
    says(gan_features_get(features, &all), GAN_ERROR_SHAPE, "no picture");
    gan_tensor *grey = tensor(context, (const int64_t[]){1, 24, 24, 1}, 4);
    ck_assert_int_eq(gan_features_add(features, grey), GAN_ERROR_SHAPE);
    gan_lpips *lpips;
    says(gan_lpips_create(&lpips, model, "none"), GAN_ERROR_NOT_FOUND, "relu1");
    gan_tensor_free(grey);
    gan_features_free(features);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

static gan_tensor *from_symmetric_range(const gan_tensors *tensors, const char *name)
{
    gan_tensor *picture = reference_picture(tensors, name);
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = (values[i] + 1) / 2;
    return picture;
}

START_TEST(lpips_agrees_with_the_reference)
{
    if (reference_folder() == NULL)
        return;
    gan_context *context = reference_context();
    gan_model *model = reference_import(context, "weights/squeezenet1.1.safetensors");
    gan_lpips *lpips;
    must(gan_lpips_create(&lpips, model, reference_path("weights/lpips_v0.1_squeeze.safetensors")));
    gan_tensors *tensors = reference_load(context, "golden/lpips_squeeze/pair_128.safetensors");
    gan_tensor *a = from_symmetric_range(tensors, "a"), *b = from_symmetric_range(tensors, "b");
    double distance, levels[7];
    ck_assert_int_eq(gan_lpips_level_count(lpips), 7);
    must(gan_lpips_distance(lpips, a, b, &distance, levels));
    for (int i = 0; i <= 7; i++) {
        char name[8] = "lpips";
        if (i < 7)
            snprintf(name, sizeof name, "d%d", i);
        gan_tensor *expected = reference_take(tensors, name);
        const double value = (double)*(const float *)gan_tensor_data(expected);
        reference_compare_number(name, i < 7 ? levels[i] : distance, value, 1e-5 * value);
        gan_tensor_free(expected);
    }
    must(gan_lpips_distance(lpips, a, a, &distance, NULL));
    ck_assert(distance == 0);
    gan_tensor_free(a);
    gan_tensor_free(b);
    gan_tensors_free(tensors);
    gan_lpips_free(lpips);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        pictures_agree_with_the_definitions,
        similarity_has_the_same_bits_for_any_number_of_threads,
        pictures_that_do_not_fit_are_refused,
        diversity_is_the_mean_over_all_pairs,
        eigenvalues_and_vectors_give_the_matrix_back,
        frechet_agrees_with_the_definition,
        frechet_of_known_moments_is_the_closed_form,
        kernel_distance_agrees_with_the_definition,
        kernel_distance_is_unbiased,
        sets_that_do_not_fit_are_refused,
        features_are_means_over_the_positions,
        extractors_that_do_not_fit_are_refused,
        lpips_agrees_with_the_reference,
    };
    return run_suite("metrics", tests, sizeof tests / sizeof tests[0]);
}
