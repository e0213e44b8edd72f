/* Packed weights: one copy for all sessions that can share it. */
#include "base/suite.h"
#include "faults/ledger.h"
#include "graph/networks.h"
#include "graph/packed_bench.h"
#include "kernels/convolution.h"

#include <pthread.h>
#include <string.h>

static long long bytes_of(const struct bench *bench)
{
    return atomic_load(&bench->ledger.bytes);
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
        gan_tensor *found = run_session(bench.context, sessions[i], picture);
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
    const TTest *const tests[] = {sessions_of_one_size_share,
                                  sessions_of_other_sizes_share,
                                  a_layer_applied_twice_is_counted_once,
                                  sizes_that_need_another_arrangement_get_it,
                                  padding_tells_arrangements_of_gradients_apart,
                                  threads_make_sessions_side_by_side};
    return run_suite("packed", tests, sizeof tests / sizeof tests[0]);
}
