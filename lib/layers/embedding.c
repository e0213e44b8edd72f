/* Embedding: row `label` of a table for each label. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"
#include "layers/spectral_norm.h"

#include <string.h>

enum { MOST_CLASSES = 1 << 24 }; /* whole numbers that float32 holds */

struct embedding_attributes {
    int32_t classes, width;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(embedding_attributes, classes, ATTRIBUTE_INT32, 1),
    GAN_FIELD(embedding_attributes, width, ATTRIBUTE_INT32, 1),
};

static struct shape table_shape(const struct embedding_attributes *attributes)
{
    return (struct shape){2, {attributes->classes, attributes->width}};
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const struct embedding_attributes *embedding = attributes;
    const struct shape table = table_shape(embedding);
    char text[SHAPE_TEXT_SIZE];
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    if (inputs[0].rank != 1)
        return gan_fail(GAN_ERROR_SHAPE, "labels have shape %s, expected [N]",
                        gan_shape_text(&inputs[0], text));
    if (embedding->classes < 1 || embedding->classes > MOST_CLASSES)
        return gan_fail(GAN_ERROR_ARGUMENT, "classes is %d, expected 1 to %d", embedding->classes,
                        (int)MOST_CLASSES);
    *output = (struct shape){2, {inputs[0].size[0], embedding->width}};
    const gan_status status = gan_expect_at_least("width", embedding->width, 1);
    return status == GAN_OK ? gan_expect_countable(&table) : status;
}

/* What is no class is taken for the nearest that is one; NaN for 0. */
static int64_t label_at(const struct op_call *call, int64_t index)
{
    const struct embedding_attributes *attributes = call->attributes;
    const int64_t last = attributes->classes - 1;
    const float given = call->inputs[0].data[index];
    if (!(given > 0))
        return 0;
    return given >= (float)last ? last : (int64_t)given;
}

static void forward(const struct op_call *call)
{
    const int64_t width = call->output.shape.size[1];
    for (int64_t i = 0; i < call->output.shape.size[0]; i++)
        memcpy(call->output.data + i * width, call->parameters[0].data + label_at(call, i) * width,
               (size_t)width * sizeof(float));
}

/* In the order of the batch: a label may stand in it twice. */
static void backward(const struct op_call *call)
{
    const struct shape *output = &call->output.shape;
    const int64_t width = output->size[1];
    float *table = call->parameter_gradients[0];
    if (table == NULL)
        return;
    gan_fill_floats(call->context, table, 0.0f, gan_shape_count(&call->parameters[0].shape));
    for (int64_t i = 0; i < output->size[0]; i++) {
        float *row = table + label_at(call, i) * width;
        for (int64_t c = 0; c < width; c++)
            row[c] += call->output_gradient[i * width + c];
    }
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct embedding_attributes *embedding = attributes;
    specifications[0] = (struct parameter_specification){.suffix = "weight",
                                                         .shape = table_shape(embedding),
                                                         .fan_in = embedding->classes,
                                                         .fan_out = embedding->width};
    return 1;
}

const struct gan_op gan_op_embedding = {
    .name = "embedding",
    .attributes_size = sizeof(struct embedding_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .parameters = specify,
    .saves = saves,
    .forward = forward,
    .backward = backward,
    .no_gradient_inputs = 1u << 0,
};

static gan_layer *add(gan_layer *labels, const gan_embedding_options *options)
{
    const struct embedding_attributes attributes = {options->classes, options->width};
    struct parameter_specification parameter;
    specify(&attributes, &parameter);
    parameter.initializer = options->initializer;
    parameter.initializer_value = options->initializer_value;
    const struct layer_request request = {.op = &gan_op_embedding,
                                          .attributes = &attributes,
                                          .name = options->name,
                                          .inputs = &labels,
                                          .input_count = 1,
                                          .parameters = &parameter,
                                          .parameter_count = 1};
    return gan_graph_add(labels->graph, &request);
}

gan_layer *gan_embedding(gan_layer *labels, const gan_embedding_options *given)
{
    if (labels == NULL)
        return NULL;
    gan_embedding_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_embedding_options");
    if (status == GAN_OK)
        status = gan_expect_initializer(options.initializer);
    if (status != GAN_OK)
        return gan_graph_refuse(labels->graph, "embedding", options.name, status);
    gan_layer *y = add(labels, &options);
    return options.spectral_norm ? gan_add_spectral_norm(y, false, true) : y;
}
