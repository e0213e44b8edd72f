/* Pixels of pictures by position: [N, H, W, C] and P positions to [N, P, C]. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/blocks.h"
#include "kernels/ranges.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <string.h>

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    char text[SHAPE_TEXT_SIZE];
    if (inputs[1].rank != 1)
        return gan_fail(GAN_ERROR_SHAPE, "positions have shape %s, expected [P]",
                        gan_shape_text(&inputs[1], text));
    *output = (struct shape){3, {inputs[0].size[0], inputs[1].size[0], inputs[0].size[3]}};
    return gan_expect_picture(&inputs[0], "input");
}

/* What is no position of the picture is taken for the nearest that is one; NaN for 0. */
static int64_t position_at(const struct op_call *call, int64_t index)
{
    const int64_t last = call->inputs[0].shape.size[1] * call->inputs[0].shape.size[2] - 1;
    const float given = call->inputs[1].data[index];
    if (!(given > 0))
        return 0;
    return given >= (float)last ? last : (int64_t)given;
}

/* Where patch `row` of all N P lies in the input. */
static int64_t offset_of(const struct op_call *call, int64_t row)
{
    const int64_t *size = call->inputs[0].shape.size, patches = call->output.shape.size[1];
    return (row / patches * size[1] * size[2] + position_at(call, row % patches)) * size[3];
}

static void take_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = call->output.shape.size[2];
    for (int64_t row = start; row < end; row++)
        memcpy(call->output.data + row * channels, call->inputs[0].data + offset_of(call, row),
               (size_t)channels * sizeof(float));
}

static void forward(const struct op_call *call)
{
    const struct shape *shape = &call->output.shape;
    gan_parallel_ranges(call->context, shape->size[0] * shape->size[1], gan_rows_per_task(shape->size[2]),
                        take_rows, call);
}

/* Pictures on their own: a position may stand in the list twice. */
static void give_pictures(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t patches = call->output.shape.size[1], channels = call->output.shape.size[2];
    for (int64_t row = start * patches; row < end * patches; row++) {
        float *dx = call->input_gradients[0] + offset_of(call, row);
        for (int64_t c = 0; c < channels; c++)
            dx[c] += call->output_gradient[row * channels + c];
    }
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] == NULL)
        return;
    gan_fill_floats(call->context, call->input_gradients[0], 0.0f, gan_shape_count(&call->inputs[0].shape));
    gan_parallel_ranges(call->context, call->output.shape.size[0], 1, give_pictures, call);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_1;
}

const struct gan_op gan_op_gather = {
    .name = "gather",
    .infer = infer,
    .saves = saves,
    .forward = forward,
    .backward = backward,
    .no_gradient_inputs = 1u << 1,
};

gan_layer *gan_gather(gan_layer *x, gan_layer *positions)
{
    if (x == NULL || positions == NULL)
        return NULL;
    gan_layer *const inputs[] = {x, positions};
    const struct layer_request request = {.op = &gan_op_gather, .inputs = inputs, .input_count = 2};
    return gan_graph_add(x->graph, &request);
}
