/* x = e a + (1 - e) b, e for each picture uniform in 0..1, drawn anew in each run. */
#include "base/random.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/ranges.h"
#include "layers/ops.h"
#include "layers/shapes.h"

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    if (inputs[0].rank < 1)
        return gan_fail(GAN_ERROR_SHAPE, "the inputs are single numbers, expected batches");
    return gan_meet_shapes(&inputs[0], &inputs[1], "second input", output);
}

/* The share of `a` in picture n. Outside of training: halfway. */
static float share(const struct op_call *call, int64_t n)
{
    uint32_t key[4], block[4];
    if (!call->training)
        return 0.5f;
    gan_random_block(call->random_seed, call->random_stream, call->random_counter, key);
    gan_random_block(((uint64_t)key[1] << 32) | key[0], call->random_stream, (uint64_t)n, block);
    return (float)(block[0] >> 8) * 0x1p-24f;
}

static int64_t elements_of(const struct op_call *call)
{
    return gan_axes_count(&call->output.shape, 1, call->output.shape.rank);
}

static void mix_pictures(const void *argument, int64_t row, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t offset = row * elements_of(call);
    const float *a = call->inputs[0].data + offset, *b = call->inputs[1].data + offset;
    const float e = share(call, row);
    for (int64_t i = start; i < end; i++)
        call->output.data[offset + i] = e * a[i] + (1.0f - e) * b[i];
}

static void forward(const struct op_call *call)
{
    gan_parallel_rows(call->context, call->output.shape.size[0], elements_of(call), mix_pictures, call);
}

static void spread(const void *argument, int64_t row, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t offset = row * elements_of(call);
    const float e = share(call, row);
    for (int32_t input = 0; input < 2; input++) {
        const float factor = input == 0 ? e : 1.0f - e;
        float *dx = call->input_gradients[input];
        for (int64_t i = offset + start; dx != NULL && i < offset + end; i++)
            dx[i] = factor * call->output_gradient[i];
    }
}

static void backward(const struct op_call *call)
{
    gan_parallel_rows(call->context, call->output.shape.size[0], elements_of(call), spread, call);
}

const struct gan_op gan_op_random_interpolation = {
    .name = "random_interpolation",
    .infer = infer,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_random_interpolation(gan_layer *a, gan_layer *b)
{
    if (a == NULL || b == NULL)
        return NULL;
    gan_layer *const inputs[] = {a, b};
    const struct layer_request request = {
        .op = &gan_op_random_interpolation, .inputs = inputs, .input_count = 2};
    return gan_graph_add(a->graph, &request);
}
