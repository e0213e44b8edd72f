#include "base/threads.h"
#include "gan/layers.h"
#include "graph/graph.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

struct total_variation_attributes {
    int32_t mean;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(total_variation_attributes, mean, ATTRIBUTE_INT32, 1)};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)attributes;
    if (input_count != 1)
        return gan_expect_inputs(input_count, 1);
    *output = (struct shape){1, {inputs[0].size[0]}};
    return gan_expect_picture(&inputs[0], "input");
}

struct variation {
    const float *x;
    int64_t batch, height, row, channels; /* floats of a row; of a pixel */
    double vertical, horizontal;          /* weights of the squared differences */
    double *sums;                         /* [batch, height] */
    const float *dy;
    float *dx;
};

static double one_over(int64_t count)
{
    return count > 0 ? 1 / (double)count : 0;
}

static struct variation variation_of(const struct op_call *call)
{
    const struct total_variation_attributes *attributes = call->attributes;
    const int64_t *size = call->inputs[0].shape.size;
    struct variation variation = {.x = call->inputs[0].data,
                                  .batch = size[0],
                                  .height = size[1],
                                  .row = size[2] * size[3],
                                  .channels = size[3],
                                  .vertical = 1,
                                  .horizontal = 1,
                                  .sums = call->workspace,
                                  .dy = call->output_gradient};
    if (attributes->mean) {
        variation.vertical = one_over((size[1] - 1) * variation.row);
        variation.horizontal = one_over(size[1] * (size[2] - 1) * size[3]);
    }
    return variation;
}

/* Sum of (a - b)^2: float over short runs, which vectorise, double over the runs. */
static double squared_distance(const float *restrict a, const float *restrict b, int64_t count)
{
    enum { LANES = 16, RUN = 256 };
    double total = 0;
    int64_t i = 0;
    while (i + LANES <= count) {
        const int64_t end = i + RUN < count ? i + RUN : count;
        float sum[LANES] = {0};
        for (; i + LANES <= end; i += LANES)
            for (int lane = 0; lane < LANES; lane++) {
                const float d = a[i + lane] - b[i + lane];
                sum[lane] += d * d;
            }
        for (int lane = 0; lane < LANES; lane++)
            total += (double)sum[lane];
    }
    for (; i < count; i++) {
        const double d = (double)a[i] - (double)b[i];
        total += d * d;
    }
    return total;
}

static void sum_row(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct variation *v = argument;
    const float *x = v->x + index * v->row;
    double sum = v->horizontal * squared_distance(x + v->channels, x, v->row - v->channels);
    if (index % v->height + 1 < v->height)
        sum += v->vertical * squared_distance(x + v->row, x, v->row);
    v->sums[index] = sum;
}

static void forward(const struct op_call *call)
{
    struct variation v = variation_of(call);
    gan_parallel(call->context, v.batch * v.height, sum_row, &v);
    for (int64_t n = 0; n < v.batch; n++) {
        double total = 0;
        for (int64_t y = 0; y < v.height; y++)
            total += v.sums[n * v.height + y];
        call->output.data[n] = (float)total;
    }
}

/* dx += factor (x - neighbour) */
static void pull(const float *restrict x, const float *restrict neighbour, float factor, int64_t count,
                 float *restrict dx)
{
    for (int64_t i = 0; i < count; i++)
        dx[i] += factor * (x[i] - neighbour[i]);
}

static void differentiate_row(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct variation *v = argument;
    const int64_t y = index % v->height, inner = v->row - v->channels;
    const double slope = 2 * (double)v->dy[index / v->height];
    const float vertical = (float)(slope * v->vertical), horizontal = (float)(slope * v->horizontal);
    const float *x = v->x + index * v->row;
    float *dx = v->dx + index * v->row;
    for (int64_t i = 0; i < v->row; i++)
        dx[i] = 0;
    pull(x, x + v->channels, horizontal, inner, dx);
    pull(x + v->channels, x, horizontal, inner, dx + v->channels);
    if (y > 0)
        pull(x, x - v->row, vertical, v->row, dx);
    if (y + 1 < v->height)
        pull(x, x + v->row, vertical, v->row, dx);
}

static void backward(const struct op_call *call)
{
    struct variation v = variation_of(call);
    v.dx = call->input_gradients[0];
    if (v.dx != NULL)
        gan_parallel(call->context, v.batch * v.height, differentiate_row, &v);
}

static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const int64_t *size = call->inputs[0].shape.size;
    return pass == OP_FORWARD ? (size_t)size[0] * (size_t)size[1] * sizeof(double) : 0;
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUT_0;
}

const struct gan_op gan_op_total_variation = {
    .name = "total_variation",
    .attributes_size = sizeof(struct total_variation_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = saves,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_total_variation(gan_layer *x, int32_t mean)
{
    const struct total_variation_attributes attributes = {mean != 0};
    return gan_add_simple(x, &gan_op_total_variation, &attributes);
}
