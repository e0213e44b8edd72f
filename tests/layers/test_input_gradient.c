/* Gradients as layers: their values against those of reverse differentiation, their own gradients against
 * finite differences, penalties against reference values, refusals. */
#include "base/suite.h"
#include "gan/losses.h"
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Critics: smooth ones are squared in the end, so that differences work ---- */

static gan_layer *convolve(gan_layer *x, int32_t filters, int32_t spectral)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = filters,
                                        .kernel = {4},
                                        .stride = {2},
                                        .pad = {1, 1, 1, 1},
                                        .spectral_norm = spectral};
    return gan_conv2d(x, &options);
}

static gan_layer *judge(gan_layer *x)
{
    const gan_dense_options options = {.struct_size = sizeof options, .units = 1};
    return gan_dense(gan_flatten(x), &options);
}

static gan_layer *square(gan_layer *x)
{
    return gan_multiply(x, x);
}

static gan_layer *of_convolutions(gan_layer *x)
{
    return judge(square(convolve(convolve(x, 5, 0), 3, 0)));
}

static gan_layer *of_same_padding(gan_layer *x)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .filters = 3,
                                        .kernel = {3, 2},
                                        .stride = {3, 2},
                                        .padding = GAN_PAD_SAME};
    return gan_sum(square(gan_conv2d(x, &options)));
}

static gan_layer *of_transposed(gan_layer *x)
{
    const gan_conv2d_transpose_options options = {.struct_size = sizeof options,
                                                  .filters = 4,
                                                  .kernel = {3},
                                                  .stride = {2},
                                                  .pad = {1, 1, 1, 1},
                                                  .output_padding = {1, 1}};
    return judge(square(gan_conv2d_transpose(x, &options)));
}

static gan_layer *of_pools(gan_layer *x)
{
    const gan_pool_options overlapping = {.struct_size = sizeof overlapping, .kernel = {3}, .stride = {2}};
    gan_layer *y = gan_average_pool(convolve(x, 4, 0), &overlapping);
    return judge(square(gan_global_average_pool(square(y))));
}

static gan_layer *of_resampling(gan_layer *x)
{
    gan_layer *y = gan_upsample_nearest(gan_upsample_bilinear(x, 2), 2);
    y = gan_resize_bilinear(gan_resize_nearest(y, 7, 9), 5, 6);
    return gan_mean(square(convolve(y, 3, 0)));
}

static gan_layer *of_shapes(gan_layer *x)
{
    gan_layer *y = gan_pad(gan_crop(x, 1, 0, 1, 2), 2, 1, 0, 2, GAN_PADDING_REFLECT);
    gan_layer *wide = convolve(gan_pad(y, 1, 1, 1, 1, GAN_PADDING_ZERO), 4, 0);
    gan_layer *parts[] = {gan_slice(wide, 3, 1, 2), gan_scale(wide, -0.5f, 3)};
    gan_layer *deep = gan_pixel_unshuffle(gan_pixel_shuffle(gan_subtract(wide, square(wide)), 2), 2);
    gan_layer *other[] = {deep, gan_slice(wide, 3, 0, 2)};
    gan_layer *sum = gan_add(gan_concat(parts, 2, 3), gan_concat(other, 2, 3));
    return judge(square(sum));
}

static gan_layer *of_spectral_norms(gan_layer *x)
{
    const gan_dense_options options = {.struct_size = sizeof options, .units = 1, .spectral_norm = 1};
    return gan_dense(gan_flatten(square(convolve(convolve(x, 5, 1), 3, 1))), &options);
}

/* The usual critic, and one with maxima: linear in pieces. */
static gan_layer *of_leaky_relu(gan_layer *x)
{
    return judge(gan_relu(convolve(gan_leaky_relu(convolve(x, 5, 0), 0.2f), 4, 0)));
}

static gan_layer *of_maxima(gan_layer *x)
{
    const gan_pool_options overlapping = {
        .struct_size = sizeof overlapping, .kernel = {3}, .stride = {2}, .pad = {1, 1, 1, 1}};
    return judge(gan_max_pool(convolve(gan_max_pool(x, &overlapping), 3, 0), NULL));
}

typedef gan_layer *(*critic)(gan_layer *x);
static const struct {
    const char *name;
    critic build;
    bool smooth;
} critics[] = {
    {"convolutions", of_convolutions, true},
    {"padding same", of_same_padding, true},
    {"transposed", of_transposed, true},
    {"pools", of_pools, true},
    {"resampling", of_resampling, true},
    {"shapes", of_shapes, true},
    {"spectral", of_spectral_norms, false},
    {"leaky relu", of_leaky_relu, false},
    {"maxima", of_maxima, false},
};
enum { CRITICS = sizeof critics / sizeof critics[0], SMOOTH = 6 };

static gan_layer *build_verdict(gan_layer *const *inputs, const void *argument)
{
    return (*(const critic *)argument)(inputs[0]);
}

static gan_layer *build_gradient(gan_layer *const *inputs, const void *argument)
{
    return gan_input_gradient((*(const critic *)argument)(inputs[0]), inputs[0]);
}

/* ---- Values and gradients ---- */

/* Parameters that both have, by name. */
static void share_values(const struct experiment *from, struct experiment *to)
{
    for (int32_t i = 0; i < gan_model_parameter_count(from->model); i++) {
        const int32_t other = gan_model_parameter_find(to->model, gan_model_parameter_name(from->model, i));
        gan_tensor *value = NULL;
        expect_ok("share", gan_model_get_parameter(from->model, i, &value));
        ck_assert_int_ge(other, 0);
        expect_ok("share", gan_model_set_parameter(to->model, other, value));
        gan_tensor_free(value);
    }
}

static gan_tensor *ones_like(gan_context *context, const gan_tensor *tensor)
{
    int64_t sizes[GAN_MAX_RANK];
    gan_tensor *ones = NULL;
    for (int32_t i = 0; i < gan_tensor_rank(tensor); i++)
        sizes[i] = gan_tensor_size(tensor, i);
    expect_ok("ones", gan_tensor_create(&ones, context, GAN_FLOAT32, sizes, gan_tensor_rank(tensor)));
    for (int64_t i = 0; i < gan_tensor_count(ones); i++)
        ((float *)gan_tensor_data(ones))[i] = 1;
    return ones;
}

/* The layer gives what reverse differentiation of the summed verdict gives. */
START_TEST(values)
{
    const struct layer_case direct = {
        critics[_i].name, build_verdict, &critics[_i].build, {{4, {2, 8, 12, 4}}}, 0};
    const struct layer_case layered = {
        critics[_i].name, build_gradient, &critics[_i].build, {{4, {2, 8, 12, 4}}}, 0};
    struct experiment probe, reverse, forward;
    experiment_create(&forward, &layered, 0, 2, NULL, NULL);
    experiment_create(&probe, &direct, 0, 2, NULL, NULL);
    gan_tensor *ones = ones_like(probe.context, probe.output);
    experiment_create(&reverse, &direct, 0, 2, forward.inputs, ones);
    share_values(&forward, &reverse);
    experiment_run(&reverse);
    share_values(&forward, &reverse);
    expect_ok("gradients",
              gan_objective_gradients(reverse.objective, (const gan_tensor *const *)reverse.inputs,
                                      reverse.input_count + 2, NULL));
    experiment_run(&forward);
    gan_tensor *expected = experiment_input_gradient(&reverse, 0);
    expect_near(critics[_i].name, "gradient", forward.output, expected, 1e-5);
    gan_tensor_free(expected);
    gan_tensor_free(ones);
    experiment_free(&reverse);
    experiment_free(&probe);
    experiment_free(&forward);
}
END_TEST

START_TEST(gradients_of_gradients)
{
    ck_assert(critics[_i].smooth);
    const struct layer_case layer = {
        critics[_i].name, build_gradient, &critics[_i].build, {{4, {2, 8, 12, 4}}}, 0};
    check_layer(&layer);
}
END_TEST

static gan_layer *build_mixture(gan_layer *const *inputs, const void *argument)
{
    (void)argument;
    return gan_random_interpolation(inputs[0], inputs[1]);
}

/* Each picture of the mixture lies on the line between the two, and all at different places. */
START_TEST(mixture)
{
    const struct layer_case layer = {"mixture", build_mixture, NULL, {{2, {6, 5}}, {2, {6, 5}}}, 0};
    struct experiment e;
    float shares[6];
    experiment_create(&e, &layer, 0, 2, NULL, NULL);
    experiment_run(&e);
    const float *a = gan_tensor_data_const(e.inputs[0]), *b = gan_tensor_data_const(e.inputs[1]);
    const float *x = gan_tensor_data_const(e.output);
    for (int n = 0; n < 6; n++) {
        shares[n] = (x[5 * n] - b[5 * n]) / (a[5 * n] - b[5 * n]);
        ck_assert(shares[n] >= 0 && shares[n] <= 1);
        for (int i = 5 * n; i < 5 * n + 5; i++)
            ck_assert_float_eq_tol(x[i], b[i] + shares[n] * (a[i] - b[i]), 1e-4f);
        for (int m = 0; m < n; m++)
            ck_assert(fabsf(shares[n] - shares[m]) > 1e-4f);
    }
    gan_tensor *da = experiment_input_gradient(&e, 0), *db = experiment_input_gradient(&e, 1);
    const float *to_a = gan_tensor_data_const(da), *to_b = gan_tensor_data_const(db);
    const float *g = gan_tensor_data_const(e.inputs[2]);
    for (int i = 0; i < 30; i++) {
        ck_assert_float_eq_tol(to_a[i] + to_b[i], g[i], 1e-5f);
        const float share = to_a[i] / g[i];
        ck_assert_float_eq_tol(share, to_a[i / 5 * 5] / g[i / 5 * 5], 1e-4f);
        ck_assert(share >= 0 && share <= 1);
    }
    gan_tensor_free(da);
    gan_tensor_free(db);
    experiment_free(&e);
}
END_TEST

/* ---- Reference values ---- */

static gan_layer *reference_critic(gan_layer *x)
{
    const gan_dense_options dense = {.struct_size = sizeof dense, .name = "dense", .units = 1, .no_bias = 1};
    gan_conv2d_options conv = {.struct_size = sizeof conv,
                               .name = "conv1",
                               .filters = 6,
                               .kernel = {4},
                               .stride = {2},
                               .pad = {1, 1, 1, 1}};
    gan_layer *y = gan_leaky_relu(gan_conv2d(x, &conv), 0.2f);
    conv.name = "conv2";
    conv.filters = 8;
    return gan_dense(gan_flatten(gan_leaky_relu(gan_conv2d(y, &conv), 0.2f)), &dense);
}

static gan_layer *build_penalty(gan_layer *const *inputs, const void *argument)
{
    gan_layer *verdict = reference_critic(inputs[0]);
    return *(const int *)argument ? gan_r1_penalty(verdict, inputs[0])
                                  : gan_gradient_penalty(verdict, inputs[0]);
}

/* Of the dense weights: from channels first to channels last. */
static void turn(gan_tensor *weights)
{
    float *elements = gan_tensor_data(weights), copy[72];
    memcpy(copy, elements, sizeof copy);
    for (int c = 0; c < 8; c++)
        for (int pixel = 0; pixel < 9; pixel++)
            elements[pixel * 8 + c] = copy[c * 9 + pixel];
}

static const char *const names[] = {"conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias",
                                    "dense.weight"};

/* Biases are not among the parameters that the gradient needs: only their masks do. */
static void compare_gradients(const struct experiment *e, const char *kind)
{
    for (int i = 0; i < 5; i++) {
        char what[64];
        gan_tensor *given = NULL;
        snprintf(what, sizeof what, "%s.d_%s", kind, names[i]);
        gan_tensor *expected = golden_tensor(e->context, "penalty", what);
        const int32_t index = gan_model_parameter_find(e->model, names[i]);
        ck_assert_int_ge(index, 0);
        if (i == 4)
            turn(expected);
        expect_ok(what, gan_objective_gradient(e->objective, e->model, index, &given));
        printf("penalty.%s: off by %.1e of the largest\n", what,
               expect_near("penalty", what, given, expected, 1e-5));
        gan_tensor_free(given);
        gan_tensor_free(expected);
    }
}

START_TEST(penalties)
{
    if (!golden_available())
        return;
    const char *const kind = _i ? "r1" : "wgan_gp";
    struct experiment probe, e;
    const struct layer_case layer = {"penalty", build_penalty, &(int){_i}, {{4, {3, 12, 12, 3}}}, 0};
    experiment_create(&probe, &layer, 0, 2, NULL, NULL);
    gan_tensor *ones = ones_like(probe.context, probe.output),
               *x = golden_tensor(probe.context, "penalty", "x");
    experiment_create(&e, &layer, 0, 2, &x, ones);
    for (int i = 0; i < 5; i++) {
        gan_tensor *value = golden_tensor(e.context, "penalty", names[i]);
        if (i == 4)
            turn(value);
        expect_ok(names[i],
                  gan_model_set_parameter(e.model, gan_model_parameter_find(e.model, names[i]), value));
        gan_tensor_free(value);
    }
    experiment_run(&e);
    char what[32];
    snprintf(what, sizeof what, "%s.value", kind);
    gan_tensor *value = golden_tensor(e.context, "penalty", what);
    expect_near("penalty", what, e.output, value, 1e-5);
    compare_gradients(&e, kind);
    gan_tensor_free(value);
    gan_tensor_free(x);
    gan_tensor_free(ones);
    experiment_free(&e);
    experiment_free(&probe);
}
END_TEST

/* ---- Refusals ---- */

static gan_layer *with_batch_norm(gan_layer *x)
{
    const gan_norm_options norm = {.struct_size = sizeof norm, .name = "hidden_norm"};
    return judge(gan_batch_norm(convolve(x, 2, 0), &norm));
}

static gan_layer *with_tanh(gan_layer *x)
{
    return judge(gan_tanh(convolve(x, 2, 0)));
}

static gan_layer *with_reflection(gan_layer *x)
{
    const gan_conv2d_options options = {.struct_size = sizeof options,
                                        .name = "mirror",
                                        .filters = 2,
                                        .kernel = {3},
                                        .padding = GAN_PAD_HALF,
                                        .padding_mode = GAN_PADDING_REFLECT};
    return judge(gan_conv2d(x, &options));
}

static gan_layer *without_x(gan_layer *x)
{
    return judge(gan_stop_gradient(x));
}

START_TEST(refusals)
{
    static const struct {
        critic build;
        gan_status status;
        const char *words;
    } cases[] = {
        {with_batch_norm, GAN_ERROR_UNSUPPORTED, "batch_norm \"hidden_norm\": no gradient of gradients"},
        {with_tanh, GAN_ERROR_UNSUPPORTED, "tanh \"tanh\": no gradient of gradients"},
        {with_reflection, GAN_ERROR_UNSUPPORTED, "conv2d \"mirror\""},
        {without_x, GAN_ERROR_ARGUMENT, "does not influence"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gan_context *context = NULL;
        gan_graph *graph = NULL;
        expect_ok("refusals", gan_context_create(&context, NULL));
        expect_ok("refusals", gan_graph_create(&graph, context));
        gan_layer *x = gan_input(graph, NULL, (const int64_t[]){-1, 8, 8, 3}, 4);
        ck_assert_ptr_null(gan_gradient_penalty(cases[i].build(x), x));
        ck_assert_int_eq(gan_graph_status(graph), cases[i].status);
        printf("%s\n", gan_error_message());
        ck_assert_msg(strstr(gan_error_message(), cases[i].words) != NULL, "%s", gan_error_message());
        gan_graph_free(graph);
        gan_context_free(context);
    }
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("input gradient");
    tcase_set_timeout(all, TEST_SECONDS);
    tcase_add_loop_test(all, values, 0, CRITICS);
    tcase_add_loop_test(all, gradients_of_gradients, 0, SMOOTH);
    tcase_add_loop_test(all, penalties, 0, 2);
    tcase_add_test(all, mixture);
    tcase_add_test(all, refusals);
    Suite *suite = suite_create("input gradient");
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
