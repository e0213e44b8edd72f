/* Shapes of layers that move elements: open sizes, and what is refused. */
#include "gan/losses.h"
#include "golden.h"
#include "naive.h"

#include <check.h>
#include <string.h>

static gan_context *context;
static gan_graph *graph;

static void set_up(void)
{
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("graph", gan_graph_create(&graph, context));
}

static void tear_down(void)
{
    gan_graph_free(graph);
    gan_context_free(context);
}

static void expect_shape(const gan_layer *layer, int32_t rank, const int64_t *expected)
{
    int64_t size[GAN_MAX_RANK];
    expect_ok("shape", gan_graph_status(graph));
    ck_assert_int_eq(gan_layer_shape(layer, size), rank);
    for (int32_t i = 0; i < rank; i++)
        ck_assert_int_eq(size[i], expected[i]);
}

#define SIZES(...) ((const int64_t[]){__VA_ARGS__})
#define LENGTH(array) ((int)(sizeof(array) / sizeof((array)[0])))

START_TEST(open_sizes_stay_open)
{
    gan_layer *x = gan_input(graph, NULL, SIZES(-1, 8, -1, 12), 4);
    gan_layer *parts[] = {x, gan_input(graph, NULL, SIZES(3, -1, 5, 4), 4)};
    expect_shape(gan_reshape(x, SIZES(-1, 6), 2), 2, SIZES(-1, 6));
    expect_shape(gan_flatten(x), 2, SIZES(-1, -1));
    expect_shape(gan_flatten(gan_input(graph, NULL, SIZES(-1, 4, 4, 3), 4)), 2, SIZES(-1, 48));
    expect_shape(gan_concat(parts, 2, -1), 4, SIZES(3, 8, 5, 16));
}
END_TEST

START_TEST(open_sizes_of_pictures)
{
    gan_layer *x = gan_input(graph, NULL, SIZES(-1, 8, -1, 12), 4);
    expect_shape(gan_slice(x, 2, 3, -1), 4, SIZES(-1, 8, -1, 12));
    expect_shape(gan_slice(x, 2, 3, 7), 4, SIZES(-1, 8, 7, 12));
    expect_shape(gan_pixel_shuffle(x, 2), 4, SIZES(-1, 16, -1, 3));
    expect_shape(gan_pixel_unshuffle(x, 2), 4, SIZES(-1, 4, -1, 48));
    expect_shape(gan_pad(x, 1, 2, 3, 4, GAN_PADDING_REFLECT), 4, SIZES(-1, 12, -1, 12));
    expect_shape(gan_crop(x, 1, 2, 3, 4), 4, SIZES(-1, 4, -1, 12));
}
END_TEST

static gan_layer *wrong_count(gan_layer *const *inputs)
{
    return gan_reshape(inputs[0], SIZES(1, 64, 64, 5), 4);
}

static gan_layer *no_multiple(gan_layer *const *inputs)
{
    return gan_reshape(inputs[0], SIZES(-1, 7), 2);
}

static gan_layer *two_open(gan_layer *const *inputs)
{
    return gan_reshape(inputs[0], SIZES(-1, -1), 2);
}

static gan_layer *joined(gan_layer *const *inputs)
{
    return gan_concat(inputs, 2, 1);
}

static gan_layer *far_axis(gan_layer *const *inputs)
{
    return gan_slice(inputs[0], 4, 0, 1);
}

static gan_layer *too_long(gan_layer *const *inputs)
{
    return gan_slice(inputs[0], 1, 250, 10);
}

static gan_layer *odd_channels(gan_layer *const *inputs)
{
    return gan_pixel_shuffle(inputs[0], 3);
}

static gan_layer *wide_mirror(gan_layer *const *inputs)
{
    return gan_pad(inputs[0], 0, 256, 0, 0, GAN_PADDING_REFLECT);
}

static gan_layer *cut_away(gan_layer *const *inputs)
{
    return gan_crop(inputs[0], 200, 0, 56, 0);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t *x = SIZES(1, 256, 256, 64), *y = SIZES(1, 256, 255, 64);
    expect_refusal(wrong_count,
                   "reshape \"reshape\": [1,256,256,64] has 4194304 elements, [1,64,64,5] has 20480", 4, x,
                   NULL);
    expect_refusal(no_multiple,
                   "reshape \"reshape\": [1,256,256,64] has 4194304 elements, no multiple of the 7 of [?,7]",
                   4, x, NULL);
    expect_refusal(two_open, "reshape \"reshape\": sizes 0 and 1 are both -1, expected one", 4, x, NULL);
    expect_refusal(
        joined,
        "concat \"concat\": input 1 has shape [1,256,255,64], the inputs before it [1,256,256,64]: "
        "expected the same but for axis 1",
        4, x, y);
    expect_refusal(far_axis, "slice: axis is 4, but the input has shape [1,256,256,64]", 4, x, NULL);
    expect_refusal(too_long, "slice \"slice\": 10 elements from 250 are asked for, axis 1 has 256", 4, x,
                   NULL);
    expect_refusal(odd_channels,
                   "pixel_shuffle \"pixel_shuffle\": the number of channels is 64, expected a multiple of 9",
                   4, x, NULL);
    expect_refusal(wide_mirror, "pad \"pad\": the input has 256 columns, this border needs at least 257", 4,
                   x, NULL);
    expect_refusal(cut_away, "crop \"crop\": 256 rows are cut off, the input has 256", 4, x, NULL);
}
END_TEST

/* A list whose layers could not be built leaves the graph no good, though one of them could. */
START_TEST(lists_with_gaps_are_refused)
{
    static const float weights[] = {1, 1};
    gan_layer *x = gan_input(graph, NULL, SIZES(2, 3), 2);
    gan_layer *const empty[] = {NULL, NULL}, *const gap[] = {NULL, x};
    ck_assert_ptr_null(gan_concat(NULL, 2, 0));
    ck_assert_ptr_null(gan_concat(empty, 2, 0));
    ck_assert_ptr_null(gan_concat(&x, 0, 0));
    ck_assert_ptr_null(gan_weighted_sum(empty, weights, 2));
    expect_ok("nothing to find the graph by", gan_graph_status(graph));
    ck_assert_ptr_null(_i == 0 ? gan_concat(gap, 2, 0) : gan_weighted_sum(gap, weights, 2));
    ck_assert_int_eq(gan_graph_status(graph), GAN_ERROR_ARGUMENT);
    ck_assert_str_eq(gan_error_message(),
                     _i == 0 ? "concat: input 0 is NULL" : "weighted_sum: input 0 is NULL");
}
END_TEST

/* Sizes that overflow are a matter of shapes, whichever of them are open. */
START_TEST(sizes_beyond_all_arrays_are_refused)
{
    const int64_t huge = (int64_t)1 << 46;
    const gan_conv2d_transpose_options far_apart = {
        .struct_size = sizeof far_apart, .filters = 1, .kernel = {1, 1}, .stride = {1 << 20, 1 << 20}};
    gan_layer *x = gan_input(graph, NULL, SIZES(-1, huge, -1, 1), 4);
    gan_layer *deep = gan_input(graph, NULL, SIZES(-1, -1, -1, huge), 4);
    gan_layer *const both[] = {deep, deep, deep};
    gan_layer *const refused[] = {_i == 0 ? gan_conv2d_transpose(x, &far_apart) : NULL,
                                  _i == 1 ? gan_pixel_unshuffle(deep, 1024) : NULL,
                                  _i == 2 ? gan_concat(both, 3, 3) : NULL,
                                  _i == 3 ? gan_gram_matrix(deep, 0) : NULL};
    ck_assert_ptr_null(refused[_i]);
    ck_assert_int_eq(gan_graph_status(graph), GAN_ERROR_SHAPE);
}
END_TEST

START_TEST(too_many_channels_are_named)
{
    gan_layer *x = gan_input(graph, NULL, SIZES(-1, (int64_t)1 << 31), 2);
    ck_assert_ptr_null(gan_dense(x, &(gan_dense_options){sizeof(gan_dense_options), .units = 2}));
    ck_assert_int_eq(gan_graph_status(graph), GAN_ERROR_SHAPE);
    ck_assert_msg(strstr(gan_error_message(), "2147483648 channels, expected at most") != NULL, "%s",
                  gan_error_message());
}
END_TEST

/* Batch and channels of a steering vector may turn out to fit. */
START_TEST(open_sizes_of_steering)
{
    gan_layer *x = gan_input(graph, NULL, SIZES(-1, 4, 4, 5), 4);
    gan_layer *known = gan_input(graph, NULL, SIZES(2, 5), 2),
              *open = gan_input(graph, NULL, SIZES(-1, -1), 2);
    expect_shape(gan_adain_affine(x, known, open, 0, 0), 4, SIZES(-1, 4, 4, 5));
    expect_shape(gan_adain_affine(x, open, known, 0, 0), 4, SIZES(-1, 4, 4, 5));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("errors");
    tcase_add_test(tests, errors_say_what_is_wrong);
    TCase *open = tcase_create("open");
    tcase_add_checked_fixture(open, set_up, tear_down);
    tcase_add_test(open, open_sizes_stay_open);
    tcase_add_test(open, open_sizes_of_pictures);
    tcase_add_test(open, open_sizes_of_steering);
    tcase_add_test(open, too_many_channels_are_named);
    tcase_add_loop_test(open, lists_with_gaps_are_refused, 0, 2);
    tcase_add_loop_test(open, sizes_beyond_all_arrays_are_refused, 0, 4);
    Suite *suite = suite_create("shape rules");
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, open);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
