/* Loops over slabs: every kernel set to the bit what plain formulas give, whatever the length. */
#include "base/random.h"
#include "base/suite.h"
#include "gan/gan.h"
#include "kernels/slabs.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 700, GUARD = 16, SLABS = 4 };

static const int64_t lengths[] = {0, 1, 2, 15, 16, 17, 31, 32, 255, 256, 257, 400, LONGEST};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static const struct adam_step steps[] = {
    {1, INFINITY, 0, 0.9f, 0.999f, 0.1f, 0.001f, 1e-3f, 31.6f, 1e-8f},
    {0.25f, 0.1f, 0.01f, 0.5f, 0.9f, 0.5f, 0.1f, 2e-3f, 1.2f, 1e-3f},
    {1e30f, INFINITY, 0, 0, 0.9f, 1, 0.1f, 2e-3f, 1.2f, 1e-3f},
};
enum { STEPS = sizeof steps / sizeof steps[0] };

/* Gradients, values, means and squares with a guard behind them. */
static void fill(float slabs[SLABS][LONGEST + GUARD])
{
    for (uint64_t i = 0; i < SLABS; i++) {
        struct random_stream random = {5, i, 0};
        gan_random_fill_normal(&random, slabs[i], LONGEST + GUARD, 0, 1);
    }
    for (int i = 0; i < LONGEST + GUARD; i++)
        slabs[3][i] = fabsf(slabs[3][i]);
    slabs[0][3] = 0;
}

static float clamped(float x, float bound)
{
    return fminf(fmaxf(x, -bound), bound);
}

static void naive(const struct adam_step *step, float slabs[SLABS][LONGEST + GUARD], int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        float *value = &slabs[1][i], *mean = &slabs[2][i], *square = &slabs[3][i];
        const float scaled = clamped(slabs[0][i] * step->gradient_factor, step->bound);
        const float g = clamped(scaled + step->weight_decay * *value, 1e18f);
        *mean = step->beta1 * *mean + step->rest1 * g;
        *square = step->beta2 * *square + step->rest2 * g * g;
        *value -= step->rate * *mean / (sqrtf(*square) * step->root_correction + step->epsilon);
    }
}

/* Whether this machine runs a kernel set. */
static bool is_there(int32_t kernels)
{
    const gan_context_options options = {.struct_size = sizeof options, .threads = 1, .kernels = kernels};
    gan_context *context = NULL;
    const bool there = gan_context_create(&context, &options) == GAN_OK;
    gan_context_free(context);
    return there;
}

START_TEST(adam)
{
    static float expected[SLABS][LONGEST + GUARD], given[SLABS][LONGEST + GUARD];
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
        for (int i = 0; is_there(kernels) && i < LENGTHS; i++) {
            const struct adam_slabs slabs = {given[0], given[1], given[2], given[3], lengths[i]};
            fill(expected);
            fill(given);
            for (int repeat = 0; repeat < 2; repeat++) {
                naive(&steps[_i], expected, lengths[i]);
                gan_slabs_adam(kernels, &steps[_i], &slabs);
            }
            ck_assert_msg(memcmp(expected, given, sizeof given) == 0, "kernels %d, length %d", kernels,
                          (int)lengths[i]);
        }
}
END_TEST

START_TEST(squares)
{
    static float values[SLABS][LONGEST + GUARD];
    fill(values);
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
        for (int i = 0; is_there(kernels) && i < LENGTHS; i++) {
            double expected = 0;
            for (int64_t k = 0; k < lengths[i]; k++)
                expected += (double)values[0][k] * values[0][k];
            const double given = gan_slabs_squares(kernels, values[0], lengths[i]);
            ck_assert_double_eq_tol(given, expected, 1e-13 * expected + 1e-30);
            ck_assert(given == gan_slabs_squares(GAN_KERNELS_PORTABLE, values[0], lengths[i]));
        }
}
END_TEST

/* What is not finite shows in the sum, wherever it lies. */
START_TEST(what_is_not_finite)
{
    static float values[SLABS][LONGEST + GUARD];
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
        for (int i = 0; is_there(kernels) && i < 3 * LONGEST; i += 7) {
            fill(values);
            values[0][i / 3] = bad[i % 3];
            ck_assert(!isfinite(gan_slabs_squares(kernels, values[0], LONGEST)));
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slabs");
    TCase *tests = tcase_create("slabs");
    tcase_add_loop_test(tests, adam, 0, STEPS);
    tcase_add_test(tests, squares);
    tcase_add_test(tests, what_is_not_finite);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
