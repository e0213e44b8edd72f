/* What layers that sum up a whole picture give once it is known, as constants. */
#include "graph/graph.h"
#include "layers/deviation_attributes.h"
#include "layers/settled.h"
#include "tensor/tensor.h"

#include <math.h>

static gan_layer *refuse(gan_graph *graph, const gan_layer *layer, gan_status status)
{
    return gan_graph_refuse(graph, layer->op->name, layer->name, status);
}

/* A constant to be filled; NULL after an error that the graph has. */
static gan_tensor *make_value(gan_graph *graph, const gan_layer *layer, const struct shape *shape)
{
    gan_tensor *value = NULL;
    const gan_status status = gan_tensor_make(&value, graph->context, GAN_FLOAT32, shape);
    if (status != GAN_OK)
        refuse(graph, layer, status);
    return value;
}

static gan_layer *add_value(gan_graph *graph, const gan_layer *layer, gan_tensor *value)
{
    gan_layer *constant = gan_constant(graph, layer->name, value);
    gan_tensor_free(value);
    return constant;
}

static gan_tensor *make_channels(gan_graph *graph, const gan_layer *layer, const struct measurement *measured)
{
    const struct shape shape = gan_shape_4(1, 1, 1, measured->channels);
    return make_value(graph, layer, &shape);
}

gan_layer *gan_settle_average(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                              const struct measurement *measured)
{
    (void)inputs;
    gan_tensor *value = make_channels(graph, layer, measured);
    if (value == NULL)
        return NULL;
    for (int64_t c = 0; c < measured->channels; c++)
        ((float *)value->data)[c] = (float)measured->mean[c];
    return add_value(graph, layer, value);
}

gan_layer *gan_settle_largest(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                              const struct measurement *measured)
{
    (void)inputs;
    gan_tensor *value = make_channels(graph, layer, measured);
    if (value == NULL)
        return NULL;
    for (int64_t c = 0; c < measured->channels; c++)
        ((float *)value->data)[c] = measured->largest[c];
    return add_value(graph, layer, value);
}

gan_layer *gan_settle_deviation(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                                const struct measurement *measured)
{
    (void)inputs;
    const struct deviation_attributes *deviation = layer->attributes;
    const double count = measured->count[0];
    const double divisor = deviation->sample_variance != 0 && count > 1 ? count - 1 : count;
    gan_tensor *value = make_channels(graph, layer, measured);
    if (value == NULL)
        return NULL;
    for (int64_t c = 0; c < measured->channels; c++)
        ((float *)value->data)[c] = (float)sqrt(measured->square[c] / divisor + (double)deviation->epsilon);
    return add_value(graph, layer, value);
}

static gan_layer *add_number(gan_graph *graph, const gan_layer *layer, double number)
{
    const struct shape shape = {0};
    gan_tensor *value = make_value(graph, layer, &shape);
    if (value == NULL)
        return NULL;
    *(float *)value->data = (float)number;
    return add_value(graph, layer, value);
}

static double sum_of_means(const struct measurement *measured)
{
    double sum = 0;
    for (int64_t c = 0; c < measured->channels; c++)
        sum += measured->mean[c];
    return sum;
}

gan_layer *gan_settle_sum(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                          const struct measurement *measured)
{
    (void)inputs;
    return add_number(graph, layer, sum_of_means(measured) * measured->count[0]);
}

gan_layer *gan_settle_mean(gan_graph *graph, const gan_layer *layer, gan_layer *const *inputs,
                           const struct measurement *measured)
{
    (void)inputs;
    return add_number(graph, layer, sum_of_means(measured) / (double)measured->channels);
}
