#include "convolution_layer.h"
#include "base/context.h"
#include "base/random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { Z = GAN_PADDING_ZERO, R = GAN_PADDING_REFLECT, E = GAN_PADDING_REPLICATE, W = GAN_PADDING_WRAP };

/* batch, height, width, in, out, kernel, stride, dilation, padding (top left bottom right), groups, mode, up
 */
const struct convolution_shape layer_shapes[LAYER_SHAPES] = {
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
    {1, 13, 37, 16, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, W, 1, 0, 0},
    {2, 2, 3, 3, 16, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, W, 1, 0, 0},
    {1, 14, 33, 16, 3, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, W, 1, 0, 0},
    {1, 9, 20, 4, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, W, 1, 0, 0},
    {1, 7, 15, 16, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, W, 2, 0, 0},
    {1, 33, 70, 4, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, E, 1, 0, 0},
    {1, 13, 17, 16, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {2, 8, 10, 19, 33, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 2, 0, 0},
    {1, 9, 30, 16, 16, 3, 3, 1, 1, 1, 1, 0, 1, 1, 2, 1, E, 2, 0, 0},
    {1, 38, 41, 18, 34, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {1, 18, 20, 152, 170, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {2, 18, 21, 20, 36, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 11, 12, 17, 16, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1, Z, 1, 0, 0},
    {1, 47, 130, 3, 32, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, R, 1, 0, 0},
    {2, 25, 190, 17, 3, 9, 9, 1, 1, 1, 1, 4, 4, 4, 4, 1, Z, 1, 0, 0},
    {1, 31, 44, 6, 35, 8, 5, 1, 1, 1, 2, 3, 4, 4, 4, 1, E, 1, 0, 0},
    {1, 4, 5, 600, 40, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 64, 5, 3, 7, 32, 3, 32, 1, 1, 1, 0, 1, 0, 1, 1, Z, 1, 0, 0},
    {1, 9, 11, 68, 70, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {2, 6, 8, 67, 77, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 4, 5, 66, 65, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 2, 0, 0},
    {1, 5, 6, 132, 134, 1, 3, 1, 1, 1, 1, 0, 1, 0, 1, 2, E, 1, 0, 0},
    {3, 17, 19, 72, 65, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {1, 14, 15, 70, 75, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {2, 21, 26, 65, 66, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 21, 18, 16, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 16, R, 1, 0, 0},
    {1, 19, 23, 64, 32, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 32, R, 1, 0, 0},
    {2, 7, 9, 24, 36, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 12, Z, 2, 0, 0},
    {1, 15, 14, 36, 27, 5, 4, 2, 3, 1, 1, 2, 0, 1, 3, 9, E, 1, 0, 0},
    {1, 13, 12, 8, 32, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2, 8, Z, 1, 0, 0},
    {1, 1, 2, 34, 17, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 17, Z, 1, 0, 0},
    {1, 16, 17, 33, 40, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {2, 9, 8, 32, 33, 4, 4, 1, 1, 1, 1, 2, 1, 1, 2, 1, R, 1, 0, 0},
    {1, 34, 35, 17, 65, 4, 4, 1, 1, 1, 1, 0, 0, 0, 0, 1, Z, 1, 0, 0},
    {6, 14, 14, 32, 64, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {2, 23, 26, 40, 36, 4, 4, 2, 2, 1, 1, 1, 0, 2, 1, 1, E, 1, 0, 0},
    {5, 17, 15, 19, 35, 4, 4, 2, 2, 1, 1, 2, 1, 1, 2, 1, R, 1, 0, 0},
    {2, 20, 18, 66, 34, 2, 2, 1, 1, 1, 1, 0, 1, 1, 0, 1, Z, 1, 0, 0},
    {1, 5, 300, 5, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 1, 0, 0},
    {2, 35, 40, 1, 6, 3, 5, 2, 1, 1, 2, 1, 4, 1, 4, 1, E, 1, 0, 0},
    {1, 18, 49, 7, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, R, 2, 0, 0},
    {1, 17, 97, 2, 2, 5, 4, 1, 1, 2, 1, 0, 3, 4, 0, 1, Z, 1, 0, 0},
    {1, 25, 29, 35, 35, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 35, R, 1, 0, 0},
    {2, 26, 9, 8, 8, 3, 3, 1, 1, 1, 1, 0, 2, 1, 0, 8, Z, 1, 0, 0},
    {2, 28, 28, 1, 32, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 22, 90, 3, 41, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
    {1, 6, 4, 80, 76, 4, 4, 2, 2, 1, 1, 1, 1, 1, 1, 1, Z, 1, 0, 0},
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

float *layer_random_array(int64_t count, uint64_t stream)
{
    float *values = guarded_bytes((size_t)count * sizeof *values, sizeof *values);
    struct random_stream random = {7, stream, 0};
    gan_random_fill_normal(&random, values, count, 0.1f, 1.0f);
    return values;
}

gan_context *layer_context(int32_t kernels, int32_t threads)
{
    gan_context *context = NULL;
    const gan_context_options options = {
        .struct_size = sizeof options, .threads = threads, .kernels = kernels};
    gan_context_create(&context, &options);
    return context;
}

struct layer layer_make(const struct convolution_shape *shape, gan_context *context, int32_t precision,
                        bool trained)
{
    struct layer layer = {.context = context};
    const gan_status status =
        trained ? gan_convolution_create_trained(&layer.convolution, layer.context, shape, precision)
                : gan_convolution_create(&layer.convolution, layer.context, shape, precision);
    ck_assert_msg(status == GAN_OK, "%s", gan_error_message());
    layer.shape = *gan_convolution_shape(layer.convolution);
    const struct convolution_shape *s = &layer.shape;
    layer.inputs = s->batch * s->height * s->width * s->in_channels;
    layer.outputs = s->batch * s->out_height * s->out_width * s->out_channels;
    layer.weights = s->out_channels * s->kernel_height * s->kernel_width * s->in_channels / s->groups;
    layer.x = layer_random_array(layer.inputs, 1);
    layer.y = layer_random_array(layer.outputs, 2);
    layer.w = layer_random_array(layer.weights, 3);
    layer.dy = layer_random_array(layer.outputs, 4);
    layer.scale = layer_random_array(s->batch * s->in_channels, 5);
    layer.shift = layer_random_array(s->batch * s->in_channels, 6);
    layer.bias = layer_random_array(s->out_channels + s->in_channels, 7);
    return layer;
}

void layer_free(struct layer *layer)
{
    float *arrays[] = {layer->x, layer->y, layer->w, layer->dy, layer->scale, layer->shift, layer->bias};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free_guarded(arrays[i]);
    gan_convolution_free(layer->convolution);
    gan_context_free(layer->context);
}

float *layer_run(struct layer *layer, enum convolution_pass pass, const struct convolution_input *input,
                 const struct convolution_epilogue *epilogue)
{
    const struct convolution *convolution = layer->convolution;
    const size_t packed_size = gan_convolution_packed_size(convolution, pass);
    void *memory = aligned_bytes(packed_size);
    const void *packed = packed_size > 0 ? memory : layer->w;
    void *workspace = aligned_bytes(gan_convolution_workspace_size(convolution, pass));
    const int64_t counts[] = {layer->outputs, layer->inputs, layer->weights + layer->shape.out_channels};
    float *out = guarded_bytes((size_t)counts[pass] * sizeof *out, sizeof *out);
    gan_convolution_pack(convolution, pass, layer->w, memory);
    if (pass == CONVOLUTION_FORWARD)
        gan_convolution_forward(convolution, layer->x, input, packed, out, epilogue, workspace);
    else if (pass == CONVOLUTION_BACKWARD_INPUT)
        gan_convolution_backward_input(convolution, layer->dy, packed, out, epilogue, workspace);
    else
        gan_convolution_backward_weights(convolution, layer->x, input, layer->dy, out, out + layer->weights,
                                         workspace);
    free_guarded(memory);
    free_guarded(workspace);
    return out;
}

struct reference {
    const float *x, *w, *dy;
    struct value *value;
};

UNWATCHED static void visit_forward(void *argument, int64_t input, int64_t weight, int64_t output)
{
    struct reference *r = argument;
    accumulate(&r->value[output], (double)r->x[input] * (double)r->w[weight]);
}

UNWATCHED static void visit_backward_input(void *argument, int64_t input, int64_t weight, int64_t output)
{
    struct reference *r = argument;
    accumulate(&r->value[input], (double)r->dy[output] * (double)r->w[weight]);
}

UNWATCHED static void visit_backward_weights(void *argument, int64_t input, int64_t weight, int64_t output)
{
    struct reference *r = argument;
    accumulate(&r->value[weight], (double)r->dy[output] * (double)r->x[input]);
}

struct value *layer_reference(const struct layer *layer, enum convolution_pass pass, const float *x)
{
    static const naive_visit visits[] = {visit_forward, visit_backward_input, visit_backward_weights};
    const int64_t counts[] = {layer->outputs, layer->inputs, layer->weights};
    struct reference reference = {x, layer->w, layer->dy,
                                  calloc((size_t)counts[pass], sizeof *reference.value)};
    ck_assert_ptr_nonnull(reference.value);
    naive_convolution(&layer->shape, visits[pass], &reference);
    return reference.value;
}

void layer_expect_close(const float *got, const struct value *value, int64_t count, double tolerance,
                        const char *what, int shape, int32_t kernels)
{
    for (int64_t i = 0; i < count; i++) {
        const double error = fabs((double)got[i] - value[i].sum);
        if (!(error <= tolerance * value[i].magnitude + 1e-30)) /* an assertion of Check's writes to a file */
            ck_abort_msg("%s of shape %d, kernel set %d: [%lld] is %g, expected %g", what, shape, kernels,
                         (long long)i, (double)got[i], value[i].sum);
    }
}

void layer_free_array(float *array)
{
    free_guarded(array);
}
