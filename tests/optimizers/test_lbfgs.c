#include "base/suite.h"
#include "gan/context.h"
#include "optimizers/lbfgs.h"

#include <math.h>

enum { MOST = 50 };

struct landscape {
    size_t count;
    int evaluations, steps, stop_after;
    double last;
    bool rising; /* values went up from one step to the next */
    gan_status refusal;
};

/* Rosenbrock's valley, in pairs: 100 (b - a^2)^2 + (1 - a)^2, lowest at 1. Far out it is refused. */
static gan_status valley(void *argument, const float *x, float *gradient, double *value)
{
    struct landscape *landscape = argument;
    landscape->evaluations++;
    *value = 0;
    if (landscape->refusal != GAN_OK)
        return landscape->refusal;
    for (size_t i = 0; i < landscape->count; i += 2) {
        const double a = (double)x[i], b = (double)x[i + 1], rise = b - a * a;
        if (fabs(a) > 4 || fabs(b) > 4)
            return GAN_ERROR_NOT_FINITE;
        *value += 100 * rise * rise + (1 - a) * (1 - a);
        gradient[i] = (float)(-400 * a * rise - 2 * (1 - a));
        gradient[i + 1] = (float)(200 * rise);
    }
    return GAN_OK;
}

static bool watch(void *argument, int32_t step, double value)
{
    struct landscape *landscape = argument;
    ck_assert_int_eq(step, landscape->steps++);
    if (value > landscape->last)
        landscape->rising = true;
    landscape->last = value;
    return landscape->steps != landscape->stop_after;
}

static gan_status descend(struct landscape *landscape, float *x, int32_t steps, int32_t history)
{
    gan_context *context;
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    const struct lbfgs_function function = {valley, watch, landscape};
    const struct lbfgs_options options = {.count = landscape->count, .steps = steps, .history = history};
    const gan_status status = gan_lbfgs(context, x, &function, &options);
    gan_context_free(context);
    return status;
}

static void start(float *x)
{
    for (int i = 0; i < MOST; i += 2) {
        x[i] = -1.2f + 0.01f * (float)i;
        x[i + 1] = 1.0f;
    }
}

START_TEST(test_the_valley_s_floor_is_found)
{
    static const int32_t histories[] = {1, 3, 10};
    float x[MOST];
    for (size_t k = 0; k < sizeof histories / sizeof histories[0]; k++) {
        struct landscape landscape = {.count = MOST, .last = INFINITY};
        start(x);
        ck_assert_int_eq(descend(&landscape, x, 2000, histories[k]), GAN_OK);
        ck_assert(!landscape.rising);
        for (int i = 0; i < MOST; i++)
            ck_assert_msg(fabsf(x[i] - 1) < 2e-3f, "history %d: x[%d] is %g", histories[k], i, (double)x[i]);
        ck_assert_int_lt(landscape.steps, 2000);
    }
}
END_TEST

START_TEST(test_steps_are_counted_and_can_be_stopped)
{
    float x[MOST];
    struct landscape landscape = {.count = MOST, .last = INFINITY};
    start(x);
    ck_assert_int_eq(descend(&landscape, x, 7, 4), GAN_OK);
    ck_assert_int_eq(landscape.steps, 7);
    landscape = (struct landscape){.count = MOST, .last = INFINITY, .stop_after = 3};
    ck_assert_int_eq(descend(&landscape, x, 100, 4), GAN_OK);
    ck_assert_int_eq(landscape.steps, 3);
}
END_TEST

START_TEST(test_a_minimum_is_left_alone_and_errors_come_through)
{
    float x[2] = {1, 1};
    struct landscape landscape = {.count = 2, .last = INFINITY};
    ck_assert_int_eq(descend(&landscape, x, 10, 4), GAN_OK);
    ck_assert_int_eq(landscape.steps, 0);
    ck_assert(x[0] == 1 && x[1] == 1);
    landscape.refusal = GAN_ERROR_IO;
    ck_assert_int_eq(descend(&landscape, x, 10, 4), GAN_ERROR_IO);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {test_the_valley_s_floor_is_found, test_steps_are_counted_and_can_be_stopped,
                            test_a_minimum_is_left_alone_and_errors_come_through};
    return run_suite("lbfgs", tests, sizeof tests / sizeof tests[0]);
}
