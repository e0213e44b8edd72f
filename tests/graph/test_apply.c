/* A model applied to layers: the combined models of the GAN literature. */
#include "base/suite.h"
#include "graph/networks.h"

#include <string.h>

START_TEST(applying_is_running_one_after_the_other)
{
    gan_context *context = make_context(2);
    gan_model *generator = make_generator(context), *discriminator = make_discriminator(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_model *combined = make_model("combined", x, gan_apply(discriminator, gan_apply(generator, x)));
    gan_tensor *picture = make_pictures(context, 2, 12, 8, 3), *between, *logits, *expected;
    succeed(gan_model_run(generator, picture, &between));
    succeed(gan_model_run(discriminator, between, &expected));
    succeed(gan_model_run(combined, picture, &logits));
    ck_assert_double_le(largest_difference(logits, expected), 1e-6);
    gan_tensor_free(picture);
    gan_tensor_free(between);
    gan_tensor_free(logits);
    gan_tensor_free(expected);
    gan_model_free(combined);
    gan_model_free(generator);
    gan_model_free(discriminator);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(applications_share_parameters)
{
    gan_context *context = make_context(1);
    gan_model *generator = make_generator(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *once = gan_apply(generator, x);
    gan_model *twice = make_model("twice", x, gan_apply(generator, once));
    ck_assert_int_eq(gan_model_parameter_count(twice), gan_model_parameter_count(generator));
    ck_assert_int_eq(gan_model_element_count(twice), gan_model_element_count(generator));
    ck_assert_str_eq(gan_model_parameter_name(twice, 0), "generator/down.weight");
    gan_tensor *value = make_normal(context, (const int64_t[]){6, 3, 3, 3}, 4, 2), *copy;
    succeed(gan_model_set_parameter(twice, 0, value));
    succeed(gan_model_get_parameter(generator, 0, &copy));
    ck_assert(same_bits(value, copy));
    gan_tensor_free(copy);
    gan_tensor_free(value);
    gan_model_free(twice);
    gan_graph_free(graph);
    gan_model_free(generator);
    gan_context_free(context);
}
END_TEST

/* (a, b) to (a + b, a - b). */
static gan_model *make_butterfly(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *inputs[] = {open_pictures(graph, "a", 3), open_pictures(graph, "b", 3)};
    gan_layer *outputs[] = {gan_add(inputs[0], inputs[1]), gan_subtract(inputs[0], inputs[1])};
    gan_model *model;
    succeed(gan_model_create(&model, "butterfly", inputs, 2, outputs, 2));
    gan_graph_free(graph);
    return model;
}

START_TEST(many_inputs_and_outputs_keep_their_order)
{
    gan_context *context = make_context(1);
    gan_model *butterfly = make_butterfly(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3), *outputs[2];
    gan_layer *inputs[] = {gan_scale(x, 3, 0), x};
    succeed(gan_apply_many(butterfly, inputs, 2, outputs, 2, NULL));
    gan_model *model = make_model(NULL, x, gan_multiply(outputs[0], outputs[1])); /* (3x + x) (3x - x) */
    gan_tensor *two = make_filled(context, (const int64_t[]){1, 1, 1, 3}, 4, 2), *result;
    succeed(gan_model_run(model, two, &result));
    ck_assert(((const float *)gan_tensor_data(result))[2] == 32.0f);
    gan_tensor_free(two);
    gan_tensor_free(result);
    gan_model_free(model);
    gan_model_free(butterfly);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(a_wrong_number_of_layers_is_refused)
{
    gan_context *context = make_context(1);
    gan_model *butterfly = make_butterfly(context);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *outputs[2] = {x, x}, *inputs[2] = {x, NULL};
    fails_with(gan_apply_many(butterfly, inputs, 1, outputs, 2, NULL), GAN_ERROR_ARGUMENT, "butterfly");
    ck_assert(outputs[0] == NULL && outputs[1] == NULL);
    fails_with(gan_graph_status(graph), GAN_ERROR_ARGUMENT,
               "butterfly"); /* it sticks, as a builder's error */
    ck_assert_int_ne(gan_apply_many(butterfly, inputs, 2, outputs, 2, NULL), GAN_OK);
    ck_assert_int_eq(gan_apply_many(NULL, inputs, 2, outputs, 2, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_null(gan_apply(NULL, x));
    ck_assert_ptr_null(gan_apply(butterfly, NULL));
    ck_assert_ptr_null(gan_apply(butterfly, x));
    gan_model_free(butterfly);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(shapes_that_do_not_fit_are_named)
{
    gan_context *context = make_context(1);
    gan_model *generator = make_generator(context);
    gan_graph *graph = make_graph(context);
    ck_assert_ptr_null(gan_apply(generator, open_pictures(graph, "grey", 1)));
    fails_with(gan_graph_status(graph), GAN_ERROR_SHAPE, "grey");
    fails_with(gan_graph_status(graph), GAN_ERROR_SHAPE, "generator");
    gan_graph_free(graph);
    gan_model_free(generator);
    gan_context_free(context);
}
END_TEST

START_TEST(contexts_do_not_mix)
{
    gan_context *context = make_context(1), *other = make_context(1);
    gan_model *generator = make_generator(context);
    gan_graph *graph = make_graph(other);
    ck_assert_ptr_null(gan_apply(generator, open_pictures(graph, "x", 3)));
    fails_with(gan_graph_status(graph), GAN_ERROR_ARGUMENT, "contexts");
    gan_graph_free(graph);
    gan_model_free(generator);
    gan_context_free(context);
    gan_context_free(other);
}
END_TEST

/* The generator applied with these statistics, run once in a session that is training or not. */
static gan_tensor *run_applied(gan_model *generator, gan_context *context, int32_t statistics,
                               int32_t training)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3), *y;
    const gan_apply_options options = {.struct_size = sizeof options, .statistics = statistics};
    succeed(gan_apply_many(generator, &x, 1, &y, 1, &options));
    gan_model *model = make_model(NULL, x, y);
    gan_tensor *picture = make_pictures(context, 2, 8, 8, 4), *result = make_pictures(context, 2, 8, 8, 0);
    const gan_session_options how = {.struct_size = sizeof how, .training = training};
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 2, 8, 8, &how));
    const gan_tensor *inputs[] = {picture};
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    gan_session_free(session);
    gan_tensor_free(picture);
    gan_model_free(model);
    gan_graph_free(graph);
    return result;
}

START_TEST(an_application_chooses_its_statistics)
{
    gan_context *context = make_context(1);
    gan_model *generator = make_generator(context);
    struct snapshot *before = take_snapshot(generator);
    gan_tensor *batch = run_applied(generator, context, GAN_STATISTICS_BATCH, 0);
    gan_tensor *running = run_applied(generator, context, GAN_STATISTICS_RUNNING, 1);
    gan_tensor *following = run_applied(generator, context, GAN_STATISTICS_FOLLOW, 0);
    ck_assert(unchanged(before, -1)); /* neither moves the running statistics */
    ck_assert(same_bits(running, following));
    ck_assert(!same_bits(running, batch));
    gan_tensor *training = run_applied(generator, context, GAN_STATISTICS_FOLLOW, 1);
    ck_assert(same_bits(training, batch));
    ck_assert(unchanged(before, 1));
    ck_assert(!unchanged(before, 0));
    gan_tensor_free(batch);
    gan_tensor_free(running);
    gan_tensor_free(following);
    gan_tensor_free(training);
    free_snapshot(before);
    gan_model_free(generator);
    gan_context_free(context);
}
END_TEST

/* Constants travel with the layers that are copied, and so survive the graph that they came from. */
START_TEST(constants_are_shared)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_tensor *five = make_filled(context, (const int64_t[]){1, 1, 1, 3}, 4, 5), *result;
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_model *inner = make_model("inner", x, gan_add(x, gan_constant(graph, "five", five)));
    gan_graph_free(graph);
    graph = make_graph(context);
    x = open_pictures(graph, "x", 3);
    gan_model *outer = make_model("outer", x, gan_apply(inner, gan_apply(inner, x)));
    gan_graph_free(graph);
    gan_model_free(inner);
    succeed(gan_model_run(outer, five, &result));
    ck_assert(((const float *)gan_tensor_data(result))[0] == 15.0f);
    gan_tensor_free(five);
    gan_tensor_free(result);
    gan_model_free(outer);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        applying_is_running_one_after_the_other,  applications_share_parameters,
        many_inputs_and_outputs_keep_their_order, a_wrong_number_of_layers_is_refused,
        shapes_that_do_not_fit_are_named,         contexts_do_not_mix,
        an_application_chooses_its_statistics,    constants_are_shared,
    };
    return run_suite("apply", tests, sizeof tests / sizeof tests[0]);
}
