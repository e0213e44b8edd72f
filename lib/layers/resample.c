#include "kernels/resample.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/picture_attributes.h"
#include "layers/shapes.h"

#include <inttypes.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(resample_attributes, bilinear, ATTRIBUTE_INT32, 1),
    GAN_FIELD(resample_attributes, factor, ATTRIBUTE_INT32, 1),
    GAN_FIELD(resample_attributes, height, ATTRIBUTE_INT32, 1),
    GAN_FIELD(resample_attributes, width, ATTRIBUTE_INT32, 1),
};

static gan_status check(const struct shape *inputs, int32_t input_count)
{
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    if (status != GAN_OK || (inputs[0].size[1] != 0 && inputs[0].size[2] != 0))
        return status;
    char text[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_SHAPE, "input has shape %s, expected at least one pixel",
                    gan_shape_text(&inputs[0], text));
}

static gan_status infer_upsample(const void *attributes, const struct shape *inputs, int32_t input_count,
                                 struct shape *output)
{
    enum { MOST = 1024 };
    const struct resample_attributes *resample = attributes;
    const gan_status status = check(inputs, input_count);
    if (status != GAN_OK)
        return status;
    const int32_t factor = resample->factor;
    if (factor < 1 || factor > MOST)
        return gan_fail(GAN_ERROR_ARGUMENT, "factor is %" PRId32 ", expected 1 to %d", factor, MOST);
    const int64_t *size = inputs[0].size;
    *output = gan_shape_4(size[0], gan_size_times(size[1], factor), gan_size_times(size[2], factor), size[3]);
    if (resample->rows.out_count > 0)
        output->size[1] = resample->rows.out_count;
    return gan_expect_sizes(output);
}

static gan_status infer_resize(const void *attributes, const struct shape *inputs, int32_t input_count,
                               struct shape *output)
{
    const struct resample_attributes *resample = attributes;
    const gan_status status = check(inputs, input_count);
    if (status != GAN_OK)
        return status;
    if (resample->height < 1 || resample->width < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "the size is %" PRId32 "x%" PRId32 ", expected at least 1x1",
                        resample->height, resample->width);
    *output = gan_shape_4(inputs[0].size[0], resample->height, resample->width, inputs[0].size[3]);
    if (resample->rows.out_count > 0)
        output->size[1] = resample->rows.out_count;
    return gan_expect_sizes(output);
}

static void discard(gan_context *context, void *plan)
{
    struct resample *resample = plan;
    if (resample == NULL)
        return;
    gan_resample_axis_free(&resample->rows, context);
    gan_resample_axis_free(&resample->columns, context);
    gan_release(context, resample);
}

/* The rows that are there, of all that belong to the whole picture. */
static struct resample_part part_of(const struct resample_attributes *attributes, int64_t count,
                                    int64_t out_count)
{
    if (attributes->rows.out_count == 0)
        return (struct resample_part){count, out_count, 0, count, 0, out_count};
    return (struct resample_part){attributes->rows.size,      attributes->rows.out_size,
                                  attributes->rows.first,     count,
                                  attributes->rows.out_first, out_count};
}

static gan_status prepare(const struct op_call *call, void **plan)
{
    const struct resample_attributes *attributes = call->attributes;
    const int64_t *from = call->inputs[0].shape.size, *to = call->output.shape.size;
    const bool bilinear = attributes->bilinear != 0;
    struct resample *resample = gan_allocate_zeroed(call->context, sizeof *resample);
    if (resample == NULL)
        return gan_fail_memory("resampling tables", sizeof *resample);
    resample->batch = from[0];
    resample->channels = from[3];
    const struct resample_part part = part_of(attributes, from[1], to[1]);
    gan_status status = gan_resample_axis_create_part(&resample->rows, call->context, &part, bilinear);
    if (status == GAN_OK)
        status = gan_resample_axis_create(&resample->columns, call->context, from[2], to[2], bilinear);
    if (status != GAN_OK) {
        discard(call->context, resample);
        return status;
    }
    *plan = resample;
    return GAN_OK;
}

static void forward(const struct op_call *call)
{
    gan_resample_forward(call->context, call->plan, call->inputs[0].data, call->output.data);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        gan_resample_backward(call->context, call->plan, call->output_gradient, call->input_gradients[0]);
}

static int32_t upsample_factor(const void *attributes)
{
    const struct resample_attributes *resample = attributes;
    return resample->bilinear ? 1 : resample->factor;
}

/* Away from the borders one band is like another: all are counted from the row before their first. */
static void count_from_band(struct resample_attributes *resample, struct row_range needed)
{
    const int64_t factor = resample->factor, size = resample->rows.size;
    const int64_t before = needed.first > 0 ? needed.first - 1 : 0;
    const int64_t end = needed.last < size ? needed.last + 1 : size;
    if (factor < 1)
        return;
    resample->rows.size = end - before;
    resample->rows.out_size = resample->rows.size * factor;
    resample->rows.first -= before;
    resample->rows.out_first -= before * factor;
}

gan_status gan_band_resample(struct band *band)
{
    struct resample_attributes *resample = band->attributes;
    const int64_t size = band->input->size[1], out_size = band->output->size[1];
    const bool bilinear = resample->bilinear != 0;
    const struct row_range wanted = band->wanted;
    band->given = wanted;
    band->needed.first = gan_resample_place(size, out_size, bilinear, wanted.first).low;
    band->needed.last = gan_resample_place(size, out_size, bilinear, wanted.last - 1).high + 1;
    resample->rows.size = size;
    resample->rows.out_size = out_size;
    resample->rows.first = band->needed.first;
    resample->rows.out_first = wanted.first;
    resample->rows.out_count = wanted.last - wanted.first;
    count_from_band(resample, band->needed);
    return GAN_OK;
}

#define RESAMPLING_GRADIENT(linear, title)                                                                   \
    GAN_TRANSPOSE_OF(linear, title, sizeof(struct resample_attributes), fields,                              \
                     sizeof fields / sizeof fields[0])
const struct gan_op gan_op_upsample_nearest_gradient =
    RESAMPLING_GRADIENT(gan_op_upsample_nearest, "upsample_nearest_gradient");
const struct gan_op gan_op_upsample_bilinear_gradient =
    RESAMPLING_GRADIENT(gan_op_upsample_bilinear, "upsample_bilinear_gradient");
const struct gan_op gan_op_resize_nearest_gradient =
    RESAMPLING_GRADIENT(gan_op_resize_nearest, "resize_nearest_gradient");
const struct gan_op gan_op_resize_bilinear_gradient =
    RESAMPLING_GRADIENT(gan_op_resize_bilinear, "resize_bilinear_gradient");

#define RESAMPLING(title, inference, rows, whole_factor, transpose)                                          \
    {                                                                                                        \
        .name = title, .attributes_size = sizeof(struct resample_attributes), .fields = fields,              \
        .field_count = sizeof fields / sizeof fields[0], .infer = inference, .band = rows,                   \
        .prepare = prepare, .discard = discard, .forward = forward, .backward = backward,                    \
        .upsample_factor = whole_factor, .input_gradient = gan_transposed_input_gradient,                    \
        .transposed = &(transpose)                                                                           \
    }
const struct gan_op gan_op_upsample_nearest =
    RESAMPLING("upsample_nearest", infer_upsample, gan_band_upsample_nearest, upsample_factor,
               gan_op_upsample_nearest_gradient);
const struct gan_op gan_op_upsample_bilinear = RESAMPLING(
    "upsample_bilinear", infer_upsample, gan_band_resample, NULL, gan_op_upsample_bilinear_gradient);
const struct gan_op gan_op_resize_nearest =
    RESAMPLING("resize_nearest", infer_resize, gan_band_resample, NULL, gan_op_resize_nearest_gradient);
const struct gan_op gan_op_resize_bilinear =
    RESAMPLING("resize_bilinear", infer_resize, gan_band_resample, NULL, gan_op_resize_bilinear_gradient);

gan_layer *gan_upsample_nearest(gan_layer *x, int32_t factor)
{
    const struct resample_attributes attributes = {.factor = factor};
    return gan_add_simple(x, &gan_op_upsample_nearest, &attributes);
}

gan_layer *gan_upsample_bilinear(gan_layer *x, int32_t factor)
{
    const struct resample_attributes attributes = {.bilinear = 1, .factor = factor};
    return gan_add_simple(x, &gan_op_upsample_bilinear, &attributes);
}

gan_layer *gan_resize_nearest(gan_layer *x, int32_t height, int32_t width)
{
    const struct resample_attributes attributes = {.height = height, .width = width};
    return gan_add_simple(x, &gan_op_resize_nearest, &attributes);
}

gan_layer *gan_resize_bilinear(gan_layer *x, int32_t height, int32_t width)
{
    const struct resample_attributes attributes = {.bilinear = 1, .height = height, .width = width};
    return gan_add_simple(x, &gan_op_resize_bilinear, &attributes);
}
