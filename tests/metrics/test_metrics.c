/* Metrics of pictures against their definitions in float64 (make_expected.py) and references. */
#include "base/suite.h"
#include "metrics/expected.h"
#include "metrics/numbers.h"
#include "models/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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
    pair.a = make_numbers(pair.context, shape, 4);
    pair.b = make_numbers(pair.context, shape, 4);
    fill_numbers(pair.a, 1, 1);
    fill_numbers(pair.b, 2, 1);
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
    is_near(value, EXPECTED_PSNR, 1e-12);
    must(gan_ssim(pair.a, pair.b, NULL, &value));
    is_near(value, EXPECTED_SSIM_LUMA, 1e-12);
    must(gan_ssim(pair.a, pair.b, &channels, &value));
    is_near(value, EXPECTED_SSIM_CHANNELS, 1e-12);
    must(gan_ssim(pair.b, pair.b, NULL, &value));
    is_near(value, 1, 1e-15);
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
    gan_tensor *other = make_numbers(pair.context, (const int64_t[]){1, 16, 14, 3}, 4);
    metric_says(gan_ssim(pair.a, other, NULL, &value), GAN_ERROR_SHAPE, "[1,16,13,3] and [1,16,14,3]");
    metric_says(gan_psnr(pair.a, other, &value), GAN_ERROR_SHAPE, "[1,16,13,3] and [1,16,14,3]");
    gan_tensor *flat = make_numbers(pair.context, (const int64_t[]){1, 16, 10, 3}, 4);
    metric_says(gan_ssim(flat, flat, NULL, &value), GAN_ERROR_SHAPE, "at least 11");
    ((float *)gan_tensor_data(pair.b))[7] = NAN;
    metric_says(gan_ssim(pair.a, pair.b, NULL, &value), GAN_ERROR_NOT_FINITE, "element 7 of b");
    metric_says(gan_psnr(pair.a, NULL, &value), GAN_ERROR_ARGUMENT, "b is NULL");
    metric_says(gan_mean_pairwise_distance(pair.a, &value), GAN_ERROR_SHAPE, "at least 2");
    gan_tensor_free(other);
    gan_tensor_free(flat);
    free_pair(&pair);
}
END_TEST

START_TEST(diversity_is_the_mean_over_all_pairs)
{
    gan_context *context = reference_context();
    gan_tensor *batch = make_numbers(context, (const int64_t[]){3, 2}, 2);
    const float values[6] = {0, 0, 3, 4, 3, 4};
    memcpy(gan_tensor_data(batch), values, sizeof values);
    double distance;
    must(gan_mean_pairwise_distance(batch, &distance));
    is_near(distance, 2 * 5 / sqrt(2) / 3, 1e-12);
    gan_tensor_free(batch);
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
    const TTest *const tests[] = {pictures_agree_with_the_definitions,
                                  similarity_has_the_same_bits_for_any_number_of_threads,
                                  pictures_that_do_not_fit_are_refused, diversity_is_the_mean_over_all_pairs,
                                  lpips_agrees_with_the_reference};
    return run_suite("metrics", tests, sizeof tests / sizeof tests[0]);
}
