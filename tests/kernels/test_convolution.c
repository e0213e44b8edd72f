/* Every pass of convolution, on every kernel set of this machine, against float64. */
#include "base/context.h"
#include "base/sanitizer.h"
#include "convolution_layer.h"
#include "kernels/microkernel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { Z = GAN_PADDING_ZERO, R = GAN_PADDING_REFLECT };

static const int32_t threads[] = {1, 2, 3, 8};
enum { THREADS = sizeof threads / sizeof threads[0] };

/* Under a sanitizer every so manieth shape meets many threads; under the thread sanitizer 1 and 3. */
enum { WATCHED_SHAPES = 4 };

/* One layer with its data; NULL context where this machine lacks the kernel set. */
static struct layer make_layer(const struct convolution_shape *shape, int32_t kernels, int32_t thread_count,
                               int32_t precision)
{
    gan_context *context = layer_context(kernels, thread_count);
    return context != NULL ? layer_make(shape, context, precision, false) : (struct layer){0};
}

/* The same of one whose weights change from run to run. */
static struct layer make_trained(const struct convolution_shape *shape, int32_t kernels, int32_t thread_count)
{
    gan_context *context = layer_context(kernels, thread_count);
    return context != NULL ? layer_make(shape, context, GAN_PRECISION_DEFAULT, true) : (struct layer){0};
}

/* What the header states of each precision. */
static double tolerance_of(int32_t precision)
{
    return precision == GAN_PRECISION_EXACT ? 2e-6 : 4e-5;
}

static const char *const pass_names[] = {"forward", "backward input", "backward weights"};

enum {
    FORWARD = 1 << CONVOLUTION_FORWARD,
    BACKWARD_INPUT = 1 << CONVOLUTION_BACKWARD_INPUT,
    BACKWARD_WEIGHTS = 1 << CONVOLUTION_BACKWARD_WEIGHTS
};

/* What passes should give, whatever the kernels; the shape's data are always the same. NULL: not asked for.
 */
struct references {
    struct value *values[3];
};

static struct references make_references(int index, float *(*input)(const struct layer *layer), int passes)
{
    struct references references = {{NULL}};
    struct layer layer = make_layer(&layer_shapes[index], GAN_KERNELS_AUTO, 1, GAN_PRECISION_EXACT);
    float *x = input != NULL ? input(&layer) : NULL;
    for (int pass = 0; pass < 3; pass++)
        if ((passes & 1 << pass) != 0)
            references.values[pass] =
                layer_reference(&layer, (enum convolution_pass)pass, x != NULL ? x : layer.x);
    if (x != NULL)
        layer_free_array(x);
    layer_free(&layer);
    return references;
}

static void free_references(struct references *references)
{
    for (int pass = 0; pass < 3; pass++)
        free(references->values[pass]);
}

static void check_layer(struct layer layer, int index, int32_t kernels, int32_t precision,
                        const struct references *references)
{
    if (layer.context == NULL)
        return;
    const int64_t counts[] = {layer.outputs, layer.inputs, layer.weights};
    for (int pass = 0; pass < 3; pass++) {
        float *got = layer_run(&layer, (enum convolution_pass)pass, NULL, NULL);
        layer_expect_close(got, references->values[pass], counts[pass], tolerance_of(precision),
                           pass_names[pass], index, kernels);
        layer_free_array(got);
    }
    layer_free(&layer);
}

START_TEST(test_passes)
{
    struct references references = make_references(_i, NULL, FORWARD | BACKWARD_INPUT | BACKWARD_WEIGHTS);
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        for (int32_t precision = GAN_PRECISION_DEFAULT; precision <= GAN_PRECISION_EXACT; precision++)
            check_layer(make_layer(&layer_shapes[_i], kernels, 2, precision), _i, kernels, precision,
                        &references);
        check_layer(make_trained(&layer_shapes[_i], kernels, 2), _i, kernels, GAN_PRECISION_DEFAULT,
                    &references);
    }
    free_references(&references);
}
END_TEST

static double rectify(double value)
{
    return value > 0 ? value : 0;
}

/* The input as the forward pass sees it: scale, shift and ReLU, rounded to float as packing does. */
static float *transformed_input(const struct layer *layer)
{
    const int64_t channels = layer->shape.in_channels, pixels = layer->shape.height * layer->shape.width;
    float *x = layer_random_array(layer->inputs, 1);
    for (int64_t i = 0; i < layer->inputs; i++) {
        const int64_t at = i / (pixels * channels) * channels + i % channels;
        x[i] = (float)rectify((double)(x[i] * layer->scale[at] + layer->shift[at]));
    }
    return x;
}

/* Scale, shift and ReLU before; a bias, a residual where `summed`, and an activation behind. */
struct variant {
    struct activation activation;
    int32_t precision;
    bool summed;
};

static struct convolution_input scaled_input(const struct layer *layer)
{
    return (struct convolution_input){layer->scale, layer->shift, {ACTIVATION_RELU, 0}};
}

static void check_variant(int index, int32_t kernels, const struct variant *variant,
                          const struct references *references)
{
    struct layer layer = make_layer(&layer_shapes[index], kernels, 3, variant->precision);
    if (layer.context == NULL)
        return;
    const double tolerance = 2 * tolerance_of(variant->precision);
    const struct activation activation = variant->activation;
    const struct convolution_input input = scaled_input(&layer);
    const struct convolution_epilogue epilogue = {
        .bias = layer.bias, .residual = variant->summed ? layer.y : NULL, .activation = activation};
    float *y = layer_run(&layer, CONVOLUTION_FORWARD, &input, &epilogue);
    float *expected = layer_random_array(layer.outputs, 8);
    const struct value *value = references->values[CONVOLUTION_FORWARD];
    for (int64_t i = 0; i < layer.outputs; i++) {
        const double sum = value[i].sum + (double)layer.bias[i % layer.shape.out_channels];
        expected[i] = (float)(variant->summed ? sum + (double)layer.y[i] : sum);
    }
    gan_activation_forward(kernels, activation, expected, expected, layer.outputs);
    for (int64_t i = 0; i < layer.outputs; i++)
        if (!(fabs((double)(y[i] - expected[i])) <= tolerance * (value[i].magnitude + 3)))
            ck_abort_msg("shape %d, kernel set %d: [%lld] is %g, expected %g", index, kernels, (long long)i,
                         (double)y[i], (double)expected[i]);
    layer_free_array(expected);
    layer_free_array(y);
    layer_free(&layer);
}

/* The gradient of the weights, which sees the input as the forward pass does, and of the epilogue nothing. */
static void check_transformed_gradient(int index, int32_t kernels, int32_t precision,
                                       const struct references *references)
{
    struct layer layer = make_layer(&layer_shapes[index], kernels, 3, precision);
    if (layer.context == NULL)
        return;
    /* Winograd's transforms give each tap the rounding errors of its neighbours, whose sums may be larger. */
    const double tolerance = precision == GAN_PRECISION_EXACT ? 2 * tolerance_of(precision) : 1e-3;
    const struct convolution_input input = scaled_input(&layer);
    float *dw = layer_run(&layer, CONVOLUTION_BACKWARD_WEIGHTS, &input, NULL);
    layer_expect_close(dw, references->values[CONVOLUTION_BACKWARD_WEIGHTS], layer.weights, tolerance,
                       "transformed backward weights", index, kernels);
    layer_free_array(dw);
    layer_free(&layer);
}

START_TEST(test_variants)
{
    const struct variant variants[] = {
        {{ACTIVATION_LINEAR, 0}, GAN_PRECISION_EXACT, true},
        {{ACTIVATION_RELU, 0}, GAN_PRECISION_EXACT, true},
        {{ACTIVATION_LEAKY_RELU, 0.2f}, GAN_PRECISION_EXACT, true},
        {{ACTIVATION_TANH, 0}, GAN_PRECISION_EXACT, true},
        {{ACTIVATION_LINEAR, 0}, GAN_PRECISION_DEFAULT, false},
        {{ACTIVATION_RELU, 0}, GAN_PRECISION_DEFAULT, true},
        {{ACTIVATION_LEAKY_RELU, 0.2f}, GAN_PRECISION_DEFAULT, false},
        {{ACTIVATION_TANH, 0}, GAN_PRECISION_DEFAULT, false},
    };
    /* Under a sanitizer each set of kernels meets half of them, in turn: activations touch the same memory.
     */
    const int step = WATCHES_MEMORY ? 2 : 1;
    struct references references = make_references(_i, transformed_input, FORWARD | BACKWARD_WEIGHTS);
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        for (int i = (kernels + _i) % step; i < (int)(sizeof variants / sizeof variants[0]); i += step)
            check_variant(_i, kernels, &variants[i], &references);
        for (int32_t precision = GAN_PRECISION_DEFAULT; precision <= GAN_PRECISION_EXACT; precision++)
            check_transformed_gradient(_i, kernels, precision, &references);
    }
    free_references(&references);
}
END_TEST

/* The epilogue of backward input, as transposed convolution uses it. */
START_TEST(test_backward_epilogue)
{
    struct references references = make_references(_i, NULL, BACKWARD_INPUT);
    const struct value *value = references.values[CONVOLUTION_BACKWARD_INPUT];
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        struct layer layer = make_layer(&layer_shapes[_i], kernels, 2, GAN_PRECISION_EXACT);
        if (layer.context == NULL)
            continue;
        const struct convolution_epilogue epilogue = {
            .bias = layer.bias, .residual = layer.x, .activation = {ACTIVATION_RELU, 0}};
        float *dx = layer_run(&layer, CONVOLUTION_BACKWARD_INPUT, NULL, &epilogue);
        for (int64_t i = 0; i < layer.inputs; i++) {
            const double bias = (double)layer.bias[i % layer.shape.in_channels];
            const double expected = rectify(value[i].sum + bias + (double)layer.x[i]);
            if (!(fabs((double)dx[i] - expected) <= 4e-6 * (value[i].magnitude + 3)))
                ck_abort_msg("shape %d, kernel set %d: [%lld] is %g, expected %g", _i, kernels, (long long)i,
                             (double)dx[i], expected);
        }
        layer_free_array(dx);
        layer_free(&layer);
    }
    free_references(&references);
}
END_TEST

START_TEST(test_bias_gradient)
{
    struct layer layer = make_layer(&layer_shapes[_i], GAN_KERNELS_AUTO, 2, GAN_PRECISION_DEFAULT);
    float *dw = layer_run(&layer, CONVOLUTION_BACKWARD_WEIGHTS, NULL, NULL);
    const int64_t channels = layer.shape.out_channels;
    for (int64_t k = 0; k < channels; k++) {
        double sum = 0;
        for (int64_t i = k; i < layer.outputs; i += channels)
            sum += (double)layer.dy[i];
        ck_assert_double_le(fabs((double)dw[layer.weights + k] - sum), 1e-5 * (fabs(sum) + 1));
    }
    layer_free_array(dw);
    layer_free(&layer);
}
END_TEST

/* The same bits for any number of threads: all of the counts, or the first and the third. */
static void check_threads(const struct convolution_shape *shape, int32_t kernels, int pass, bool trained,
                          bool all)
{
    float *first = NULL;
    for (int i = 0; i < THREADS; i += all ? 1 : 2) {
        struct layer layer = trained ? make_trained(shape, kernels, threads[i])
                                     : make_layer(shape, kernels, threads[i], GAN_PRECISION_DEFAULT);
        if (layer.context == NULL)
            continue;
        const int64_t counts[] = {layer.outputs, layer.inputs, layer.weights + layer.shape.out_channels};
        float *out = layer_run(&layer, (enum convolution_pass)pass, NULL, NULL);
        if (first != NULL)
            ck_assert_mem_eq(out, first, (size_t)counts[pass] * sizeof *out);
        if (first == NULL)
            first = out;
        else
            layer_free_array(out);
        layer_free(&layer);
    }
    if (first != NULL)
        layer_free_array(first);
}

START_TEST(test_threads)
{
    int32_t widest = GAN_KERNELS_AUTO;
    ck_assert_int_eq(gan_kernels_choose(&widest), GAN_OK);
    if ((WATCHES_THREADS || WATCHES_MEMORY) && _i % WATCHED_SHAPES != 0)
        return;
    for (int32_t kernels = WATCHES_THREADS ? widest : GAN_KERNELS_PORTABLE; kernels <= widest; kernels++)
        for (int pass = 0; pass < 3; pass++) {
            const bool all = kernels == widest && !WATCHES_THREADS;
            check_threads(&layer_shapes[_i], kernels, pass, false, all);
            if (pass != CONVOLUTION_BACKWARD_WEIGHTS) /* where there are no weights to arrange */
                check_threads(&layer_shapes[_i], kernels, pass, true, all);
        }
}
END_TEST

START_TEST(test_nan_spreads)
{
    const struct convolution_shape shape = {1, 8, 40, 8, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0};
    struct layer layer = make_layer(&shape, GAN_KERNELS_AUTO, 1, GAN_PRECISION_EXACT);
    const struct convolution_epilogue epilogue = {.activation = {ACTIVATION_RELU, 0}};
    layer.x[(4 * 40 + 20) * 8] = NAN;
    float *y = layer_run(&layer, CONVOLUTION_FORWARD, NULL, &epilogue);
    for (int64_t i = 0; i < layer.outputs; i++) {
        const int64_t row = i / 40 / 40, column = i / 40 % 40;
        const bool touched = row >= 3 && row <= 5 && column >= 19 && column <= 21;
        ck_assert(isnan(y[i]) ? touched : !touched);
    }
    layer_free_array(y);
    layer_free(&layer);
}
END_TEST

static void expect_refusal(const struct convolution_shape *shape, const char *words)
{
    gan_context *context = NULL;
    struct convolution *convolution = NULL;
    ck_assert_int_eq(gan_context_create(&context, NULL), GAN_OK);
    ck_assert_int_eq(gan_convolution_create(&convolution, context, shape, GAN_PRECISION_DEFAULT),
                     GAN_ERROR_SHAPE);
    ck_assert_ptr_null(convolution);
    ck_assert_msg(strstr(gan_error_message(), words) != NULL, "\"%s\" lacks \"%s\"", gan_error_message(),
                  words);
    gan_context_free(context);
}

START_TEST(test_refusals)
{
    const struct convolution_shape good = {1, 4, 4, 2, 2, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0};
    struct convolution_shape bad = good;
    bad.kernel_height = bad.kernel_width = 9;
    expect_refusal(&bad, "kernel 9x9");
    bad = good;
    bad.padding_mode = R;
    bad.pad_left = 4;
    expect_refusal(&bad, "reflect padding of 4");
    bad = good;
    bad.groups = 3;
    expect_refusal(&bad, "3 groups");
    bad = good;
    bad.width = 0;
    expect_refusal(&bad, "width under the kernel is 0");
    bad = good;
    bad.height = bad.width = bad.in_channels = INT32_MAX;
    expect_refusal(&bad, "2^40");
    bad = good;
    bad.stride_width = INT64_MAX;
    expect_refusal(&bad, "stride");
    bad = good;
    bad.out_height = 7;
    expect_refusal(&bad, "expected 2x2");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("convolution");
    TCase *tests = tcase_create("passes");
    tcase_set_timeout(tests, 300);
    const int shapes_of_values = WATCHES_THREADS ? 0 : LAYER_SHAPES;
    tcase_add_loop_test(tests, test_passes, 0, shapes_of_values);
    tcase_add_loop_test(tests, test_variants, 0, shapes_of_values);
    tcase_add_loop_test(tests, test_backward_epilogue, 0, shapes_of_values);
    tcase_add_loop_test(tests, test_bias_gradient, 0, shapes_of_values);
    tcase_add_loop_test(tests, test_threads, 0, LAYER_SHAPES);
    tcase_add_test(tests, test_nan_spreads);
    tcase_add_test(tests, test_refusals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
