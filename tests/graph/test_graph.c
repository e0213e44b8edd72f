/* Building graphs: names, shapes with open sizes, and errors that stick. */
#include "base/suite.h"
#include "graph/networks.h"

#include <string.h>

static void expect_shape(const gan_layer *layer, const int64_t *shape, int32_t rank)
{
    int64_t sizes[GAN_MAX_RANK];
    ck_assert_int_eq(gan_layer_shape(layer, sizes), rank);
    for (int32_t i = 0; i < rank; i++)
        ck_assert_int_eq(sizes[i], shape[i]);
}

START_TEST(names_are_unique)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3), *z = open_pictures(graph, NULL, 3);
    ck_assert_str_eq(gan_layer_name(x), "input");
    ck_assert_str_eq(gan_layer_name(z), "input_1");
    gan_layer *a = convolve(x, "same", 4, 3, 1), *b = convolve(x, "same", 4, 3, 1);
    ck_assert_str_eq(gan_layer_name(a), "same");
    ck_assert_str_ne(gan_layer_name(b), "same");
    ck_assert_str_eq(gan_layer_kind(a), "conv2d");
    ck_assert_str_eq(gan_layer_name(gan_relu(a)), "relu");
    ck_assert_str_eq(gan_layer_name(gan_relu(b)), "relu_1");
    ck_assert_ptr_eq(gan_layer_graph(b), graph);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(very_long_names_stay_unique)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    char name[1000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    gan_layer *x = open_pictures(graph, name, 3), *y = open_pictures(graph, name, 3);
    ck_assert_str_ne(gan_layer_name(x), gan_layer_name(y));
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(queries_bear_null)
{
    int64_t sizes[GAN_MAX_RANK];
    ck_assert_ptr_null(gan_layer_name(NULL));
    ck_assert_ptr_null(gan_layer_kind(NULL));
    ck_assert_ptr_null(gan_layer_graph(NULL));
    ck_assert_int_eq(gan_layer_shape(NULL, sizes), -1);
    ck_assert_ptr_null(gan_input(NULL, NULL, sizes, 0));
    fails_with(gan_graph_status(NULL), GAN_ERROR_ARGUMENT, "NULL");
    fails_with(gan_graph_create(NULL, NULL), GAN_ERROR_ARGUMENT, "out");
    gan_graph *graph;
    fails_with(gan_graph_create(&graph, NULL), GAN_ERROR_ARGUMENT, "context");
    ck_assert_ptr_null(graph);
    gan_graph_free(NULL);
}
END_TEST

START_TEST(open_sizes_stay_open)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, NULL, 3);
    expect_shape(x, (const int64_t[]){-1, -1, -1, 3}, 4);
    gan_layer *y = convolve(x, NULL, 8, 3, 2);
    expect_shape(y, (const int64_t[]){-1, -1, -1, 8}, 4);
    expect_shape(gan_upsample_nearest(y, 2), (const int64_t[]){-1, -1, -1, 8}, 4);
    expect_shape(gan_gram_matrix(y, GAN_GRAM_PER_ELEMENT), (const int64_t[]){-1, 8, 8}, 3);
    expect_shape(gan_mean(y), NULL, 0);
    succeed(gan_graph_status(graph));
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(known_sizes_are_worked_out)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, 17, 32, 3}, 4);
    gan_layer *y = convolve(x, NULL, 8, 3, 2);
    expect_shape(y, (const int64_t[]){-1, 9, 16, 8}, 4);
    expect_shape(gan_flatten(y), (const int64_t[]){-1, 9 * 16 * 8}, 2);
    expect_shape(gan_reshape(y, (const int64_t[]){-1, 36, 32}, 3), (const int64_t[]){-1, 36, 32}, 3);
    expect_shape(gan_upsample_nearest(y, 3), (const int64_t[]){-1, 27, 48, 8}, 4);
    expect_shape(densely(gan_flatten(y), NULL, 5), (const int64_t[]){-1, 5}, 2);
    succeed(gan_graph_status(graph));
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(the_first_error_sticks)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){-1, 6}, 2);
    gan_layer *bad = convolve(x, "picture_please", 8, 3, 1);
    ck_assert_ptr_null(bad);
    ck_assert_ptr_null(gan_relu(gan_tanh(bad)));
    ck_assert_ptr_null(gan_tanh(x)); /* the graph has failed: nothing more is built */
    ck_assert_ptr_null(gan_reshape(x, (const int64_t[]){-1, 7}, 2));
    fails_with(gan_graph_status(graph), GAN_ERROR_SHAPE, "picture_please");
    gan_model *model;
    fails_with(gan_model_create(&model, NULL, &x, 1, &bad, 1), GAN_ERROR_SHAPE, "picture_please");
    ck_assert_ptr_null(model);
    fails_with(gan_graph_status(graph), GAN_ERROR_SHAPE, "picture_please");
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(shapes_in_messages_are_readable)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, "x", (const int64_t[]){1, 256, 256, 64}, 4);
    ck_assert_ptr_null(gan_reshape(x, (const int64_t[]){1, 64, 64, 5}, 4));
    fails_with(gan_graph_status(graph), GAN_ERROR_SHAPE, "4194304");
    fails_with(gan_graph_status(graph), GAN_ERROR_SHAPE, "20480");
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(options_are_checked)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = open_pictures(graph, "x", 3);
    ck_assert_ptr_null(gan_conv2d(x, &(gan_conv2d_options){.filters = 3, .kernel = {3}}));
    fails_with(gan_graph_status(graph), GAN_ERROR_ARGUMENT, "struct_size");
    gan_graph_free(graph);
    graph = make_graph(context);
    ck_assert_ptr_null(convolve(open_pictures(graph, "x", 3), "negative", -4, 3, 1));
    fails_with(gan_graph_status(graph), GAN_ERROR_ARGUMENT, "negative");
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(inputs_are_checked)
{
    gan_context *context = make_context(1);
    const int64_t strange[] = {-2, 3};
    gan_graph *graph = make_graph(context);
    ck_assert_ptr_null(gan_input(graph, "strange", strange, 2));
    ck_assert_int_ne(gan_graph_status(graph), GAN_OK);
    gan_graph_free(graph);
    graph = make_graph(context);
    ck_assert_ptr_null(gan_input(graph, "deep", (const int64_t[]){1, 1, 1, 1, 1, 1, 1}, 7));
    ck_assert_int_ne(gan_graph_status(graph), GAN_OK);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(layers_of_two_graphs_do_not_mix)
{
    gan_context *context = make_context(1);
    gan_graph *one = make_graph(context), *other = make_graph(context);
    gan_layer *x = open_pictures(one, "x", 3), *y = open_pictures(other, "y", 3);
    ck_assert_ptr_null(gan_add(x, y));
    fails_with(gan_graph_status(one), GAN_ERROR_ARGUMENT, "another graph");
    gan_graph_free(one);
    gan_graph_free(other);
    gan_context_free(context);
}
END_TEST

START_TEST(constants_are_copied)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_layer *x = gan_input(graph, NULL, (const int64_t[]){2}, 1);
    gan_tensor *value = make_filled(context, (const int64_t[]){2}, 1, 3), *result;
    gan_layer *constant = gan_constant(graph, "three", value);
    ((float *)gan_tensor_data(value))[0] = 100;
    gan_model *model = make_model(NULL, x, gan_add(x, constant));
    succeed(gan_model_run(model, value, &result));
    ck_assert(((const float *)gan_tensor_data(result))[0] == 103.0f);
    ck_assert(((const float *)gan_tensor_data(result))[1] == 6.0f);
    gan_tensor_free(result);
    gan_tensor_free(value);
    gan_model_free(model);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

START_TEST(constants_are_numbers)
{
    gan_context *context = make_context(1);
    gan_graph *graph = make_graph(context);
    gan_tensor *bytes;
    succeed(gan_tensor_create(&bytes, context, GAN_UINT8, (const int64_t[]){2}, 1));
    ck_assert_ptr_null(gan_constant(graph, "bytes", bytes));
    fails_with(gan_graph_status(graph), GAN_ERROR_TYPE, "uint8");
    gan_tensor_free(bytes);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST
int main(void)
{
    const TTest *tests[] = {
        names_are_unique,
        very_long_names_stay_unique,
        queries_bear_null,
        open_sizes_stay_open,
        known_sizes_are_worked_out,
        the_first_error_sticks,
        shapes_in_messages_are_readable,
        options_are_checked,
        inputs_are_checked,
        layers_of_two_graphs_do_not_mix,
        constants_are_copied,
        constants_are_numbers,
    };
    return run_suite("graph", tests, sizeof tests / sizeof tests[0]);
}
