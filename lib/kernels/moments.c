#include "kernels/moments.h"
#include "base/threads.h"
#include "kernels/channel_loops.h"

/* Floats are summed over RUN pixels, which stay in the first-level cache together with CHANNELS channels;
 * above that, sums are double. A task is a block of whole runs of at least LEAST_BLOCK elements; a picture
 * has at most MOST_BLOCKS of them. */
enum { RUN = 64, CHANNELS = 64, LEAST_BLOCK = 16384, MOST_BLOCKS = 64 };

/* Sums of one block, [2, channels], lie together. */
struct reduction {
    struct pixel_field field;
    const struct channel_loops *loops;
    int64_t block, blocks; /* pixels of a block; blocks of a picture */
    const float *x, *dy, *center;
    double *partial;        /* [batch, blocks, 2, channels] */
    double *first, *second; /* [batch, channels] */
};

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* The cut depends on the shape alone. */
static int64_t block_pixels(const struct pixel_field *field)
{
    const int64_t by_work = divide_up(LEAST_BLOCK, field->channels);
    const int64_t by_count = divide_up(field->pixels, MOST_BLOCKS);
    return divide_up(by_work > by_count ? by_work : by_count, RUN) * RUN;
}

static struct reduction reduction_of(const gan_context *context, const struct pixel_field *field,
                                     void *workspace)
{
    const int64_t block = block_pixels(field);
    return (struct reduction){.field = *field,
                              .loops = gan_channel_loops(context->kernels),
                              .block = block,
                              .blocks = divide_up(field->pixels, block),
                              .partial = workspace};
}

size_t gan_moments_workspace_size(const struct pixel_field *field)
{
    const int64_t blocks = divide_up(field->pixels, block_pixels(field));
    return (size_t)field->batch * (size_t)blocks * 2 * (size_t)field->channels * sizeof(double);
}

/* Where a task works: pixels [start, end) of picture n, as offsets in the arrays. */
struct place {
    int64_t picture, start, pixels;
    double *first, *second;
};

static struct place place_of(const struct reduction *reduction, int64_t index)
{
    const struct pixel_field *field = &reduction->field;
    const int64_t picture = index / reduction->blocks;
    const int64_t begin = index % reduction->blocks * reduction->block;
    double *partial = reduction->partial + index * 2 * field->channels;
    return (struct place){picture, (picture * field->pixels + begin) * field->channels,
                          at_most(reduction->block, field->pixels - begin), partial,
                          partial + field->channels};
}

/* Take `count` more values of known mean and square into mean and square of `before` values (Chan, Golub &
 * LeVeque 1979). */
static void merge(double *restrict mean, double *restrict square, double before,
                  const double *restrict more_mean, const double *restrict more_square, double count,
                  int64_t channels)
{
    const double share = count / (before + count), weight = before * share;
    for (int64_t c = 0; c < channels; c++) {
        const double delta = more_mean[c] - mean[c];
        mean[c] += delta * share;
        square[c] += more_square[c] + delta * delta * weight;
    }
}

/* Mean and square of a run, from sums of the differences from its first pixel. That pixel is one of the
 * values, so the subtraction loses at most log2(RUN) bits, however far it lies from the mean. */
static void moments_of_run(const struct channel_loops *loops, const float *x, int64_t pixels, int64_t stride,
                           int64_t channels, double *mean, double *square)
{
    float sum[CHANNELS], squares[CHANNELS];
    loops->deviations(x, pixels, stride, channels, sum, squares);
    const double share = 1.0 / (double)pixels;
    for (int64_t c = 0; c < channels; c++) {
        const double s = sum[c], left = squares[c] - s * s * share;
        mean[c] = x[c] + s * share;
        square[c] = left > 0 ? left : 0;
    }
}

static void moments_of_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct reduction *reduction = argument;
    const int64_t all = reduction->field.channels;
    const struct place place = place_of(reduction, index);
    for (int64_t c = 0; c < all; c += CHANNELS) {
        const int64_t channels = at_most(CHANNELS, all - c);
        const float *x = reduction->x + place.start + c;
        moments_of_run(reduction->loops, x, at_most(RUN, place.pixels), all, channels, place.first + c,
                       place.second + c);
        for (int64_t p = RUN; p < place.pixels; p += RUN) {
            const int64_t pixels = at_most(RUN, place.pixels - p);
            double mean[CHANNELS], square[CHANNELS];
            moments_of_run(reduction->loops, x + p * all, pixels, all, channels, mean, square);
            merge(place.first + c, place.second + c, (double)p, mean, square, (double)pixels, channels);
        }
    }
}

void gan_moments_merge(double *count, double *mean, double *square, double more, const double *more_mean,
                       const double *more_square, int64_t channels)
{
    merge(mean, square, count[0], more_mean, more_square, more, channels);
    for (int64_t c = 0; c < channels; c++)
        count[c] += more;
}

void gan_moments_gather(int32_t kernels, const float *x, int64_t pixels, int64_t stride, int64_t channels,
                        double *count, double *mean, double *square)
{
    const struct channel_loops *loops = gan_channel_loops(kernels);
    for (int64_t p = 0; p < pixels; p += RUN)
        for (int64_t c = 0; c < channels; c += CHANNELS) {
            const int64_t run = at_most(RUN, pixels - p), width = at_most(CHANNELS, channels - c);
            double run_mean[CHANNELS], run_square[CHANNELS];
            moments_of_run(loops, x + p * stride + c, run, stride, width, run_mean, run_square);
            gan_moments_merge(count + c, mean + c, square + c, (double)run, run_mean, run_square, width);
        }
}

static void products_of_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct reduction *reduction = argument;
    const int64_t all = reduction->field.channels;
    const struct place place = place_of(reduction, index);
    const float *center = reduction->center + place.picture * all;
    for (int64_t c = 0; c < all; c += CHANNELS) {
        const int64_t channels = at_most(CHANNELS, all - c);
        for (int64_t i = c; i < c + channels; i++)
            place.first[i] = place.second[i] = 0;
        for (int64_t p = 0; p < place.pixels; p += RUN) {
            float sum[CHANNELS], product[CHANNELS];
            const int64_t at = place.start + p * all + c;
            reduction->loops->products(reduction->x + at, reduction->dy + at, at_most(RUN, place.pixels - p),
                                       all, channels, center + c, sum, product);
            for (int64_t i = 0; i < channels; i++) {
                place.first[c + i] += sum[i];
                place.second[c + i] += product[i];
            }
        }
    }
}

/* A task of the second step: CHANNELS channels of one picture, its blocks in order. */
struct columns {
    int64_t to, channels;  /* index in the results, number of channels */
    const double *partial; /* of block 0 */
};

static int64_t column_tasks(const struct pixel_field *field)
{
    return field->batch * divide_up(field->channels, CHANNELS);
}

static struct columns columns_of(const struct reduction *reduction, int64_t index)
{
    const int64_t all = reduction->field.channels, groups = divide_up(all, CHANNELS);
    const int64_t picture = index / groups, c = index % groups * CHANNELS;
    return (struct columns){picture * all + c, at_most(CHANNELS, all - c),
                            reduction->partial + picture * reduction->blocks * 2 * all + c};
}

static void merge_blocks(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct reduction *reduction = argument;
    const int64_t all = reduction->field.channels, pixels = reduction->field.pixels;
    const struct columns columns = columns_of(reduction, index);
    double *mean = reduction->first + columns.to, *square = reduction->second + columns.to;
    for (int64_t c = 0; c < columns.channels; c++) {
        mean[c] = columns.partial[c];
        square[c] = columns.partial[all + c];
    }
    for (int64_t b = 1; b < reduction->blocks; b++) {
        const double *partial = columns.partial + b * 2 * all;
        const int64_t before = b * reduction->block;
        merge(mean, square, (double)before, partial, partial + all,
              (double)at_most(reduction->block, pixels - before), columns.channels);
    }
}

static void add_blocks(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct reduction *reduction = argument;
    const int64_t all = reduction->field.channels;
    const struct columns columns = columns_of(reduction, index);
    double *restrict sum = reduction->first + columns.to, *restrict product = reduction->second + columns.to;
    for (int64_t c = 0; c < columns.channels; c++)
        sum[c] = product[c] = 0;
    for (int64_t b = 0; b < reduction->blocks; b++) {
        const double *restrict partial = columns.partial + b * 2 * all;
        for (int64_t c = 0; c < columns.channels; c++) {
            sum[c] += partial[c];
            product[c] += partial[all + c];
        }
    }
}

void gan_moments(gan_context *context, const struct pixel_field *field, const float *x, double *mean,
                 double *square, void *workspace)
{
    struct reduction reduction = reduction_of(context, field, workspace);
    reduction.x = x;
    reduction.first = mean;
    reduction.second = square;
    gan_parallel(context, field->batch * reduction.blocks, moments_of_block, &reduction);
    gan_parallel(context, column_tasks(field), merge_blocks, &reduction);
}

void gan_gradient_sums(gan_context *context, const struct pixel_field *field, const float *x, const float *dy,
                       const float *center, double *sum, double *product, void *workspace)
{
    struct reduction reduction = reduction_of(context, field, workspace);
    reduction.x = x;
    reduction.dy = dy;
    reduction.center = center;
    reduction.first = sum;
    reduction.second = product;
    gan_parallel(context, field->batch * reduction.blocks, products_of_block, &reduction);
    gan_parallel(context, column_tasks(field), add_blocks, &reduction);
}

size_t gan_column_sums_workspace_size(int64_t rows, int64_t columns)
{
    const struct pixel_field field = {1, rows, columns};
    return gan_moments_workspace_size(&field) + 2 * (size_t)columns * sizeof(double);
}

void gan_column_sums(gan_context *context, const float *x, int64_t rows, int64_t columns, float *sums,
                     void *workspace)
{
    const struct pixel_field field = {1, rows, columns};
    double *mean = workspace, *square = mean + columns;
    gan_moments(context, &field, x, mean, square, square + columns);
    for (int64_t c = 0; c < columns; c++)
        sums[c] = (float)(mean[c] * (double)rows);
}
