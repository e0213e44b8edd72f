#include "layers/normalization.h"
#include "kernels/normalization.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/settled.h"
#include "layers/shapes.h"

#include <inttypes.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(norm_attributes, channels, ATTRIBUTE_INT32, 1),
    GAN_FIELD(norm_attributes, groups, ATTRIBUTE_INT32, 1),
    GAN_FIELD(norm_attributes, epsilon, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(norm_attributes, momentum, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(norm_attributes, no_affine, ATTRIBUTE_INT32, 1),
    GAN_FIELD(norm_attributes, biased_running_variance, ATTRIBUTE_INT32, 1),
};

/* ---- Shapes ---- */

/* `groups`: how many the kind of norm has; 0: any number that divides the channels. */
static gan_status check_attributes(const struct norm_attributes *attributes, int32_t groups)
{
    if (!(attributes->epsilon > 0 && attributes->epsilon < 1e30f))
        return gan_fail(GAN_ERROR_ARGUMENT, "epsilon is %g, expected more than 0",
                        (double)attributes->epsilon);
    if (!(attributes->momentum >= 0 && attributes->momentum <= 1))
        return gan_fail(GAN_ERROR_ARGUMENT, "momentum is %g, expected 0 to 1", (double)attributes->momentum);
    if (attributes->groups < 1 || attributes->channels % attributes->groups != 0)
        return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " channels do not divide into %" PRId32 " groups",
                        attributes->channels, attributes->groups);
    if (groups != 0 && attributes->groups != groups)
        return gan_fail(GAN_ERROR_ARGUMENT, "there are %" PRId32 " groups, expected %" PRId32,
                        attributes->groups, groups);
    return GAN_OK;
}

static gan_status infer(const struct norm_attributes *attributes, int32_t groups, const struct shape *input,
                        struct shape *output)
{
    gan_status status = gan_expect_channels(input, attributes->channels);
    if (status == GAN_OK)
        status = check_attributes(attributes, groups);
    *output = *input;
    return status;
}

static gan_status expect_picture(const struct shape *inputs, int32_t input_count)
{
    const gan_status status = gan_expect_inputs(input_count, 1);
    return status == GAN_OK ? gan_expect_picture(&inputs[0], "input") : status;
}

/* [N, C] too. */
static gan_status expect_picture_or_vector(const struct shape *inputs, int32_t input_count)
{
    return input_count == 1 && inputs[0].rank == 2 ? GAN_OK : expect_picture(inputs, input_count);
}

static gan_status infer_batch(const void *attributes, const struct shape *inputs, int32_t input_count,
                              struct shape *output)
{
    const struct norm_attributes *norm = attributes;
    const gan_status status = expect_picture_or_vector(inputs, input_count);
    return status == GAN_OK ? infer(norm, norm->channels, &inputs[0], output) : status;
}

static gan_status infer_instance(const void *attributes, const struct shape *inputs, int32_t input_count,
                                 struct shape *output)
{
    const struct norm_attributes *norm = attributes;
    const gan_status status = expect_picture(inputs, input_count);
    return status == GAN_OK ? infer(norm, norm->channels, &inputs[0], output) : status;
}

static gan_status infer_group(const void *attributes, const struct shape *inputs, int32_t input_count,
                              struct shape *output)
{
    const gan_status status = expect_picture_or_vector(inputs, input_count);
    return status == GAN_OK ? infer(attributes, 0, &inputs[0], output) : status;
}

static gan_status infer_layer(const void *attributes, const struct shape *inputs, int32_t input_count,
                              struct shape *output)
{
    const gan_status status = expect_picture_or_vector(inputs, input_count);
    return status == GAN_OK ? infer(attributes, 1, &inputs[0], output) : status;
}

/* ---- Which elements share their statistics ---- */

/* Instance, group and layer norm differ in the number of groups alone. */
static struct normalization of_pictures(const struct op_call *call)
{
    const struct norm_attributes *attributes = call->attributes;
    const struct shape *shape = &call->inputs[0].shape;
    const int64_t batch = shape->size[0], channels = attributes->channels;
    struct normalization normalization = {
        .sets = attributes->groups, .epsilon = (double)attributes->epsilon, .residual = call->residual};
    normalization.field = (struct pixel_field){batch, gan_shape_count(shape) / (batch * channels), channels};
    if (!attributes->no_affine) {
        normalization.scale = call->parameters[0].data;
        normalization.shift = call->parameters[1].data;
    }
    return normalization;
}

static struct normalization of_batch(const struct op_call *call)
{
    struct normalization normalization = of_pictures(call);
    normalization.field.pixels *= normalization.field.batch;
    normalization.field.batch = 1;
    normalization.fixed = !call->batch_statistics;
    return normalization;
}

/* ---- Memory: statistics (kept for backward where there is one), gradients per picture, the kernel's ---- */

static size_t statistics_size(const struct normalization *normalization)
{
    return (size_t)normalization->field.batch * (size_t)normalization->sets * sizeof(struct set_statistics);
}

static size_t gradients_size(const struct normalization *normalization)
{
    return 2 * (size_t)normalization->field.batch * (size_t)normalization->field.channels * sizeof(double);
}

static size_t workspace_of(const struct normalization *normalization)
{
    return statistics_size(normalization) + gradients_size(normalization) +
           gan_normalization_workspace_size(normalization);
}

static struct set_statistics *statistics_of(const struct op_call *call)
{
    return call->saved != NULL ? call->saved : call->workspace;
}

static double *gradients_of(const struct op_call *call, const struct normalization *normalization)
{
    return (double *)call->workspace + 2 * normalization->field.batch * normalization->sets;
}

static void *rest_of(const struct op_call *call, const struct normalization *normalization)
{
    return gradients_of(call, normalization) + 2 * normalization->field.batch * normalization->field.channels;
}

/* ---- Forward and backward ---- */

static void normalize(const struct op_call *call, const struct normalization *normalization)
{
    gan_normalization_forward(call->context, normalization, call->inputs[0].data, statistics_of(call),
                              call->activation, call->output.data, rest_of(call, normalization));
}

static void measure(const struct op_call *call, const struct normalization *normalization)
{
    const double *mean = call->input_moments;
    if (mean != NULL)
        gan_normalization_statistics_of(normalization, mean,
                                        mean + normalization->field.batch * normalization->field.channels,
                                        statistics_of(call));
    else
        gan_normalization_statistics(call->context, normalization, call->inputs[0].data, statistics_of(call),
                                     rest_of(call, normalization));
    if (call->remembered != NULL)
        gan_normalization_carry(statistics_of(call), call->remembered,
                                normalization->field.batch * normalization->sets, call->carry);
}

/* The gradient of a parameter: the sum over the pictures. */
static void add_pictures(const struct pixel_field *field, const double *gradients, float *gradient)
{
    for (int64_t c = 0; c < field->channels; c++) {
        double sum = 0;
        for (int64_t n = 0; n < field->batch; n++)
            sum += gradients[n * field->channels + c];
        gradient[c] = (float)sum;
    }
}

static void differentiate(const struct op_call *call, const struct normalization *normalization)
{
    const struct pixel_field *field = &normalization->field;
    double *dscale = gradients_of(call, normalization);
    double *dshift = dscale + field->batch * field->channels;
    gan_normalization_backward(call->context, normalization, call->inputs[0].data, call->output_gradient,
                               statistics_of(call), call->input_gradients[0], dscale, dshift,
                               rest_of(call, normalization));
    if (normalization->scale == NULL)
        return;
    if (call->parameter_gradients[0] != NULL)
        add_pictures(field, dscale, call->parameter_gradients[0]);
    if (call->parameter_gradients[1] != NULL)
        add_pictures(field, dshift, call->parameter_gradients[1]);
}

static uint32_t saves_input(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

/* ---- Instance, group and layer norm ---- */

static size_t picture_saved_size(const struct op_call *call)
{
    const struct normalization normalization = of_pictures(call);
    return statistics_size(&normalization);
}

static size_t picture_workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct normalization normalization = of_pictures(call);
    return workspace_of(&normalization);
}

static void picture_forward(const struct op_call *call)
{
    const struct normalization normalization = of_pictures(call);
    measure(call, &normalization);
    normalize(call, &normalization);
}

static void picture_affine(const struct op_call *call, float *scale, float *shift)
{
    const struct normalization normalization = of_pictures(call);
    measure(call, &normalization);
    gan_normalization_affine(&normalization, statistics_of(call), scale, shift,
                             rest_of(call, &normalization));
}

static void picture_backward(const struct op_call *call)
{
    const struct normalization normalization = of_pictures(call);
    differentiate(call, &normalization);
}

/* ---- Batch norm ---- */

enum { RUNNING_MEAN = 2, RUNNING_VARIANCE = 3 };

/* Without scale and shift the running statistics are the first two parameters. */
static float *running(const struct op_call *call, int32_t which)
{
    return call->parameters[which - (4 - call->parameter_count)].data;
}

static void use_running(const struct op_call *call, const struct normalization *normalization)
{
    const float *mean = running(call, RUNNING_MEAN), *variance = running(call, RUNNING_VARIANCE);
    struct set_statistics *statistics = statistics_of(call);
    for (int64_t c = 0; c < normalization->field.channels; c++)
        statistics[c] = (struct set_statistics){(double)mean[c], (double)variance[c]};
}

static void move_running(const struct op_call *call, const struct normalization *normalization)
{
    const struct norm_attributes *attributes = call->attributes;
    const struct set_statistics *statistics = statistics_of(call);
    float *mean = running(call, RUNNING_MEAN), *variance = running(call, RUNNING_VARIANCE);
    const double share = call->statistics_share;
    const double momentum = share > 0 ? share : (double)attributes->momentum;
    const double count = (double)normalization->field.pixels;
    const double to_sample = attributes->biased_running_variance || count < 2 ? 1 : count / (count - 1);
    for (int64_t c = 0; c < normalization->field.channels; c++) {
        mean[c] = (float)((1 - momentum) * (double)mean[c] + momentum * statistics[c].mean);
        variance[c] =
            (float)((1 - momentum) * (double)variance[c] + momentum * to_sample * statistics[c].variance);
    }
}

static size_t batch_saved_size(const struct op_call *call)
{
    const struct normalization normalization = of_batch(call);
    return statistics_size(&normalization);
}

static size_t batch_workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct normalization normalization = of_batch(call);
    return workspace_of(&normalization);
}

/* The statistics of this pass; in training they also move the running ones. */
static void settle_statistics(const struct op_call *call, const struct normalization *normalization)
{
    if (normalization->fixed) {
        use_running(call, normalization);
        return;
    }
    measure(call, normalization);
    if (call->update_statistics)
        move_running(call, normalization);
}

static void batch_forward(const struct op_call *call)
{
    const struct normalization normalization = of_batch(call);
    settle_statistics(call, &normalization);
    normalize(call, &normalization);
}

/* One scale and shift per channel, repeated for every picture. */
static void batch_affine(const struct op_call *call, float *scale, float *shift)
{
    const struct normalization normalization = of_batch(call);
    const int64_t channels = normalization.field.channels;
    settle_statistics(call, &normalization);
    gan_normalization_affine(&normalization, statistics_of(call), scale, shift,
                             rest_of(call, &normalization));
    for (int64_t i = channels; i < channels * call->inputs[0].shape.size[0]; i++) {
        scale[i] = scale[i - channels];
        shift[i] = shift[i - channels];
    }
}

static void batch_backward(const struct op_call *call)
{
    const struct normalization normalization = of_batch(call);
    differentiate(call, &normalization);
}

/* ---- The kinds ---- */

const struct gan_op gan_op_batch_norm = {
    .name = "batch_norm",
    .attributes_size = sizeof(struct norm_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_batch,
    .band = gan_band_rows,
    .measures = MEASURES_MOMENTS,
    .has_running_statistics = true,
    .settle = gan_settle_norm,
    .parameters = gan_batch_norm_parameters,
    .saves = saves_input,
    .saved_size = batch_saved_size,
    .workspace_size = batch_workspace_size,
    .forward = batch_forward,
    .affine = batch_affine,
    .backward = batch_backward,
    .takes_activation = true,
    .takes_residual = true,
};

/* They differ in their groups, which the shapes settle. */
#define PICTURE_NORM(title, inference)                                                                       \
    {                                                                                                        \
        .name = title, .attributes_size = sizeof(struct norm_attributes), .fields = fields,                  \
        .field_count = sizeof fields / sizeof fields[0], .infer = inference, .band = gan_band_rows,          \
        .measures = MEASURES_MOMENTS, .settle = gan_settle_norm, .parameters = gan_norm_parameters,          \
        .saves = saves_input, .saved_size = picture_saved_size, .remembered_size = picture_saved_size,       \
        .workspace_size = picture_workspace_size, .forward = picture_forward, .affine = picture_affine,      \
        .takes_moments = true, .backward = picture_backward, .takes_activation = true,                       \
        .takes_residual = true                                                                               \
    }
const struct gan_op gan_op_instance_norm = PICTURE_NORM("instance_norm", infer_instance);
const struct gan_op gan_op_group_norm = PICTURE_NORM("group_norm", infer_group);
const struct gan_op gan_op_layer_norm = PICTURE_NORM("layer_norm", infer_layer);
