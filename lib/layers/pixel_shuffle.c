#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/picture_attributes.h"
#include "layers/shapes.h"

#include <inttypes.h>

static const struct attribute_field fields[] = {
    GAN_FIELD(pixel_shuffle_attributes, factor, ATTRIBUTE_INT32, 1)};

enum { MOST = 1024 };

static gan_status check(const struct pixel_shuffle_attributes *shuffle, const struct shape *inputs,
                        int32_t input_count)
{
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    if (status == GAN_OK && (shuffle->factor < 1 || shuffle->factor > MOST))
        return gan_fail(GAN_ERROR_ARGUMENT, "factor is %" PRId32 ", expected 1 to %d", shuffle->factor, MOST);
    return status;
}

static gan_status expect_multiple(int64_t size, int64_t factor, const char *what)
{
    if (size < 0 || size % factor == 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE, "%s is %" PRId64 ", expected a multiple of %" PRId64, what, size,
                    factor);
}

static gan_status infer_shuffle(const void *attributes, const struct shape *inputs, int32_t input_count,
                                struct shape *output)
{
    const struct pixel_shuffle_attributes *shuffle = attributes;
    gan_status status = check(shuffle, inputs, input_count);
    if (status != GAN_OK)
        return status;
    const int64_t r = shuffle->factor, *size = inputs[0].size;
    *output = gan_shape_4(size[0], gan_size_times(size[1], r), gan_size_times(size[2], r), size[3] / (r * r));
    status = expect_multiple(size[3], r * r, "the number of channels");
    return status == GAN_OK ? gan_expect_sizes(output) : status;
}

static gan_status infer_unshuffle(const void *attributes, const struct shape *inputs, int32_t input_count,
                                  struct shape *output)
{
    const struct pixel_shuffle_attributes *shuffle = attributes;
    gan_status status = check(shuffle, inputs, input_count);
    if (status != GAN_OK)
        return status;
    const int64_t r = shuffle->factor, *size = inputs[0].size;
    *output = gan_shape_4(size[0], size[1] < 0 ? -1 : size[1] / r, size[2] < 0 ? -1 : size[2] / r,
                          gan_size_times(size[3], r * r));
    status = expect_multiple(size[1], r, "the height");
    if (status == GAN_OK)
        status = expect_multiple(size[2], r, "the width");
    return status == GAN_OK ? gan_expect_sizes(output) : status;
}

/* deep: [rows, W, C r r] for all rows of the batch; wide: [rows r, W r, C]. */
struct shuffle {
    const float *from;
    float *to;
    int64_t rows, width, channels, factor;
};

/* The pixels of a deep row that go to row i of the r wide ones. */
static void shuffle_row(const struct shuffle *s, int64_t row, int64_t i)
{
    const int64_t r = s->factor, area = r * r;
    const float *from = s->from + row * s->width * s->channels * area + i * r;
    float *to = s->to + (row * r + i) * s->width * r * s->channels;
    for (int64_t w = 0; w < s->width; w++, from += s->channels * area)
        for (int64_t j = 0; j < r; j++, to += s->channels)
            for (int64_t c = 0; c < s->channels; c++)
                to[c] = from[c * area + j];
}

static void unshuffle_row(const struct shuffle *s, int64_t row, int64_t i)
{
    const int64_t r = s->factor, area = r * r;
    const float *from = s->from + (row * r + i) * s->width * r * s->channels;
    float *to = s->to + row * s->width * s->channels * area + i * r;
    for (int64_t w = 0; w < s->width; w++, to += s->channels * area)
        for (int64_t j = 0; j < r; j++, from += s->channels)
            for (int64_t c = 0; c < s->channels; c++)
                to[c * area + j] = from[c];
}

static void shuffle_rows(const void *argument, int64_t start, int64_t end)
{
    const struct shuffle *s = argument;
    for (int64_t row = start; row < end; row++)
        for (int64_t i = 0; i < s->factor; i++)
            shuffle_row(s, row, i);
}

static void unshuffle_rows(const void *argument, int64_t start, int64_t end)
{
    const struct shuffle *s = argument;
    for (int64_t row = start; row < end; row++)
        for (int64_t i = 0; i < s->factor; i++)
            unshuffle_row(s, row, i);
}

/* `deep` is the shape with the small picture and many channels. */
static void run(const struct op_call *call, const struct shape *deep, range_task task, const float *from,
                float *to)
{
    const struct pixel_shuffle_attributes *attributes = call->attributes;
    const int64_t r = attributes->factor;
    const struct shuffle s = {from, to, deep->size[0] * deep->size[1], deep->size[2], deep->size[3] / (r * r),
                              r};
    gan_parallel_ranges(call->context, s.rows, gan_rows_per_task(deep->size[2] * deep->size[3]), task, &s);
}

static void forward_shuffle(const struct op_call *call)
{
    run(call, &call->inputs[0].shape, shuffle_rows, call->inputs[0].data, call->output.data);
}

static void backward_shuffle(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        run(call, &call->inputs[0].shape, unshuffle_rows, call->output_gradient, call->input_gradients[0]);
}

static void forward_unshuffle(const struct op_call *call)
{
    run(call, &call->output.shape, unshuffle_rows, call->inputs[0].data, call->output.data);
}

static void backward_unshuffle(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        run(call, &call->output.shape, shuffle_rows, call->output_gradient, call->input_gradients[0]);
}

const struct gan_op gan_op_pixel_shuffle_gradient =
    GAN_TRANSPOSE_OF(gan_op_pixel_shuffle, "pixel_shuffle_gradient", sizeof(struct pixel_shuffle_attributes),
                     fields, sizeof fields / sizeof fields[0]);

const struct gan_op gan_op_pixel_shuffle = {
    .name = "pixel_shuffle",
    .attributes_size = sizeof(struct pixel_shuffle_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_shuffle,
    .band = gan_band_pixel_shuffle,
    .forward = forward_shuffle,
    .backward = backward_shuffle,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_pixel_shuffle_gradient,
};

const struct gan_op gan_op_pixel_unshuffle_gradient =
    GAN_TRANSPOSE_OF(gan_op_pixel_unshuffle, "pixel_unshuffle_gradient",
                     sizeof(struct pixel_shuffle_attributes), fields, sizeof fields / sizeof fields[0]);

const struct gan_op gan_op_pixel_unshuffle = {
    .name = "pixel_unshuffle",
    .attributes_size = sizeof(struct pixel_shuffle_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_unshuffle,
    .band = gan_band_pixel_unshuffle,
    .forward = forward_unshuffle,
    .backward = backward_unshuffle,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_pixel_unshuffle_gradient,
};

gan_layer *gan_pixel_shuffle(gan_layer *x, int32_t factor)
{
    const struct pixel_shuffle_attributes attributes = {factor};
    return gan_add_simple(x, &gan_op_pixel_shuffle, &attributes);
}

gan_layer *gan_pixel_unshuffle(gan_layer *x, int32_t factor)
{
    const struct pixel_shuffle_attributes attributes = {factor};
    return gan_add_simple(x, &gan_op_pixel_unshuffle, &attributes);
}
