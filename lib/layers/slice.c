#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "layers/bands.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>

struct slice_attributes {
    int32_t axis;          /* not negative */
    int64_t start, length; /* length -1: to the end */
};

static const struct attribute_field fields[] = {
    GAN_FIELD(slice_attributes, axis, ATTRIBUTE_INT32, 1),
    GAN_FIELD(slice_attributes, start, ATTRIBUTE_INT64, 1),
    GAN_FIELD(slice_attributes, length, ATTRIBUTE_INT64, 1),
};

static gan_status check_range(const struct slice_attributes *slice, int64_t size)
{
    if (slice->start < 0 || slice->length < -1)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "start is %" PRId64 " and length %" PRId64 ", expected at least 0 and at least -1",
                        slice->start, slice->length);
    const int64_t length = slice->length < 0 ? 0 : slice->length;
    if (size < 0 || (slice->start <= size && length <= size - slice->start))
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE,
                    "%" PRId64 " elements from %" PRId64 " are asked for, axis %" PRId32 " has %" PRId64,
                    length, slice->start, slice->axis, size);
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct slice_attributes *slice = attributes;
    gan_status status = gan_infer_same(attributes, inputs, input_count, output);
    if (status == GAN_OK)
        status = gan_expect_axis(slice->axis, &inputs[0]);
    if (status == GAN_OK)
        status = check_range(slice, inputs[0].size[slice->axis]);
    if (status != GAN_OK)
        return status;
    int64_t *size = &output->size[slice->axis];
    *size = slice->length >= 0 ? slice->length : gan_size_plus(*size, -slice->start);
    return gan_expect_sizes(output);
}

/* The slice is some columns of a matrix whose rows are the axes before the axis cut. */
static struct row_copy columns_of(const struct op_call *call, int64_t *start)
{
    const struct slice_attributes *slice = call->attributes;
    const struct shape *whole = &call->inputs[0].shape, *part = &call->output.shape;
    *start = slice->start * gan_axes_count(whole, slice->axis + 1, whole->rank);
    return (struct row_copy){.rows = gan_axes_count(whole, 0, slice->axis),
                             .columns = gan_axes_count(part, slice->axis, part->rank),
                             .to_stride = gan_axes_count(whole, slice->axis, whole->rank),
                             .from_stride = gan_axes_count(whole, slice->axis, whole->rank)};
}

static void forward(const struct op_call *call)
{
    int64_t start;
    struct row_copy copy = columns_of(call, &start);
    copy.from = call->inputs[0].data + start;
    copy.to = call->output.data;
    copy.to_stride = copy.columns;
    gan_copy_rows(call->context, &copy);
}

static void backward(const struct op_call *call)
{
    float *dx = call->input_gradients[0];
    if (dx == NULL)
        return;
    int64_t start;
    struct row_copy copy = columns_of(call, &start);
    copy.from = call->output_gradient;
    copy.from_stride = copy.columns;
    copy.to = dx + start;
    gan_fill_floats(call->context, dx, 0.0f, gan_shape_count(&call->inputs[0].shape));
    gan_copy_rows(call->context, &copy);
}

const struct gan_op gan_op_slice_gradient =
    GAN_TRANSPOSE_OF(gan_op_slice, "slice_gradient", sizeof(struct slice_attributes), fields,
                     sizeof fields / sizeof fields[0]);

static gan_status band(struct band *band)
{
    return gan_band_along(band, ((const struct slice_attributes *)band->attributes)->axis);
}

const struct gan_op gan_op_slice = {
    .name = "slice",
    .attributes_size = sizeof(struct slice_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = band,
    .forward = forward,
    .backward = backward,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_slice_gradient,
};

gan_layer *gan_slice(gan_layer *x, int32_t axis, int64_t start, int64_t length)
{
    if (x == NULL)
        return NULL;
    struct slice_attributes attributes = {.start = start, .length = length};
    const gan_status status = gan_take_axis(&attributes.axis, axis, &x->shape);
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, "slice", NULL, status);
    return gan_add_simple(x, &gan_op_slice, &attributes);
}
