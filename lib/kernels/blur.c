#include "kernels/blur.h"
#include "base/threads.h"

#include <string.h>

/* Columns that one task takes at a time: a row of them is a line of cache, and their sums are vectors. */
enum { STRIP = 16, BOXES = 3 };

struct blur {
    float *plane, *scratch;
    int64_t height, width;
    int64_t radius[BOXES]; /* of the boxes; together the radius of the blur */
};

static int64_t at_most(int64_t index, int64_t count)
{
    return index < count ? index : count - 1;
}

/* One box along a row: a running sum, exact enough in double to stay constant where the row is. */
static void box_row(float *restrict to, const float *restrict from, int64_t count, int64_t radius)
{
    const double size = (double)(2 * radius + 1);
    double sum = (double)(radius + 1) * (double)from[0];
    for (int64_t i = 1; i <= radius; i++)
        sum += (double)from[at_most(i, count)];
    for (int64_t i = 0; i < count; i++) {
        to[i] = (float)(sum / size);
        const double next = (double)from[at_most(i + radius + 1, count)];
        sum += next - (double)from[i > radius ? i - radius : 0];
    }
}

/* The result of a row lies in the scratch row. */
static void blur_row(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct blur *job = argument;
    float *plane = job->plane + row * job->width, *scratch = job->scratch + row * job->width;
    box_row(scratch, plane, job->width, job->radius[0]);
    box_row(plane, scratch, job->width, job->radius[1]);
    box_row(scratch, plane, job->width, job->radius[2]);
}

/* The same along `columns` neighbouring columns of arrays of `width` columns. */
static void box_columns(const struct blur *job, float *restrict to, const float *restrict from,
                        int64_t columns, int64_t radius)
{
    const double size = (double)(2 * radius + 1);
    double sum[STRIP] = {0};
    for (int64_t c = 0; c < columns; c++)
        sum[c] = (double)(radius + 1) * (double)from[c];
    for (int64_t y = 1; y <= radius; y++)
        for (int64_t c = 0; c < columns; c++)
            sum[c] += (double)from[at_most(y, job->height) * job->width + c];
    for (int64_t y = 0; y < job->height; y++) {
        const float *enters = from + at_most(y + radius + 1, job->height) * job->width;
        const float *leaves = from + (y > radius ? y - radius : 0) * job->width;
        for (int64_t c = 0; c < columns; c++) {
            to[y * job->width + c] = (float)(sum[c] / size);
            sum[c] += (double)enters[c] - (double)leaves[c];
        }
    }
}

static void blur_strip(void *argument, int64_t strip, int32_t worker)
{
    (void)worker;
    const struct blur *job = argument;
    const int64_t left = strip * STRIP, rest = job->width - left;
    const int64_t columns = rest < STRIP ? rest : STRIP;
    float *plane = job->plane + left, *scratch = job->scratch + left;
    box_columns(job, plane, scratch, columns, job->radius[0]);
    box_columns(job, scratch, plane, columns, job->radius[1]);
    box_columns(job, plane, scratch, columns, job->radius[2]);
}

void gan_blur(gan_context *context, float *plane, float *scratch, int64_t height, int64_t width,
              int64_t radius)
{
    struct blur job = {.plane = plane, .scratch = scratch, .height = height, .width = width};
    for (int box = 0; box < BOXES; box++)
        job.radius[box] = (radius + box) / BOXES;
    if (radius == 0 || height == 0 || width == 0)
        return;
    gan_parallel(context, height, blur_row, &job);
    gan_parallel(context, (width + STRIP - 1) / STRIP, blur_strip, &job);
}
