/* Numbers that cease to be finite: a clean error that names the layer, and nothing changed. */
#include "base/suite.h"
#include "graph/duel.h"

#include <math.h>
#include <string.h>

/* Both models as they were, and a step that still works once the cause is gone. */
static void check_recovery(struct duel *duel, const struct snapshot *g, const struct snapshot *d)
{
    ck_assert(unchanged(g, -1));
    ck_assert(unchanged(d, -1));
    ck_assert_int_eq(gan_optimizer_step_count(duel->generator_optimizer), 0);
    ck_assert_int_eq(gan_optimizer_step_count(duel->discriminator_optimizer), 0);
    float losses[2];
    duel_step(duel, losses);
    ck_assert(isfinite(losses[0]) && isfinite(losses[1]));
}

START_TEST(a_bad_picture_changes_nothing)
{
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        struct duel *duel = start_duel(2, 0.05f);
        struct snapshot *g = take_snapshot(duel->generator), *d = take_snapshot(duel->discriminator);
        float *pixel = (float *)gan_tensor_data(duel->source) + 100;
        const float good = *pixel;
        *pixel = bad[i];
        fails_with(step_generator(duel, NULL), GAN_ERROR_NOT_FINITE, "input \"source\"");
        fails_with(step_discriminator(duel, NULL), GAN_ERROR_NOT_FINITE, "input \"source\"");
        *pixel = good;
        check_recovery(duel, g, d);
        free_snapshot(g);
        free_snapshot(d);
        end_duel(duel);
    }
}
END_TEST

START_TEST(the_first_layer_at_fault_is_named)
{
    struct duel *duel = start_duel(1, 0.05f);
    struct snapshot *g = take_snapshot(duel->generator), *d = take_snapshot(duel->discriminator);
    const int32_t second = gan_model_parameter_find(duel->discriminator, "logits.weight");
    gan_tensor *good, *huge = make_filled(duel->context, (const int64_t[]){1, 3, 3, 6}, 4, 3e38f);
    succeed(gan_model_get_parameter(duel->discriminator, second, &good));
    succeed(gan_model_set_parameter(duel->discriminator, second, huge));
    fails_with(step_generator(duel, NULL), GAN_ERROR_NOT_FINITE, "discriminator/logits");
    succeed(gan_model_set_parameter(duel->discriminator, second, good));
    check_recovery(duel, g, d);
    gan_tensor_free(good);
    gan_tensor_free(huge);
    free_snapshot(g);
    free_snapshot(d);
    end_duel(duel);
}
END_TEST

START_TEST(a_gradient_may_overflow_alone)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){1, 2}, 2);
    gan_layer *y = densely(x, "line", 2);
    gan_model *model = make_model("line", x, y);
    gan_layer *loss = gan_sum(gan_scale(gan_scale(y, 1e25f, 0), 1e25f, 0)); /* 0, but its slope is 1e50 */
    gan_tensor *zero = make_zeros(context, (const int64_t[]){1, 2}, 2);
    gan_optimizer *optimizer;
    gan_objective *objective;
    succeed(gan_adam_create(&optimizer, context, NULL));
    succeed(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, NULL));
    struct snapshot *before = take_snapshot(model);
    const gan_tensor *inputs[] = {zero};
    float value = 1;
    fails_with(gan_objective_step(objective, inputs, 1, &value), GAN_ERROR_NOT_FINITE, "gradient");
    ck_assert(value == 0.0f);
    ck_assert(unchanged(before, -1));
    fails_with(gan_objective_gradients(objective, inputs, 1, NULL), GAN_ERROR_NOT_FINITE, "scale");
    ck_assert_int_eq(gan_optimizer_step_count(optimizer), 0);
    free_snapshot(before);
    gan_tensor_free(zero);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(a_flat_picture_is_no_fault)
{
    struct duel *duel = start_duel(1, 0.05f);
    float losses[2], *pixels = gan_tensor_data(duel->source);
    for (int64_t i = 0; i < gan_tensor_count(duel->source); i++)
        pixels[i] = 0.5f;
    for (int i = 0; i < 3; i++) {
        duel_step(duel, losses);
        ck_assert(isfinite(losses[0]) && isfinite(losses[1]));
    }
    end_duel(duel);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        a_bad_picture_changes_nothing,
        the_first_layer_at_fault_is_named,
        a_gradient_may_overflow_alone,
        a_flat_picture_is_no_fault,
    };
    return run_suite("not_finite", tests, sizeof tests / sizeof tests[0]);
}
