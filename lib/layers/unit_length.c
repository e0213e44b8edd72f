/* Vectors along the last axis divided by their length: y = x / (|x| + epsilon). */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>

struct unit_length_attributes {
    float epsilon;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(unit_length_attributes, epsilon, ATTRIBUTE_FLOAT, 1)};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const float epsilon = ((const struct unit_length_attributes *)attributes)->epsilon;
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    if (!(epsilon > 0) || isinf(epsilon))
        return gan_fail(GAN_ERROR_ARGUMENT, "epsilon is %g, expected a finite number above 0",
                        (double)epsilon);
    *output = inputs[0];
    return gan_expect_channels(&inputs[0], gan_channels_of(&inputs[0]));
}

static int64_t channels_of(const struct op_call *call)
{
    return call->output.shape.size[call->output.shape.rank - 1];
}

static double epsilon_of(const struct op_call *call)
{
    return (double)((const struct unit_length_attributes *)call->attributes)->epsilon;
}

static double product_of(const float *a, const float *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void divide_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call);
    for (int64_t row = start; row < end; row++) {
        const float *x = call->inputs[0].data + row * channels;
        const double factor = 1 / (sqrt(product_of(x, x, channels)) + epsilon_of(call));
        for (int64_t c = 0; c < channels; c++)
            call->output.data[row * channels + c] = (float)(factor * (double)x[c]);
    }
}

/* With r = |x| and f = 1 / (r + epsilon): dx = f dy - x (dy x) f^2 / r. */
static void differentiate_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call);
    for (int64_t row = start; row < end; row++) {
        const float *x = call->inputs[0].data + row * channels, *dy = call->output_gradient + row * channels;
        float *dx = call->input_gradients[0] + row * channels;
        const double length = sqrt(product_of(x, x, channels)), factor = 1 / (length + epsilon_of(call));
        const double along = length > 0 ? product_of(x, dy, channels) * factor * factor / length : 0;
        for (int64_t c = 0; c < channels; c++)
            dx[c] = (float)(factor * (double)dy[c] - along * (double)x[c]);
    }
}

static void run(const struct op_call *call, range_task task)
{
    const int64_t channels = channels_of(call);
    gan_parallel_ranges(call->context, gan_shape_count(&call->output.shape) / channels,
                        gan_rows_per_task(channels), task, call);
}

static void forward(const struct op_call *call)
{
    run(call, divide_rows);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        run(call, differentiate_rows);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

const struct gan_op gan_op_unit_length = {
    .name = "unit_length",
    .attributes_size = sizeof(struct unit_length_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_rows,
    .saves = saves,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_unit_length(gan_layer *x, float epsilon)
{
    const struct unit_length_attributes attributes = {epsilon != 0 ? epsilon : 1e-7f};
    return gan_add_simple(x, &gan_op_unit_length, &attributes);
}
