/* InfoNCE (van den Oord et al. 2018) as PatchNCE uses it (Park et al. 2020): queries and keys [N, P, C]; of
 * the P keys of a picture one belongs to each query, the others are its negatives. With S = q k^T /
 * temperature the loss is the mean of log sum_j exp S[i, j] - S[i, i]. */
#include "gan/losses.h"
#include "graph/graph.h"
#include "kernels/gemm.h"
#include "kernels/ranges.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>

struct info_nce_attributes {
    float temperature;
};

static const struct attribute_field fields[] = {
    GAN_FIELD(info_nce_attributes, temperature, ATTRIBUTE_FLOAT, 1)};

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    const float temperature = ((const struct info_nce_attributes *)attributes)->temperature;
    if (input_count != 2)
        return gan_expect_inputs(input_count, 2);
    struct shape both;
    char text[SHAPE_TEXT_SIZE];
    if (inputs[0].rank != 3)
        return gan_fail(GAN_ERROR_SHAPE, "queries have shape %s, expected [N, P, C]",
                        gan_shape_text(&inputs[0], text));
    if (!(temperature > 0) || isinf(temperature))
        return gan_fail(GAN_ERROR_ARGUMENT, "temperature is %g, expected a finite number above 0",
                        (double)temperature);
    output->rank = 0;
    return gan_meet_shapes(&inputs[0], &inputs[1], "keys", &both);
}

struct sizes {
    int64_t batch, patches, channels;
};

static struct sizes sizes_of(const struct op_call *call)
{
    const int64_t *size = call->inputs[0].shape.size;
    return (struct sizes){size[0], size[1], size[2]};
}

/* The derivatives of the loss in S, of all pictures; computed forward, used backward. */
static size_t saved_size(const struct op_call *call)
{
    const struct sizes s = sizes_of(call);
    return (size_t)(s.batch * s.patches * s.patches) * sizeof(float);
}

static size_t aligned(size_t size)
{
    return (size + 63) / 64 * 64;
}

/* The losses of a picture's patches, S where nothing is saved, and a product. */
static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const struct sizes s = sizes_of(call);
    if (pass == OP_FORWARD)
        return aligned((size_t)s.patches * sizeof(double)) +
               aligned((size_t)(s.patches * s.patches) * sizeof(float)) +
               gan_gemm_workspace_size(call->context, s.patches, s.patches, s.channels);
    return gan_gemm_workspace_size(call->context, s.patches, s.channels, s.patches);
}

struct picture {
    struct sizes sizes;
    float *similarities; /* S, and then its derivatives */
    double *losses;
    double factor;
};

/* Row i: its loss, and (softmax - [i = j]) * factor in place of S. */
static void judge_rows(const void *argument, int64_t start, int64_t end)
{
    const struct picture *picture = argument;
    const int64_t patches = picture->sizes.patches;
    for (int64_t i = start; i < end; i++) {
        float *row = picture->similarities + i * patches;
        double most = (double)row[0], sum = 0;
        for (int64_t j = 1; j < patches; j++)
            most = (double)row[j] > most ? (double)row[j] : most;
        for (int64_t j = 0; j < patches; j++)
            sum += exp((double)row[j] - most);
        picture->losses[i] = most + log(sum) - (double)row[i];
        for (int64_t j = 0; j < patches; j++)
            row[j] = (float)(picture->factor * (exp((double)row[j] - most) / sum - (i == j)));
    }
}

static void multiply(const struct op_call *call, const struct picture *picture, int64_t n, float temperature,
                     void *workspace)
{
    const struct sizes *s = &picture->sizes;
    const struct gemm gemm = {.m = s->patches,
                              .n = s->patches,
                              .k = s->channels,
                              .a = call->inputs[0].data + n * s->patches * s->channels,
                              .a_row = s->channels,
                              .a_column = 1,
                              .b = call->inputs[1].data + n * s->patches * s->channels,
                              .b_row = 1,
                              .b_column = s->channels,
                              .c = picture->similarities,
                              .c_row = s->patches,
                              .alpha = 1.0f / temperature};
    gan_gemm(call->context, &gemm, workspace);
}

static void forward(const struct op_call *call)
{
    const struct sizes s = sizes_of(call);
    const double temperature = (double)((const struct info_nce_attributes *)call->attributes)->temperature;
    unsigned char *workspace = call->workspace;
    float *spare = (float *)(void *)(workspace + aligned((size_t)s.patches * sizeof(double)));
    void *rest = (unsigned char *)spare + aligned((size_t)(s.patches * s.patches) * sizeof(float));
    double total = 0;
    for (int64_t n = 0; n < s.batch; n++) {
        const struct picture picture = {
            .sizes = s,
            .similarities = call->saved != NULL ? (float *)call->saved + n * s.patches * s.patches : spare,
            .losses = call->workspace,
            .factor = 1 / ((double)(s.batch * s.patches) * temperature)};
        multiply(call, &picture, n, (float)temperature, rest);
        gan_parallel_ranges(call->context, s.patches, gan_rows_per_task(s.patches), judge_rows, &picture);
        for (int64_t i = 0; i < s.patches; i++)
            total += picture.losses[i];
    }
    call->output.data[0] = (float)(total / (double)(s.batch * s.patches));
}

/* dq = dS k, dk = dS^T q. */
static void differentiate(const struct op_call *call, int32_t input, int64_t n)
{
    const struct sizes s = sizes_of(call);
    const int64_t offset = n * s.patches * s.channels;
    const struct gemm gemm = {.m = s.patches,
                              .n = s.channels,
                              .k = s.patches,
                              .a = (const float *)call->saved + n * s.patches * s.patches,
                              .a_row = input == 0 ? s.patches : 1,
                              .a_column = input == 0 ? 1 : s.patches,
                              .b = call->inputs[1 - input].data + offset,
                              .b_row = s.channels,
                              .b_column = 1,
                              .c = call->input_gradients[input] + offset,
                              .c_row = s.channels,
                              .alpha = call->output_gradient[0]};
    gan_gemm(call->context, &gemm, call->workspace);
}

static void backward(const struct op_call *call)
{
    for (int32_t input = 0; input < 2; input++)
        for (int64_t n = 0; call->input_gradients[input] != NULL && n < call->inputs[0].shape.size[0]; n++)
            differentiate(call, input, n);
}

static uint32_t saves(const void *attributes)
{
    (void)attributes;
    return SAVES_INPUTS;
}

const struct gan_op gan_op_info_nce = {
    .name = "info_nce",
    .attributes_size = sizeof(struct info_nce_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .saves = saves,
    .saved_size = saved_size,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};

gan_layer *gan_info_nce(gan_layer *queries, gan_layer *keys, float temperature)
{
    const struct info_nce_attributes attributes = {temperature != 0 ? temperature : 0.07f};
    if (queries == NULL || keys == NULL)
        return NULL;
    gan_layer *const inputs[] = {queries, keys};
    const struct layer_request request = {
        .op = &gan_op_info_nce, .attributes = &attributes, .inputs = inputs, .input_count = 2};
    return gan_graph_add(queries->graph, &request);
}
