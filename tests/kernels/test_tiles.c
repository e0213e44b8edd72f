/* Convolution in bfloat16, by the processor's tiles or emulated ones, against float64. */
#include "base/sanitizer.h"
#include "convolution_layer.h"
#include "tile_emulator.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { Z = GAN_PADDING_ZERO, R = GAN_PADDING_REFLECT, E = GAN_PADDING_REPLICATE };

/* Edges of tiles (16 pixels and lanes, 32 values of depth), unfolded and spread taps, all strips' edges.
 * batch, height, width, in, out, kernel, stride, dilation, padding (top left bottom right), groups, mode, up
 */
static const struct convolution_shape own_shapes[] = {
    {1, 1, 1, 32, 16, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {1, 3, 16, 64, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 3, 17, 33, 17, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {2, 5, 33, 31, 49, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, E, 1, 0, 0},
    {1, 5, 48, 16, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 6, 47, 64, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 7, 40, 1, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 7, 40, 2, 4, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1, R, 1, 0, 0},
    {1, 7, 40, 4, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, E, 1, 0, 0},
    {1, 7, 40, 40, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 7, 40, 40, 3, 7, 7, 1, 1, 1, 2, 3, 6, 3, 6, 1, Z, 1, 0, 0},
    {1, 9, 40, 64, 1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {1, 6, 37, 96, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {1, 4, 600, 32, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 40, 300, 8, 8, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1, R, 1, 0, 0},
    {1, 3, 300, 128, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 1, 700, 48, 200, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
};
enum { OWN_SHAPES = sizeof own_shapes / sizeof own_shapes[0], SHAPES = LAYER_SHAPES + OWN_SHAPES };

static const struct convolution_shape *shape_of(int index)
{
    return index < LAYER_SHAPES ? &layer_shapes[index] : &own_shapes[index - LAYER_SHAPES];
}

/* NULL where the machine has no kernels that go with tiles. */
static gan_context *tile_context(int32_t threads)
{
    gan_context *context = layer_context(GAN_KERNELS_AVX512, threads);
    if (context == NULL || tile_emulator_serve(context))
        return context;
    gan_context_free(context);
    return NULL;
}

/* A layer of bfloat16; NULL context: none here. */
static struct layer make_layer(const struct convolution_shape *shape, int32_t threads)
{
    gan_context *context = tile_context(threads);
    return context != NULL ? layer_make(shape, context, GAN_PRECISION_BF16, false) : (struct layer){0};
}

static bool by_tiles(const struct layer *layer)
{
    return strstr(gan_convolution_method(layer->convolution, CONVOLUTION_FORWARD), "AMX bf16") != NULL;
}

/* To bfloat16 and back: the nearest, ties to even. */
static float rounded(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t rest = bits & 0xffff;
    bits &= 0xffff0000u;
    if (rest > 0x8000 || (rest == 0x8000 && (bits & 0x10000) != 0))
        bits += 0x10000;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void round_all(float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        values[i] = rounded(values[i]);
}

enum { PASSES = 2 };
static const char *const names[PASSES] = {"forward in bfloat16", "backward input in bfloat16"};

/* Rounded values give the sums of float32; others those of bfloat16, whose roundings are 2^-8 each. */
static void check_passes(int index, bool round_first, double tolerance)
{
    struct layer layer = make_layer(shape_of(index), 2);
    if (layer.context == NULL)
        return;
    ck_assert_int_eq(by_tiles(&layer), layer.shape.groups == 1);
    if (round_first) {
        round_all(layer.x, layer.inputs);
        round_all(layer.w, layer.weights);
        round_all(layer.dy, layer.outputs);
    }
    const int64_t counts[PASSES] = {layer.outputs, layer.inputs};
    for (int pass = 0; pass < PASSES; pass++) {
        float *got = layer_run(&layer, (enum convolution_pass)pass, NULL, NULL);
        struct value *value = layer_reference(&layer, (enum convolution_pass)pass, layer.x);
        layer_expect_close(got, value, counts[pass], tolerance, names[pass], index, GAN_KERNELS_AVX512);
        free(value);
        layer_free_array(got);
    }
    ck_assert(tile_emulator_is_released());
    layer_free(&layer);
}

START_TEST(test_rounded_values)
{
    /* Sums in weights that upsampling adds up are rounded again. */
    const struct convolution_shape *shape = shape_of(_i);
    const bool summed = shape->upsample == 2 && shape->groups == 1;
    check_passes(_i, true, summed ? 0x1.02p-8 : shape->groups == 1 ? 2e-6 : 4e-5);
}
END_TEST

/* Of the shapes that all kernels meet every third: rounding happens while values are packed, in few ways. */
START_TEST(test_any_values)
{
    if (_i >= LAYER_SHAPES || _i % 3 == 0)
        check_passes(_i, false, 0x1.02p-7);
}
END_TEST

static double linear(double value)
{
    return value;
}

static double rectify(double value)
{
    return value > 0 ? value : 0;
}

static double leak(double value)
{
    return value > 0 ? value : 0.25 * value;
}

struct variant {
    struct activation activation;
    double (*function)(double);
};

static const struct variant variants[] = {{{ACTIVATION_LINEAR, 0}, linear},
                                          {{ACTIVATION_RELU, 0}, rectify},
                                          {{ACTIVATION_LEAKY_RELU, 0.25f}, leak},
                                          {{ACTIVATION_TANH, 0}, tanh}};
enum { VARIANTS = sizeof variants / sizeof variants[0], WAYS = 2 * VARIANTS };

/* The input as the pass sees it. */
static float *transformed_input(const struct layer *layer, const struct convolution_input *input)
{
    const int64_t channels = layer->shape.in_channels, pixels = layer->shape.height * layer->shape.width;
    float *x = layer_random_array(layer->inputs, 1);
    for (int64_t i = 0; i < layer->inputs; i++) {
        const int64_t at = i / (pixels * channels) * channels + i % channels;
        if (input->scale != NULL)
            x[i] = x[i] * input->scale[at] + input->shift[at];
        gan_activation_forward(GAN_KERNELS_AVX512, input->activation, &x[i], &x[i], 1);
    }
    round_all(x, layer->inputs);
    return x;
}

/* One way to change the input, with one way to finish the output. */
static void check_variant(struct layer *layer, int index, bool scaled, const struct variant *before,
                          const struct variant *after)
{
    const struct convolution_input input = {scaled ? layer->scale : NULL, scaled ? layer->shift : NULL,
                                            before->activation};
    const struct convolution_epilogue epilogue = {
        .bias = layer->bias, .residual = layer->y, .activation = after->activation};
    float *x = transformed_input(layer, &input);
    float *y = layer_run(layer, CONVOLUTION_FORWARD, &input, &epilogue);
    struct value *value = layer_reference(layer, CONVOLUTION_FORWARD, x);
    for (int64_t i = 0; i < layer->outputs; i++) {
        const double bias = (double)layer->bias[i % layer->shape.out_channels];
        const double expected = after->function(value[i].sum + bias + (double)layer->y[i]);
        const double error = fabs((double)y[i] - expected);
        if (!(error <= 4e-6 * (value[i].magnitude + 3)))
            ck_abort_msg("shape %d: [%lld] is %g, expected %g", index, (long long)i, (double)y[i], expected);
    }
    free(value);
    layer_free_array(y);
    layer_free_array(x);
}

START_TEST(test_variants)
{
    struct layer layer = make_layer(shape_of(_i), 3);
    if (layer.context == NULL)
        return;
    round_all(layer.w, layer.weights);
    const bool own = _i >= LAYER_SHAPES; /* those that all kernels meet have one way each, in turn */
    for (int i = own ? 0 : _i % WAYS; i < WAYS && by_tiles(&layer) && layer.shape.upsample == 1;
         i += own ? 1 : WAYS) {
        const int before = i % VARIANTS, scaled = i / VARIANTS;
        check_variant(&layer, _i, scaled != 0, &variants[before],
                      &variants[(before + 1 + scaled) % VARIANTS]);
    }
    if (layer.context != NULL)
        layer_free(&layer);
}
END_TEST

/* The epilogue of a transposed convolution. */
START_TEST(test_backward_epilogue)
{
    struct layer layer = make_layer(shape_of(_i), 2);
    if (layer.context == NULL)
        return;
    round_all(layer.w, layer.weights);
    round_all(layer.dy, layer.outputs);
    const double tolerance = layer.shape.upsample == 2 || !by_tiles(&layer) ? 0x1p-8 : 4e-6;
    const struct convolution_epilogue epilogue = {
        .bias = layer.bias, .residual = layer.x, .activation = {ACTIVATION_RELU, 0}};
    float *dx = layer_run(&layer, CONVOLUTION_BACKWARD_INPUT, NULL, &epilogue);
    struct value *value = layer_reference(&layer, CONVOLUTION_BACKWARD_INPUT, layer.x);
    for (int64_t i = 0; i < layer.inputs; i++) {
        const double bias = (double)layer.bias[i % layer.shape.in_channels];
        const double expected = rectify(value[i].sum + bias + (double)layer.x[i]);
        if (!(fabs((double)dx[i] - expected) <= tolerance * (value[i].magnitude + 3)))
            ck_abort_msg("shape %d: [%lld] is %g, expected %g", _i, (long long)i, (double)dx[i], expected);
    }
    free(value);
    layer_free_array(dx);
    layer_free(&layer);
}
END_TEST

/* The same bits for any number of threads. */
START_TEST(test_threads)
{
    static const int32_t threads[] = {1, 2, 3, 8};
    float *first[PASSES] = {NULL, NULL};
    for (int i = 0; i < 4; i++) {
        struct layer layer = make_layer(shape_of(_i), threads[i]);
        if (layer.context == NULL)
            return;
        const int64_t counts[PASSES] = {layer.outputs, layer.inputs};
        for (int pass = 0; pass < PASSES; pass++) {
            float *out = layer_run(&layer, (enum convolution_pass)pass, NULL, NULL);
            if (first[pass] == NULL) {
                first[pass] = out;
                continue;
            }
            ck_assert_mem_eq(out, first[pass], (size_t)counts[pass] * sizeof *out);
            layer_free_array(out);
        }
        layer_free(&layer);
    }
    for (int pass = 0; pass < PASSES; pass++)
        layer_free_array(first[pass]);
}
END_TEST

/* A pixel that is no number, or infinite, reaches the outputs that read it, and no other. */
static void check_spreading(const struct convolution_shape *shape, float bad)
{
    struct layer layer = make_layer(shape, 1);
    if (layer.context == NULL)
        return;
    const int64_t reach = shape->kernel_height / 2, channels = shape->out_channels;
    layer.x[(4 * shape->width + 20) * shape->in_channels] = bad;
    float *y = layer_run(&layer, CONVOLUTION_FORWARD, NULL, NULL);
    for (int64_t i = 0; i < layer.outputs; i++) {
        const int64_t row = i / channels / shape->width, column = i / channels % shape->width;
        const bool touched = llabs(row - 4) <= reach && llabs(column - 20) <= reach;
        if (!(touched ? isnan(bad) ? isnan(y[i]) : isinf(y[i]) : isfinite(y[i])))
            ck_abort_msg("[%lld] is %g", (long long)i, (double)y[i]);
    }
    layer_free_array(y);
    layer_free(&layer);
}

START_TEST(test_bad_values_spread)
{
    static const struct convolution_shape shapes[] = {
        {1, 10, 40, 8, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
        {1, 10, 40, 3, 32, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, Z, 1, 0, 0},
        {1, 10, 40, 32, 3, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, Z, 1, 0, 0},
        {1, 10, 40, 64, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    };
    uint32_t bits = 0x7f800001; /* of the NaN whose upper half is infinity */
    float subtle;
    memcpy(&subtle, &bits, sizeof subtle);
    const float values[] = {NAN, -NAN, subtle, INFINITY, -INFINITY};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 5; j++)
            check_spreading(&shapes[i], values[j]);
}
END_TEST

int main(void)
{
    gan_context *context = WATCHES_THREADS ? NULL : tile_context(1);
    if (context == NULL)
        return 77; /* the thread sanitizer and emulated instructions do not go together */
    gan_context_free(context);
    Suite *suite = suite_create("tiles");
    TCase *tests = tcase_create("bfloat16");
    tcase_set_timeout(tests, 600);
    const int first = WATCHES_MEMORY ? LAYER_SHAPES : 0;
    tcase_add_loop_test(tests, test_rounded_values, first, SHAPES);
    tcase_add_loop_test(tests, test_any_values, first, SHAPES);
    tcase_add_loop_test(tests, test_variants, first, SHAPES);
    tcase_add_loop_test(tests, test_backward_epilogue, first, SHAPES);
    tcase_add_loop_test(tests, test_threads, first, SHAPES);
    tcase_add_test(tests, test_bad_values_spread);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
