/* Resizing in strips of eight rows of the result: rows first, then, with the eight rows interleaved so that
 * they lie side by side in memory, columns. Both inner loops run over neighbours. */
#include "base/threads.h"
#include "formats/resample.h"
#include "gan/image.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <string.h>

enum { LANES = 8 };

struct resize {
    struct shape from, to;
    const float *source;
    float *result;
    struct resampling rows, columns;
    float *scratch; /* per worker: one source row, then the strip */
    int64_t scratch_size;
    int64_t strips; /* per picture */
};

/* row[i] = sum of weight * source row. */
static void blend_rows(const struct resize *job, const float *picture, int64_t y, float *restrict row)
{
    const int64_t size = job->from.size[2] * job->from.size[3];
    const float *weights = job->rows.weights + y * job->rows.taps;
    const float *restrict source = picture + job->rows.starts[y] * size;
    for (int64_t i = 0; i < size; i++)
        row[i] = weights[0] * source[i];
    for (int64_t tap = 1; tap < job->rows.taps; tap++) {
        source += size;
        const float weight = weights[tap];
        for (int64_t i = 0; i < size; i++)
            row[i] += weight * source[i];
    }
}

static void interleave(const float *restrict row, int64_t size, int64_t lane, float *restrict strip)
{
    for (int64_t i = 0; i < size; i++)
        strip[i * LANES + lane] = row[i];
}

/* One pixel's channel in all lanes. */
static void blend_columns(const float *weights, int64_t taps, const float *restrict strip, int64_t step,
                          float *restrict sums)
{
    float sum[LANES] = {0};
    for (int64_t tap = 0; tap < taps; tap++)
        for (int lane = 0; lane < LANES; lane++)
            sum[lane] += weights[tap] * strip[tap * step + lane];
    memcpy(sums, sum, sizeof sum);
}

static void resize_columns(const struct resize *job, const float *strip, int64_t lanes, float *result)
{
    const int64_t channels = job->from.size[3], width = job->to.size[2];
    for (int64_t x = 0; x < width; x++) {
        const float *weights = job->columns.weights + x * job->columns.taps;
        const float *first = strip + job->columns.starts[x] * channels * LANES;
        for (int64_t channel = 0; channel < channels; channel++) {
            float sums[LANES];
            blend_columns(weights, job->columns.taps, first + channel * LANES, channels * LANES, sums);
            for (int64_t lane = 0; lane < lanes; lane++)
                result[(lane * width + x) * channels + channel] = sums[lane];
        }
    }
}

static void resize_strip(void *argument, int64_t index, int32_t worker)
{
    const struct resize *job = argument;
    const int64_t height = job->to.size[1];
    const int64_t number = index / job->strips, top = index % job->strips * LANES;
    const int64_t lanes = height - top < LANES ? height - top : LANES;
    const int64_t size = job->from.size[2] * job->from.size[3];
    const float *picture = job->source + number * job->from.size[1] * size;
    float *row = job->scratch + worker * job->scratch_size, *strip = row + size;
    for (int64_t lane = 0; lane < lanes; lane++) {
        blend_rows(job, picture, top + lane, row);
        interleave(row, size, lane, strip);
    }
    resize_columns(job, strip, lanes,
                   job->result + (number * height + top) * job->to.size[2] * job->to.size[3]);
}

static gan_status check_resize(gan_tensor **out, const gan_tensor *picture, int64_t height, int64_t width)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_resize: out is NULL");
    *out = NULL;
    if (picture == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_image_resize: the picture is NULL");
    if (picture->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "gan_image_resize: the picture is %s, expected float32",
                        gan_type_name(picture->type));
    char text[SHAPE_TEXT_SIZE];
    if (picture->shape.rank != 4 || picture->shape.size[1] < 1 || picture->shape.size[2] < 1)
        return gan_fail(GAN_ERROR_SHAPE, "gan_image_resize: the picture is %s, expected [N,H,W,C]",
                        gan_shape_text(&picture->shape, text));
    if (height < 1 || width < 1)
        return gan_fail(GAN_ERROR_SHAPE,
                        "gan_image_resize: the new size is %" PRId64 " x %" PRId64
                        ", expected at least 1 x 1",
                        width, height);
    return GAN_OK;
}

static gan_status prepare(struct resize *job, gan_context *context)
{
    const int64_t size = job->from.size[2] * job->from.size[3];
    job->strips = (job->to.size[1] + LANES - 1) / LANES;
    job->scratch_size = size * (LANES + 1);
    const size_t count = (size_t)gan_parallel_workers(context) * (size_t)job->scratch_size;
    job->scratch = gan_allocate(context, count * sizeof(float));
    if (job->scratch == NULL)
        return gan_fail_memory("resizing", count * sizeof(float));
    /* The last strip may leave lanes unset, which are computed with and dropped. */
    memset(job->scratch, 0, count * sizeof(float));
    gan_status status = gan_resampling_make(&job->rows, context, job->from.size[1], job->to.size[1]);
    if (status == GAN_OK)
        status = gan_resampling_make(&job->columns, context, job->from.size[2], job->to.size[2]);
    return status;
}

gan_status gan_image_resize(gan_tensor **out, const gan_tensor *picture, int64_t height, int64_t width)
{
    gan_status status = check_resize(out, picture, height, width);
    if (status != GAN_OK)
        return status;
    const struct shape *from = &picture->shape;
    const int64_t sizes[] = {from->size[0], height, width, from->size[3]};
    struct resize job = {.from = *from, .source = picture->data};
    gan_context *context = picture->context;
    status = gan_shape_take(&job.to, sizes, 4, 0);
    if (status == GAN_OK)
        status = gan_tensor_make(out, context, GAN_FLOAT32, &job.to);
    if (status == GAN_OK)
        status = prepare(&job, context);
    if (status == GAN_OK) {
        job.result = (*out)->data;
        gan_parallel(context, gan_shape_count(&job.to) > 0 ? sizes[0] * job.strips : 0, resize_strip, &job);
    } else {
        gan_tensor_free(*out);
        *out = NULL;
    }
    gan_resampling_release(&job.rows, context);
    gan_resampling_release(&job.columns, context);
    gan_release(context, job.scratch);
    return status;
}
