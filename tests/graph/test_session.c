/* Sessions: what they refuse, that they repeat, and that threads change nothing. */
#include "base/suite.h"
#include "graph/networks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static gan_session *compile(gan_model *model, int64_t height, int64_t width)
{
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 1, height, width, NULL));
    return session;
}

/* Generators keep the size. */
static gan_tensor *run_once(gan_context *context, gan_session *session, const gan_tensor *picture)
{
    gan_tensor *result =
        make_pictures(context, 1, gan_tensor_size(picture, 1), gan_tensor_size(picture, 2), 0);
    const gan_tensor *inputs[] = {picture};
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    return result;
}

START_TEST(sessions_know_their_shapes)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    gan_session *session = compile(model, 8, 16);
    int64_t shape[GAN_MAX_RANK];
    ck_assert_int_eq(gan_session_output_shape(session, 0, shape), 4);
    ck_assert(shape[0] == 1 && shape[1] == 8 && shape[2] == 16 && shape[3] == 3);
    ck_assert_int_eq(gan_session_output_shape(session, 1, shape), -1);
    ck_assert_int_eq(gan_session_output_shape(NULL, 0, shape), -1);
    ck_assert_int_gt(gan_session_memory(session), 8 * 16 * 6 * 4);
    ck_assert_int_eq(gan_session_memory(NULL), 0);
    gan_session_free(session);
    gan_session_free(NULL);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(shapes_are_checked_when_compiling)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    gan_session *session;
    const int64_t four_channels[] = {1, 8, 8, 4};
    fails_with(gan_session_create(&session, model, four_channels, NULL), GAN_ERROR_SHAPE, "input");
    ck_assert_ptr_null(session);
    ck_assert_int_eq(gan_session_create_2d(&session, model, 1, 0, 8, NULL), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_session_create_2d(&session, model, 1, -1, 8, NULL), GAN_ERROR_SHAPE);
    ck_assert_int_eq(gan_session_create_2d(&session, NULL, 1, 8, 8, NULL), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_session_create(&session, model, NULL, NULL), GAN_ERROR_ARGUMENT);
    const gan_session_options strange = {.struct_size = sizeof strange, .precision = 9};
    fails_with(gan_session_create_2d(&session, model, 1, 8, 8, &strange), GAN_ERROR_ARGUMENT, "precision");
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(a_layer_that_does_not_fit_is_named)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    gan_layer *y = gan_reshape(x, (const int64_t[]){-1, 5, 5, 3}, 4);
    gan_model *model = make_model(NULL, x, y);
    gan_session *session;
    fails_with(gan_session_create_2d(&session, model, 1, 8, 8, NULL), GAN_ERROR_SHAPE, "reshape");
    succeed(gan_session_create_2d(&session, model, 1, 5, 5, NULL));
    gan_session_free(session);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(tensors_are_checked_when_running)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    gan_session *session = compile(model, 8, 8);
    gan_tensor *right = make_pictures(context, 1, 8, 8, 1), *wrong = make_pictures(context, 1, 8, 10, 1);
    gan_tensor *result = make_pictures(context, 1, 8, 8, 0), *bytes;
    succeed(gan_tensor_create(&bytes, context, GAN_UINT8, (const int64_t[]){1, 8, 8, 3}, 4));
    const gan_tensor *inputs[] = {wrong};
    fails_with(gan_session_run(session, inputs, 1, &result, 1), GAN_ERROR_SHAPE, "[1,8,10,3]");
    inputs[0] = bytes;
    fails_with(gan_session_run(session, inputs, 1, &result, 1), GAN_ERROR_TYPE, "uint8");
    inputs[0] = NULL;
    fails_with(gan_session_run(session, inputs, 1, &result, 1), GAN_ERROR_ARGUMENT, "NULL");
    inputs[0] = right;
    fails_with(gan_session_run(session, inputs, 2, &result, 1), GAN_ERROR_ARGUMENT, "2");
    fails_with(gan_session_run(session, inputs, 1, &wrong, 1), GAN_ERROR_SHAPE, "output");
    fails_with(gan_session_run(NULL, inputs, 1, &result, 1), GAN_ERROR_ARGUMENT, "NULL");
    gan_tensor *none = NULL;
    succeed(gan_session_run(session, inputs, 1, &none, 1));
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    gan_tensor_free(right);
    gan_tensor_free(wrong);
    gan_tensor_free(bytes);
    gan_tensor_free(result);
    gan_session_free(session);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(runs_repeat)
{
    gan_context *context = make_context(2);
    gan_model *model = make_generator(context);
    gan_session *session = compile(model, 24, 16), *other = compile(model, 24, 16);
    gan_tensor *one = make_pictures(context, 1, 24, 16, 1), *two = make_pictures(context, 1, 24, 16, 2);
    gan_tensor *first = run_once(context, session, one), *between = run_once(context, session, two);
    gan_tensor *again = run_once(context, session, one), *elsewhere = run_once(context, other, one);
    ck_assert(same_bits(first, again));
    ck_assert(same_bits(first, elsewhere));
    ck_assert(!same_bits(first, between));
    gan_tensor *const tensors[] = {one, two, first, between, again, elsewhere};
    for (size_t i = 0; i < sizeof tensors / sizeof tensors[0]; i++)
        gan_tensor_free(tensors[i]);
    gan_session_free(session);
    gan_session_free(other);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Values of a run on a context with this many threads, copied to plain memory. */
static float *run_with_threads(int32_t threads, size_t *size)
{
    gan_context *context = make_context(threads);
    gan_model *model = make_generator(context);
    gan_tensor *picture = make_pictures(context, 1, 50, 34, 1), *result;
    succeed(gan_model_run(model, picture, &result));
    *size = (size_t)gan_tensor_count(result) * sizeof(float);
    float *copy = malloc(*size);
    memcpy(copy, gan_tensor_data(result), *size);
    gan_tensor_free(picture);
    gan_tensor_free(result);
    gan_model_free(model);
    gan_context_free(context);
    return copy;
}

START_TEST(any_number_of_threads_gives_the_same_bits)
{
    const int32_t threads[] = {2, 3, 8};
    size_t size, other_size;
    float *alone = run_with_threads(1, &size);
    for (size_t i = 0; i < sizeof threads / sizeof threads[0]; i++) {
        float *together = run_with_threads(threads[i], &other_size);
        ck_assert_uint_eq(size, other_size);
        ck_assert_mem_eq(alone, together, size);
        free(together);
    }
    free(alone);
}
END_TEST

struct job {
    gan_context *context;
    gan_model *model;
    const gan_tensor *picture, *expected;
    int failures;
};

/* Check's assertions are for the test's own thread, so failures are counted. */
static void *stylise_often(void *argument)
{
    struct job *job = argument;
    gan_tensor *result = make_pictures(job->context, 1, 20, 28, 0);
    for (int i = 0; i < 10; i++) {
        gan_session *session;
        if (gan_session_create_2d(&session, job->model, 1, 20, 28, NULL) != GAN_OK) {
            job->failures++;
            continue;
        }
        for (int k = 0; k < 5; k++)
            if (gan_session_run(session, &job->picture, 1, &result, 1) != GAN_OK ||
                !same_bits(result, job->expected))
                job->failures++;
        gan_session_free(session);
    }
    gan_tensor_free(result);
    return NULL;
}

START_TEST(sessions_of_one_model_run_side_by_side)
{
    enum { HOSTS = 4 };
    gan_context *context = make_context(2);
    gan_model *model = make_generator(context);
    gan_tensor *picture = make_pictures(context, 1, 20, 28, 1), *expected;
    succeed(gan_model_run(model, picture, &expected));
    struct job jobs[HOSTS];
    pthread_t threads[HOSTS];
    for (int i = 0; i < HOSTS; i++) {
        jobs[i] = (struct job){context, model, picture, expected, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, stylise_often, &jobs[i]), 0);
    }
    for (int i = 0; i < HOSTS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(jobs[i].failures, 0);
    }
    gan_tensor_free(picture);
    gan_tensor_free(expected);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(dropout_is_for_training)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){1000}, 1);
    gan_model *model = make_model(NULL, x, gan_dropout(x, 0.5f));
    gan_tensor *ones = make_filled(context, (const int64_t[]){1000}, 1, 1), *result;
    succeed(gan_model_run(model, ones, &result));
    ck_assert(same_bits(ones, result));
    const gan_session_options training = {.struct_size = sizeof training, .training = 1};
    gan_tensor *again = make_filled(context, (const int64_t[]){1000}, 1, 0);
    gan_session *session;
    succeed(gan_session_create(&session, model, (const int64_t[]){1000}, &training));
    const gan_tensor *inputs[] = {ones};
    succeed(gan_session_run(session, inputs, 1, &result, 1));
    succeed(gan_session_run(session, inputs, 1, &again, 1));
    ck_assert(!same_bits(ones, result));
    ck_assert(!same_bits(result, again)); /* each run drops others */
    gan_tensor_free(ones);
    gan_tensor_free(result);
    gan_tensor_free(again);
    gan_session_free(session);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(an_input_may_be_an_output)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *outputs[] = {x, gan_stop_gradient(x), gan_relu(x)};
    gan_model *model;
    succeed(gan_model_create(&model, NULL, &x, 1, outputs, 3));
    gan_session *session = compile(model, 4, 4);
    gan_tensor *picture = make_pictures(context, 1, 4, 4, 1), *results[3];
    for (int i = 0; i < 3; i++)
        results[i] = make_pictures(context, 1, 4, 4, 0);
    const gan_tensor *inputs[] = {picture};
    succeed(gan_session_run(session, inputs, 1, results, 3));
    ck_assert(same_bits(picture, results[0]) && same_bits(picture, results[1]));
    ck_assert(!same_bits(picture, results[2]));
    for (int i = 0; i < 3; i++)
        gan_tensor_free(results[i]);
    gan_tensor_free(picture);
    gan_session_free(session);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

static gan_tensor *make_rows(gan_context *context, float value)
{
    const int64_t shape[] = {2, 6};
    gan_tensor *tensor;
    succeed(gan_tensor_create(&tensor, context, GAN_FLOAT32, shape, 2));
    float *values = gan_tensor_data(tensor);
    for (int i = 0; i < 12; i++)
        values[i] = value == 0 ? (float)i : value;
    return tensor;
}

static void expect_rows(const gan_tensor *tensor, float factor, float offset)
{
    const float *values = gan_tensor_data_const(tensor);
    for (int i = 0; i < 12; i++)
        ck_assert_msg(values[i] == factor * (float)i + offset, "element %d is %g", i, (double)values[i]);
}

/* y = 2x, z = y + 1, and y once more: each combination of tensors that a caller may give. */
START_TEST(outputs_go_to_any_tensor)
{
    const int64_t shape[] = {2, 6};
    gan_context *context = make_context(1);
    gan_graph *graph;
    gan_model *model;
    gan_session *session;
    succeed(gan_graph_create(&graph, context));
    gan_layer *x = gan_input(graph, "x", shape, 2), *y = gan_scale(x, 2, 0);
    gan_layer *outputs[] = {y, gan_scale(y, 1, 1), y};
    succeed(gan_model_create(&model, "m", &x, 1, outputs, 3));
    succeed(gan_session_create(&session, model, shape, NULL));
    const gan_tensor *input = make_rows(context, 0);
    gan_tensor *a = make_rows(context, -7), *b = make_rows(context, -7), *c = make_rows(context, -7);
    gan_tensor *const choices[][3] = {{a, b, NULL}, {a, b, c}, {NULL, c, b}, {NULL, a, NULL}, {a, NULL, a}};
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        succeed(gan_session_run(session, &input, 1, choices[i], 3));
        for (int k = 0; k < 3; k++)
            if (choices[i][k] != NULL)
                expect_rows(choices[i][k], 2, k == 1 ? 1 : 0);
    }
    gan_tensor *const all[] = {a, b, c};
    for (int k = 0; k < 3; k++)
        gan_tensor_free(all[k]);
    gan_tensor_free((gan_tensor *)(uintptr_t)input);
    gan_session_free(session);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(model_run_asks_for_one_in_and_one_out)
{
    gan_context *context = make_context(1);
    gan_model *model = make_generator(context);
    gan_tensor *flat = make_normal(context, (const int64_t[]){4}, 1, 1), *result;
    ck_assert_int_eq(gan_model_run(model, NULL, &result), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_model_run(NULL, flat, &result), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_model_run(model, flat, NULL), GAN_ERROR_ARGUMENT);
    fails_with(gan_model_run(model, flat, &result), GAN_ERROR_SHAPE, "rank");
    ck_assert_ptr_null(result);
    gan_tensor_free(flat);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        sessions_know_their_shapes,
        shapes_are_checked_when_compiling,
        a_layer_that_does_not_fit_is_named,
        tensors_are_checked_when_running,
        runs_repeat,
        any_number_of_threads_gives_the_same_bits,
        sessions_of_one_model_run_side_by_side,
        dropout_is_for_training,
        an_input_may_be_an_output,
        outputs_go_to_any_tensor,
        model_run_asks_for_one_in_and_one_out,
    };
    return run_suite("session", tests, sizeof tests / sizeof tests[0]);
}
