/* Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004). */
#include "base/threads.h"
#include "metrics/pictures.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { WINDOW = 11, MOMENTS = 5 };
static const double SIGMA = 1.5, C1 = 0.01 * 0.01, C2 = 0.03 * 0.03;

/* Means under the window of a, b, a a, b b and a b. */
enum moment { MEAN_A, MEAN_B, SQUARE_A, SQUARE_B, PRODUCT };

struct comparison {
    int64_t height, width; /* of the plane */
    double window[WINDOW];
    double *a, *b;   /* the planes that are compared */
    double *columns; /* [workers][MOMENTS][width] */
    double *rows;    /* [height - WINDOW + 1]: sums of similarities */
};

static void make_window(double window[WINDOW])
{
    double sum = 0;
    for (int i = 0; i < WINDOW; i++) {
        const double x = (i - WINDOW / 2) / SIGMA;
        window[i] = exp(-0.5 * x * x);
        sum += window[i];
    }
    for (int i = 0; i < WINDOW; i++)
        window[i] /= sum;
}

static double similarity(const double m[MOMENTS])
{
    const double product = m[MEAN_A] * m[MEAN_B];
    const double squares = m[MEAN_A] * m[MEAN_A] + m[MEAN_B] * m[MEAN_B];
    const double covariance = m[PRODUCT] - product;
    const double variances = m[SQUARE_A] + m[SQUARE_B] - squares;
    return (2 * product + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2));
}

/* The window is separable: its columns here, its rows in sum_row. */
static void filter_columns(const struct comparison *comparison, int64_t top, double *columns)
{
    const int64_t width = comparison->width;
    memset(columns, 0, (size_t)(MOMENTS * width) * sizeof *columns);
    for (int i = 0; i < WINDOW; i++) {
        const double weight = comparison->window[i];
        const double *a = comparison->a + (top + i) * width, *b = comparison->b + (top + i) * width;
        for (int64_t x = 0; x < width; x++) {
            columns[MEAN_A * width + x] += weight * a[x];
            columns[MEAN_B * width + x] += weight * b[x];
            columns[SQUARE_A * width + x] += weight * a[x] * a[x];
            columns[SQUARE_B * width + x] += weight * b[x] * b[x];
            columns[PRODUCT * width + x] += weight * a[x] * b[x];
        }
    }
}

static void sum_row(void *argument, int64_t top, int32_t worker)
{
    const struct comparison *comparison = argument;
    const int64_t width = comparison->width;
    double *columns = comparison->columns + worker * MOMENTS * width;
    filter_columns(comparison, top, columns);
    double sum = 0;
    for (int64_t x = 0; x + WINDOW <= width; x++) {
        double moments[MOMENTS] = {0};
        for (int k = 0; k < MOMENTS; k++)
            for (int i = 0; i < WINDOW; i++)
                moments[k] += comparison->window[i] * columns[k * width + x + i];
        sum += similarity(moments);
    }
    comparison->rows[top] = sum;
}

static double compare_planes(gan_context *context, struct comparison *comparison)
{
    const int64_t rows = comparison->height - WINDOW + 1, columns = comparison->width - WINDOW + 1;
    gan_parallel(context, rows, sum_row, comparison);
    double sum = 0;
    for (int64_t y = 0; y < rows; y++)
        sum += comparison->rows[y];
    return sum / ((double)rows * (double)columns);
}

/* One channel of picture `n`, or its luma. */
static void take_plane(double *plane, const gan_tensor *picture, int64_t n, int64_t channel, bool luma)
{
    const int64_t *size = picture->shape.size, pixels = size[1] * size[2];
    const float *values = (const float *)picture->data + n * pixels * size[3];
    for (int64_t i = 0; i < pixels; i++) {
        const float *pixel = values + i * size[3];
        plane[i] = luma ? 0.299 * (double)pixel[0] + 0.587 * (double)pixel[1] + 0.114 * (double)pixel[2]
                        : (double)pixel[channel];
    }
}

static double compare(struct comparison *comparison, const gan_tensor *a, const gan_tensor *b, bool luma)
{
    const int64_t batch = a->shape.size[0], planes = luma ? 1 : a->shape.size[3];
    double sum = 0;
    for (int64_t n = 0; n < batch; n++)
        for (int64_t channel = 0; channel < planes; channel++) {
            take_plane(comparison->a, a, n, channel, luma);
            take_plane(comparison->b, b, n, channel, luma);
            sum += compare_planes(a->context, comparison);
        }
    return sum / (double)(batch * planes);
}

static gan_status run(const gan_tensor *a, const gan_tensor *b, bool luma, double *value)
{
    gan_context *context = a->context;
    struct comparison comparison = {.height = a->shape.size[1], .width = a->shape.size[2]};
    const size_t plane = (size_t)(comparison.height * comparison.width);
    const size_t columns = (size_t)gan_parallel_workers(context) * MOMENTS * (size_t)comparison.width;
    const size_t count = 2 * plane + columns + (size_t)comparison.height;
    double *room = gan_allocate_array(context, count, sizeof *room);
    if (room == NULL)
        return gan_fail_memory("planes of pictures", count * sizeof *room);
    comparison.a = room;
    comparison.b = room + plane;
    comparison.columns = room + 2 * plane;
    comparison.rows = comparison.columns + columns;
    make_window(comparison.window);
    *value = compare(&comparison, a, b, luma);
    gan_release(context, room);
    return GAN_OK;
}

static gan_status check(const gan_tensor *a, const gan_tensor *b)
{
    const gan_status status = gan_metric_check_pair(a, b);
    if (status != GAN_OK)
        return status;
    char text[SHAPE_TEXT_SIZE];
    if (a->shape.rank == 4 && a->shape.size[1] >= WINDOW && a->shape.size[2] >= WINDOW)
        return GAN_OK;
    return gan_fail(GAN_ERROR_SHAPE,
                    "the pictures have the shape %s, expected [N,H,W,C], H and W at least %d",
                    gan_shape_text(&a->shape, text), (int)WINDOW);
}

gan_status gan_ssim(const gan_tensor *a, const gan_tensor *b, const gan_ssim_options *given, double *value)
{
    gan_ssim_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_ssim_options");
    if (status == GAN_OK)
        status = value != NULL ? check(a, b) : gan_fail(GAN_ERROR_ARGUMENT, "similarity is NULL");
    if (status == GAN_OK)
        status = run(a, b, a->shape.size[3] == 3 && options.per_channel == 0, value);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_ssim: ");
}
