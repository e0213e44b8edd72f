/* The standard deviation of each channel of a picture: with its mean, what style is to AdaIN. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/channel_loops.h"
#include "kernels/normalization.h"
#include "layers/deviation_attributes.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/settled.h"
#include "layers/shapes.h"

#include <math.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(deviation_attributes, epsilon, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(deviation_attributes, sample_variance, ATTRIBUTE_INT32, 1),
};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct deviation_attributes *deviation = attributes;
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    if (status != GAN_OK)
        return status;
    if (!(deviation->epsilon > 0 && deviation->epsilon < 1e30f))
        return gan_fail(GAN_ERROR_ARGUMENT, "epsilon is %g, expected more than 0",
                        (double)deviation->epsilon);
    *output = gan_shape_4(inputs[0].size[0], 1, 1, inputs[0].size[3]);
    return GAN_OK;
}

static struct normalization field_of(const struct op_call *call)
{
    const struct deviation_attributes *attributes = call->attributes;
    const int64_t *size = call->inputs[0].shape.size;
    return (struct normalization){.field = {size[0], size[1] * size[2], size[3]},
                                  .sets = size[3],
                                  .epsilon = (double)attributes->epsilon,
                                  .sample_variance = attributes->sample_variance != 0};
}

static int64_t count_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[0] * call->inputs[0].shape.size[3];
}

static size_t statistics_size(const struct op_call *call)
{
    return (size_t)count_of(call) * sizeof(struct set_statistics);
}

/* Statistics, where nothing keeps them; then what the kernels need, or center, scale and shift. */
static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    if (pass == OP_BACKWARD)
        return 3 * (size_t)count_of(call) * sizeof(float);
    const struct normalization field = field_of(call);
    return statistics_size(call) + gan_normalization_workspace_size(&field);
}

static double deviation_of(const struct normalization *field, struct set_statistics statistics)
{
    return sqrt(statistics.variance + field->epsilon);
}

static void forward(const struct op_call *call)
{
    const struct normalization field = field_of(call);
    struct set_statistics *own = call->workspace;
    struct set_statistics *statistics = call->saved != NULL ? call->saved : own;
    gan_normalization_statistics(call->context, &field, call->inputs[0].data, statistics,
                                 own + count_of(call));
    for (int64_t i = 0; i < count_of(call); i++)
        call->output.data[i] = (float)deviation_of(&field, statistics[i]);
}

/* dx = dy (x - mean) / (deviation divisor); the mean is used rounded to float, and what that took away put
 * into the shift. */
static void backward(const struct op_call *call)
{
    const struct normalization field = field_of(call);
    const struct set_statistics *statistics = call->saved;
    const int64_t count = count_of(call), pixels = field.field.pixels;
    const double divisor = (double)(field.sample_variance && pixels > 1 ? pixels - 1 : pixels);
    float *center = call->workspace, *scale = center + count, *shift = scale + count;
    for (int64_t i = 0; i < count; i++) {
        const double slope =
            (double)call->output_gradient[i] / (deviation_of(&field, statistics[i]) * divisor);
        center[i] = (float)statistics[i].mean;
        scale[i] = (float)slope;
        shift[i] = (float)(((double)center[i] - statistics[i].mean) * slope);
    }
    const struct channel_affine affine = {center, scale, shift};
    const struct activation linear = {ACTIVATION_LINEAR, 0};
    if (call->input_gradients[0] != NULL)
        gan_channel_affine(call->context, &field.field, call->inputs[0].data, &affine, linear,
                           call->input_gradients[0]);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

const struct gan_op gan_op_channel_deviation = {
    .name = "channel_deviation",
    .attributes_size = sizeof(struct deviation_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .measures = MEASURES_MOMENTS,
    .settle = gan_settle_deviation,
    .saves = saves,
    .saved_size = statistics_size,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_channel_deviation(gan_layer *x, float epsilon, int32_t sample_variance)
{
    const struct deviation_attributes attributes = {epsilon != 0 ? epsilon : 1e-5f, sample_variance != 0};
    return gan_add_simple(x, &gan_op_channel_deviation, &attributes);
}
