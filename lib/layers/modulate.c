/* Two pictures added with a weight for each channel, which other layers give: what MicroAST does to a
 * convolution's result and its input. */
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/broadcast.h"
#include "kernels/channel_loops.h"
#include "kernels/pixel_loops.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <inttypes.h>

/* Which input is what. Input i has its weights in input i + 2. */
enum { FIRST = 0, SECOND = 1, WEIGHTS = 2, INPUTS = 4 };

/* [N or 1, 1, 1, C]; sizes still open may become so. */
static gan_status check_weight(const struct shape *weight, const struct shape *picture, const char *what)
{
    char text[SHAPE_TEXT_SIZE];
    const int64_t *size = weight->size;
    const bool fits = weight->rank == 4 && (size[1] == 1 || size[1] < 0) && (size[2] == 1 || size[2] < 0) &&
                      (size[3] == picture->size[3] || size[3] < 0) &&
                      (size[0] == 1 || size[0] < 0 || picture->size[0] < 0 || size[0] == picture->size[0]);
    return fits ? GAN_OK
                : gan_fail(GAN_ERROR_SHAPE, "%s has shape %s, expected [N,1,1,%" PRId64 "], N the batch or 1",
                           what, gan_shape_text(weight, text), picture->size[3]);
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    gan_status status = gan_expect_inputs(input_count, INPUTS);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[FIRST], "input");
    if (status == GAN_OK)
        status = gan_meet_shapes(&inputs[FIRST], &inputs[SECOND], "the second picture", output);
    if (status == GAN_OK)
        status = check_weight(&inputs[WEIGHTS + FIRST], output, "the first weight");
    if (status == GAN_OK)
        status = check_weight(&inputs[WEIGHTS + SECOND], output, "the second weight");
    return status;
}

/* ---- Forward ---- */

static const float *weight_of(const struct op_call *call, int32_t input, int64_t picture)
{
    const struct op_value *weight = &call->inputs[WEIGHTS + input];
    return weight->data + (weight->shape.size[0] > 1 ? picture * weight->shape.size[3] : 0);
}

struct picture {
    const struct op_call *call;
    int64_t index;
};

static void modulate_pixels(const void *argument, int64_t start, int64_t end)
{
    const struct picture *picture = argument;
    const struct op_call *call = picture->call;
    const int64_t *size = call->output.shape.size, channels = size[3];
    const int64_t offset = (picture->index * size[1] * size[2] + start) * channels;
    float *y = call->output.data + offset;
    gan_channel_loops(call->context->kernels)
        ->modulate(call->inputs[FIRST].data + offset, call->inputs[SECOND].data + offset, end - start,
                   channels, weight_of(call, FIRST, picture->index), weight_of(call, SECOND, picture->index),
                   y);
    const struct pixel_finish finish = {NULL, call->residual != NULL ? call->residual + offset : NULL,
                                        call->activation};
    gan_pixels_finish(call->context->kernels, y, channels, end - start, channels, &finish);
}

static void forward(const struct op_call *call)
{
    const int64_t *size = call->output.shape.size;
    for (int64_t n = 0; n < size[0]; n++) {
        const struct picture picture = {call, n};
        gan_parallel_ranges(call->context, size[1] * size[2], gan_rows_per_task(size[3]), modulate_pixels,
                            &picture);
    }
}

/* ---- Backward ---- */

static struct broadcast weight_sum(const struct op_call *call, int32_t input)
{
    const struct shape *shape = &call->output.shape;
    return gan_broadcast_make(&call->inputs[WEIGHTS + input].shape, shape, shape);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    size_t most = 0;
    for (int32_t input = FIRST; input <= SECOND && pass == OP_BACKWARD; input++) {
        const struct broadcast sum = weight_sum(call, input);
        const size_t size = gan_broadcast_sum_workspace_size(&sum);
        most = size > most ? size : most;
    }
    return most;
}

static void backward(const struct op_call *call)
{
    const struct shape *shape = &call->output.shape;
    for (int32_t input = FIRST; input <= SECOND; input++) {
        const struct op_value *weight = &call->inputs[WEIGHTS + input];
        if (call->input_gradients[input] != NULL) {
            const struct broadcast product = gan_broadcast_make(shape, &weight->shape, shape);
            gan_broadcast_apply(call->context, &product, BINARY_MULTIPLY, call->output_gradient, weight->data,
                                call->input_gradients[input]);
        }
        if (call->input_gradients[WEIGHTS + input] != NULL) {
            const struct broadcast sum = weight_sum(call, input);
            gan_broadcast_sum(call->context, &sum, 1.0f, call->output_gradient, call->inputs[input].data,
                              call->input_gradients[WEIGHTS + input], call->workspace);
        }
    }
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUTS;
}

const struct gan_op gan_op_modulate = {
    .name = "modulate",
    .infer = infer,
    .band = gan_band_rows,
    .saves = saves,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
    .takes_activation = true,
    .takes_residual = true,
};

gan_layer *gan_modulate(gan_layer *a, gan_layer *b, gan_layer *weight_a, gan_layer *weight_b)
{
    if (a == NULL || b == NULL || weight_a == NULL || weight_b == NULL)
        return NULL;
    gan_layer *const inputs[INPUTS] = {a, b, weight_a, weight_b};
    const struct layer_request request = {.op = &gan_op_modulate, .inputs = inputs, .input_count = INPUTS};
    return gan_graph_add(a->graph, &request);
}
