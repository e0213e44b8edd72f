/* Packed weights: never an old copy, whoever changes the weights. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "graph/packed_bench.h"
#include "kernels/convolution.h"

static void expect_result_of_copy(gan_context *context, gan_session *session, const gan_model *model,
                                  const gan_tensor *picture)
{
    gan_tensor *found = run_session(context, session, picture);
    gan_tensor *expected = result_of_copy(context, model, make_wide, picture);
    ck_assert(same_bits(found, expected));
    gan_tensor_free(found);
    gan_tensor_free(expected);
}

static void change_first_parameter(gan_context *context, gan_model *model, uint64_t seed)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_model_parameter_shape(model, 0, shape);
    gan_tensor *values = make_normal(context, shape, rank, seed);
    succeed(gan_model_set_parameter(model, 0, values));
    gan_tensor_free(values);
}

START_TEST(changed_weights_are_seen_by_all)
{
    struct bench bench;
    open_bench(&bench, 2);
    gan_model *model = make_wide(bench.context);
    gan_session *sessions[] = {make_session(model, 12, 12), make_session(model, 12, 12)};
    gan_tensor *picture = make_pictures(bench.context, 1, 12, 12, 1);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        for (int i = 0; i < 2; i++)
            expect_result_of_copy(bench.context, sessions[i], model, picture);
        change_first_parameter(bench.context, model, seed);
    }
    for (int i = 0; i < 2; i++)
        gan_session_free(sessions[i]);
    gan_tensor_free(picture);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

/* An objective that makes the model's output small. */
static gan_objective *make_objective(gan_context *context, gan_model *model, gan_optimizer *optimizer)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_apply(model, x);
    gan_layer *loss = gan_mean_squared_error(y, gan_stop_gradient(x));
    gan_objective *objective;
    succeed(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, NULL));
    gan_graph_free(graph);
    return objective;
}

START_TEST(trained_weights_are_seen)
{
    struct bench bench;
    open_bench(&bench, 1);
    gan_model *model = make_wide(bench.context);
    gan_optimizer *optimizer;
    succeed(gan_adam_create(&optimizer, bench.context, NULL));
    gan_objective *objective = make_objective(bench.context, model, optimizer);
    gan_session *session = make_session(model, 12, 12);
    gan_tensor *picture = make_pictures(bench.context, 1, 12, 12, 1);
    const gan_tensor *const inputs[] = {picture};
    for (int step = 0; step < 3; step++) {
        expect_result_of_copy(bench.context, session, model, picture);
        succeed(gan_objective_step(objective, inputs, 1, NULL));
    }
    expect_result_of_copy(bench.context, session, model, picture);
    gan_tensor_free(picture);
    gan_session_free(session);
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

/* Three steps with a new optimizer; the last loss. */
static float train(gan_context *context, gan_model *model, const gan_tensor *picture)
{
    gan_optimizer *optimizer;
    succeed(gan_adam_create(&optimizer, context, NULL));
    gan_objective *objective = make_objective(context, model, optimizer);
    float loss = 0;
    for (int step = 0; step < 3; step++)
        succeed(gan_objective_step(objective, &picture, 1, &loss));
    gan_objective_free(objective);
    gan_optimizer_free(optimizer);
    return loss;
}

/* A session's packed weights, which training then uses, are those of the weights as they are at each step. */
START_TEST(training_with_a_session_is_training)
{
    float losses[2];
    for (int held = 0; held < 2; held++) {
        struct bench bench;
        open_bench(&bench, 1);
        gan_model *model = make_wide(bench.context);
        gan_tensor *picture = make_pictures(bench.context, 1, 12, 12, 1);
        gan_session *session = held ? make_session(model, 12, 12) : NULL;
        losses[held] = train(bench.context, model, picture);
        gan_session_free(session);
        gan_tensor_free(picture);
        gan_model_free(model);
        close_bench(&bench);
    }
    ck_assert_float_eq(losses[0], losses[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {changed_weights_are_seen_by_all, trained_weights_are_seen,
                                  training_with_a_session_is_training};
    return run_suite("packed changes", tests, sizeof tests / sizeof tests[0]);
}
