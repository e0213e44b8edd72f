/* Gradients of several batches as those of one. */
#include "base/suite.h"
#include "gan/gan.h"
#include "models/reference.h"

#include <math.h>
#include <string.h>

enum { SIDE = 8 };

struct rig {
    gan_context *context;
    gan_model *model;
    gan_optimizer *optimizer;
    gan_objective *objective;
};

/* A convolution that learns to give back its input; per picture, so that batches can be cut anywhere. */
static struct rig make_rig(int32_t accumulate, float clip_norm)
{
    struct rig rig;
    const gan_context_options seeded = {.struct_size = sizeof seeded, .seed = 2};
    must(gan_context_create(&rig.context, &seeded));
    gan_graph *graph;
    must(gan_graph_create(&graph, rig.context));
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, SIDE, SIDE, 2}, 4);
    const gan_conv2d_options conv = {
        .struct_size = sizeof conv, .filters = 2, .kernel = {3, 3}, .padding = GAN_PAD_HALF};
    gan_layer *y = gan_tanh(gan_instance_norm(gan_conv2d(x, &conv), NULL));
    must(gan_model_create(&rig.model, "model", &x, 1, &y, 1));
    const gan_adam_options adam = {.struct_size = sizeof adam, .learning_rate = 0.01f, .epsilon = 1e-3f};
    must(gan_adam_create(&rig.optimizer, rig.context, &adam));
    const gan_objective_options options = {
        .struct_size = sizeof options, .accumulate = accumulate, .clip_norm = clip_norm};
    must(gan_objective_create(&rig.objective, gan_mean_squared_error(y, x), &x, 1, &rig.model, 1,
                              rig.optimizer, &options));
    gan_graph_free(graph);
    return rig;
}

static void free_rig(struct rig *rig)
{
    gan_objective_free(rig->objective);
    gan_optimizer_free(rig->optimizer);
    gan_model_free(rig->model);
    gan_context_free(rig->context);
}

/* Pictures `start` to `end` of an endless row. */
static gan_tensor *pictures(gan_context *context, int64_t start, int64_t end)
{
    gan_tensor *batch;
    must(gan_tensor_create(&batch, context, GAN_FLOAT32, (const int64_t[]){end - start, SIDE, SIDE, 2}, 4));
    float *values = gan_tensor_data(batch);
    for (int64_t i = 0; i < gan_tensor_count(batch); i++)
        values[i] = sinf((float)(start * SIDE * SIDE * 2 + i) * 0.37f);
    return batch;
}

static void train(struct rig *rig, int64_t start, int64_t end)
{
    gan_tensor *batch = pictures(rig->context, start, end);
    const gan_tensor *input = batch;
    must(gan_objective_step(rig->objective, &input, 1, NULL));
    gan_tensor_free(batch);
}

static double largest_difference(const struct rig *a, const struct rig *b)
{
    double largest = 0;
    for (int32_t i = 0; i < gan_model_parameter_count(a->model); i++) {
        gan_tensor *first, *second;
        must(gan_model_get_parameter(a->model, i, &first));
        must(gan_model_get_parameter(b->model, i, &second));
        const float *x = gan_tensor_data(first), *y = gan_tensor_data(second);
        for (int64_t k = 0; k < gan_tensor_count(first); k++)
            largest = fmax(largest, fabs((double)x[k] - (double)y[k]));
        gan_tensor_free(first);
        gan_tensor_free(second);
    }
    return largest;
}

static void check(float clip_norm)
{
    struct rig whole = make_rig(0, clip_norm), parts = make_rig(3, clip_norm), start = make_rig(0, 0);
    for (int64_t step = 0; step < 4; step++) {
        train(&whole, 6 * step, 6 * step + 6);
        for (int64_t part = 0; part < 3; part++) {
            ck_assert_int_eq(gan_objective_pending(parts.objective), part);
            ck_assert_int_eq(gan_optimizer_step_count(parts.optimizer), step);
            train(&parts, 6 * step + 2 * part, 6 * step + 2 * part + 2);
        }
        ck_assert_int_eq(gan_objective_pending(parts.objective), 0);
    }
    ck_assert(largest_difference(&whole, &start) > 1e-3);
    ck_assert_double_lt(largest_difference(&whole, &parts), 2e-6);
    free_rig(&whole);
    free_rig(&parts);
    free_rig(&start);
}

START_TEST(parts_of_a_batch_are_the_batch)
{
    check(0);
    check(0.01f);
}
END_TEST

START_TEST(a_step_that_fails_does_not_count)
{
    struct rig spoilt = make_rig(2, 0), clean = make_rig(2, 0);
    gan_tensor *bad = pictures(spoilt.context, 0, 1);
    ((float *)gan_tensor_data(bad))[3] = NAN;
    const gan_tensor *input = bad;
    train(&spoilt, 0, 2);
    ck_assert_int_eq(gan_objective_step(spoilt.objective, &input, 1, NULL), GAN_ERROR_NOT_FINITE);
    ck_assert_int_eq(gan_objective_pending(spoilt.objective), 1);
    train(&spoilt, 2, 4);
    train(&clean, 0, 2);
    train(&clean, 2, 4);
    ck_assert(largest_difference(&spoilt, &clean) == 0);
    gan_tensor_free(bad);
    free_rig(&spoilt);
    free_rig(&clean);
}
END_TEST

/* Three batches wait for the fourth when everything is set back to the start. */
START_TEST(what_waits_can_be_forgotten)
{
    struct rig rig = make_rig(4, 0), clean = make_rig(4, 0);
    for (int64_t i = 0; i < 3; i++)
        train(&rig, 50 + i, 51 + i);
    ck_assert_int_eq(gan_objective_pending(rig.objective), 3);
    gan_objective_discard_pending(rig.objective);
    ck_assert_int_eq(gan_objective_pending(rig.objective), 0);
    for (int64_t i = 0; i < 4; i++) {
        train(&rig, i, i + 1);
        train(&clean, i, i + 1);
    }
    ck_assert(largest_difference(&rig, &clean) == 0);
    struct rig whole = make_rig(0, 0);
    gan_objective_discard_pending(whole.objective);
    gan_objective_discard_pending(NULL);
    free_rig(&whole);
    free_rig(&rig);
    free_rig(&clean);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {parts_of_a_batch_are_the_batch, a_step_that_fails_does_not_count,
                            what_waits_can_be_forgotten};
    return run_suite("accumulate", tests, sizeof tests / sizeof tests[0]);
}
