#include "kernels/normalization.h"
#include "base/threads.h"
#include "kernels/channel_loops.h"
#include "kernels/pixel_loops.h"

#include <math.h>

/* Elements that a task passes over: they stay in the first-level cache between one loop and the next. */
enum { TASK = 8192 };

static const struct activation linear = {ACTIVATION_LINEAR, 0};

/* Scratch memory cut into arrays of [batch, channels]. */
struct arrays {
    double *first, *second;
    float *center, *a, *b, *c;
    void *rest;
};

static size_t field_channels(const struct pixel_field *field)
{
    return (size_t)field->batch * (size_t)field->channels;
}

static struct arrays arrays_of(const struct normalization *normalization, void *workspace)
{
    const size_t count = field_channels(&normalization->field);
    struct arrays arrays;
    arrays.first = workspace;
    arrays.second = arrays.first + count;
    arrays.center = (float *)(arrays.second + count);
    arrays.a = arrays.center + count;
    arrays.b = arrays.a + count;
    arrays.c = arrays.b + count;
    arrays.rest = arrays.c + count;
    return arrays;
}

size_t gan_normalization_workspace_size(const struct normalization *normalization)
{
    const size_t count = field_channels(&normalization->field);
    return count * (2 * sizeof(double) + 4 * sizeof(float)) +
           gan_moments_workspace_size(&normalization->field);
}

static int64_t set_channels(const struct normalization *normalization)
{
    return normalization->field.channels / normalization->sets;
}

/* By what the sum of squares of a set is divided. A set of one element has variance 0. */
static double variance_divisor(const struct normalization *normalization)
{
    const int64_t count = normalization->field.pixels * set_channels(normalization);
    return normalization->sample_variance && count > 1 ? (double)(count - 1) : (double)count;
}

/* One set from its channels, which have equally many pixels each. */
static struct set_statistics merge_channels(const double *mean, const double *square, int64_t channels,
                                            double pixels, double divisor)
{
    double set_mean = mean[0], set_square = square[0];
    for (int64_t c = 1; c < channels; c++) {
        const double delta = mean[c] - set_mean, share = 1.0 / (double)(c + 1);
        set_mean += delta * share;
        set_square += square[c] + delta * delta * pixels * (double)c * share;
    }
    return (struct set_statistics){set_mean, set_square / divisor};
}

void gan_normalization_statistics(gan_context *context, const struct normalization *normalization,
                                  const float *x, struct set_statistics *statistics, void *workspace)
{
    const struct arrays arrays = arrays_of(normalization, workspace);
    gan_moments(context, &normalization->field, x, arrays.first, arrays.second, arrays.rest);
    gan_normalization_statistics_of(normalization, arrays.first, arrays.second, statistics);
}

void gan_normalization_statistics_of(const struct normalization *normalization, const double *mean,
                                     const double *square, struct set_statistics *statistics)
{
    const int64_t width = set_channels(normalization);
    const double pixels = (double)normalization->field.pixels, divisor = variance_divisor(normalization);
    for (int64_t i = 0; i < normalization->field.batch * normalization->sets; i++)
        statistics[i] = merge_channels(mean + i * width, square + i * width, width, pixels, divisor);
}

void gan_normalization_carry(struct set_statistics *statistics, struct set_statistics *remembered,
                             int64_t count, double carry)
{
    for (int64_t i = 0; i < count; i++) {
        const struct set_statistics old = remembered[i];
        if (carry > 0 && isfinite(old.mean) && isfinite(old.variance)) {
            statistics[i].mean += carry * (old.mean - statistics[i].mean);
            statistics[i].variance += carry * (old.variance - statistics[i].variance);
        }
        remembered[i] = statistics[i];
    }
}

static double inverse_deviation(const struct normalization *normalization, struct set_statistics statistics)
{
    return 1.0 / sqrt(statistics.variance + normalization->epsilon);
}

static double scale_at(const struct normalization *normalization, int64_t picture, int64_t channel)
{
    return normalization->scale != NULL
               ? (double)normalization->scale[picture * normalization->affine_step + channel]
               : 1.0;
}

static double shift_at(const struct normalization *normalization, int64_t picture, int64_t channel)
{
    return normalization->shift != NULL
               ? (double)normalization->shift[picture * normalization->affine_step + channel]
               : 0.0;
}

/* A loop over all pixels, cut into tasks of whole pixels of one picture. */
struct pass {
    gan_context *context;
    struct pixel_field field;
    int64_t task_pixels, tasks; /* of a picture */
    const float *x, *dy, *residual;
    float *out;
    struct channel_affine affine;
    struct channel_blend blend;
    struct activation activation;
};

struct piece {
    int64_t start, pixels; /* offset in the arrays */
    int64_t coefficients;  /* offset of the picture's */
};

static void cut(struct pass *pass)
{
    const int64_t pixels = TASK / pass->field.channels;
    pass->task_pixels = pixels > 1 ? pixels : 1;
    pass->tasks = (pass->field.pixels + pass->task_pixels - 1) / pass->task_pixels;
}

static struct piece piece_of(const struct pass *pass, int64_t index)
{
    const int64_t picture = index / pass->tasks, first = index % pass->tasks * pass->task_pixels;
    const int64_t left = pass->field.pixels - first;
    return (struct piece){(picture * pass->field.pixels + first) * pass->field.channels,
                          left < pass->task_pixels ? left : pass->task_pixels,
                          picture * pass->field.channels};
}

static void affine_task(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct pass *pass = argument;
    const struct piece piece = piece_of(pass, index);
    const struct channel_affine affine = {pass->affine.center + piece.coefficients,
                                          pass->affine.scale + piece.coefficients,
                                          pass->affine.shift + piece.coefficients};
    float *y = pass->out + piece.start;
    gan_channel_loops(pass->context->kernels)
        ->affine(pass->x + piece.start, piece.pixels, pass->field.channels, &affine, y);
    const struct pixel_finish finish = {NULL, pass->residual != NULL ? pass->residual + piece.start : NULL,
                                        pass->activation};
    gan_pixels_finish(pass->context->kernels, y, pass->field.channels, piece.pixels, pass->field.channels,
                      &finish);
}

static void run_affine(struct pass *pass)
{
    cut(pass);
    gan_parallel(pass->context, pass->field.batch * pass->tasks, affine_task, pass);
}

void gan_channel_affine(gan_context *context, const struct pixel_field *field, const float *x,
                        const struct channel_affine *affine, struct activation activation, float *y)
{
    struct pass pass = {
        .context = context, .field = *field, .x = x, .out = y, .affine = *affine, .activation = activation};
    run_affine(&pass);
}

static void blend_task(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct pass *pass = argument;
    const struct piece piece = piece_of(pass, index);
    const struct channel_blend blend = {
        pass->blend.center + piece.coefficients, pass->blend.of_gradient + piece.coefficients,
        pass->blend.of_input + piece.coefficients, pass->blend.offset + piece.coefficients};
    gan_channel_loops(pass->context->kernels)
        ->blend(pass->x + piece.start, pass->dy + piece.start, piece.pixels, pass->field.channels, &blend,
                pass->out + piece.start);
}

/* The mean is used rounded to float, which subtracts without error; what rounding took away goes into the
 * shift. */
static void forward_coefficients(const struct normalization *normalization,
                                 const struct set_statistics *statistics, const struct arrays *arrays)
{
    const int64_t channels = normalization->field.channels, width = set_channels(normalization);
    for (int64_t i = 0; i < normalization->field.batch * channels; i++) {
        const int64_t picture = i / channels, channel = i % channels;
        const struct set_statistics set = statistics[i / width];
        const double factor =
            inverse_deviation(normalization, set) * scale_at(normalization, picture, channel);
        arrays->center[i] = (float)set.mean;
        arrays->a[i] = (float)factor;
        arrays->b[i] = (float)(((double)arrays->center[i] - set.mean) * factor +
                               shift_at(normalization, picture, channel));
    }
}

void gan_normalization_forward(gan_context *context, const struct normalization *normalization,
                               const float *x, const struct set_statistics *statistics,
                               struct activation activation, float *y, void *workspace)
{
    const struct arrays arrays = arrays_of(normalization, workspace);
    forward_coefficients(normalization, statistics, &arrays);
    struct pass pass = {.context = context,
                        .field = normalization->field,
                        .x = x,
                        .residual = normalization->residual,
                        .out = y,
                        .affine = {arrays.center, arrays.a, arrays.b},
                        .activation = activation};
    run_affine(&pass);
}

void gan_normalization_affine(const struct normalization *normalization,
                              const struct set_statistics *statistics, float *scale, float *shift,
                              void *workspace)
{
    const struct arrays arrays = arrays_of(normalization, workspace);
    forward_coefficients(normalization, statistics, &arrays);
    const int64_t count = normalization->field.batch * normalization->field.channels;
    for (int64_t i = 0; i < count; i++) {
        scale[i] = arrays.a[i];
        shift[i] = (float)((double)arrays.b[i] - (double)arrays.center[i] * (double)arrays.a[i]);
    }
}

/* From sums of dy and dy (x - center) to sums of dy and dy times the normalized x. */
static void normalize_sums(const struct normalization *normalization, const struct set_statistics *statistics,
                           const struct arrays *arrays, double *dscale, double *dshift)
{
    const int64_t width = set_channels(normalization);
    for (int64_t i = 0; i < normalization->field.batch * normalization->field.channels; i++) {
        const struct set_statistics set = statistics[i / width];
        const double sum = arrays->first[i], rounding = (double)arrays->center[i] - set.mean;
        dshift[i] = sum;
        dscale[i] = (arrays->second[i] + rounding * sum) * inverse_deviation(normalization, set);
    }
}

/* dx = inverse (scale dy - mean of scale dy - xhat (sum of scale dy xhat) / divisor), as a blend of dy and
 * x - center. */
static void backward_coefficients(const struct normalization *normalization,
                                  const struct set_statistics *statistics, const double *dscale,
                                  const double *dshift, const struct arrays *arrays)
{
    const int64_t channels = normalization->field.channels, width = set_channels(normalization);
    const double count = (double)(normalization->field.pixels * width);
    const double divisor = variance_divisor(normalization);
    for (int64_t set = 0; set < normalization->field.batch * normalization->sets; set++) {
        const double inverse = inverse_deviation(normalization, statistics[set]);
        double mean = 0, slope = 0;
        for (int64_t i = set * width; i < (set + 1) * width && !normalization->fixed; i++) {
            const double scale = scale_at(normalization, i / channels, i % channels);
            mean += scale * dshift[i] / count;
            slope += scale * dscale[i] / divisor;
        }
        for (int64_t i = set * width; i < (set + 1) * width; i++) {
            const double of_input = -inverse * inverse * slope;
            arrays->a[i] = (float)(inverse * scale_at(normalization, i / channels, i % channels));
            arrays->b[i] = (float)of_input;
            arrays->c[i] =
                (float)(of_input * ((double)arrays->center[i] - statistics[set].mean) - inverse * mean);
        }
    }
}

static void round_means(const struct normalization *normalization, const struct set_statistics *statistics,
                        float *center)
{
    const int64_t width = set_channels(normalization);
    for (int64_t i = 0; i < normalization->field.batch * normalization->field.channels; i++)
        center[i] = (float)statistics[i / width].mean;
}

void gan_normalization_backward(gan_context *context, const struct normalization *normalization,
                                const float *x, const float *dy, const struct set_statistics *statistics,
                                float *dx, double *dscale, double *dshift, void *workspace)
{
    const struct arrays arrays = arrays_of(normalization, workspace);
    round_means(normalization, statistics, arrays.center);
    gan_gradient_sums(context, &normalization->field, x, dy, arrays.center, arrays.first, arrays.second,
                      arrays.rest);
    normalize_sums(normalization, statistics, &arrays, dscale, dshift);
    if (dx == NULL)
        return;
    backward_coefficients(normalization, statistics, dscale, dshift, &arrays);
    struct pass pass = {.context = context,
                        .field = normalization->field,
                        .x = x,
                        .dy = dy,
                        .out = dx,
                        .blend = {arrays.center, arrays.a, arrays.b, arrays.c},
                        .activation = linear};
    cut(&pass);
    gan_parallel(context, normalization->field.batch * pass.tasks, blend_task, &pass);
}
