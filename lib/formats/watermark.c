#include "formats/watermark.h"
#include "base/threads.h"
#include "gan/image.h"
#include "kernels/blur.h"
#include "kernels/luma.h"
#include "tensor/tensor.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { LEAST_SIDE = 128, ROUNDS = 8, SIDE = WATERMARK_SIDE, ROWS = WATERMARK_ROWS, BLUR_SHARE = 64 };

/* Flat places, whose deviation from their surroundings is far below this, take LEAST_WEIGHT of the mark. */
static const float BUSY = 0.03f, LEAST_WEIGHT = 0.15f;

struct marking {
    gan_context *context;
    int64_t height, width;
    const float *picture; /* as it was; 3 values a pixel */
    float *marked;
    float *change, *weight, *luma, *scratch; /* of the luma; where it may be large; planes */
    float mean_weight;
    gan_tensor *plane; /* [1, H, W, 1], the luma again */
    gan_tensor *small; /* [1, SIDE, SIDE, 1], a change */
    struct watermark_code *code;
    float *transform_scratch;
    gan_tensor *seen; /* [1, SIDE, SIDE, 1], the luma that is transformed */
    float projections[WATERMARK_BITS];
};

/* ---- Reading ---- */

static gan_status check_picture(const gan_tensor *picture)
{
    char text[SHAPE_TEXT_SIZE];
    if (picture == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "the picture is NULL");
    const struct shape *shape = &picture->shape;
    if (picture->type != GAN_FLOAT32)
        return gan_fail(GAN_ERROR_TYPE, "the picture is %s, expected float32", gan_type_name(picture->type));
    if (shape->rank != 4 || shape->size[0] != 1 || shape->size[3] != 3 || shape->size[1] < 1 ||
        shape->size[2] < 1)
        return gan_fail(GAN_ERROR_SHAPE, "the picture has shape %s, expected [1,H,W,3]",
                        gan_shape_text(shape, text));
    const float *values = picture->data;
    for (int64_t i = 0; i < gan_shape_count(shape); i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "the picture is not finite at element %" PRId64, i);
    return GAN_OK;
}

/* Bring the luma of `pixels` to the size that is transformed. */
static gan_status look(struct marking *job, const float *pixels)
{
    float *luma = job->plane->data;
    gan_tensor_free(job->seen);
    job->seen = NULL;
    for (int64_t i = 0; i < job->height * job->width; i++)
        luma[i] = luma_of(pixels + 3 * i);
    return gan_image_resize(&job->seen, job->plane, SIDE, SIDE);
}

static gan_status project(struct marking *job, const float *pixels)
{
    const gan_status status = look(job, pixels);
    if (status == GAN_OK)
        gan_watermark_project(job->code, job->seen->data, job->projections, job->transform_scratch);
    return status;
}

/* How far the projection is from the next point of a bit, in steps: -0.5 to 0.5. */
static float distance(const struct marking *job, int bit, int value)
{
    const float steps = job->projections[bit] / job->code->grade.step - job->code->bits[bit].dither -
                        (value != 0 ? 0.5f : 0.0f);
    return steps - roundf(steps);
}

static void release(struct marking *job)
{
    gan_context *context = job->context;
    gan_tensor_free(job->plane);
    gan_tensor_free(job->small);
    gan_tensor_free(job->seen);
    gan_release(context, job->marked);
    gan_release(context, job->change);
    gan_release(context, job->code);
    gan_release(context, job->transform_scratch);
}

static gan_status prepare_reading(struct marking *job, const gan_tensor *picture)
{
    *job = (struct marking){.context = picture->context,
                            .height = picture->shape.size[1],
                            .width = picture->shape.size[2],
                            .picture = picture->data};
    const struct shape shape = gan_shape_4(1, job->height, job->width, 1);
    const size_t scratch = (size_t)ROWS * (SIDE + ROWS);
    job->transform_scratch = gan_allocate_array(job->context, scratch, sizeof(float));
    job->code = gan_allocate_array(job->context, 1, sizeof *job->code);
    if (job->transform_scratch == NULL || job->code == NULL)
        return gan_fail_memory("a watermark", scratch * sizeof(float) + sizeof *job->code);
    return gan_tensor_make(&job->plane, job->context, GAN_FLOAT32, &shape);
}

/* Bits and how far they are from the other value; returns how many were repaired, or -1. */
static int read_bytes(const struct marking *job, uint8_t bytes[8], double *clarity)
{
    uint8_t bits[WATERMARK_BITS];
    float margins[WATERMARK_BITS];
    double sum = 0;
    for (int bit = 0; bit < WATERMARK_BITS; bit++) {
        const float zero = fabsf(distance(job, bit, 0)), one = fabsf(distance(job, bit, 1));
        bits[bit] = one < zero;
        margins[bit] = fabsf(one - zero); /* 0 to 0.5 */
        sum += (double)margins[bit];
    }
    /* By chance they are a quarter. */
    *clarity = fmax(0, 4 * (sum / WATERMARK_BITS - 0.25));
    return gan_watermark_unframe(bits, margins, bytes);
}

/* Each grade has its own places and points. */
static gan_status find_any(struct marking *job, uint64_t key, gan_watermark *found)
{
    gan_status status = look(job, job->picture);
    for (int i = 0; status == GAN_OK && i < WATERMARK_GRADES && found->found == 0; i++) {
        double clarity;
        status = gan_watermark_code_make(job->code, job->context, &gan_watermark_grades[i], key);
        if (status != GAN_OK)
            return status;
        gan_watermark_project(job->code, job->seen->data, job->projections, job->transform_scratch);
        const int repaired = read_bytes(job, found->bytes, &clarity);
        if (repaired >= 0) {
            found->found = 1;
            found->repaired_bits = repaired;
            found->clarity = clarity;
        }
    }
    return status;
}

gan_status gan_watermark_find(const gan_tensor *picture, uint64_t key, gan_watermark *result)
{
    struct marking job;
    gan_watermark found = {0};
    gan_status status = gan_check_result(result, sizeof found, "gan_watermark");
    if (status == GAN_OK)
        status = check_picture(picture);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_watermark_find: ");
    status = prepare_reading(&job, picture);
    if (status == GAN_OK)
        status = find_any(&job, key, &found);
    if (status == GAN_OK)
        gan_give_result(result, &found, sizeof found);
    release(&job);
    return status;
}

/* ---- Marking ---- */

static const struct watermark_grade *grade_for(const struct marking *job)
{
    const int64_t shorter = job->height < job->width ? job->height : job->width;
    return &gan_watermark_grades[shorter < gan_watermark_grades[0].least_side];
}

static gan_status prepare_marking(struct marking *job, uint64_t key)
{
    const size_t pixels = (size_t)(job->height * job->width);
    const struct shape shape = gan_shape_4(1, SIDE, SIDE, 1);
    job->marked = gan_allocate_array(job->context, 3 * pixels, sizeof(float));
    job->change = gan_allocate_array(job->context, 4 * pixels, sizeof(float));
    if (job->marked == NULL || job->change == NULL)
        return gan_fail_memory("a watermark", 7 * pixels * sizeof(float));
    job->weight = job->change + pixels;
    job->luma = job->weight + pixels;
    job->scratch = job->luma + pixels;
    const gan_status status = gan_watermark_code_make(job->code, job->context, grade_for(job), key);
    return status == GAN_OK ? gan_tensor_make(&job->small, job->context, GAN_FLOAT32, &shape) : status;
}

/* The mark may be as large as what lies around hides it. */
static void find_weights(struct marking *job)
{
    const int64_t pixels = job->height * job->width;
    const int64_t longer = job->height > job->width ? job->height : job->width;
    const int64_t radius = longer / BLUR_SHARE + 1;
    for (int64_t i = 0; i < pixels; i++)
        job->luma[i] = job->weight[i] = luma_of(job->picture + 3 * i);
    gan_blur(job->context, job->weight, job->scratch, job->height, job->width, radius);
    for (int64_t i = 0; i < pixels; i++)
        job->weight[i] = fabsf(job->luma[i] - job->weight[i]);
    gan_blur(job->context, job->weight, job->scratch, job->height, job->width, radius);
    double sum = 0;
    for (int64_t i = 0; i < pixels; i++) {
        job->weight[i] = LEAST_WEIGHT + (1 - LEAST_WEIGHT) * job->weight[i] / (job->weight[i] + BUSY);
        sum += (double)job->weight[i];
    }
    job->mean_weight = (float)(sum / (double)pixels);
}

/* One luma more or less on all three channels changes no colour. */
static void apply_change(struct marking *job)
{
    for (int64_t i = 0; i < job->height * job->width; i++)
        for (int c = 0; c < 3; c++) {
            const float value = job->picture[3 * i + c] + job->change[i];
            job->marked[3 * i + c] = value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
        }
}

/* Carry the projections closer to where the bits want them. */
static gan_status improve(struct marking *job, const float targets[WATERMARK_BITS])
{
    float changes[WATERMARK_BITS];
    gan_tensor *large = NULL;
    for (int bit = 0; bit < WATERMARK_BITS; bit++)
        changes[bit] = (targets[bit] - job->projections[bit]) / job->mean_weight;
    gan_watermark_spread(job->code, changes, job->small->data, job->transform_scratch);
    const gan_status status = gan_image_resize(&large, job->small, job->height, job->width);
    if (status != GAN_OK)
        return status;
    const float *more = large->data;
    for (int64_t i = 0; i < job->height * job->width; i++)
        job->change[i] += job->weight[i] * more[i];
    gan_tensor_free(large);
    apply_change(job);
    return project(job, job->marked);
}

static gan_status mark(struct marking *job, const uint8_t bytes[8])
{
    uint8_t bits[WATERMARK_BITS], back[8];
    float targets[WATERMARK_BITS];
    double clarity;
    gan_watermark_frame(bytes, bits);
    find_weights(job);
    memset(job->change, 0, (size_t)(job->height * job->width) * sizeof(float));
    gan_status status = project(job, job->picture);
    for (int bit = 0; status == GAN_OK && bit < WATERMARK_BITS; bit++)
        targets[bit] = job->projections[bit] - job->code->grade.step * distance(job, bit, bits[bit]);
    for (int round = 0; status == GAN_OK && round < ROUNDS; round++)
        status = improve(job, targets);
    if (status != GAN_OK)
        return status;
    if (read_bytes(job, back, &clarity) == 0 && memcmp(back, bytes, sizeof back) == 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_UNSUPPORTED,
                    "the picture does not hold a watermark: it is black or white almost throughout");
}

gan_status gan_watermark_embed(gan_tensor *picture, const uint8_t bytes[8], uint64_t key)
{
    struct marking job;
    gan_status status = check_picture(picture);
    if (status == GAN_OK && bytes == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "bytes is NULL");
    if (status == GAN_OK && (picture->shape.size[1] < LEAST_SIDE || picture->shape.size[2] < LEAST_SIDE))
        status = gan_fail(GAN_ERROR_SHAPE,
                          "the picture has %" PRId64 " x %" PRId64
                          " pixels, a watermark needs sides of at least %d",
                          picture->shape.size[2], picture->shape.size[1], LEAST_SIDE);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_watermark_embed: ");
    status = prepare_reading(&job, picture);
    if (status == GAN_OK)
        status = prepare_marking(&job, key);
    if (status == GAN_OK)
        status = mark(&job, bytes);
    if (status == GAN_OK)
        memcpy(picture->data, job.marked, (size_t)(3 * job.height * job.width) * sizeof(float));
    release(&job);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_watermark_embed: ");
}
