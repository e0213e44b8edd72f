#include "gan/losses.h"
#include "graph/graph.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_LOSSES = 32 };

struct weighted_sum_attributes {
    float weights[MOST_LOSSES];
};

static const struct attribute_field fields[] = {
    GAN_FIELD(weighted_sum_attributes, weights, ATTRIBUTE_FLOAT, MOST_LOSSES)};

static gan_status check_count(int32_t count)
{
    if (count >= 1 && count <= MOST_LOSSES)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "%" PRId32 " losses are given, expected 1 to %d", count, MOST_LOSSES);
}

static gan_status check_loss(const struct shape *loss, float weight, int32_t index)
{
    char text[SHAPE_TEXT_SIZE];
    if (gan_shape_known(loss) && gan_shape_count(loss) != 1)
        return gan_fail(GAN_ERROR_SHAPE, "loss %" PRId32 " has shape %s, expected one element", index,
                        gan_shape_text(loss, text));
    if (!isfinite(weight))
        return gan_fail(GAN_ERROR_ARGUMENT, "weight %" PRId32 " is %g, expected a finite number", index,
                        (double)weight);
    return GAN_OK;
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct weighted_sum_attributes *sum = attributes;
    gan_status status = check_count(input_count);
    for (int32_t i = 0; i < input_count && status == GAN_OK; i++)
        status = check_loss(&inputs[i], sum->weights[i], i);
    output->rank = 0;
    return status;
}

static void forward(const struct op_call *call)
{
    const struct weighted_sum_attributes *sum = call->attributes;
    double total = 0;
    for (int32_t i = 0; i < call->input_count; i++)
        total += (double)sum->weights[i] * (double)call->inputs[i].data[0];
    call->output.data[0] = (float)total;
}

static void backward(const struct op_call *call)
{
    const struct weighted_sum_attributes *sum = call->attributes;
    for (int32_t i = 0; i < call->input_count; i++)
        if (call->input_gradients[i] != NULL)
            call->input_gradients[i][0] = sum->weights[i] * call->output_gradient[0];
}

const struct gan_op gan_op_weighted_sum = {
    .name = "weighted_sum",
    .attributes_size = sizeof(struct weighted_sum_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_weighted_sum(gan_layer *const *losses, const float *weights, int32_t count)
{
    gan_graph *graph = gan_graph_of_list(losses, count);
    if (graph == NULL)
        return NULL;
    gan_status status = check_count(count);
    if (status == GAN_OK)
        status = gan_expect_list(losses, count);
    if (status == GAN_OK && weights == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "weights is NULL, expected one for each loss");
    if (status != GAN_OK)
        return gan_graph_refuse(graph, "weighted_sum", NULL, status);
    struct weighted_sum_attributes attributes;
    memset(&attributes, 0, sizeof attributes);
    memcpy(attributes.weights, weights, (size_t)count * sizeof *weights);
    const struct layer_request request = {
        .op = &gan_op_weighted_sum, .attributes = &attributes, .inputs = losses, .input_count = count};
    return gan_graph_add(graph, &request);
}
