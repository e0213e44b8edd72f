/* Differences of elements: signal-to-noise ratio, and diversity of a batch. */
#include "metrics/pictures.h"

#include <inttypes.h>
#include <math.h>

static double squared_distance(const float *a, const float *b, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        const double difference = (double)a[i] - (double)b[i];
        sum += difference * difference;
    }
    return sum;
}

gan_status gan_psnr(const gan_tensor *a, const gan_tensor *b, double *decibels)
{
    gan_status status =
        decibels != NULL ? gan_metric_check_pair(a, b) : gan_fail(GAN_ERROR_ARGUMENT, "decibels is NULL");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_psnr: ");
    const int64_t count = gan_tensor_count(a);
    const double error = squared_distance(a->data, b->data, count) / (double)count;
    *decibels = error > 0 ? -10 * log10(error) : (double)INFINITY;
    return GAN_OK;
}

gan_status gan_mean_pairwise_distance(const gan_tensor *pictures, double *distance)
{
    gan_status status = distance != NULL ? gan_metric_check(pictures, "pictures")
                                         : gan_fail(GAN_ERROR_ARGUMENT, "distance is NULL");
    if (status == GAN_OK && (pictures->shape.rank < 1 || pictures->shape.size[0] < 2))
        status = gan_fail(GAN_ERROR_SHAPE, "pictures is no batch of at least 2");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_mean_pairwise_distance: ");
    const int64_t count = pictures->shape.size[0], each = gan_tensor_count(pictures) / count;
    const float *values = pictures->data;
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < i; j++)
            sum += sqrt(squared_distance(values + i * each, values + j * each, each) / (double)each);
    *distance = sum / ((double)count * (double)(count - 1) / 2);
    return GAN_OK;
}
