/* Every pass of convolution, on every kernel set of this machine, against float64. */
#include "base/context.h"
#include "base/random.h"
#include "kernels/convolution.h"
#include "naive_convolution.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { Z = GAN_PADDING_ZERO, R = GAN_PADDING_REFLECT, E = GAN_PADDING_REPLICATE };

/* batch, height, width, in, out, kernel, stride, dilation, padding (top left bottom right), groups, mode, up
 */
static const struct convolution_shape shapes[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {1, 5, 7, 3, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {2, 9, 11, 16, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 13, 1, 5, 31, 3, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, Z, 1, 0, 0},
    {1, 1, 29, 4, 33, 1, 3, 1, 1, 1, 1, 0, 1, 0, 1, 1, E, 1, 0, 0},
    {1, 20, 50, 33, 31, 3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {3, 8, 9, 8, 12, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 10, 10, 7, 9, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {2, 11, 8, 6, 3, 3, 3, 2, 3, 1, 1, 0, 1, 1, 0, 1, R, 1, 0, 0},
    {1, 12, 14, 5, 6, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 1, Z, 1, 0, 0},
    {1, 15, 12, 4, 6, 3, 3, 2, 2, 2, 3, 3, 1, 0, 2, 1, E, 1, 0, 0},
    {1, 15, 12, 4, 6, 2, 3, 4, 6, 2, 4, 3, 1, 0, 2, 1, Z, 1, 0, 0},
    {1, 9, 8, 12, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 4, Z, 1, 0, 0},
    {2, 9, 8, 24, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 24, Z, 1, 0, 0},
    {1, 10, 9, 19, 19, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 19, R, 1, 0, 0},
    {1, 10, 9, 6, 12, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 6, Z, 1, 0, 0},
    {1, 18, 20, 3, 32, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, R, 1, 0, 0},
    {1, 18, 40, 32, 3, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, R, 1, 0, 0},
    {1, 6, 7, 2, 3, 6, 7, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {1, 6, 7, 2, 3, 11, 13, 1, 1, 1, 1, 5, 6, 5, 6, 1, Z, 1, 0, 0},
    {1, 6, 30, 20, 40, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {1, 7, 8, 20, 40, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {2, 7, 8, 5, 4, 1, 1, 3, 3, 1, 1, 2, 1, 0, 3, 1, Z, 1, 0, 0},
    {1, 7, 9, 8, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 2, 0, 0},
    {2, 5, 14, 33, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {1, 5, 6, 4, 8, 3, 3, 1, 1, 1, 1, 2, 2, 2, 2, 1, R, 2, 0, 0},
    {1, 5, 6, 4, 8, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1, E, 2, 0, 0},
    {1, 5, 6, 4, 8, 4, 2, 1, 1, 1, 1, 1, 0, 2, 1, 1, Z, 2, 0, 0},
    {1, 5, 6, 4, 8, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 2, 0, 0},
    {1, 5, 6, 4, 8, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 2, 0, 0},
    {1, 1, 1, 3, 4, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 2, 0, 0},
    {2, 6, 6, 8, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 8, Z, 2, 0, 0},
    {17, 4, 4, 40, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {9, 8, 8, 20, 36, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 34, 36, 16, 1, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 30, 45, 64, 64, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 26, 77, 32, 48, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 24, 150, 8, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 24, 150, 16, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, E, 1, 0, 0},
    {2, 3, 83, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {1, 33, 70, 4, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, E, 1, 0, 0},
    {1, 13, 17, 16, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {2, 8, 10, 19, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 2, 0, 0},
    {1, 9, 30, 16, 16, 3, 3, 1, 1, 1, 1, 0, 1, 1, 2, 1, E, 2, 0, 0},
    {2, 18, 21, 20, 36, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 11, 12, 17, 16, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1, Z, 1, 0, 0},
    {1, 4, 5, 600, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 64, 5, 3, 7, 32, 3, 32, 1, 1, 1, 0, 1, 0, 1, 1, Z, 1, 0, 0},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0], KERNEL_SETS = 3 };

static const int32_t threads[] = {1, 2, 3, 8};
enum { THREADS = sizeof threads / sizeof threads[0] };

/* One layer with its data; NULL context where this machine lacks the kernel set. */
struct layer {
    gan_context *context;
    struct convolution *convolution;
    struct convolution_shape shape;
    int64_t inputs, outputs, weights;
    float *x, *y, *w, *dy, *scale, *shift, *bias;
};

enum { PAGE = 4096 };

/* Memory that ends where a page begins that faults: assembly that reads too far is invisible to sanitizers.
 * Filled with NaN, as nothing may be read before it is written. */
static void *guarded_bytes(size_t size, size_t alignment)
{
    const size_t used = (size + alignment - 1) / alignment * alignment;
    const size_t pages = (used + 2 * sizeof(size_t) + PAGE - 1) / PAGE * PAGE;
    char *memory = mmap(NULL, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
    ck_assert_int_eq(mprotect(memory + pages, PAGE, PROT_NONE), 0);
    char *bytes = memory + pages - used;
    memset(bytes, 0xff, used);
    memcpy(bytes - sizeof pages, &pages, sizeof pages);
    memcpy(bytes - 2 * sizeof pages, &used, sizeof used);
    return bytes;
}

static void free_guarded(void *memory)
{
    char *bytes = memory;
    size_t pages, used;
    memcpy(&pages, bytes - sizeof pages, sizeof pages);
    memcpy(&used, bytes - 2 * sizeof pages, sizeof used);
    munmap(bytes + used - pages, pages + PAGE);
}

static void *aligned_bytes(size_t size)
{
    return guarded_bytes(size, 64);
}

static float *random_array(int64_t count, uint64_t stream)
{
    float *values = guarded_bytes((size_t)count * sizeof *values, sizeof *values);
    struct random_stream random = {7, stream, 0};
    gan_random_fill_normal(&random, values, count, 0.1f, 1.0f);
    return values;
}

static struct layer make_layer(const struct convolution_shape *shape, int32_t kernels, int32_t thread_count,
                               int32_t precision)
{
    struct layer layer = {0};
    gan_context_options options = {
        .struct_size = sizeof options, .threads = thread_count, .kernels = kernels};
    if (gan_context_create(&layer.context, &options) != GAN_OK)
        return layer;
    ck_assert_msg(gan_convolution_create(&layer.convolution, layer.context, shape, precision) == GAN_OK, "%s",
                  gan_error_message());
    layer.shape = *gan_convolution_shape(layer.convolution);
    const struct convolution_shape *s = &layer.shape;
    layer.inputs = s->batch * s->height * s->width * s->in_channels;
    layer.outputs = s->batch * s->out_height * s->out_width * s->out_channels;
    layer.weights = s->out_channels * s->kernel_height * s->kernel_width * s->in_channels / s->groups;
    layer.x = random_array(layer.inputs, 1);
    layer.y = random_array(layer.outputs, 2);
    layer.w = random_array(layer.weights, 3);
    layer.dy = random_array(layer.outputs, 4);
    layer.scale = random_array(s->batch * s->in_channels, 5);
    layer.shift = random_array(s->batch * s->in_channels, 6);
    layer.bias = random_array(s->out_channels + s->in_channels, 7);
    return layer;
}

static void free_layer(struct layer *layer)
{
    float *arrays[] = {layer->x, layer->y, layer->w, layer->dy, layer->scale, layer->shift, layer->bias};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free_guarded(arrays[i]);
    gan_convolution_free(layer->convolution);
    gan_context_free(layer->context);
}

/* What a pass gives: its result, and of BACKWARD_WEIGHTS the gradient of the bias behind it. */
static float *run_pass(struct layer *layer, enum convolution_pass pass, const struct convolution_input *input,
                       const struct convolution_epilogue *epilogue)
{
    const struct convolution *convolution = layer->convolution;
    void *packed = aligned_bytes(gan_convolution_packed_size(convolution, pass));
    void *workspace = aligned_bytes(gan_convolution_workspace_size(convolution, pass));
    const int64_t counts[] = {layer->outputs, layer->inputs, layer->weights + layer->shape.out_channels};
    float *out = guarded_bytes((size_t)counts[pass] * sizeof *out, sizeof *out);
    gan_convolution_pack(convolution, pass, layer->w, packed);
    if (pass == CONVOLUTION_FORWARD)
        gan_convolution_forward(convolution, layer->x, input, packed, out, epilogue, workspace);
    else if (pass == CONVOLUTION_BACKWARD_INPUT)
        gan_convolution_backward_input(convolution, layer->dy, packed, out, epilogue, workspace);
    else
        gan_convolution_backward_weights(convolution, layer->x, input, layer->dy, out, out + layer->weights,
                                         workspace);
    free_guarded(packed);
    free_guarded(workspace);
    return out;
}

struct reference {
    const float *x, *w, *dy;
    struct value *value;
};

static void visit_forward(void *argument, int64_t input, int64_t weight, int64_t output)
{
    struct reference *r = argument;
    accumulate(&r->value[output], (double)r->x[input] * (double)r->w[weight]);
}

static void visit_backward_input(void *argument, int64_t input, int64_t weight, int64_t output)
{
    struct reference *r = argument;
    accumulate(&r->value[input], (double)r->dy[output] * (double)r->w[weight]);
}

static void visit_backward_weights(void *argument, int64_t input, int64_t weight, int64_t output)
{
    struct reference *r = argument;
    accumulate(&r->value[weight], (double)r->dy[output] * (double)r->x[input]);
}

static struct value *reference_pass(const struct layer *layer, enum convolution_pass pass, const float *x)
{
    static const naive_visit visits[] = {visit_forward, visit_backward_input, visit_backward_weights};
    const int64_t counts[] = {layer->outputs, layer->inputs, layer->weights};
    struct reference reference = {x, layer->w, layer->dy,
                                  calloc((size_t)counts[pass], sizeof *reference.value)};
    ck_assert_ptr_nonnull(reference.value);
    naive_convolution(&layer->shape, visits[pass], &reference);
    return reference.value;
}

static void expect_close(const float *got, const struct value *value, int64_t count, double tolerance,
                         const char *what, int shape, int32_t kernels)
{
    for (int64_t i = 0; i < count; i++) {
        const double error = fabs((double)got[i] - value[i].sum);
        ck_assert_msg(error <= tolerance * value[i].magnitude + 1e-30,
                      "%s of shape %d, kernel set %d: [%lld] is %g, expected %g", what, shape, kernels,
                      (long long)i, (double)got[i], value[i].sum);
    }
}

static double tolerance_of(int32_t precision)
{
    return precision == GAN_PRECISION_EXACT ? 2e-6 : 4e-5;
}

static const char *const pass_names[] = {"forward", "backward input", "backward weights"};

static void check_shape(int index, int32_t kernels, int32_t precision)
{
    struct layer layer = make_layer(&shapes[index], kernels, 2, precision);
    if (layer.context == NULL)
        return;
    const int64_t counts[] = {layer.outputs, layer.inputs, layer.weights};
    for (int pass = 0; pass < 3; pass++) {
        float *got = run_pass(&layer, (enum convolution_pass)pass, NULL, NULL);
        struct value *value = reference_pass(&layer, (enum convolution_pass)pass, layer.x);
        expect_close(got, value, counts[pass], tolerance_of(precision), pass_names[pass], index, kernels);
        free(value);
        free_guarded(got);
    }
    free_layer(&layer);
}

START_TEST(test_passes)
{
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        check_shape(_i, kernels, GAN_PRECISION_EXACT);
        check_shape(_i, kernels, GAN_PRECISION_DEFAULT);
    }
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
    float *x = random_array(layer->inputs, 1);
    for (int64_t i = 0; i < layer->inputs; i++) {
        const int64_t at = i / (pixels * channels) * channels + i % channels;
        x[i] = (float)rectify((double)(x[i] * layer->scale[at] + layer->shift[at]));
    }
    return x;
}

static void check_variants(int index, int32_t kernels, struct activation activation)
{
    struct layer layer = make_layer(&shapes[index], kernels, 3, GAN_PRECISION_EXACT);
    if (layer.context == NULL)
        return;
    const struct convolution_input input = {layer.scale, layer.shift, {ACTIVATION_RELU, 0}};
    const struct convolution_epilogue epilogue = {layer.bias, layer.y, activation};
    float *x = transformed_input(&layer);
    float *y = run_pass(&layer, CONVOLUTION_FORWARD, &input, &epilogue);
    struct value *value = reference_pass(&layer, CONVOLUTION_FORWARD, x);
    for (int64_t i = 0; i < layer.outputs; i++) {
        const double sum =
            value[i].sum + (double)layer.bias[i % layer.shape.out_channels] + (double)layer.y[i];
        float expected = (float)sum;
        gan_activation_forward(kernels, activation, &expected, &expected, 1);
        ck_assert_double_le(fabs((double)(y[i] - expected)), 4e-6 * (value[i].magnitude + 3));
    }
    free(value);
    float *dw = run_pass(&layer, CONVOLUTION_BACKWARD_WEIGHTS, &input, NULL);
    value = reference_pass(&layer, CONVOLUTION_BACKWARD_WEIGHTS, x);
    expect_close(dw, value, layer.weights, 4e-6, "transformed backward weights", index, kernels);
    free(value);
    free_guarded(dw);
    free_guarded(y);
    free_guarded(x);
    free_layer(&layer);
}

START_TEST(test_variants)
{
    const struct activation activations[] = {
        {ACTIVATION_LINEAR, 0}, {ACTIVATION_RELU, 0}, {ACTIVATION_LEAKY_RELU, 0.2f}, {ACTIVATION_TANH, 0}};
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
        for (size_t i = 0; i < sizeof activations / sizeof activations[0]; i++)
            check_variants(_i, kernels, activations[i]);
}
END_TEST

/* The epilogue of backward input, as transposed convolution uses it. */
START_TEST(test_backward_epilogue)
{
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++) {
        struct layer layer = make_layer(&shapes[_i], kernels, 2, GAN_PRECISION_EXACT);
        if (layer.context == NULL)
            continue;
        const struct convolution_epilogue epilogue = {layer.bias, layer.x, {ACTIVATION_RELU, 0}};
        float *dx = run_pass(&layer, CONVOLUTION_BACKWARD_INPUT, NULL, &epilogue);
        struct value *value = reference_pass(&layer, CONVOLUTION_BACKWARD_INPUT, layer.x);
        for (int64_t i = 0; i < layer.inputs; i++) {
            const double bias = (double)layer.bias[i % layer.shape.in_channels];
            const double expected = rectify(value[i].sum + bias + (double)layer.x[i]);
            ck_assert_double_le(fabs((double)dx[i] - expected), 4e-6 * (value[i].magnitude + 3));
        }
        free(value);
        free_guarded(dx);
        free_layer(&layer);
    }
}
END_TEST

START_TEST(test_bias_gradient)
{
    struct layer layer = make_layer(&shapes[_i], GAN_KERNELS_AUTO, 2, GAN_PRECISION_DEFAULT);
    float *dw = run_pass(&layer, CONVOLUTION_BACKWARD_WEIGHTS, NULL, NULL);
    const int64_t channels = layer.shape.out_channels;
    for (int64_t k = 0; k < channels; k++) {
        double sum = 0;
        for (int64_t i = k; i < layer.outputs; i += channels)
            sum += (double)layer.dy[i];
        ck_assert_double_le(fabs((double)dw[layer.weights + k] - sum), 1e-5 * (fabs(sum) + 1));
    }
    free_guarded(dw);
    free_layer(&layer);
}
END_TEST

/* The same bits for any number of threads. */
START_TEST(test_threads)
{
    for (int32_t kernels = GAN_KERNELS_PORTABLE; kernels <= GAN_KERNELS_AVX512; kernels++)
        for (int pass = 0; pass < 3; pass++) {
            float *first = NULL;
            for (int i = 0; i < THREADS; i++) {
                struct layer layer = make_layer(&shapes[_i], kernels, threads[i], GAN_PRECISION_DEFAULT);
                if (layer.context == NULL)
                    continue;
                const int64_t counts[] = {layer.outputs, layer.inputs,
                                          layer.weights + layer.shape.out_channels};
                float *out = run_pass(&layer, (enum convolution_pass)pass, NULL, NULL);
                if (first != NULL)
                    ck_assert_mem_eq(out, first, (size_t)counts[pass] * sizeof *out);
                if (first == NULL)
                    first = out;
                else
                    free_guarded(out);
                free_layer(&layer);
            }
            if (first != NULL)
                free_guarded(first);
        }
}
END_TEST

START_TEST(test_nan_spreads)
{
    const struct convolution_shape shape = {1, 8, 40, 8, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0};
    struct layer layer = make_layer(&shape, GAN_KERNELS_AUTO, 1, GAN_PRECISION_EXACT);
    const struct convolution_epilogue epilogue = {NULL, NULL, {ACTIVATION_RELU, 0}};
    layer.x[(4 * 40 + 20) * 8] = NAN;
    float *y = run_pass(&layer, CONVOLUTION_FORWARD, NULL, &epilogue);
    for (int64_t i = 0; i < layer.outputs; i++) {
        const int64_t row = i / 40 / 40, column = i / 40 % 40;
        const bool touched = row >= 3 && row <= 5 && column >= 19 && column <= 21;
        ck_assert(isnan(y[i]) ? touched : !touched);
    }
    free_guarded(y);
    free_layer(&layer);
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
    tcase_add_loop_test(tests, test_passes, 0, SHAPES);
    tcase_add_loop_test(tests, test_variants, 0, SHAPES);
    tcase_add_loop_test(tests, test_backward_epilogue, 0, SHAPES);
    tcase_add_loop_test(tests, test_bias_gradient, 0, SHAPES);
    tcase_add_loop_test(tests, test_threads, 0, SHAPES);
    tcase_add_test(tests, test_nan_spreads);
    tcase_add_test(tests, test_refusals);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
