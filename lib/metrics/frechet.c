/* Frechet distance of Gaussians (Dowson & Landau 1982; as a measure of generators: Heusel et al. 2017). */
#include "base/threads.h"
#include "metrics/pictures.h"
#include "kernels/symmetric.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

struct moments {
    int64_t channels;
    const double *mean, *covariance; /* [C], [C, C] */
};

/* C = A B^T, all [.., columns], by rows; C has `rows` rows of `others` elements. */
struct product {
    const double *a, *b;
    double *c;
    int64_t columns, others;
};

static double dot(const double *a, const double *b, int64_t count)
{
    double lanes[4] = {0};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (int k = 0; k < 4; k++)
            lanes[k] += a[i + k] * b[i + k];
    for (; i < count; i++)
        lanes[0] += a[i] * b[i];
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

static void multiply_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct product *product = argument;
    for (int64_t k = 0; k < product->others; k++)
        product->c[row * product->others + k] =
            dot(product->a + row * product->columns, product->b + k * product->columns, product->columns);
}

static double trace(const double *matrix, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += matrix[i * count + i];
    return sum;
}

static double largest(const double *values, int64_t count)
{
    double found = 0;
    for (int64_t i = 0; i < count; i++)
        found = fmax(found, values[i]);
    return found;
}

/* Rows of eigenvectors times the roots of their eigenvalues, those that are zero but for rounding left out:
 * what is left are the directions in which a set of few vectors varies at all. Returns how many. */
static int64_t scale_rows(double *rows, const double *values, int64_t count)
{
    const double bound = largest(values, count) * (double)count * DBL_EPSILON;
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!(values[i] > bound))
            continue;
        const double root = sqrt(values[i]);
        for (int64_t k = 0; k < count; k++)
            rows[kept * count + k] = root * rows[i * count + k];
        kept++;
    }
    return kept;
}

static double sum_of_roots(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i] > 0 ? sqrt(values[i]) : 0;
    return sum;
}

/* trace (A B)^(1/2) = the sum of the roots of the eigenvalues of R B R^T, where A = R^T R. `room` has four
 * matrices less 0 elements. */
static gan_status trace_of_root(gan_context *context, const double *a, const double *b, int64_t count,
                                double *room, double *value)
{
    const size_t square = (size_t)(count * count);
    double *rows = room, *half = rows + square, *whole = half + square;
    double *values = whole + square, *scratch = values + count;
    memcpy(rows, a, square * sizeof *rows);
    if (!gan_symmetric_eigen(rows, count, true, values, scratch))
        return gan_fail(GAN_ERROR_NOT_FINITE, "the eigenvalues of a covariance do not converge");
    const int64_t kept = scale_rows(rows, values, count);
    struct product first = {rows, b, half, count, count};
    gan_parallel(context, kept, multiply_row, &first);
    struct product second = {half, rows, whole, count, kept};
    gan_parallel(context, kept, multiply_row, &second);
    if (kept > 0 && !gan_symmetric_eigen(whole, kept, false, values, scratch))
        return gan_fail(GAN_ERROR_NOT_FINITE, "the eigenvalues of a product of covariances do not converge");
    *value = sum_of_roots(values, kept);
    return GAN_OK;
}

static gan_status frechet(gan_context *context, const struct moments *a, const struct moments *b,
                          double *distance)
{
    const int64_t count = a->channels;
    const size_t size = 3 * (size_t)(count * count) + 4 * (size_t)count;
    double *room = gan_allocate_array(context, size, sizeof *room), root = 0, between = 0;
    if (room == NULL)
        return gan_fail_memory("covariances", size * sizeof *room);
    const gan_status status = trace_of_root(context, a->covariance, b->covariance, count, room, &root);
    gan_release(context, room);
    for (int64_t i = 0; i < count; i++)
        between += (a->mean[i] - b->mean[i]) * (a->mean[i] - b->mean[i]);
    *distance = fmax(between + trace(a->covariance, count) + trace(b->covariance, count) - 2 * root, 0);
    return status;
}

static gan_status check_moments(const struct moments *moments, const char *name)
{
    const int64_t count = moments->channels;
    const double *matrix = moments->covariance;
    double size = 0;
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(moments->mean[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "element %" PRId64 " of mean %s is not finite", i, name);
    for (int64_t i = 0; i < count * count; i++) {
        if (!isfinite(matrix[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "element %" PRId64 " of covariance %s is not finite", i,
                            name);
        size = fmax(size, fabs(matrix[i]));
    }
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < i; k++)
            if (fabs(matrix[i * count + k] - matrix[k * count + i]) > 1e-6 * size)
                return gan_fail(GAN_ERROR_ARGUMENT,
                                "covariance %s is not symmetric: elements [%" PRId64 ",%" PRId64 "]", name, i,
                                k);
    return GAN_OK;
}

gan_status gan_frechet_distance_of_moments(gan_context *context, int64_t channels, const double *mean_a,
                                           const double *covariance_a, const double *mean_b,
                                           const double *covariance_b, double *distance)
{
    const struct moments a = {channels, mean_a, covariance_a}, b = {channels, mean_b, covariance_b};
    gan_status status = GAN_OK;
    if (context == NULL || mean_a == NULL || covariance_a == NULL || mean_b == NULL || covariance_b == NULL ||
        distance == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "an argument is NULL");
    else if (channels < 1 || channels > 16384)
        status = gan_fail(GAN_ERROR_ARGUMENT, "channels is %" PRId64 ", expected 1 to 16384", channels);
    if (status == GAN_OK)
        status = check_moments(&a, "a");
    if (status == GAN_OK)
        status = check_moments(&b, "b");
    if (status == GAN_OK)
        status = frechet(context, &a, &b, distance);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_frechet_distance_of_moments: ");
}

/* Centre the vectors of a set, channel by channel as rows: [C, n]. */
static void centre(const gan_tensor *set, double *mean, double *centred)
{
    const int64_t count = set->shape.size[0], channels = set->shape.size[1];
    const float *values = set->data;
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0;
        for (int64_t i = 0; i < count; i++)
            sum += (double)values[i * channels + c];
        mean[c] = sum / (double)count;
        for (int64_t i = 0; i < count; i++)
            centred[c * count + i] = ((double)values[i * channels + c] - mean[c]) / sqrt((double)(count - 1));
    }
}

/* Mean and sample covariance in one block of memory, the caller's to release. */
static gan_status measure(const gan_tensor *set, struct moments *moments, double **room)
{
    gan_context *context = set->context;
    const int64_t count = set->shape.size[0], channels = set->shape.size[1];
    const size_t size = (size_t)channels * (size_t)(1 + channels);
    *room = gan_allocate_array(context, size, sizeof **room);
    double *centred = gan_allocate_array(context, (size_t)(channels * count), sizeof *centred);
    if (*room == NULL || centred == NULL) {
        gan_release(context, centred);
        return gan_fail_memory("the moments of features", size * sizeof **room);
    }
    centre(set, *room, centred);
    struct product product = {centred, centred, *room + channels, count, channels};
    gan_parallel(context, channels, multiply_row, &product);
    gan_release(context, centred);
    *moments = (struct moments){channels, *room, *room + channels};
    return GAN_OK;
}

gan_status gan_frechet_distance(const gan_tensor *a, const gan_tensor *b, double *distance)
{
    gan_status status =
        distance != NULL ? gan_metric_check_sets(a, b) : gan_fail(GAN_ERROR_ARGUMENT, "distance is NULL");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_frechet_distance: ");
    struct moments first, second;
    double *rooms[2] = {NULL, NULL};
    status = measure(a, &first, &rooms[0]);
    if (status == GAN_OK)
        status = measure(b, &second, &rooms[1]);
    if (status == GAN_OK)
        status = frechet(a->context, &first, &second, distance);
    gan_release(a->context, rooms[0]);
    gan_release(b->context, rooms[1]);
    return status;
}
