/* Moments that convolutions gather of their output while it is hot, on every kernel set, against float64. */
#include "base/context.h"
#include "convolution_layer.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Per picture and channel: [2][batch, out_channels], means and then squares. */
static double *measure(struct layer *layer, float **y)
{
    const size_t count = (size_t)(layer->shape.batch * layer->shape.out_channels);
    const size_t size = gan_convolution_moments_size(layer->convolution);
    double *moments = malloc(2 * count * sizeof *moments);
    void *workspace = malloc(size);
    ck_assert(moments != NULL && workspace != NULL);
    memset(moments, 0xff, 2 * count * sizeof *moments);
    memset(workspace, 0xff, size);
    const struct convolution_epilogue epilogue = {.bias = layer->bias,
                                                  .residual = layer->y,
                                                  .activation = {ACTIVATION_LEAKY_RELU, 0.3f},
                                                  .moments = {moments, moments + count, workspace}};
    *y = layer_run(layer, CONVOLUTION_FORWARD, NULL, &epilogue);
    free(workspace);
    return moments;
}

/* The mean of one channel of one picture and the sum of squared differences from it. */
static void expect_moments(const float *y, int64_t pixels, int64_t channels, double mean, double square,
                           int shape)
{
    double expected_mean = 0, expected = 0;
    for (int64_t p = 0; p < pixels; p++)
        expected_mean += (double)y[p * channels] / (double)pixels;
    for (int64_t p = 0; p < pixels; p++)
        expected += pow((double)y[p * channels] - expected_mean, 2);
    const double deviation = sqrt(expected / (double)pixels);
    ck_assert_msg(fabs(mean - expected_mean) <= 1e-5 * deviation + 1e-12 * fabs(expected_mean),
                  "the mean of shape %d is %.12g, expected %.12g", shape, mean, expected_mean);
    ck_assert_msg(fabs(square - expected) <= 2e-5 * expected + 1e-9 * fabs(expected_mean),
                  "the square of shape %d is %.12g, expected %.12g", shape, square, expected);
}

static void check_moments(const struct layer *layer, const float *y, const double *moments, int shape)
{
    const struct convolution_shape *s = &layer->shape;
    const int64_t pixels = s->out_height * s->out_width, channels = s->out_channels;
    for (int64_t i = 0; i < s->batch * channels; i++)
        expect_moments(y + i / channels * pixels * channels + i % channels, pixels, channels, moments[i],
                       moments[s->batch * channels + i], shape);
}

/* With outputs around 3000, squares of the plain values would lose all digits. */
static struct layer make_layer(int shape, int32_t kernels, int32_t threads, int32_t precision, bool trained)
{
    gan_context *context = layer_context(kernels, threads);
    if (context == NULL)
        return (struct layer){0};
    struct layer layer = layer_make(&layer_shapes[shape], context, precision, trained);
    for (int64_t k = 0; k < layer.shape.out_channels; k++)
        layer.bias[k] += 3000.0f;
    return layer;
}

static void check_shape(int shape, int32_t kernels, int32_t precision, bool trained)
{
    double *first = NULL;
    for (int32_t threads = 1; threads <= 3; threads += 2) {
        struct layer layer = make_layer(shape, kernels, threads, precision, trained);
        if (layer.context == NULL)
            return;
        if (gan_convolution_measures(layer.convolution)) {
            float *y;
            double *moments = measure(&layer, &y);
            check_moments(&layer, y, moments, shape);
            const size_t count = 2 * (size_t)(layer.shape.batch * layer.shape.out_channels);
            if (first != NULL)
                ck_assert_mem_eq(first, moments, count * sizeof *moments);
            free(first);
            first = moments;
            layer_free_array(y);
        }
        layer_free(&layer);
    }
    free(first);
}

START_TEST(moments_are_those_of_the_output)
{
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        check_shape(_i, kernels, GAN_PRECISION_EXACT, false);
        check_shape(_i, kernels, GAN_PRECISION_DEFAULT, false);
        check_shape(_i, kernels, GAN_PRECISION_DEFAULT, true);
    }
}
END_TEST

/* Both ways of computing rows, and Winograd, find moments: none of the above was skipped throughout. */
START_TEST(large_layers_measure)
{
    int32_t measured = 0;
    for (int shape = 0; shape < LAYER_SHAPES; shape++) {
        struct layer layer = make_layer(shape, GAN_KERNELS_AUTO, 1, GAN_PRECISION_DEFAULT, false);
        measured += gan_convolution_measures(layer.convolution);
        layer_free(&layer);
    }
    ck_assert_int_ge(measured, 12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("moments");
    TCase *tests = tcase_create("moments");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, moments_are_those_of_the_output, 0, LAYER_SHAPES);
    tcase_add_test(tests, large_layers_measure);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
