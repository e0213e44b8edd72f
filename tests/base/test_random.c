/* Philox 4x32-10 against the published test vectors of Random123, and the distributions made from it. */
#include "base/random.h"
#include "base/suite.h"

#include <math.h>
#include <stdlib.h>

static void check_block(uint64_t seed, uint64_t stream, uint64_t counter, const uint32_t expected[4])
{
    uint32_t block[4];
    gan_random_block(seed, stream, counter, block);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(block[i], expected[i]);
}

START_TEST(blocks_are_the_published_ones)
{
    check_block(0, 0, 0, (const uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_block(UINT64_MAX, UINT64_MAX, UINT64_MAX,
                (const uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    /* The digits of pi: counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0. */
    check_block(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88,
                (const uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}
END_TEST

START_TEST(drawing_moves_the_counter_alone)
{
    struct random_stream random = {5, 6, 7};
    uint32_t block[4];
    gan_random_block(5, 6, 7, block);
    ck_assert_uint_eq(gan_random_bits(&random), block[0]);
    ck_assert_uint_eq(random.seed, 5);
    ck_assert_uint_eq(random.stream, 6);
    ck_assert_uint_eq(random.counter, 8);
}
END_TEST

START_TEST(a_stream_can_be_taken_up_again)
{
    float whole[40], parts[40];
    struct random_stream first = {1, 2, 0};
    gan_random_fill_normal(&first, whole, 40, 0, 1);
    struct random_stream second = {1, 2, 0};
    gan_random_fill_normal(&second, parts, 16, 0, 1);
    struct random_stream resumed = {1, 2, second.counter};
    gan_random_fill_normal(&resumed, parts + 16, 24, 0, 1);
    ck_assert_mem_eq(whole, parts, sizeof whole);
}
END_TEST

START_TEST(arrays_of_any_length_are_filled_exactly)
{
    for (int64_t count = 0; count < 10; count++) {
        float values[11];
        for (int i = 0; i < 11; i++)
            values[i] = 99;
        struct random_stream random = {1, 0, 0};
        gan_random_fill_uniform(&random, values, count, -1, 1);
        for (int64_t i = 0; i < 11; i++)
            ck_assert(i < count ? values[i] >= -1 && values[i] < 1 : values[i] == 99.0f);
    }
}
END_TEST

enum { MANY = 200000 };

/* Mean and variance of a large sample, within five standard errors. */
static void check_moments(const float *values, double mean, double deviation)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < MANY; i++)
        sum += (double)values[i];
    const double found = sum / MANY;
    for (int i = 0; i < MANY; i++)
        squares += ((double)values[i] - found) * ((double)values[i] - found);
    ck_assert_double_eq_tol(found, mean, 5 * deviation / sqrt(MANY));
    ck_assert_double_eq_tol(sqrt(squares / MANY), deviation, 5 * deviation / sqrt(MANY));
}

START_TEST(distributions_have_their_moments)
{
    float *values = malloc(MANY * sizeof *values);
    struct random_stream random = {3, 1, 0};
    gan_random_fill_normal(&random, values, MANY, 2, 0.5f);
    check_moments(values, 2, 0.5);
    gan_random_fill_uniform(&random, values, MANY, -1, 3);
    check_moments(values, 1, 4 / sqrt(12));
    free(values);
}
END_TEST

START_TEST(normal_numbers_have_their_tails)
{
    float *values = malloc(MANY * sizeof *values);
    struct random_stream random = {4, 1, 0};
    gan_random_fill_normal(&random, values, MANY, 0, 1);
    int beyond_one = 0, beyond_three = 0;
    for (int i = 0; i < MANY; i++) {
        ck_assert(isfinite(values[i]));
        beyond_one += fabsf(values[i]) > 1;
        beyond_three += fabsf(values[i]) > 3;
    }
    ck_assert_double_eq_tol(beyond_one / (double)MANY, 0.3173, 0.006);
    ck_assert_double_eq_tol(beyond_three / (double)MANY, 0.0027, 0.0006);
    free(values);
}
END_TEST

START_TEST(whole_numbers_cover_their_range_evenly)
{
    int seen[7] = {0};
    struct random_stream random = {9, 0, 0};
    for (int i = 0; i < 70000; i++) {
        const int64_t number = gan_random_below(&random, 7);
        ck_assert(number >= 0 && number < 7);
        seen[number]++;
    }
    for (int i = 0; i < 7; i++)
        ck_assert_int_lt(abs(seen[i] - 10000), 500);
    for (int i = 0; i < 1000; i++) {
        const float unit = gan_random_uniform(&random);
        ck_assert(unit >= 0 && unit < 1);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        blocks_are_the_published_ones,          drawing_moves_the_counter_alone,
        a_stream_can_be_taken_up_again,         arrays_of_any_length_are_filled_exactly,
        distributions_have_their_moments,       normal_numbers_have_their_tails,
        whole_numbers_cover_their_range_evenly,
    };
    return run_suite("random", tests, sizeof tests / sizeof tests[0]);
}
