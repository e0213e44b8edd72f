/* Kernel distance: the unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012,
 * equation 3) with the cubic kernel of Binkowski et al. 2018. */
#include "base/random.h"
#include "base/threads.h"
#include "metrics/pictures.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { SUBSETS = 100, SUBSET_SIZE = 1000, MOST_SUBSETS = 100000 };

struct discrepancy {
    const gan_tensor *a, *b;
    int64_t size;
    const int64_t *chosen[2]; /* the subsets of a and b */
    double *rows;             /* [size] */
};

static double kernel(const float *x, const float *y, int64_t count)
{
    enum { LANES = 8 };
    double lanes[LANES] = {0}, sum = 1;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++)
            lanes[k] += (double)x[i + k] * (double)y[i + k];
    for (; i < count; i++)
        lanes[0] += (double)x[i] * (double)y[i];
    for (int k = 0; k < LANES; k++)
        sum += lanes[k] / (double)count;
    return sum * sum * sum;
}

static const float *vector(const gan_tensor *set, int64_t index)
{
    return (const float *)set->data + index * set->shape.size[1];
}

/* One vector of each subset against all: pairs within count both ways, a vector's pair with itself does not.
 */
static void sum_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct discrepancy *d = argument;
    const int64_t count = d->a->shape.size[1];
    const float *x = vector(d->a, d->chosen[0][row]), *y = vector(d->b, d->chosen[1][row]);
    double within = 0, across = 0;
    for (int64_t i = 0; i < d->size; i++) {
        const float *other = vector(d->b, d->chosen[1][i]);
        across += kernel(x, other, count);
        if (i < row)
            within += kernel(x, vector(d->a, d->chosen[0][i]), count) + kernel(y, other, count);
    }
    const double size = (double)d->size;
    d->rows[row] = 2 * within / (size * (size - 1)) - 2 * across / (size * size);
}

static double estimate(struct discrepancy *discrepancy)
{
    gan_parallel(discrepancy->a->context, discrepancy->size, sum_row, discrepancy);
    double sum = 0;
    for (int64_t i = 0; i < discrepancy->size; i++)
        sum += discrepancy->rows[i];
    return sum;
}

/* Put a random subset of 0..count-1 in front. */
static void choose(int64_t *indices, int64_t count, int64_t size, struct random_stream *random)
{
    for (int64_t i = 0; i < count; i++)
        indices[i] = i;
    for (int64_t i = 0; i < size; i++) {
        const int64_t other = i + gan_random_below(random, count - i), kept = indices[i];
        indices[i] = indices[other];
        indices[other] = kept;
    }
}

static int compare(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

/* By linear interpolation between the sorted values. */
static double quantile(const double *sorted, int32_t count, double part)
{
    const double position = part * (count - 1);
    const int32_t below = (int32_t)position, above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}

static void summarize(double *estimates, gan_kernel_distance_result *result)
{
    const int32_t count = result->subsets;
    double sum = 0, squares = 0;
    for (int32_t i = 0; i < count; i++)
        sum += estimates[i];
    result->mean = sum / count;
    for (int32_t i = 0; i < count; i++)
        squares += (estimates[i] - result->mean) * (estimates[i] - result->mean);
    result->deviation = count > 1 ? sqrt(squares / (count - 1)) : 0;
    qsort(estimates, (size_t)count, sizeof *estimates, compare);
    result->low = quantile(estimates, count, 0.025);
    result->high = quantile(estimates, count, 0.975);
}

static gan_status run(const gan_tensor *a, const gan_tensor *b, uint64_t seed,
                      gan_kernel_distance_result *result)
{
    gan_context *context = a->context;
    const int64_t counts[2] = {a->shape.size[0], b->shape.size[0]};
    int64_t *indices = gan_allocate_array(context, (size_t)(counts[0] + counts[1]), sizeof *indices);
    const size_t doubles = (size_t)result->subset_size + (size_t)result->subsets;
    double *rows = gan_allocate_array(context, doubles, sizeof *rows);
    if (indices == NULL || rows == NULL) {
        gan_release(context, indices);
        gan_release(context, rows);
        return gan_fail_memory("subsets of features", doubles * sizeof *rows);
    }
    struct discrepancy discrepancy = {a, b, result->subset_size, {indices, indices + counts[0]}, rows};
    double *estimates = rows + result->subset_size;
    for (int32_t i = 0; i < result->subsets; i++) {
        struct random_stream random = {.seed = seed, .stream = (uint64_t)i};
        choose(indices, counts[0], result->subset_size, &random);
        choose(indices + counts[0], counts[1], result->subset_size, &random);
        estimates[i] = estimate(&discrepancy);
    }
    summarize(estimates, result);
    gan_release(context, indices);
    gan_release(context, rows);
    return GAN_OK;
}

static gan_status take_sizes(gan_kernel_distance_result *result, const gan_kernel_distance_options *options,
                             int64_t smaller)
{
    const int64_t half = smaller / 2 > 2 ? smaller / 2 : 2;
    const int64_t usual = half < SUBSET_SIZE ? half : SUBSET_SIZE;
    result->subset_size = options->subset_size != 0 ? options->subset_size : (int32_t)usual;
    result->subsets = options->subsets != 0 ? options->subsets : SUBSETS;
    if (result->subset_size < 2 || result->subset_size > smaller)
        return gan_fail(GAN_ERROR_ARGUMENT,
                        "subset_size is %" PRId32 ", expected 2 to the smaller set's %" PRId64 " vectors",
                        result->subset_size, smaller);
    if (result->subsets < 1 || result->subsets > MOST_SUBSETS)
        return gan_fail(GAN_ERROR_ARGUMENT, "subsets is %" PRId32 ", expected 1 to %d", result->subsets,
                        (int)MOST_SUBSETS);
    return GAN_OK;
}

gan_status gan_kernel_distance(const gan_tensor *a, const gan_tensor *b,
                               const gan_kernel_distance_options *given, gan_kernel_distance_result *result)
{
    gan_kernel_distance_options options;
    gan_kernel_distance_result found = {.struct_size = sizeof found};
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_kernel_distance_options");
    if (status == GAN_OK)
        status = gan_check_result(result, sizeof found, "gan_kernel_distance_result");
    if (status == GAN_OK)
        status = gan_metric_check_sets(a, b);
    if (status == GAN_OK) {
        const int64_t first = a->shape.size[0], second = b->shape.size[0];
        status = take_sizes(&found, &options, first < second ? first : second);
    }
    if (status == GAN_OK)
        status = run(a, b, options.seed, &found);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_kernel_distance: ");
    gan_give_result(result, &found, sizeof found);
    return GAN_OK;
}
