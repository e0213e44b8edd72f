/* The builders of batch, instance, group and layer normalization. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/expect.h"
#include "layers/normalization.h"
#include "layers/ops.h"

/* Scale, shift and, of batch norm, running statistics. Returns how many. */
static int32_t specify(const struct norm_attributes *attributes, bool batch,
                       struct parameter_specification *parameters)
{
    const struct shape shape = {1, {attributes->channels}};
    const struct parameter_specification all[] = {
        {.suffix = "weight", .shape = shape, .initializer = GAN_INITIALIZER_ONES},
        {.suffix = "bias", .shape = shape, .initializer = GAN_INITIALIZER_ZEROS},
        {"running_mean", shape, GAN_INITIALIZER_ZEROS, 0, 0, 0, true},
        {"running_variance", shape, GAN_INITIALIZER_ONES, 0, 0, 0, true},
    };
    int32_t count = 0;
    for (int32_t i = attributes->no_affine ? 2 : 0; i < (batch ? 4 : 2); i++)
        parameters[count++] = all[i];
    return count;
}

int32_t gan_norm_parameters(const void *attributes, struct parameter_specification *specifications)
{
    return specify(attributes, false, specifications);
}

int32_t gan_batch_norm_parameters(const void *attributes, struct parameter_specification *specifications)
{
    return specify(attributes, true, specifications);
}

/* `groups` 0: one per channel. */
static struct norm_attributes attributes_of(const gan_norm_options *options, int32_t channels, int32_t groups)
{
    return (struct norm_attributes){
        .channels = channels,
        .groups = groups != 0 ? groups : channels,
        .epsilon = options->epsilon != 0 ? options->epsilon : 1e-5f,
        .momentum = options->momentum != 0 ? options->momentum : 0.1f,
        .no_affine = options->no_affine != 0,
        .biased_running_variance = options->biased_running_variance != 0,
    };
}

static gan_layer *add_norm(gan_layer *x, const struct gan_op *op, const gan_norm_options *options,
                           int32_t groups)
{
    struct parameter_specification parameters[GAN_MAX_PARAMETERS];
    const struct norm_attributes attributes = attributes_of(options, gan_channels_of(&x->shape), groups);
    const struct layer_request request = {
        .op = op,
        .attributes = &attributes,
        .name = options->name,
        .inputs = &x,
        .input_count = 1,
        .parameters = parameters,
        .parameter_count = op->parameters(&attributes, parameters),
    };
    return gan_graph_add(x->graph, &request);
}

static gan_layer *build(gan_layer *x, const struct gan_op *op, const gan_norm_options *given, int32_t groups)
{
    if (x == NULL)
        return NULL;
    gan_norm_options options;
    const gan_status status = gan_copy_options(&options, sizeof options, given, "gan_norm_options");
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, op->name, NULL, status);
    if (op == &gan_op_group_norm)
        groups = options.groups != 0 ? options.groups : 32;
    return add_norm(x, op, &options, groups);
}

gan_layer *gan_batch_norm(gan_layer *x, const gan_norm_options *options)
{
    return build(x, &gan_op_batch_norm, options, 0);
}

gan_layer *gan_instance_norm(gan_layer *x, const gan_norm_options *options)
{
    return build(x, &gan_op_instance_norm, options, 0);
}

gan_layer *gan_group_norm(gan_layer *x, const gan_norm_options *options)
{
    return build(x, &gan_op_group_norm, options, 0);
}

gan_layer *gan_layer_norm(gan_layer *x, const gan_norm_options *options)
{
    return build(x, &gan_op_layer_norm, options, 1);
}
