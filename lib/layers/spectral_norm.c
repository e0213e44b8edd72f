/* Spectral normalization (Miyato et al. 2018): 1 / sigma of a weight matrix W, sigma = u W v with the vectors
 * u and v of the power iteration, which are kept with the model. Each training run does one step of it: v =
 * W^T u / |W^T u|, u = W v / |W v|; gradients take u and v for constants. */
#include "layers/spectral_norm.h"
#include "kernels/ranges.h"
#include "layers/expect.h"
#include "layers/ops.h"
#include "layers/shapes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct spectral_norm_attributes {
    int32_t weight_rank;
    int64_t weight_size[GAN_MAX_RANK];
    int32_t rows_last, rank; /* of the output, whose sizes are 1 */
};

static const struct attribute_field fields[] = {
    GAN_FIELD(spectral_norm_attributes, weight_rank, ATTRIBUTE_INT32, 1),
    GAN_FIELD(spectral_norm_attributes, weight_size, ATTRIBUTE_INT64, GAN_MAX_RANK),
    GAN_FIELD(spectral_norm_attributes, rows_last, ATTRIBUTE_INT32, 1),
    GAN_FIELD(spectral_norm_attributes, rank, ATTRIBUTE_INT32, 1),
};

enum { WEIGHT = 0, U = 1, V = 2, PARAMETERS = 3 };

static struct shape weight_shape(const struct spectral_norm_attributes *attributes)
{
    struct shape shape = {.rank = attributes->weight_rank};
    memcpy(shape.size, attributes->weight_size, sizeof shape.size);
    for (int32_t i = shape.rank; i < GAN_MAX_RANK; i++)
        shape.size[i] = 0;
    return shape;
}

static gan_status infer(const void *attributes, const struct shape *inputs, int32_t input_count,
                        struct shape *output)
{
    (void)inputs;
    const struct spectral_norm_attributes *spectral = attributes;
    if (input_count != 0)
        return gan_expect_inputs(input_count, 0);
    if (spectral->weight_rank < 1 || spectral->weight_rank > GAN_MAX_RANK || spectral->rank < 1 ||
        spectral->rank > GAN_MAX_RANK)
        return gan_fail(GAN_ERROR_ARGUMENT, "weight_rank is %d and rank is %d, expected 1 to %d",
                        spectral->weight_rank, spectral->rank, GAN_MAX_RANK);
    const struct shape weight = weight_shape(spectral);
    for (int32_t i = 0; i < weight.rank; i++)
        if (weight.size[i] < 1)
            return gan_fail(GAN_ERROR_ARGUMENT, "weight_size[%d] is %lld, expected at least 1", i,
                            (long long)weight.size[i]);
    *output = (struct shape){.rank = spectral->rank};
    for (int32_t i = 0; i < spectral->rank; i++)
        output->size[i] = 1;
    return gan_expect_countable(&weight);
}

/* ---- The matrix ---- */

/* As it lies in memory: [outer, inner]. The rows of W are the outer axis, or the inner one. */
struct matrix {
    const float *values;
    int64_t outer, inner;
    bool rows_last;
};

static struct matrix matrix_of(const void *attributes, const float *values)
{
    const struct spectral_norm_attributes *spectral = attributes;
    const struct shape shape = weight_shape(spectral);
    const int64_t count = gan_shape_count(&shape);
    const int64_t inner = spectral->rows_last ? shape.size[shape.rank - 1] : count / shape.size[0];
    return (struct matrix){values, count / inner, inner, spectral->rows_last != 0};
}

static int64_t rows_of(const struct matrix *matrix)
{
    return matrix->rows_last ? matrix->inner : matrix->outer;
}

static int64_t columns_of(const struct matrix *matrix)
{
    return matrix->rows_last ? matrix->outer : matrix->inner;
}

struct product {
    struct matrix matrix;
    const float *vector;
    double *result;
};

static double dot(const float *a, const float *b, int64_t count)
{
    enum { LANES = 8 };
    double lanes[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)a[i + lane] * (double)b[i + lane];
    for (; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

/* result[outer], of vector[inner]. */
static void along_inner(const void *argument, int64_t start, int64_t end)
{
    const struct product *product = argument;
    const int64_t inner = product->matrix.inner;
    for (int64_t i = start; i < end; i++)
        product->result[i] = dot(product->matrix.values + i * inner, product->vector, inner);
}

/* result[inner], of vector[outer]. */
static void along_outer(const void *argument, int64_t start, int64_t end)
{
    const struct product *product = argument;
    for (int64_t j = start; j < end; j++)
        product->result[j] = 0;
    for (int64_t i = 0; i < product->matrix.outer; i++) {
        const float *row = product->matrix.values + i * product->matrix.inner;
        const double factor = (double)product->vector[i];
        for (int64_t j = start; j < end; j++)
            product->result[j] += factor * (double)row[j];
    }
}

/* W vector, or W^T vector. */
static void multiply(gan_context *context, const struct matrix *matrix, bool transposed, const float *vector,
                     double *result)
{
    enum { GRAIN = 64 };
    const struct product product = {*matrix, vector, result};
    if (matrix->rows_last == transposed)
        gan_parallel_ranges(context, matrix->outer, gan_rows_per_task(matrix->inner), along_inner, &product);
    else
        gan_parallel_ranges(context, matrix->inner, GRAIN, along_outer, &product);
}

/* ---- Forward ---- */

/* What backward needs: u, v, 1 / sigma. */
struct state {
    float *u, *v, *inverse;
};

static struct state state_in(void *memory, const struct matrix *matrix)
{
    float *floats = memory;
    return (struct state){floats, floats + rows_of(matrix), floats + rows_of(matrix) + columns_of(matrix)};
}

static size_t state_size(const struct op_call *call)
{
    const struct matrix matrix = matrix_of(call->attributes, NULL);
    return (size_t)(rows_of(&matrix) + columns_of(&matrix) + 1) * sizeof(float);
}

/* One product, and the state where nothing is saved. */
static size_t workspace_size(const struct op_call *call, enum op_pass pass)
{
    const struct matrix matrix = matrix_of(call->attributes, NULL);
    const int64_t most = matrix.outer > matrix.inner ? matrix.outer : matrix.inner;
    return pass == OP_FORWARD ? (size_t)most * sizeof(double) + state_size(call) : 0;
}

static void normalize(const double *vector, int64_t count, float *unit)
{
    double squares = 0;
    for (int64_t i = 0; i < count; i++)
        squares += vector[i] * vector[i];
    const double length = sqrt(squares) > 1e-12 ? sqrt(squares) : 1e-12;
    for (int64_t i = 0; i < count; i++)
        unit[i] = (float)(vector[i] / length);
}

static void take_vectors(const struct op_call *call, const struct matrix *matrix, const struct state *state)
{
    memcpy(state->u, call->parameters[U].data, (size_t)rows_of(matrix) * sizeof(float));
    memcpy(state->v, call->parameters[V].data, (size_t)columns_of(matrix) * sizeof(float));
}

static void store_vectors(const struct op_call *call, const struct matrix *matrix, const struct state *state)
{
    memcpy(call->parameters[U].data, state->u, (size_t)rows_of(matrix) * sizeof(float));
    memcpy(call->parameters[V].data, state->v, (size_t)columns_of(matrix) * sizeof(float));
}

/* Batches that measure the statistics of batch norms say nothing about W: u and v stay as training left them.
 */
static bool iterates(const struct op_call *call)
{
    return call->batch_statistics && call->statistics_share == 0;
}

static void forward(const struct op_call *call)
{
    const struct matrix matrix = matrix_of(call->attributes, call->parameters[WEIGHT].data);
    const int64_t most = matrix.outer > matrix.inner ? matrix.outer : matrix.inner;
    double *product = call->workspace, sigma = 0;
    const struct state state = state_in(call->saved != NULL ? call->saved : product + most, &matrix);
    take_vectors(call, &matrix, &state);
    const bool iterated = iterates(call);
    if (iterated) {
        multiply(call->context, &matrix, true, state.u, product);
        normalize(product, columns_of(&matrix), state.v);
    }
    multiply(call->context, &matrix, false, state.v, product);
    if (iterated)
        normalize(product, rows_of(&matrix), state.u);
    for (int64_t i = 0; i < rows_of(&matrix); i++)
        sigma += (double)state.u[i] * product[i];
    call->output.data[0] = state.inverse[0] = (float)(1 / sigma);
    if (iterated && call->update_statistics)
        store_vectors(call, &matrix, &state);
}

/* ---- Backward ---- */

struct outer_product {
    const float *outer, *inner;
    int64_t columns;
    float factor, *result;
};

static void multiply_outer(const void *argument, int64_t start, int64_t end)
{
    const struct outer_product *product = argument;
    for (int64_t i = start; i < end; i++) {
        const float factor = product->factor * product->outer[i];
        for (int64_t j = 0; j < product->columns; j++)
            product->result[i * product->columns + j] = factor * product->inner[j];
    }
}

/* The derivative of 1 / (u W v) in W is - u v^T / (u W v)^2. */
static void backward(const struct op_call *call)
{
    const struct matrix matrix = matrix_of(call->attributes, NULL);
    const struct state state = state_in(call->saved, &matrix);
    if (call->parameter_gradients[WEIGHT] == NULL)
        return;
    const struct outer_product product = {.outer = matrix.rows_last ? state.v : state.u,
                                          .inner = matrix.rows_last ? state.u : state.v,
                                          .columns = matrix.inner,
                                          .factor =
                                              -call->output_gradient[0] * state.inverse[0] * state.inverse[0],
                                          .result = call->parameter_gradients[WEIGHT]};
    gan_parallel_ranges(call->context, matrix.outer, gan_rows_per_task(matrix.inner), multiply_outer,
                        &product);
}

/* An orthogonal matrix of one row is a unit vector. */
static int32_t specify(const void *attributes, struct parameter_specification *specifications)
{
    const struct matrix matrix = matrix_of(attributes, NULL);
    specifications[WEIGHT] = (struct parameter_specification){
        .suffix = "weight", .shape = weight_shape((const struct spectral_norm_attributes *)attributes)};
    specifications[U] = (struct parameter_specification){.suffix = "u",
                                                         .shape = {2, {1, rows_of(&matrix)}},
                                                         .initializer = GAN_INITIALIZER_ORTHOGONAL,
                                                         .running_statistic = true};
    specifications[V] = (struct parameter_specification){.suffix = "v",
                                                         .shape = {2, {1, columns_of(&matrix)}},
                                                         .initializer = GAN_INITIALIZER_ORTHOGONAL,
                                                         .running_statistic = true};
    return PARAMETERS;
}

const struct gan_op gan_op_spectral_norm = {
    .name = "spectral_norm",
    .attributes_size = sizeof(struct spectral_norm_attributes),
    .fields = fields,
    .field_count = sizeof fields / sizeof fields[0],
    .infer = infer,
    .parameters = specify,
    .saved_size = state_size,
    .workspace_size = workspace_size,
    .forward = forward,
    .backward = backward,
};

/* ---- The builder ---- */

static gan_layer *add_inverse(gan_layer *y, bool rows_last, const char *name)
{
    struct parameter *weight = y->parameters[0];
    const struct shape *shape = &weight->specification.shape;
    struct spectral_norm_attributes attributes = {
        .weight_rank = shape->rank, .rows_last = rows_last, .rank = y->shape.rank};
    for (int32_t i = 0; i < shape->rank; i++)
        attributes.weight_size[i] = shape->size[i];
    struct parameter_specification specifications[PARAMETERS];
    specify(&attributes, specifications);
    const struct layer_request request = {
        .op = &gan_op_spectral_norm, .attributes = &attributes, .name = name};
    gan_layer *layer = gan_graph_add(y->graph, &request);
    if (layer == NULL)
        return NULL;
    layer->parameters[layer->parameter_count++] = gan_parameter_retain(weight);
    for (int32_t i = U; i <= V; i++) {
        const gan_status status =
            gan_parameter_create(&layer->parameters[i], y->graph->context, &specifications[i]);
        if (status != GAN_OK)
            return gan_graph_refuse(y->graph, "spectral_norm", name, status);
        layer->parameter_count++;
    }
    return layer;
}

gan_layer *gan_add_spectral_norm(gan_layer *y, bool rows_last, bool no_bias)
{
    char name[256];
    if (y == NULL)
        return NULL;
    snprintf(name, sizeof name, "%.220s_spectral_norm", y->name);
    gan_layer *inverse = add_inverse(y, rows_last, name);
    snprintf(name, sizeof name, "%.220s_scaled", y->name);
    return gan_add_scaled(y, inverse, no_bias, name);
}
