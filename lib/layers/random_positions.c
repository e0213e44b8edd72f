/* `count` different positions of a picture's height and width, drawn anew in each run: numbers from 0 to H W
 * - 1. */
#include "base/random.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>

struct random_positions_attributes {
    int32_t count;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(random_positions_attributes, count, ATTRIBUTE_INT32, 1)};

enum { MOST_POSITIONS = 1 << 24 }; /* whole numbers that a float can hold */

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const int32_t count = ((const struct random_positions_attributes *)attributes)->count;
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    gan_status status = gan_expect_picture(&inputs[0], "input");
    if (status == GAN_OK)
        status = gan_expect_at_least("count", count, 1);
    if (status != GAN_OK)
        return status;
    const int64_t height = inputs[0].size[1], width = inputs[0].size[2];
    *output = (struct shape){1, {-1}};
    if (height < 0 || width < 0)
        return GAN_OK;
    if (height > MOST_POSITIONS || width > MOST_POSITIONS || height * width > MOST_POSITIONS)
        return gan_fail(GAN_ERROR_SHAPE,
                        "the input has %" PRId64 " x %" PRId64 " positions, expected at most %d", height,
                        width, MOST_POSITIONS);
    output->size[0] = height * width < count ? height * width : count;
    return GAN_OK;
}

static int64_t positions_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[1] * call->inputs[0].shape.size[2];
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    return pass == OP_FORWARD ? (size_t)positions_of(call) * sizeof(int32_t) : 0;
}

/* The first part of a shuffle (Fisher and Yates). Outside of training: evenly spread. */
static void forward(const struct op_call *call)
{
    uint32_t key[4];
    int32_t *all = call->workspace;
    const int64_t positions = positions_of(call), count = call->output.shape.size[0];
    gan_random_block(call->random_seed, call->random_stream, call->random_counter, key);
    struct random_stream random = {((uint64_t)key[1] << 32) | key[0], call->random_stream, 0};
    for (int64_t i = 0; i < positions; i++)
        all[i] = (int32_t)i;
    for (int64_t i = 0; i < count; i++) {
        const int64_t other =
            call->training ? i + gan_random_below(&random, positions - i) : i * positions / count;
        const int32_t chosen = all[other];
        if (call->training)
            all[other] = all[i];
        call->output.data[i] = (float)chosen;
    }
}

const struct gan_op gan_op_random_positions = {
    .name = "random_positions",
    .attributes_size = sizeof(struct random_positions_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .workspace_size = workspace_size,
    .forward = forward,
    .stops_gradient = true,
};

gan_layer *gan_random_positions(gan_layer *x, int32_t count)
{
    const struct random_positions_attributes attributes = {count};
    return gan_add_simple(x, &gan_op_random_positions, &attributes);
}
