#include "base/threads.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/moments.h"
#include "kernels/ranges.h"
#include "layers/expect.h"
#include "layers/input_gradient.h"
#include "layers/ops.h"
#include "layers/settled.h"
#include "layers/shapes.h"

#include <inttypes.h>
#include <string.h>

enum { CHANNELS_PER_TASK = 64 };

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    gan_status status = gan_expect_inputs(input_count, 1);
    if (status == GAN_OK)
        status = gan_expect_picture(&inputs[0], "input");
    if (status != GAN_OK)
        return status;
    const int64_t *size = inputs[0].size;
    *output = gan_shape_4(size[0], 1, 1, size[3]);
    if (size[1] != 0 && size[2] != 0 && (size[1] < 0 || size[2] < 0 || size[1] <= INT32_MAX / size[2]))
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE, "pictures of %" PRId64 "x%" PRId64 ", expected 1 to 2^31 - 1 pixels",
                    size[1], size[2]);
}

static int64_t batch_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[0];
}

static int64_t pixels_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[1] * call->inputs[0].shape.size[2];
}

static int64_t channels_of(const struct op_call *call)
{
    return call->inputs[0].shape.size[3];
}

static size_t average_workspace(const struct op_call *call, enum op_pass pass)
{
    return pass == OP_FORWARD ? gan_column_sums_workspace_size(pixels_of(call), channels_of(call)) : 0;
}

static void forward_average(const struct op_call *call)
{
    const int64_t channels = channels_of(call), pixels = pixels_of(call);
    const float factor = (float)(1.0 / (double)pixels);
    for (int64_t n = 0; n < batch_of(call); n++) {
        float *y = call->output.data + n * channels;
        gan_column_sums(call->context, call->inputs[0].data + n * pixels * channels, pixels, channels, y,
                        call->workspace);
        for (int64_t c = 0; c < channels; c++)
            y[c] *= factor;
    }
}

static void spread_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call), pixels = pixels_of(call);
    const float factor = (float)(1.0 / (double)pixels);
    for (int64_t row = start; row < end; row++) {
        const float *dy = call->output_gradient + row / pixels * channels;
        float *dx = call->input_gradients[0] + row * channels;
        for (int64_t c = 0; c < channels; c++)
            dx[c] = dy[c] * factor;
    }
}

static void run_rows(const struct op_call *call, range_task task)
{
    if (call->input_gradients[0] != NULL)
        gan_parallel_ranges(call->context, batch_of(call) * pixels_of(call),
                            gan_rows_per_task(channels_of(call)), task, call);
}

static void backward_average(const struct op_call *call)
{
    run_rows(call, spread_rows);
}

static size_t winners_size(const struct op_call *call)
{
    return (size_t)gan_shape_count(&call->output.shape) * sizeof(int32_t);
}

/* The largest of some channels over all pixels of a picture, and which pixel it is; NaN wins. */
static void find_largest(const float *x, int64_t pixels, int64_t stride, int64_t channels, float *best,
                         int32_t *winner)
{
    memcpy(best, x, (size_t)channels * sizeof *best);
    memset(winner, 0, (size_t)channels * sizeof *winner);
    for (int64_t pixel = 1; pixel < pixels; pixel++) {
        x += stride;
        for (int64_t c = 0; c < channels; c++) {
            const int32_t stay = -(int32_t)((x[c] <= best[c]) | (best[c] != best[c]));
            winner[c] = (winner[c] & stay) | ((int32_t)pixel & ~stay);
            best[c] = stay ? best[c] : x[c];
        }
    }
}

static void max_task(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call), pixels = pixels_of(call);
    const int64_t blocks = (channels + CHANNELS_PER_TASK - 1) / CHANNELS_PER_TASK;
    const int64_t n = index / blocks, start = index % blocks * CHANNELS_PER_TASK;
    const int64_t count = channels - start < CHANNELS_PER_TASK ? channels - start : CHANNELS_PER_TASK;
    int32_t spare[CHANNELS_PER_TASK];
    int32_t *winners = call->saved;
    find_largest(call->inputs[0].data + n * pixels * channels + start, pixels, channels, count,
                 call->output.data + n * channels + start,
                 winners != NULL ? winners + n * channels + start : spare);
}

static void forward_max(const struct op_call *call)
{
    struct op_call copy = *call;
    const int64_t blocks = (channels_of(call) + CHANNELS_PER_TASK - 1) / CHANNELS_PER_TASK;
    gan_parallel(call->context, batch_of(call) * blocks, max_task, &copy);
}

static void give_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t channels = channels_of(call), pixels = pixels_of(call);
    for (int64_t row = start; row < end; row++) {
        const float *dy = call->output_gradient + row / pixels * channels;
        const int32_t *winners = (const int32_t *)call->saved + row / pixels * channels;
        const int32_t pixel = (int32_t)(row % pixels);
        float *dx = call->input_gradients[0] + row * channels;
        for (int64_t c = 0; c < channels; c++)
            dx[c] = winners[c] == pixel ? dy[c] : 0.0f;
    }
}

static void backward_max(const struct op_call *call)
{
    run_rows(call, give_rows);
}

const struct gan_op gan_op_global_average_pool_gradient =
    GAN_TRANSPOSE_OF(gan_op_global_average_pool, "global_average_pool_gradient", 0, NULL, 0);

const struct gan_op gan_op_global_average_pool = {
    .name = "global_average_pool",
    .infer = infer,
    .measures = MEASURES_MOMENTS,
    .settle = gan_settle_average,
    .workspace_size = average_workspace,
    .forward = forward_average,
    .backward = backward_average,
    .input_gradient = gan_transposed_input_gradient,
    .transposed = &gan_op_global_average_pool_gradient,
};

const struct gan_op gan_op_global_max_pool = {
    .name = "global_max_pool",
    .infer = infer,
    .measures = MEASURES_LARGEST,
    .settle = gan_settle_largest,
    .saved_size = winners_size,
    .saved_optional = true,
    .forward = forward_max,
    .backward = backward_max,
};

gan_layer *gan_global_average_pool(gan_layer *x)
{
    return gan_add_simple(x, &gan_op_global_average_pool, NULL);
}

gan_layer *gan_global_max_pool(gan_layer *x)
{
    return gan_add_simple(x, &gan_op_global_max_pool, NULL);
}
