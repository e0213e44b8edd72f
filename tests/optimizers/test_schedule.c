/* How the learning rate moves with the steps. */
#include "descent.h"

#include <check.h>
#include <math.h>

#define SCHEDULE .struct_size = sizeof(gan_schedule_options)

static struct descent descent;

static void set_up(void)
{
    const gan_sgd_options options = {.struct_size = sizeof options, .learning_rate = 2};
    descent_create(&descent, 1, 1, make_sgd, &options, NULL);
}

static void tear_down(void)
{
    descent_free(&descent);
}

/* The rate of each step must be as expected, and be what moves the parameter. */
static void expect_rates(const gan_schedule_options *schedule, const double *expected, int count)
{
    const float one = 1, zero = 0;
    ck_assert_int_eq(gan_optimizer_set_schedule(descent.optimizer, schedule), GAN_OK);
    for (int i = 0; i < count; i++) {
        float moved;
        descent_set(&descent, &zero);
        ck_assert_double_eq_tol((double)gan_optimizer_learning_rate(descent.optimizer), expected[i], 1e-6);
        descent_step(&descent, &one);
        descent_get(&descent, &moved);
        ck_assert_double_eq_tol((double)-moved, expected[i], 1e-6);
    }
}

START_TEST(constant)
{
    const gan_schedule_options schedule = {SCHEDULE};
    const double expected[] = {2, 2, 2};
    expect_rates(&schedule, expected, 3);
}
END_TEST

START_TEST(warm_up)
{
    const gan_schedule_options schedule = {SCHEDULE, .warm_up = 4};
    const double expected[] = {0.5, 1, 1.5, 2, 2, 2};
    expect_rates(&schedule, expected, 6);
}
END_TEST

START_TEST(linear)
{
    const gan_schedule_options schedule = {SCHEDULE, .kind = GAN_SCHEDULE_LINEAR, .start = 2, .total = 6,
                                           .end_factor = 0.2f};
    const double expected[] = {2, 2, 2, 1.6, 1.2, 0.8, 0.4, 0.4};
    expect_rates(&schedule, expected, 8);
}
END_TEST

START_TEST(cosine)
{
    const gan_schedule_options schedule = {SCHEDULE, .kind = GAN_SCHEDULE_COSINE, .warm_up = 2, .total = 6};
    double expected[8];
    for (int i = 1; i < 8; i++)
        expected[i] = i < 6 ? 1 + cos(3.14159265358979323846 * i / 6) : 0;
    expected[0] = 1; /* half warmed up */
    expect_rates(&schedule, expected, 8);
}
END_TEST

START_TEST(another_rate)
{
    const gan_schedule_options schedule = {SCHEDULE, .kind = GAN_SCHEDULE_LINEAR, .total = 4};
    const double expected[] = {4, 3, 2, 1, 0, 0};
    ck_assert_int_eq(gan_optimizer_set_learning_rate(descent.optimizer, 4), GAN_OK);
    expect_rates(&schedule, expected, 6);
    ck_assert_int_eq(gan_optimizer_step_count(descent.optimizer), 6);
}
END_TEST

static void expect_refusal(const gan_schedule_options *schedule, const char *words)
{
    ck_assert_int_eq(gan_optimizer_set_schedule(descent.optimizer, schedule), GAN_ERROR_ARGUMENT);
    ck_assert_str_eq(gan_error_message(), words);
}

START_TEST(errors_say_what_is_wrong)
{
    const gan_schedule_options kind = {SCHEDULE, .kind = 9}, start = {SCHEDULE, .start = -1},
                               total = {SCHEDULE, .kind = GAN_SCHEDULE_COSINE, .start = 5, .total = 5},
                               end = {SCHEDULE, .end_factor = 1.5f};
    expect_refusal(&kind, "gan_optimizer_set_schedule: kind is 9, expected a GAN_SCHEDULE_*");
    expect_refusal(&start, "gan_optimizer_set_schedule: warm_up is 0 and start -1, expected at least 0");
    expect_refusal(&total, "gan_optimizer_set_schedule: total is 5, expected more than start = 5");
    expect_refusal(&end, "gan_optimizer_set_schedule: end_factor is 1.5, expected 0 to 1");
    ck_assert_int_eq(gan_optimizer_set_learning_rate(descent.optimizer, -1), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_optimizer_set_learning_rate(NULL, 1), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_optimizer_set_schedule(NULL, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_float_eq(gan_optimizer_learning_rate(descent.optimizer), 2);
    ck_assert_int_eq(gan_optimizer_step_count(NULL), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("schedule");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, constant);
    tcase_add_test(tests, warm_up);
    tcase_add_test(tests, linear);
    tcase_add_test(tests, cosine);
    tcase_add_test(tests, another_rate);
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("schedule");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
