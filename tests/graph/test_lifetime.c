/* Handles may be freed in any order: what is still needed is kept alive by those that need it. */
#include "base/random.h"
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"

#include <string.h>

enum { OBJECTS = 9, ORDERS = 200 };

/* Everything that a program holds, with the call that frees it. */
struct holding {
    void *object;
    void (*release)(void *object);
};

#define RELEASE(type)                                                                                        \
    static void release_##type(void *object)                                                                 \
    {                                                                                                        \
        gan_##type##_free(object);                                                                           \
    }
RELEASE(context)
RELEASE(graph)
RELEASE(model)
RELEASE(session)
RELEASE(objective)
RELEASE(optimizer)
RELEASE(tensor)
#undef RELEASE

static gan_objective *make_objective(gan_graph *graph, gan_model *model, gan_optimizer *optimizer)
{
    gan_layer *x = open_pictures(graph, "x", 3), *y = gan_apply(model, x);
    gan_objective *objective;
    succeed(
        gan_objective_create(&objective, gan_mean(gan_multiply(y, y)), &x, 1, &model, 1, optimizer, NULL));
    return objective;
}

static void acquire(struct holding *all, struct ledger *ledger)
{
    gan_context *context;
    gan_session *session;
    gan_optimizer *optimizer;
    gan_tensor *gradient;
    succeed(ledger_context(&context, ledger, 2));
    gan_graph *graph = make_graph(context), *other = make_graph(context);
    gan_model *model = make_generator(context);
    succeed(gan_session_create_2d(&session, model, 1, 8, 8, NULL));
    succeed(gan_adam_create(&optimizer, context, NULL));
    gan_objective *objective = make_objective(graph, model, optimizer);
    gan_tensor *picture = make_pictures(context, 1, 8, 8, 1);
    const gan_tensor *inputs[] = {picture};
    succeed(gan_objective_step(objective, inputs, 1, NULL));
    succeed(gan_objective_gradient(objective, model, 0, &gradient));
    const struct holding holdings[OBJECTS] = {
        {context, release_context},     {graph, release_graph},     {other, release_graph},
        {model, release_model},         {session, release_session}, {optimizer, release_optimizer},
        {objective, release_objective}, {picture, release_tensor},  {gradient, release_tensor},
    };
    memcpy(all, holdings, sizeof holdings);
}

static void shuffle(struct holding *all, struct random_stream *random)
{
    for (int i = OBJECTS - 1; i > 0; i--) {
        const int64_t k = gan_random_below(random, i + 1);
        const struct holding kept = all[i];
        all[i] = all[k];
        all[k] = kept;
    }
}

START_TEST(any_order_of_destruction_is_legal)
{
    struct random_stream random = {21, 0, 0};
    for (int order = 0; order < ORDERS; order++) {
        struct ledger ledger;
        struct holding all[OBJECTS];
        ledger_open(&ledger);
        acquire(all, &ledger);
        shuffle(all, &random);
        for (int i = 0; i < OBJECTS; i++) {
            ck_assert_int_gt(atomic_load(&ledger.live), 0);
            all[i].release(all[i].object);
        }
        ck_assert_int_eq(atomic_load(&ledger.live), 0);
        ck_assert_int_eq(atomic_load(&ledger.misaligned), 0);
    }
}
END_TEST

START_TEST(an_objective_works_after_all_else_is_freed)
{
    gan_context *context = make_context(2);
    gan_graph *graph = make_graph(context);
    gan_model *model = make_generator(context);
    gan_optimizer *optimizer;
    succeed(gan_adam_create(&optimizer, context, NULL));
    gan_objective *objective = make_objective(graph, model, optimizer);
    gan_tensor *picture = make_pictures(context, 1, 8, 8, 1);
    gan_context_free(context);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_optimizer_free(optimizer);
    const gan_tensor *inputs[] = {picture};
    float first, second;
    succeed(gan_objective_step(objective, inputs, 1, &first));
    succeed(gan_objective_step(objective, inputs, 1, &second));
    ck_assert(second < first);
    gan_objective_free(objective);
    gan_tensor_free(picture);
}
END_TEST

START_TEST(a_session_works_after_all_else_is_freed)
{
    gan_context *context = make_context(2);
    gan_model *model = make_generator(context);
    gan_tensor *picture = make_pictures(context, 1, 8, 8, 1), *expected;
    gan_tensor *result = make_pictures(context, 1, 8, 8, 0);
    gan_session *session;
    succeed(gan_model_run(model, picture, &expected));
    succeed(gan_session_create_2d(&session, model, 1, 8, 8, NULL));
    gan_context_free(context);
    gan_model_free(model);
    const gan_tensor *inputs[] = {picture};
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    ck_assert(same_bits(result, expected));
    gan_tensor_free(picture);
    gan_tensor_free(expected);
    gan_tensor_free(result);
    gan_session_free(session);
}
END_TEST

/* A model built from an applied one keeps its parameters when that one goes. */
START_TEST(parameters_outlive_the_model_that_made_them)
{
    gan_context *context = make_context(1);
    gan_model *inner = make_generator(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *y = gan_apply(inner, x);
    gan_tensor *picture = make_pictures(context, 1, 8, 8, 1), *expected, *result;
    succeed(gan_model_run(inner, picture, &expected));
    gan_model_free(inner);
    gan_model *outer = make_model("outer", x, y);
    gan_graph_free(graph);
    gan_context_free(context);
    succeed(gan_model_run(outer, picture, &result));
    ck_assert(same_bits(result, expected));
    gan_tensor_free(picture);
    gan_tensor_free(expected);
    gan_tensor_free(result);
    gan_model_free(outer);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        any_order_of_destruction_is_legal,
        an_objective_works_after_all_else_is_freed,
        a_session_works_after_all_else_is_freed,
        parameters_outlive_the_model_that_made_them,
    };
    return run_suite("lifetime", tests, sizeof tests / sizeof tests[0]);
}
