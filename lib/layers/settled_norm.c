/* Normalizations of a band of a picture, by the statistics of all of it. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/normalization.h"
#include "layers/adaptive_normalization.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/normalization.h"
#include "layers/settled.h"
#include "layers/shapes.h"

#include <string.h>

/* These ops live in graphs of bands alone, never in files: an attribute may point to what was measured. */
struct settled_attributes {
    int64_t sets;
    float epsilon;
    bool sample_variance, affine;
    const struct measurement *measured;
};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct settled_attributes *settled = attributes;
    if (input_count < 1)
        return gan_expect_inputs(input_count, 1);
    *output = inputs[0];
    const gan_status status = gan_expect_picture(&inputs[0], "input");
    return status == GAN_OK ? gan_expect_channels(&inputs[0], settled->measured->channels) : status;
}

/* Scale and shift are parameters of a norm, and inputs of one that another picture steers. */
static struct normalization normalization_of(const struct op_call *call)
{
    const struct settled_attributes *attributes = call->attributes;
    const int64_t *size = call->inputs[0].shape.size;
    const bool steered = call->input_count > 1;
    struct normalization normalization = {.field = {size[0], size[1] * size[2], size[3]},
                                          .sets = attributes->sets,
                                          .epsilon = (double)attributes->epsilon,
                                          .sample_variance = attributes->sample_variance,
                                          .fixed = true,
                                          .residual = call->residual};
    if (attributes->affine) {
        normalization.scale = steered ? call->inputs[SCALE].data : call->parameters[0].data;
        normalization.shift = steered ? call->inputs[SHIFT].data : call->parameters[1].data;
    }
    return normalization;
}

static size_t statistics_size(const struct normalization *normalization)
{
    return (size_t)normalization->sets * sizeof(struct set_statistics);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    (void)pass;
    const struct normalization normalization = normalization_of(call);
    return statistics_size(&normalization) + gan_normalization_workspace_size(&normalization);
}

/* The whole picture's, whatever the size of the band. */
static struct set_statistics *find_statistics(const struct op_call *call,
                                              const struct normalization *normalization)
{
    const struct settled_attributes *attributes = call->attributes;
    const struct measurement *measured = attributes->measured;
    struct set_statistics *statistics = call->workspace;
    struct normalization whole = *normalization;
    whole.field.pixels = (int64_t)measured->count[0];
    gan_normalization_statistics_of(&whole, measured->mean, measured->square, statistics);
    return statistics;
}

static void forward(const struct op_call *call)
{
    const struct normalization normalization = normalization_of(call);
    struct set_statistics *statistics = find_statistics(call, &normalization);
    gan_normalization_forward(call->context, &normalization, call->inputs[0].data, statistics,
                              call->activation, call->output.data, statistics + normalization.sets);
}

static void affine(const struct op_call *call, float *scale, float *shift)
{
    const struct normalization normalization = normalization_of(call);
    struct set_statistics *statistics = find_statistics(call, &normalization);
    gan_normalization_affine(&normalization, statistics, scale, shift, statistics + normalization.sets);
}

static const struct gan_op settled_norm = {
    .name = "settled_norm",
    .attributes_size = sizeof(struct settled_attributes),
    .infer = infer,
    .band = gan_band_rows,
    .workspace_size = workspace_size,
    .forward = forward,
    .affine = affine,
    .takes_activation = true,
    .takes_residual = true,
};

gan_layer *gan_settle_norm(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                           const struct measurement *measured)
{
    const struct norm_attributes *norm = layer->attributes;
    struct settled_attributes attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.sets = norm->groups;
    attributes.epsilon = norm->epsilon;
    attributes.affine = norm->no_affine == 0;
    attributes.measured = measured;
    return gan_graph_add_variant(graph, layer, &settled_norm, &attributes, inputs);
}

gan_layer *gan_settle_adain_affine(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                                   const struct measurement *measured)
{
    const struct adain_attributes *adain = layer->attributes;
    struct settled_attributes attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.sets = measured->channels;
    attributes.epsilon = adain->epsilon;
    attributes.sample_variance = adain->sample_variance != 0;
    attributes.affine = true;
    attributes.measured = measured;
    const struct layer_request request = {.op = &settled_norm,
                                          .attributes = &attributes,
                                          .name = layer->name,
                                          .inputs = inputs,
                                          .input_count = 3};
    return gan_graph_add(graph, &request);
}

/* The style is there whole: its mean and deviation steer. */
gan_layer *gan_settle_adain(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                            const struct measurement *measured)
{
    const struct adain_attributes *adain = layer->attributes;
    gan_layer *style = inputs[STYLE];
    gan_layer *scale = gan_flatten(gan_channel_deviation(style, adain->epsilon, adain->sample_variance));
    gan_layer *shift = gan_flatten(gan_global_average_pool(style));
    gan_layer *const steered[] = {inputs[CONTENT], scale, shift};
    return gan_settle_adain_affine(graph, layer, steered, measured);
}
