/* Stochastic gradient descent against plain formulas in double. */
#include "descent.h"

#include <check.h>
#include <math.h>

#define SGD .struct_size = sizeof(gan_sgd_options)

static const gan_sgd_options variants[] = {
    {SGD},
    {SGD, .learning_rate = 0.1f, .momentum = 0.9f},
    {SGD, .learning_rate = 0.1f, .momentum = 0.5f, .nesterov = 1},
    {SGD, .learning_rate = 0.05f, .weight_decay = 0.2f},
    {SGD, .learning_rate = 0.05f, .momentum = 0.9f, .weight_decay = 0.2f},
};

static void naive(const void *options, int64_t step, double gradient, double *value, double *state)
{
    const gan_sgd_options *sgd = options;
    const double rate = sgd->learning_rate == 0 ? 0.01 : (double)sgd->learning_rate;
    const double g = gradient + (double)sgd->weight_decay * *value;
    state[0] = step == 1 ? g : (double)sgd->momentum * state[0] + g;
    *value -= rate * (sgd->nesterov ? g + (double)sgd->momentum * state[0] : state[0]);
}

START_TEST(steps)
{
    check_descent(make_sgd, &variants[_i], naive);
}
END_TEST

static void expect_refusal(const gan_sgd_options *options, const char *words)
{
    gan_context *context = NULL;
    gan_optimizer *optimizer = NULL;
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    ck_assert_int_eq(gan_sgd_create(&optimizer, context, options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(optimizer);
    ck_assert_str_eq(gan_error_message(), words);
    gan_context_free(context);
}

START_TEST(errors_say_what_is_wrong)
{
    const gan_sgd_options rate = {SGD, .learning_rate = INFINITY}, momentum = {SGD, .momentum = -0.9f},
                          nesterov = {SGD, .nesterov = 1};
    expect_refusal(&rate, "gan_sgd_create: learning_rate is inf, expected a finite number of at least 0");
    expect_refusal(&momentum, "gan_sgd_create: momentum is -0.9, expected a finite number of at least 0");
    expect_refusal(&nesterov, "gan_sgd_create: nesterov is set, but momentum is 0");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sgd");
    tcase_add_loop_test(tests, steps, 0, sizeof variants / sizeof variants[0]);
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("sgd");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
