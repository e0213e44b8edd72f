/* Elementwise functions of one layer and numbers: scale, clamp, fill_like. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>

enum { GRAIN = 16384 };

struct scale_attributes {
    float factor, offset;
};

struct clamp_attributes {
    float low, high;
};

struct fill_attributes {
    float value;
};

static const struct attribute_field scale_fields[] = {
    GAN_FIELD(scale_attributes, factor, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(scale_attributes, offset, ATTRIBUTE_FLOAT, 1),
};

static const struct attribute_field clamp_fields[] = {
    GAN_FIELD(clamp_attributes, low, ATTRIBUTE_FLOAT, 1),
    GAN_FIELD(clamp_attributes, high, ATTRIBUTE_FLOAT, 1),
};

static const struct attribute_field fill_fields[] = {GAN_FIELD(fill_attributes, value, ATTRIBUTE_FLOAT, 1)};

static gan_status infer_scale(const void *attributes, const struct shape *inputs, int32_t input_count,
                              struct shape *output)
{
    const struct scale_attributes *scale = attributes;
    if (!isfinite(scale->factor) || !isfinite(scale->offset))
        return gan_fail(GAN_ERROR_ARGUMENT, "factor is %g and offset %g, expected finite numbers",
                        (double)scale->factor, (double)scale->offset);
    return gan_infer_same(attributes, inputs, input_count, output);
}

static void forward_scale(const struct op_call *call)
{
    const struct scale_attributes *scale = call->attributes;
    gan_scale_floats(call->context, call->output.data, call->inputs[0].data, scale->factor, scale->offset,
                     gan_shape_count(&call->output.shape));
}

static void backward_scale(const struct op_call *call)
{
    const struct scale_attributes *scale = call->attributes;
    if (call->input_gradients[0] != NULL)
        gan_scale_floats(call->context, call->input_gradients[0], call->output_gradient, scale->factor, 0.0f,
                         gan_shape_count(&call->output.shape));
}

static gan_status infer_clamp(const void *attributes, const struct shape *inputs, int32_t input_count,
                              struct shape *output)
{
    const struct clamp_attributes *clamp = attributes;
    if (!(clamp->low <= clamp->high))
        return gan_fail(GAN_ERROR_ARGUMENT, "low is %g and high %g, expected low <= high", (double)clamp->low,
                        (double)clamp->high);
    return gan_infer_same(attributes, inputs, input_count, output);
}

static uint32_t saves_input(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static void clamp_range(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const struct clamp_attributes clamp = *(const struct clamp_attributes *)call->attributes;
    const float *x = call->inputs[0].data;
    float *y = call->output.data;
    for (int64_t i = start; i < end; i++) {
        const float above = x[i] < clamp.low ? clamp.low : x[i];
        y[i] = above > clamp.high ? clamp.high : above;
    }
}

static void forward_clamp(const struct op_call *call)
{
    gan_parallel_ranges(call->context, gan_shape_count(&call->output.shape), GRAIN, clamp_range, call);
}

static void unclamp_range(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const struct clamp_attributes clamp = *(const struct clamp_attributes *)call->attributes;
    const float *x = call->inputs[0].data, *dy = call->output_gradient;
    float *dx = call->input_gradients[0];
    for (int64_t i = start; i < end; i++) {
        const float below = x[i] > clamp.high ? 0.0f : dy[i];
        dx[i] = x[i] < clamp.low ? 0.0f : below;
    }
}

static void backward_clamp(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        gan_parallel_ranges(call->context, gan_shape_count(&call->output.shape), GRAIN, unclamp_range, call);
}

static void forward_fill(const struct op_call *call)
{
    const struct fill_attributes *fill = call->attributes;
    gan_fill_floats(call->context, call->output.data, fill->value, gan_shape_count(&call->output.shape));
}

static gan_layer *scale_input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    (void)input;
    return gan_scale(gradient, ((const struct scale_attributes *)layer->attributes)->factor, 0.0f);
}

const struct gan_op gan_op_scale = {
    .name = "scale",
    .attributes_size = sizeof(struct scale_attributes),
    .fields = scale_fields,
    .field_count = sizeof scale_fields / sizeof scale_fields[0],
    .infer = infer_scale,
    .band = gan_band_rows,
    .forward = forward_scale,
    .backward = backward_scale,
    .input_gradient = scale_input_gradient,
};

const struct gan_op gan_op_clamp = {
    .name = "clamp",
    .attributes_size = sizeof(struct clamp_attributes),
    .fields = clamp_fields,
    .field_count = sizeof clamp_fields / sizeof clamp_fields[0],
    .infer = infer_clamp,
    .band = gan_band_rows,
    .saves = saves_input,
    .forward = forward_clamp,
    .backward = backward_clamp,
};

const struct gan_op gan_op_fill_like = {
    .name = "fill_like",
    .attributes_size = sizeof(struct fill_attributes),
    .fields = fill_fields,
    .field_count = sizeof fill_fields / sizeof fill_fields[0],
    .infer = gan_infer_same,
    .band = gan_band_rows,
    .forward = forward_fill,
    .stops_gradient = true,
    .no_gradient_inputs = 1,
};

gan_layer *gan_scale(gan_layer *x, float factor, float offset)
{
    const struct scale_attributes attributes = {factor, offset};
    return gan_add_simple(x, &gan_op_scale, &attributes);
}

gan_layer *gan_clamp(gan_layer *x, float low, float high)
{
    const struct clamp_attributes attributes = {low, high};
    return gan_add_simple(x, &gan_op_clamp, &attributes);
}

gan_layer *gan_fill_like(gan_layer *x, float value)
{
    const struct fill_attributes attributes = {value};
    return gan_add_simple(x, &gan_op_fill_like, &attributes);
}
