/* Arithmetic of two layers with stretched axes, scale, clamp, fill_like, sums. */
#include "naive.h"

#include <check.h>

static gan_layer *add(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_add(inputs[0], inputs[1]);
}

static gan_layer *subtract(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_subtract(inputs[0], inputs[1]);
}

static gan_layer *multiply(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_multiply(inputs[0], inputs[1]);
}

static gan_layer *square(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_multiply(inputs[0], inputs[0]);
}

static gan_layer *scale(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_scale(inputs[0], -1.5f, 0.25f);
}

static gan_layer *clamp(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_clamp(inputs[0], -0.7f, 0.6f);
}

static gan_layer *beside_constant(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_multiply(inputs[0], gan_fill_like(inputs[0], 3));
}

static gan_layer *sum(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_sum(inputs[0]);
}

static gan_layer *mean(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_mean(inputs[0]);
}

/* The same list of shapes for each operation: equal, and stretched at the front, in the middle, at the end,
 * on both sides, everywhere. */
static const struct layer_case shapes[] = {
    {"equal", NULL, NULL, {{4, {2, 3, 4, 5}}, {4, {2, 3, 4, 5}}}, 0},
    {"per picture and channel", NULL, NULL, {{4, {2, 3, 4, 5}}, {4, {2, 1, 1, 5}}}, 0},
    {"per channel", NULL, NULL, {{4, {1, 1, 1, 5}}, {4, {2, 3, 4, 5}}}, 0},
    {"per pixel", NULL, NULL, {{4, {2, 3, 4, 5}}, {4, {2, 3, 4, 1}}}, 0},
    {"one picture", NULL, NULL, {{4, {1, 3, 4, 5}}, {4, {4, 3, 4, 5}}}, 0},
    {"both stretched", NULL, NULL, {{3, {3, 1, 5}}, {3, {3, 4, 1}}}, 0},
    {"both stretched in turn", NULL, NULL, {{6, {2, 1, 3, 1, 2, 1}}, {6, {1, 2, 1, 3, 1, 2}}}, 0},
    {"one number", NULL, NULL, {{4, {2, 3, 4, 5}}, {4, {1, 1, 1, 1}}}, 0},
    {"one number before", NULL, NULL, {{2, {1, 1}}, {2, {7, 9}}}, 0},
    {"outer product", NULL, NULL, {{2, {9, 1}}, {2, {1, 7}}}, 0},
    {"all of size 1", NULL, NULL, {{3, {1, 1, 1}}, {3, {1, 1, 1}}}, 0},
    {"many equal", NULL, NULL, {{3, {2, 300, 70}}, {3, {2, 300, 70}}}, 0},
    {"many per channel", NULL, NULL, {{3, {2, 3000, 7}}, {3, {1, 1, 7}}}, 0},
    {"many per row", NULL, NULL, {{3, {2, 30, 700}}, {3, {2, 30, 1}}}, 0},
    {"many with one number", NULL, NULL, {{2, {40, 1000}}, {2, {1, 1}}}, 0},
    {"many over pictures", NULL, NULL, {{3, {3, 50, 600}}, {3, {1, 50, 600}}}, 0},
};

static const layer_builder operations[] = {add, subtract, multiply};

enum { SHAPES = sizeof shapes / sizeof shapes[0], OPERATIONS = 3 };

static struct layer_case case_number(int number)
{
    struct layer_case layer = shapes[number % SHAPES];
    layer.build = operations[number / SHAPES];
    return layer;
}

START_TEST(gradients)
{
    const struct layer_case layer = case_number(_i);
    check_layer(&layer);
}
END_TEST

/* Element of an input that is stretched to the output's shape. */
static double stretched(const struct experiment *e, int32_t input, int64_t index)
{
    const gan_tensor *tensor = e->inputs[input];
    int64_t place = 0, step = 1;
    for (int32_t i = gan_tensor_rank(e->output) - 1; i >= 0; i--) {
        const int64_t size = gan_tensor_size(tensor, i);
        place += (size == 1 ? 0 : index % gan_tensor_size(e->output, i)) * step;
        step *= size;
        index /= gan_tensor_size(e->output, i);
    }
    return (double)((const float *)gan_tensor_data_const(tensor))[place];
}

static double add_at(const struct experiment *e, int64_t index)
{
    return stretched(e, 0, index) + stretched(e, 1, index);
}

static double subtract_at(const struct experiment *e, int64_t index)
{
    return stretched(e, 0, index) - stretched(e, 1, index);
}

static double multiply_at(const struct experiment *e, int64_t index)
{
    return stretched(e, 0, index) * stretched(e, 1, index);
}

START_TEST(values)
{
    static const naive_value formulas[] = {add_at, subtract_at, multiply_at};
    const struct layer_case layer = case_number(_i);
    check_values(&layer, formulas[_i / SHAPES]);
}
END_TEST

/* ---- One input ---- */

static double scale_at(const struct experiment *e, int64_t index)
{
    return -1.5 * stretched(e, 0, index) + 0.25;
}

static double clamp_at(const struct experiment *e, int64_t index)
{
    const double x = stretched(e, 0, index);
    return x < -0.7 ? -0.7 : x > 0.6 ? 0.6 : x;
}

static double square_at(const struct experiment *e, int64_t index)
{
    return stretched(e, 0, index) * stretched(e, 0, index);
}

static double three_times(const struct experiment *e, int64_t index)
{
    return 3 * stretched(e, 0, index);
}

static double sum_at(const struct experiment *e, int64_t index)
{
    const float *x = gan_tensor_data_const(e->inputs[0]);
    double total = (double)index;
    for (int64_t i = 0; i < gan_tensor_count(e->inputs[0]); i++)
        total += (double)x[i];
    return total;
}

static double mean_at(const struct experiment *e, int64_t index)
{
    return sum_at(e, index) / (double)gan_tensor_count(e->inputs[0]);
}

static const struct {
    struct layer_case layer;
    naive_value value;
} single[] = {
    {{"scale", scale, NULL, {{4, {2, 3, 4, 5}}}, 0}, scale_at},
    {{"scale many", scale, NULL, {{2, {50, 1000}}}, 0}, scale_at},
    {{"clamp", clamp, NULL, {{4, {2, 3, 4, 5}}}, 0}, clamp_at},
    {{"clamp many", clamp, NULL, {{2, {50, 1000}}}, 0}, clamp_at},
    {{"square", square, NULL, {{2, {5, 6}}}, 0}, square_at},
    {{"fill_like", beside_constant, NULL, {{2, {5, 6}}}, 0}, three_times},
    {{"sum", sum, NULL, {{4, {2, 3, 4, 5}}}, 0}, sum_at},
    {{"mean", mean, NULL, {{4, {2, 3, 4, 5}}}, 0}, mean_at},
    {{"mean of many", mean, NULL, {{2, {50, 1000}}}, 3e-2}, mean_at},
};

START_TEST(single_gradients)
{
    check_layer(&single[_i].layer);
}
END_TEST

START_TEST(single_values)
{
    check_values(&single[_i].layer, single[_i].value);
}
END_TEST

/* ---- Shapes and errors ---- */

#define SIZES(...) ((const int64_t[]){__VA_ARGS__})

START_TEST(open_sizes_are_met)
{
    gan_context *context = NULL;
    gan_graph *graph = NULL;
    int64_t size[GAN_MAX_RANK];
    expect_ok("context", gan_context_create(&context, NULL));
    expect_ok("graph", gan_graph_create(&graph, context));
    gan_layer *a = gan_input(graph, NULL, SIZES(-1, -1, -1, 1, 5), 5);
    gan_layer *b = gan_input(graph, NULL, SIZES(-1, 1, 7, -1, -1), 5);
    ck_assert_int_eq(gan_layer_shape(gan_add(a, b), size), 5);
    ck_assert(size[0] == -1 && size[1] == -1 && size[2] == 7 && size[3] == -1 && size[4] == 5);
    ck_assert_int_eq(gan_layer_shape(gan_add(b, a), size), 5);
    ck_assert(size[0] == -1 && size[1] == -1 && size[2] == 7 && size[3] == -1 && size[4] == 5);
    ck_assert_int_eq(gan_layer_shape(gan_sum(a), size), 0);
    gan_graph_free(graph);
    gan_context_free(context);
}
END_TEST

static gan_layer *added(gan_layer *const *inputs)
{
    return gan_add(inputs[0], inputs[1]);
}

static gan_layer *other_rank(gan_layer *const *inputs)
{
    return gan_multiply(inputs[0], gan_sum(inputs[0]));
}

static gan_layer *turned(gan_layer *const *inputs)
{
    return gan_clamp(inputs[0], 1, -1);
}

static gan_layer *infinite(gan_layer *const *inputs)
{
    return gan_scale(inputs[0], 1e38f * 10, 0);
}

START_TEST(errors_say_what_is_wrong)
{
    const int64_t *x = SIZES(2, -1, 4), *y = SIZES(2, 3, 5);
    expect_refusal(added, "add \"add\": shapes [2,?,4] and [2,3,5] do not fit: sizes must be equal or 1", 3,
                   x, y);
    expect_refusal(other_rank,
                   "multiply \"multiply\": shapes [2,?,4] and [] do not fit: sizes must be equal or 1", 3, x,
                   NULL);
    expect_refusal(turned, "clamp \"clamp\": low is 1 and high -1, expected low <= high", 3, x, NULL);
    expect_refusal(infinite, "scale \"scale\": factor is inf and offset 0, expected finite numbers", 3, x,
                   NULL);
    ck_assert_ptr_null(gan_add(NULL, NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("elementwise");
    tcase_add_loop_test(tests, gradients, 0, SHAPES * OPERATIONS);
    tcase_add_loop_test(tests, values, 0, SHAPES * OPERATIONS);
    tcase_add_loop_test(tests, single_gradients, 0, sizeof single / sizeof single[0]);
    tcase_add_loop_test(tests, single_values, 0, sizeof single / sizeof single[0]);
    tcase_add_test(tests, open_sizes_are_met);
    tcase_add_test(tests, errors_say_what_is_wrong);
    Suite *suite = suite_create("elementwise");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
