/* Nothing is allocated while a session runs or an objective takes a step. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"

/* On one thread and on several: workers allocate nothing either. */
static const int32_t thread_counts[] = {1, 3};

START_TEST(sessions_run_without_memory)
{
    for (size_t t = 0; t < sizeof thread_counts / sizeof thread_counts[0]; t++) {
        struct ledger ledger;
        gan_context *context;
        gan_session *session;
        ledger_open(&ledger);
        succeed(ledger_context(&context, &ledger, thread_counts[t]));
        gan_model *model = make_generator(context);
        gan_tensor *picture = make_pictures(context, 1, 48, 64, 1),
                   *result = make_pictures(context, 1, 48, 64, 1);
        succeed(gan_session_create_2d(&session, model, 1, 48, 64, NULL));
        const gan_tensor *const inputs[] = {picture};
        const int requests = atomic_load(&ledger.requests);
        for (int i = 0; i < 3; i++) { /* the first one packs weights */
            gan_session_set_profiling(session, i == 2);
            succeed(gan_session_run(session, inputs, 1, &result, 1));
        }
        ck_assert_int_eq(atomic_load(&ledger.requests), requests);
        gan_tensor_free(picture);
        gan_tensor_free(result);
        gan_session_free(session);
        gan_model_free(model);
        gan_context_free(context);
        ck_assert_int_eq(atomic_load(&ledger.live), 0);
    }
}
END_TEST

START_TEST(steps_are_taken_without_memory)
{
    for (size_t t = 0; t < sizeof thread_counts / sizeof thread_counts[0]; t++) {
        struct ledger ledger;
        gan_context *context;
        gan_optimizer *optimizer;
        gan_objective *objective;
        ledger_open(&ledger);
        succeed(ledger_context(&context, &ledger, thread_counts[t]));
        gan_model *model = make_generator(context);
        gan_graph *graph = make_graph(context);
        gan_layer *x = open_pictures(graph, NULL, 3);
        gan_layer *loss = gan_mean_squared_error(gan_apply(model, x), gan_stop_gradient(x));
        succeed(gan_adam_create(&optimizer, context, NULL));
        succeed(gan_objective_create(&objective, loss, &x, 1, &model, 1, optimizer, NULL));
        gan_tensor *picture = make_pictures(context, 2, 24, 32, 1);
        const gan_tensor *const inputs[] = {picture};
        succeed(gan_objective_step(objective, inputs, 1, NULL)); /* makes the plan for this size */
        const int requests = atomic_load(&ledger.requests);
        for (int i = 0; i < 3; i++)
            succeed(gan_objective_step(objective, inputs, 1, NULL));
        ck_assert_int_eq(atomic_load(&ledger.requests), requests);
        gan_tensor_free(picture);
        gan_objective_free(objective);
        gan_optimizer_free(optimizer);
        gan_model_free(model);
        gan_graph_free(graph);
        gan_context_free(context);
        ck_assert_int_eq(atomic_load(&ledger.live), 0);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {sessions_run_without_memory, steps_are_taken_without_memory};
    return run_suite("running", tests, sizeof tests / sizeof tests[0]);
}
