#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>

struct reshape_attributes {
    int32_t rank;
    int64_t size[GAN_MAX_RANK]; /* one may be -1 */
};

static const struct attribute_field fields[] = {
    GAN_FIELD(reshape_attributes, rank, ATTRIBUTE_INT32, 1),
    GAN_FIELD(reshape_attributes, size, ATTRIBUTE_INT64, GAN_MAX_RANK),
};

/* The shape asked for, and which of its sizes follows from the others (-1: none). */
static gan_status take_wish(const struct reshape_attributes *reshape, struct shape *wish, int32_t *open)
{
    const gan_status status = gan_shape_take(wish, reshape->size, reshape->rank, -1);
    *open = -1;
    for (int32_t i = 0; status == GAN_OK && i < wish->rank; i++) {
        if (wish->size[i] >= 0)
            continue;
        if (*open >= 0)
            return gan_fail(GAN_ERROR_ARGUMENT, "sizes %" PRId32 " and %" PRId32 " are both -1, expected one",
                            *open, i);
        *open = i;
    }
    return status;
}

static gan_status refuse_count(const struct shape *input, const struct shape *wish)
{
    char from[SHAPE_TEXT_SIZE], to[SHAPE_TEXT_SIZE];
    return gan_fail(GAN_ERROR_SHAPE, "%s has %" PRId64 " elements, %s has %" PRId64,
                    gan_shape_text(input, from), gan_shape_count(input), gan_shape_text(wish, to),
                    gan_shape_count(wish));
}

static gan_status fill_open(const struct shape *input, struct shape *wish, int32_t open)
{
    const int64_t count = gan_shape_count(input);
    wish->size[open] = 1;
    const int64_t others = gan_shape_count(wish);
    wish->size[open] = -1;
    if (others == 0 || count % others != 0) {
        char from[SHAPE_TEXT_SIZE], to[SHAPE_TEXT_SIZE];
        return gan_fail(GAN_ERROR_SHAPE, "%s has %" PRId64 " elements, no multiple of the %" PRId64 " of %s",
                        gan_shape_text(input, from), count, others, gan_shape_text(wish, to));
    }
    wish->size[open] = count / others;
    return GAN_OK;
}

static gan_status infer_reshape(const void *attributes, const struct shape *inputs, int32_t input_count,
                                struct shape *output)
{
    int32_t open = -1;
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = take_wish(attributes, output, &open);
    if (status != GAN_OK || !gan_shape_known(&inputs[0]))
        return status;
    if (open >= 0)
        return fill_open(&inputs[0], output, open);
    return gan_shape_count(&inputs[0]) == gan_shape_count(output) ? GAN_OK : refuse_count(&inputs[0], output);
}

static gan_status infer_flatten(const void *attributes, const struct shape *inputs, int32_t input_count,
                                struct shape *output)
{
    (void)attributes;
    const gan_status status = gan_expect_inputs(input_count, 1);
    if (status != GAN_OK)
        return status;
    if (inputs[0].rank == 0)
        return gan_fail(GAN_ERROR_SHAPE, "input has shape [], expected a batch axis");
    struct shape rest = {inputs[0].rank - 1, {0}};
    for (int32_t i = 0; i < rest.rank; i++)
        rest.size[i] = inputs[0].size[i + 1];
    *output = (struct shape){2, {inputs[0].size[0], gan_shape_known(&rest) ? gan_shape_count(&rest) : -1}};
    return GAN_OK;
}

static gan_layer *input_gradient(gan_layer *layer, gan_layer *gradient, int32_t input)
{
    const struct shape *shape = &layer->inputs[input]->shape;
    return gan_reshape(gradient, shape->size, shape->rank);
}

const struct gan_op gan_op_reshape = {
    .name = "reshape",
    .attributes_size = sizeof(struct reshape_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer_reshape,
    .input_gradient = input_gradient,
    .view = true,
};

const struct gan_op gan_op_flatten = {
    .name = "flatten", .infer = infer_flatten, .input_gradient = input_gradient, .view = true};

gan_layer *gan_reshape(gan_layer *x, const int64_t *shape, int32_t rank)
{
    if (x == NULL)
        return NULL;
    struct shape wish;
    const gan_status status = gan_shape_take(&wish, shape, rank, -1);
    if (status != GAN_OK)
        return gan_graph_refuse(x->graph, "reshape", NULL, status);
    struct reshape_attributes attributes = {.rank = rank};
    for (int32_t i = 0; i < rank; i++)
        attributes.size[i] = wish.size[i];
    return gan_add_simple(x, &gan_op_reshape, &attributes);
}

gan_layer *gan_flatten(gan_layer *x)
{
    return gan_add_simple(x, &gan_op_flatten, NULL);
}
