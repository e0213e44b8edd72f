#include "layers/measure.h"
#include "graph/graph.h"
#include "kernels/moments.h"
#include "layers/expect.h"
#include "layers/shapes.h"

#include <string.h>

struct measure_attributes {
    uint32_t measures;
    struct measurement *into;
};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    *output = gan_shape_4(1, 1, 1, inputs[0].size[3]);
    return status;
}

static struct pixel_field field_of(const struct op_call *call)
{
    const int64_t *size = call->inputs[0].shape.size;
    return (struct pixel_field){1, size[1] * size[2], size[3]};
}

/* Mean and square of the band, and what the kernel needs. */
static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct pixel_field field = field_of(call);
    return 2 * (size_t)field.channels * sizeof(double) + gan_moments_workspace_size(&field);
}

static void add_moments(const struct op_call *call, struct measurement *into)
{
    const struct pixel_field field = field_of(call);
    const double *mean = call->input_moments;
    if (mean == NULL) {
        double *own = call->workspace;
        gan_moments(call->context, &field, call->inputs[0].data, own, own + field.channels,
                    own + 2 * field.channels);
        mean = own;
    }
    gan_moments_merge(into->count, into->mean, into->square, (double)field.pixels, mean,
                      mean + field.channels, field.channels);
}

static void add_largest(const struct op_call *call, struct measurement *into)
{
    const struct pixel_field field = field_of(call);
    const float *x = call->inputs[0].data;
    for (int64_t i = 0; i < field.pixels; i++, x += field.channels)
        for (int64_t c = 0; c < field.channels; c++)
            if (!(x[c] <= into->largest[c]) && into->largest[c] == into->largest[c]) /* NaN wins, and stays */
                into->largest[c] = x[c];
}

static void forward(const struct op_call *call)
{
    const struct measure_attributes *attributes = call->attributes;
    if ((attributes->measures & MEASURES_MOMENTS) != 0)
        add_moments(call, attributes->into);
    if ((attributes->measures & MEASURES_LARGEST) != 0)
        add_largest(call, attributes->into);
    memset(call->output.data, 0, (size_t)call->output.shape.size[3] * sizeof(float));
}

static const struct gan_op measure = {
    .name = "measure",
    .attributes_size = sizeof(struct measure_attributes),
    .infer = infer,
    .workspace_size = workspace_size,
    .forward = forward,
    .takes_moments = true,
};

gan_layer *gan_add_measure(gan_layer *x, uint32_t measures, struct measurement *into)
{
    struct measure_attributes attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.measures = measures;
    attributes.into = into;
    return gan_add_simple(x, &measure, &attributes);
}
