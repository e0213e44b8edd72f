/* Matrix products of all orders and sizes, on every kernel set of this machine, against float64. */
#include "base/context.h"
#include "base/random.h"
#include "base/sanitizer.h"
#include "kernels/gemm.h"
#include "naive_convolution.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct sizes {
    int64_t m, n, k;
} sizes[] = {
    {1, 1, 1},      {1, 40, 17},    {13, 1, 9},       {5, 33, 0},   {12, 32, 384},
    {13, 33, 385},  {250, 70, 40},  {7, 600, 31},     {3, 5, 4100}, {64, 64, 5000},
    {40, 40, 3000}, {300, 300, 65}, {241, 257, 2100},
};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static float *random_array(int64_t count, uint64_t stream)
{
    float *values = malloc((size_t)(count + 1) * sizeof *values);
    ck_assert_ptr_nonnull(values);
    struct random_stream random = {11, stream, 0};
    gan_random_fill_normal(&random, values, count, 0.1f, 1.0f);
    return values;
}

static gan_context *make_context(int32_t kernels, int32_t threads)
{
    gan_context *context = NULL;
    gan_context_options options = {.struct_size = sizeof options, .threads = threads, .kernels = kernels};
    return gan_context_create(&context, &options) == GAN_OK ? context : NULL;
}

static void multiply(gan_context *context, const struct gemm *gemm)
{
    const size_t size = gan_gemm_workspace_size(context, gemm->m, gemm->n, gemm->k);
    void *workspace = NULL;
    ck_assert_int_eq(posix_memalign(&workspace, 64, size), 0);
    memset(workspace, 0xff, size);
    gan_gemm(context, gemm, workspace);
    free(workspace);
}

/* A and B are row-major or, where the flags say so, column-major. */
static struct gemm make_gemm(const struct sizes *s, bool a_turned, bool b_turned, float alpha, float beta)
{
    const int64_t c_row = s->n + 3;
    struct gemm gemm = {.m = s->m, .n = s->n, .k = s->k, .c_row = c_row, .alpha = alpha, .beta = beta};
    gemm.a = random_array(s->m * s->k, 1);
    gemm.a_row = a_turned ? 1 : s->k;
    gemm.a_column = a_turned ? s->m : 1;
    gemm.b = random_array(s->n * s->k, 2);
    gemm.b_row = b_turned ? 1 : s->n;
    gemm.b_column = b_turned ? s->k : 1;
    gemm.c = random_array(s->m * c_row, 3);
    return gemm;
}

static void free_gemm(struct gemm *gemm)
{
    free((void *)(uintptr_t)gemm->a);
    free((void *)(uintptr_t)gemm->b);
    free(gemm->c);
}

/* The element [i, j] of A B in float64, and what is summed. */
UNWATCHED static struct value element(const struct gemm *gemm, int64_t i, int64_t j)
{
    struct value value = {0, 1};
    for (int64_t p = 0; p < gemm->k; p++)
        accumulate(&value, (double)gemm->a[i * gemm->a_row + p * gemm->a_column] *
                               (double)gemm->b[p * gemm->b_row + j * gemm->b_column]);
    return value;
}

/* A B, whatever the kernels: m x n. */
static struct value *make_reference(const struct gemm *gemm)
{
    struct value *values = calloc((size_t)(gemm->m * gemm->n), sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (int64_t i = 0; i < gemm->m; i++)
        for (int64_t j = 0; j < gemm->n; j++)
            values[i * gemm->n + j] = element(gemm, i, j);
    return values;
}

static void check_product(const struct gemm *gemm, const struct value *reference, const float *before)
{
    for (int64_t i = 0; i < gemm->m; i++)
        for (int64_t j = 0; j < gemm->n; j++) {
            const struct value *value = &reference[i * gemm->n + j];
            double expected = (double)gemm->alpha * value->sum;
            if (gemm->beta != 0.0f)
                expected += (double)gemm->beta * (double)before[i * gemm->c_row + j];
            const double got = (double)gemm->c[i * gemm->c_row + j];
            if (!(fabs(got - expected) <= 4e-6 * value->magnitude))
                ck_abort_msg("[%d, %d] is %g, expected %g", (int)i, (int)j, got, expected);
        }
    for (int64_t i = 0; i < gemm->m; i++)
        for (int64_t j = gemm->n; j < gemm->c_row; j++)
            ck_assert(gemm->c[i * gemm->c_row + j] == before[i * gemm->c_row + j]);
}

/* One product by each set of kernels; what C held before counts where beta is not 0. */
static void check_kernels(struct gemm *gemm)
{
    struct value *reference = make_reference(gemm);
    float *before = random_array(gemm->m * gemm->c_row, 3);
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        gan_context *context = make_context(kernels, 2);
        memcpy(gemm->c, before, (size_t)(gemm->m * gemm->c_row) * sizeof *before);
        for (int64_t i = 0; gemm->beta == 0.0f && i < gemm->m; i++)
            memset(gemm->c + i * gemm->c_row, 0xff, (size_t)gemm->n * sizeof *gemm->c);
        if (context != NULL) {
            multiply(context, gemm);
            check_product(gemm, reference, before);
        }
        for (int64_t i = 0; context != NULL && gemm->symmetric && i < gemm->m; i++)
            for (int64_t j = 0; j < i; j++)
                if (gemm->c[i * gemm->c_row + j] != gemm->c[j * gemm->c_row + i])
                    ck_abort_msg("[%d, %d] is not [%d, %d]", (int)i, (int)j, (int)j, (int)i);
        gan_context_free(context);
    }
    free(before);
    free(reference);
}

START_TEST(test_products)
{
    for (int order = 0; order < 8; order++) {
        const float beta = (order & 4) != 0 ? -0.5f : 0.0f;
        struct gemm gemm = make_gemm(&sizes[_i], order & 1, order & 2, 1.0f + (float)order, beta);
        check_kernels(&gemm);
        free_gemm(&gemm);
    }
}
END_TEST

/* C = A A^T of either order of A. */
START_TEST(test_symmetric)
{
    for (int turned = 0; turned < 2; turned++) {
        const struct sizes square = {sizes[_i].m, sizes[_i].m, sizes[_i].k};
        struct gemm gemm = make_gemm(&square, turned, false, 0.25f, 0.0f);
        const float *other = gemm.b;
        gemm.b = gemm.a;
        gemm.b_row = gemm.a_column;
        gemm.b_column = gemm.a_row;
        gemm.symmetric = true;
        check_kernels(&gemm);
        gemm.b = other;
        free_gemm(&gemm);
    }
}
END_TEST

START_TEST(test_threads)
{
    struct gemm one = make_gemm(&sizes[_i], false, false, 1.0f, 0.0f);
    struct gemm many = make_gemm(&sizes[_i], false, false, 1.0f, 0.0f);
    for (int32_t threads = 1; threads <= 8; threads += WATCHES_THREADS ? 3 : 1) {
        gan_context *context = make_context(GAN_KERNELS_AUTO, threads);
        multiply(context, threads == 1 ? &one : &many);
        gan_context_free(context);
        if (threads > 1)
            ck_assert_mem_eq(one.c, many.c, (size_t)(one.m * one.c_row) * sizeof *one.c);
    }
    free_gemm(&one);
    free_gemm(&many);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gemm");
    TCase *tests = tcase_create("products");
    tcase_set_timeout(tests, 300);
    const int sizes_of_values = WATCHES_THREADS ? 0 : SIZES;
    tcase_add_loop_test(tests, test_products, 0, sizes_of_values);
    tcase_add_loop_test(tests, test_symmetric, 0, sizes_of_values);
    tcase_add_loop_test(tests, test_threads, 0, SIZES);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
