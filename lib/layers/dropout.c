#include "base/random.h"
#include "base/threads.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/bands.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <string.h>

struct dropout_attributes {
    float rate;
};

static const struct attribute_field fields[] = {GAN_FIELD(dropout_attributes, rate, ATTRIBUTE_FLOAT, 1)};

enum { TASK = 16384 }; /* elements; a multiple of the four numbers of a random block */

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    const struct dropout_attributes *dropout = attributes;
    *output = inputs[0];
    if (dropout->rate >= 0 && dropout->rate < 1)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT, "rate is %g, expected 0 or more and less than 1",
                    (double)dropout->rate);
}

struct dropout {
    const float *from;
    float *to;
    int64_t count;
    bool active;
    float factor;
    uint32_t threshold; /* a number below it is a drop */
    uint64_t key, stream;
};

/* The counter may grow by one from step to step, so it goes into the key: the blocks of two steps differ. */
static uint64_t key_of(const struct op_call *call)
{
    uint32_t block[4];
    gan_random_block(call->random_seed, call->random_stream, call->random_counter, block);
    return ((uint64_t)block[1] << 32) | block[0];
}

static struct dropout dropout_of(const struct op_call *call, const float *from, float *to)
{
    const struct dropout_attributes *attributes = call->attributes;
    const double rate = (double)attributes->rate;
    return (struct dropout){.from = from,
                            .to = to,
                            .count = gan_shape_count(&call->output.shape),
                            .active = call->training,
                            .factor = (float)(1 / (1 - rate)),
                            .threshold = (uint32_t)(rate * 0x1p32),
                            .key = key_of(call),
                            .stream = call->random_stream};
}

/* Which elements drop depends on their index alone, so backward drops the same ones. */
static void drop(const struct dropout *dropout, int64_t start, int64_t end)
{
    for (int64_t i = start; i < end; i += 4) {
        uint32_t block[4];
        gan_random_block(dropout->key, dropout->stream, (uint64_t)(i / 4), block);
        for (int64_t j = i; j < end && j < i + 4; j++)
            dropout->to[j] = block[j - i] < dropout->threshold ? 0 : dropout->from[j] * dropout->factor;
    }
}

static void run_task(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct dropout *dropout = argument;
    const int64_t start = index * TASK;
    const int64_t end = start + TASK < dropout->count ? start + TASK : dropout->count;
    if (dropout->active)
        drop(dropout, start, end);
    else
        memcpy(dropout->to + start, dropout->from + start, (size_t)(end - start) * sizeof(float));
}

static void run(const struct op_call *call, const float *from, float *to)
{
    struct dropout dropout = dropout_of(call, from, to);
    gan_parallel(call->context, (dropout.count + TASK - 1) / TASK, run_task, &dropout);
}

static void forward(const struct op_call *call)
{
    run(call, call->inputs[0].data, call->output.data);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        run(call, call->output_gradient, call->input_gradients[0]);
}

const struct gan_op gan_op_dropout = {
    .name = "dropout",
    .attributes_size = sizeof(struct dropout_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .band = gan_band_rows,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_dropout(gan_layer *x, float rate)
{
    const struct dropout_attributes attributes = {rate};
    return gan_add_simple(x, &gan_op_dropout, &attributes);
}
