#include "graph/initializer.h"

#include <math.h>

static void fill(float *values, int64_t count, float value)
{
    for (int64_t i = 0; i < count; i++)
        values[i] = value;
}

/* Uniform in +-sqrt(3) times the standard deviation that the initializer asks for. */
static void fill_uniform(struct random_stream *random, float *values, int64_t count, double deviation)
{
    const float bound = (float)(sqrt(3.0) * deviation);
    gan_random_fill_uniform(random, values, count, -bound, bound);
}

/* Modified Gram-Schmidt over the rows, in double through the dot products; rows beyond the row length start
 * again, as no more than that many can be orthogonal. */
static void orthogonalize(float *rows, int64_t row_count, int64_t length)
{
    for (int64_t i = 0; i < row_count; i++) {
        float *row = rows + i * length;
        const int64_t first = i - i % length;
        for (int64_t j = first; j < i; j++) {
            const float *other = rows + j * length;
            double dot = 0;
            for (int64_t k = 0; k < length; k++)
                dot += (double)row[k] * other[k];
            for (int64_t k = 0; k < length; k++)
                row[k] -= (float)(dot * other[k]);
        }
        double square = 0;
        for (int64_t k = 0; k < length; k++)
            square += (double)row[k] * row[k];
        const double factor = square > 0 ? 1 / sqrt(square) : 0;
        for (int64_t k = 0; k < length; k++)
            row[k] = (float)(row[k] * factor);
    }
}

static void fill_orthogonal(struct random_stream *random, struct parameter *parameter, float *values)
{
    const float given = parameter->specification.initializer_value;
    const int64_t rows = parameter->specification.shape.rank > 0 ? parameter->specification.shape.size[0] : 1;
    if (parameter->count == 0)
        return;
    gan_random_fill_normal(random, values, parameter->count, 0, 1);
    orthogonalize(values, rows, parameter->count / rows);
    if (given != 0)
        for (int64_t i = 0; i < parameter->count; i++)
            values[i] *= given;
}

void gan_parameter_initialize(struct parameter *parameter, struct random_stream *random)
{
    const struct parameter_specification *specification = &parameter->specification;
    float *values = gan_parameter_values(parameter);
    const int64_t count = parameter->count;
    const float value = specification->initializer_value;
    const double fan_in = specification->fan_in > 0 ? (double)specification->fan_in : 1;
    const double fan_out = specification->fan_out > 0 ? (double)specification->fan_out : 1;
    const double glorot = sqrt(2 / (fan_in + fan_out));
    const double he = sqrt(2 / fan_in);
    switch (specification->initializer) {
    case GAN_INITIALIZER_ZEROS:
        fill(values, count, 0);
        break;
    case GAN_INITIALIZER_ONES:
        fill(values, count, 1);
        break;
    case GAN_INITIALIZER_CONSTANT:
        fill(values, count, value);
        break;
    case GAN_INITIALIZER_NORMAL:
        gan_random_fill_normal(random, values, count, 0, value != 0 ? value : 0.02f);
        break;
    case GAN_INITIALIZER_GLOROT_NORMAL:
        gan_random_fill_normal(random, values, count, 0, (float)glorot);
        break;
    case GAN_INITIALIZER_HE_UNIFORM:
        fill_uniform(random, values, count, he);
        break;
    case GAN_INITIALIZER_HE_NORMAL:
        gan_random_fill_normal(random, values, count, 0, (float)he);
        break;
    case GAN_INITIALIZER_ORTHOGONAL:
        fill_orthogonal(random, parameter, values);
        break;
    default:
        fill_uniform(random, values, count, glorot);
    }
}
