#include "gan/layers.h"
#include "graph/graph.h"
#include "kernels/elementary.h"
#include "kernels/ranges.h"
#include "layers/bands.h"
#include "layers/ops.h"
#include "layers/shapes.h"

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const gan_status status = gan_infer_same(attributes, inputs, input_count, output);
    if (status == GAN_OK && inputs[0].rank == 0)
        return gan_fail(GAN_ERROR_SHAPE, "input has shape [], expected a last axis");
    return status;
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_OUTPUT;
}

static int64_t columns_of(const struct op_call *call)
{
    return call->output.shape.size[call->output.shape.rank - 1];
}

static float largest(const float *x, int64_t count)
{
    float most = x[0];
    for (int64_t i = 1; i < count; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

static void softmax_row(const float *x, float *y, int64_t count)
{
    const float most = largest(x, count);
    for (int64_t i = 0; i < count; i++)
        y[i] = elementary_exp(x[i] - most);
    const float factor = (float)(1.0 / gan_sum_floats(y, count));
    for (int64_t i = 0; i < count; i++)
        y[i] *= factor;
}

static void forward_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t columns = columns_of(call);
    for (int64_t row = start; row < end; row++)
        softmax_row(call->inputs[0].data + row * columns, call->output.data + row * columns, columns);
}

/* dx = y (dy - sum of y dy) */
static void differentiate_row(const float *y, const float *dy, float *dx, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (double)y[i] * (double)dy[i];
    const float mean = (float)sum;
    for (int64_t i = 0; i < count; i++)
        dx[i] = y[i] * (dy[i] - mean);
}

static void backward_rows(const void *argument, int64_t start, int64_t end)
{
    const struct op_call *call = argument;
    const int64_t columns = columns_of(call);
    for (int64_t row = start; row < end; row++)
        differentiate_row(call->output.data + row * columns, call->output_gradient + row * columns,
                          call->input_gradients[0] + row * columns, columns);
}

static void run(const struct op_call *call, range_task task)
{
    const int64_t columns = columns_of(call);
    if (columns == 0)
        return;
    const int64_t rows = gan_shape_count(&call->output.shape) / columns;
    gan_parallel_ranges(call->context, rows, gan_rows_per_task(columns), task, call);
}

static void forward(const struct op_call *call)
{
    run(call, forward_rows);
}

static void backward(const struct op_call *call)
{
    if (call->input_gradients[0] != NULL)
        run(call, backward_rows);
}

const struct gan_op gan_op_softmax = {
    .name = "softmax",
    .infer = infer,
    .band = gan_band_rows,
    .saves = saves,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_softmax(gan_layer *x)
{
    return gan_add_simple(x, &gan_op_softmax, NULL);
}
