/* Packed weights: one copy for all sessions that can share it, never an old one, gone with the last session.
 * Threads make and free such sessions side by side. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "kernels/convolution.h"

#include <pthread.h>
#include <string.h>

struct bench {
    struct ledger ledger;
    gan_context *context;
};

static void open_bench(struct bench *bench, int32_t threads)
{
    ledger_open(&bench->ledger);
    succeed(ledger_context(&bench->context, &bench->ledger, threads));
}

static void close_bench(struct bench *bench)
{
    gan_context_free(bench->context);
    ck_assert_int_eq(atomic_load(&bench->ledger.live), 0);
}

static long long bytes_of(const struct bench *bench)
{
    return atomic_load(&bench->ledger.bytes);
}

/* Of its memory at small sizes, packed weights are the most. */
static gan_model *make_wide(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    gan_layer *y = gan_relu(convolve(x, "in", 64, 3, 1));
    for (int i = 0; i < 3; i++)
        y = gan_relu(convolve(y, NULL, 64, 3, 1));
    gan_model *model = make_model("wide", x, convolve(y, "out", 3, 3, 1));
    gan_graph_free(graph);
    return model;
}

static gan_session *make_session(gan_model *model, int64_t height, int64_t width)
{
    gan_session *session;
    succeed(gan_session_create_2d(&session, model, 1, height, width, NULL));
    return session;
}

static gan_tensor *run(gan_context *context, gan_session *session, const gan_tensor *picture)
{
    int64_t shape[GAN_MAX_RANK];
    const int32_t rank = gan_session_output_shape(session, 0, shape);
    gan_tensor *result = make_zeros(context, shape, rank);
    succeed(gan_session_run(session, &picture, 1, &result, 1));
    return result;
}

/* Bytes that one more session of this size takes from the allocator. */
static long long cost_of_session(const struct bench *bench, gan_model *model, int64_t height, int64_t width,
                                 gan_session **session)
{
    const long long before = bytes_of(bench);
    *session = make_session(model, height, width);
    return bytes_of(bench) - before;
}

START_TEST(sessions_of_one_size_share)
{
    struct bench bench;
    gan_session *first, *second;
    open_bench(&bench, 1);
    gan_model *model = make_wide(bench.context);
    const long long without = bytes_of(&bench);
    const long long cost = cost_of_session(&bench, model, 16, 16, &first);
    const long long again = cost_of_session(&bench, model, 16, 16, &second);
    const long long packed = gan_session_packed_memory(first);
    ck_assert_int_gt(packed, 3 * 9 * 64 * 64 * 4);
    ck_assert_int_eq(gan_session_packed_memory(second), packed);
    ck_assert_int_gt(gan_session_memory(first), packed);
    ck_assert_int_ge(cost, gan_session_memory(first));
    ck_assert_int_le(again, cost - packed);
    gan_session_free(first);
    ck_assert_int_ge(bytes_of(&bench) - without, packed); /* the second one holds them */
    gan_session_free(second);
    ck_assert_int_eq(bytes_of(&bench), without);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

START_TEST(sessions_of_other_sizes_share)
{
    struct bench bench;
    gan_session *small, *large;
    open_bench(&bench, 1);
    gan_model *model = make_wide(bench.context);
    cost_of_session(&bench, model, 32, 32, &small);
    const long long cost = cost_of_session(&bench, model, 40, 64, &large);
    const long long own = gan_session_memory(large) - gan_session_packed_memory(large);
    ck_assert_int_lt(cost, own + gan_session_packed_memory(large) / 4);
    gan_session_free(small);
    gan_session_free(large);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

START_TEST(a_layer_applied_twice_is_counted_once)
{
    struct bench bench;
    open_bench(&bench, 1);
    gan_graph *graph = make_graph(bench.context);
    gan_layer *x = open_pictures(graph, NULL, 16);
    gan_model *block = make_model(NULL, x, convolve(x, NULL, 16, 3, 1));
    gan_layer *y = gan_apply(block, gan_apply(block, x));
    gan_model *twice = make_model(NULL, x, y);
    gan_session *one = make_session(block, 16, 16), *two = make_session(twice, 16, 16);
    ck_assert_int_gt(gan_session_packed_memory(one), 0);
    ck_assert_int_eq(gan_session_packed_memory(one), gan_session_packed_memory(two));
    gan_session_free(one);
    gan_session_free(two);
    gan_model_free(block);
    gan_model_free(twice);
    gan_graph_free(graph);
    close_bench(&bench);
}
END_TEST

/* What a model with packed weights of its own and the same parameters gives. */
static gan_tensor *result_of_copy(gan_context *context, const gan_model *model,
                                  gan_model *(*make)(gan_context *), const gan_tensor *picture)
{
    gan_model *copy = make(context);
    gan_tensor *result;
    succeed(gan_model_copy_parameters(copy, model));
    succeed(gan_model_run(copy, picture, &result));
    gan_model_free(copy);
    return result;
}

static void expect_result_of_copy(gan_context *context, gan_session *session, const gan_model *model,
                                  const gan_tensor *picture)
{
    gan_tensor *found = run(context, session, picture);
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

/* Strides and padding whose arrangement depends on the size of the picture. */
static gan_model *make_uneven(gan_context *context)
{
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    const gan_conv2d_options down = {
        .struct_size = sizeof down, .filters = 8, .kernel = {5}, .stride = {3, 2}, .padding = GAN_PAD_SAME};
    const gan_conv2d_transpose_options up = {
        .struct_size = sizeof up, .filters = 8, .kernel = {3}, .stride = {2}, .padding = GAN_PAD_SAME};
    gan_layer *y = gan_conv2d_transpose(gan_conv2d(x, &down), &up);
    y = convolve(gan_upsample_nearest(y, 2), NULL, 4, 3, 1);
    gan_model *model = make_model("uneven", x, y);
    gan_graph_free(graph);
    return model;
}

START_TEST(sizes_that_need_another_arrangement_get_it)
{
    static const int64_t sizes[][2] = {{9, 8}, {10, 9}, {11, 10}, {12, 7}, {3, 90}, {40, 41}, {2, 2}, {1, 1}};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    struct bench bench;
    open_bench(&bench, 1);
    gan_model *model = make_uneven(bench.context);
    gan_session *sessions[SIZES];
    for (int i = 0; i < SIZES; i++) {
        sessions[i] = make_session(model, sizes[i][0], sizes[i][1]);
        gan_tensor *picture = make_pictures(bench.context, 1, sizes[i][0], sizes[i][1], 1);
        gan_tensor *found = run(bench.context, sessions[i], picture);
        gan_tensor *expected = result_of_copy(bench.context, model, make_uneven, picture);
        ck_assert(same_bits(found, expected));
        gan_tensor_free(picture);
        gan_tensor_free(found);
        gan_tensor_free(expected);
    }
    for (int i = 0; i < SIZES; i++)
        gan_session_free(sessions[i]);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

enum { MOST_NUMBERS = 64 };

/* A convolution by 3x3 in steps of 2; returns how many numbers tell how a pass is arranged. */
static int32_t layout_of(gan_context *context, enum convolution_pass pass, int64_t size, int64_t pad_before,
                         int64_t *numbers)
{
    const struct convolution_shape shape = {.batch = 1,
                                            .height = size,
                                            .width = size,
                                            .in_channels = 4,
                                            .out_channels = 8,
                                            .kernel_height = 3,
                                            .kernel_width = 3,
                                            .stride_height = 2,
                                            .stride_width = 2,
                                            .dilation_height = 1,
                                            .dilation_width = 1,
                                            .pad_top = pad_before,
                                            .pad_left = pad_before,
                                            .pad_bottom = 1,
                                            .pad_right = 1,
                                            .groups = 1,
                                            .upsample = 1};
    struct convolution *convolution;
    succeed(gan_convolution_create(&convolution, context, &shape, GAN_PRECISION_DEFAULT));
    const int32_t count = gan_convolution_layout(convolution, pass, numbers, MOST_NUMBERS);
    gan_convolution_free(convolution);
    return count;
}

static bool same_layouts(gan_context *context, enum convolution_pass pass, int64_t size, int64_t pad_before)
{
    int64_t one[MOST_NUMBERS], other[MOST_NUMBERS];
    const int32_t count = layout_of(context, pass, 8, 0, one);
    ck_assert_int_gt(count, 0);
    return layout_of(context, pass, size, pad_before, other) == count &&
           memcmp(one, other, (size_t)count * sizeof one[0]) == 0;
}

/* Padding before the picture turns round the phases of the gradient, whose weights take as much room. */
START_TEST(padding_tells_arrangements_of_gradients_apart)
{
    gan_context *context = make_context(1);
    ck_assert(same_layouts(context, CONVOLUTION_FORWARD, 9, 1));
    ck_assert(same_layouts(context, CONVOLUTION_BACKWARD_INPUT, 10, 0));
    ck_assert(!same_layouts(context, CONVOLUTION_BACKWARD_INPUT, 9, 1));
    gan_context_free(context);
}
END_TEST

struct host {
    gan_model *model;
    const gan_tensor *picture, *expected;
    int failures;
};

/* Check's assertions are for the test's own thread, so failures are counted. */
static void *make_run_and_free(void *argument)
{
    struct host *host = argument;
    gan_tensor *result = NULL;
    for (int i = 0; i < 20; i++) {
        host->failures += gan_model_run(host->model, host->picture, &result) != GAN_OK ||
                          !same_bits(result, host->expected);
        gan_tensor_free(result);
    }
    return NULL;
}

/* No session outlives the round, so that threads meet while weights are made, packed and freed. */
START_TEST(threads_make_sessions_side_by_side)
{
    enum { HOSTS = 4 };
    struct bench bench;
    open_bench(&bench, 2);
    gan_model *model = make_wide(bench.context);
    gan_tensor *picture = make_pictures(bench.context, 1, 9, 8, 1), *expected;
    succeed(gan_model_run(model, picture, &expected));
    struct host hosts[HOSTS];
    pthread_t threads[HOSTS];
    for (int i = 0; i < HOSTS; i++) {
        hosts[i] = (struct host){model, picture, expected, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_run_and_free, &hosts[i]), 0);
    }
    for (int i = 0; i < HOSTS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(hosts[i].failures, 0);
    }
    gan_tensor_free(picture);
    gan_tensor_free(expected);
    gan_model_free(model);
    close_bench(&bench);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        sessions_of_one_size_share,
        sessions_of_other_sizes_share,
        changed_weights_are_seen_by_all,
        trained_weights_are_seen,
        training_with_a_session_is_training,
        a_layer_applied_twice_is_counted_once,
        sizes_that_need_another_arrangement_get_it,
        padding_tells_arrangements_of_gradients_apart,
        threads_make_sessions_side_by_side,
    };
    return run_suite("packed", tests, sizeof tests / sizeof tests[0]);
}
