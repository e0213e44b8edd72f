#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/border.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/picture_attributes.h"
#include "layers/shapes.h"

#include <inttypes.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(pad_attributes, pad, ATTRIBUTE_INT32, 4),
    GAN_FIELD(pad_attributes, mode, ATTRIBUTE_INT32, 1),
};

static gan_status check(const struct pad_attributes *pad, const struct shape *inputs, int32_t input_count)
{
    static const char *const sides[] = {"top", "left", "bottom", "right"};
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    for (int i = 0; i < 4 && status == GAN_OK; i++)
        status = gan_expect_at_least(sides[i], pad->pad[i], 0);
    if (status == GAN_OK && (pad->mode < GAN_PADDING_ZERO || pad->mode > GAN_PADDING_SYMMETRIC))
        return gan_fail(GAN_ERROR_ARGUMENT, "padding_mode is %" PRId32 ", expected a GAN_PADDING_*",
                        pad->mode);
    return status;
}

/* Rows or columns that the picture must have at least for its border to show them. */
static int64_t needed(const struct pad_attributes *pad, int axis)
{
    const int32_t before = pad->pad[axis], after = pad->pad[axis + 2];
    const int32_t most = before > after ? before : after;
    if (pad->mode == GAN_PADDING_REFLECT)
        return (int64_t)most + 1;
    return pad->mode != GAN_PADDING_ZERO && most > 0 ? 1 : 0;
}

static gan_status infer_pad(const void *attributes, const struct shape *inputs, int32_t input_count,
                            struct shape *output)
{
    const struct pad_attributes *pad = attributes;
    const gan_status status = check(pad, inputs, input_count);
    if (status != GAN_OK)
        return status;
    *output = inputs[0];
    for (int axis = 0; axis < 2; axis++) {
        const int64_t size = inputs[0].size[axis + 1];
        output->size[axis + 1] = gan_size_plus(size, (int64_t)pad->pad[axis] + pad->pad[axis + 2]);
        if (size >= 0 && size < needed(pad, axis))
            return gan_fail(GAN_ERROR_SHAPE,
                            "the input has %" PRId64 " %s, this border needs at least %" PRId64, size,
                            axis == 0 ? "rows" : "columns", needed(pad, axis));
    }
    return gan_expect_sizes(output);
}

static gan_status infer_crop(const void *attributes, const struct shape *inputs, int32_t input_count,
                             struct shape *output)
{
    const struct pad_attributes *pad = attributes;
    const gan_status status = check(pad, inputs, input_count);
    if (status != GAN_OK)
        return status;
    *output = inputs[0];
    for (int axis = 0; axis < 2; axis++) {
        const int64_t size = inputs[0].size[axis + 1], cut = (int64_t)pad->pad[axis] + pad->pad[axis + 2];
        output->size[axis + 1] = gan_size_plus(size, -cut);
        if (size >= 0 && size <= cut)
            return gan_fail(GAN_ERROR_SHAPE, "%" PRId64 " %s are cut off, the input has %" PRId64, cut,
                            axis == 0 ? "rows" : "columns", size);
    }
    return GAN_OK;
}

/* `inside` is the smaller picture. */
static struct border border_of(const struct op_call *call, const struct shape *inside)
{
    const struct pad_attributes *pad = call->attributes;
    const int64_t *size = inside->size;
    return (struct border){size[0],     size[1],     size[2],     size[3],  pad->pad[0],
                           pad->pad[1], pad->pad[2], pad->pad[3], pad->mode};
}

static void forward_pad(const struct op_call *call)
{
    const struct border border = border_of(call, &call->inputs[0].shape);
    gan_border_add(call->context, &border, call->inputs[0].data, call->output.data);
}

static void backward_pad(const struct op_call *call)
{
    const struct border border = border_of(call, &call->inputs[0].shape);
    if (call->input_gradients[0] != NULL)
        gan_border_fold(call->context, &border, call->output_gradient, call->input_gradients[0]);
}

static void forward_crop(const struct op_call *call)
{
    const struct border border = border_of(call, &call->output.shape);
    gan_border_cut(call->context, &border, call->inputs[0].data, call->output.data);
}

static void backward_crop(const struct op_call *call)
{
    struct border border = border_of(call, &call->output.shape);
    border.mode = GAN_PADDING_ZERO;
    if (call->input_gradients[0] != NULL)
        gan_border_add(call->context, &border, call->output_gradient, call->input_gradients[0]);
}

const struct gan_op gan_op_pad_gradient = GAN_TRANSPOSE_OF(
    gan_op_pad, "pad_gradient", sizeof(struct pad_attributes), fields, sizeof fields / sizeof fields[0]);

const struct gan_op gan_op_pad = {
    .name = "pad",
    .attributes_size = sizeof(struct pad_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_pad,
    .band = gan_band_pad,
    .forward = forward_pad,
    .backward = backward_pad,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_pad_gradient,
};

const struct gan_op gan_op_crop_gradient = GAN_TRANSPOSE_OF(
    gan_op_crop, "crop_gradient", sizeof(struct pad_attributes), fields, sizeof fields / sizeof fields[0]);

const struct gan_op gan_op_crop = {
    .name = "crop",
    .attributes_size = sizeof(struct pad_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_crop,
    .band = gan_band_crop,
    .forward = forward_crop,
    .backward = backward_crop,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_crop_gradient,
};

gan_layer *gan_pad(gan_layer *x, int32_t top, int32_t left, int32_t bottom, int32_t right,
                   int32_t padding_mode)
{
    const struct pad_attributes attributes = {{top, left, bottom, right}, padding_mode};
    return gan_add_simple(x, &gan_op_pad, &attributes);
}

gan_layer *gan_crop(gan_layer *x, int32_t top, int32_t left, int32_t bottom, int32_t right)
{
    const struct pad_attributes attributes = {{top, left, bottom, right}, GAN_PADDING_ZERO};
    return gan_add_simple(x, &gan_op_crop, &attributes);
}
