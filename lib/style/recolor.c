#include "style/recolor.h"
#include "base/threads.h"
#include "gan/adjust.h"
#include "kernels/luma.h"
#include "kernels/oklab.h"
#include "kernels/ranges.h"
#include "style/color_histogram.h"
#include "style/palette.h"

/* Pixels that are at work together, in cache. */
enum { BLOCK = 2048 };

/* Added to all variances (0.005 squared, of which people see nothing): the noise of a grey result is not
 * blown up to colours, and a picture's own colours stay what they are. */
static const double LEAST_VARIANCE = 2.5e-5;

/* BLOCK pixels, or those that are left. */
struct block {
    float lab[3 * BLOCK];
    int64_t start, count;
};

struct recoloring {
    gan_context *context;
    float *to;
    const float *result, *photo;
    int64_t pixels;
    const float *measured;    /* picture of this pass */
    struct palette *palettes; /* of its blocks */
    float map[3][3], offset[3];
    struct color_histogram *own, *wanted; /* one for each worker; NULL: covariance alone */
    struct color_curves *curves;
};

static int64_t block_count(const struct recoloring *job)
{
    return (job->pixels + BLOCK - 1) / BLOCK;
}

static void take_block(struct block *block, const struct recoloring *job, const float *picture, int64_t index)
{
    const int64_t start = index * BLOCK, left = job->pixels - start;
    block->start = start;
    block->count = left < BLOCK ? left : BLOCK;
    gan_oklab_of_srgb(block->lab, picture + 3 * start, block->count);
}

/* ---- The linear map ---- */

static void measure_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct recoloring *job = argument;
    struct block block;
    take_block(&block, job, job->measured, index);
    gan_palette_measure(&job->palettes[index], block.lab, block.count);
}

static void measure(struct recoloring *job, const float *picture, struct palette *palette)
{
    job->measured = picture;
    gan_parallel(job->context, block_count(job), measure_block, job);
    *palette = job->palettes[0];
    for (int64_t i = 1; i < block_count(job); i++) {
        const int64_t left = job->pixels - i * BLOCK;
        gan_palette_merge(palette, (double)(i * BLOCK), &job->palettes[i],
                          (double)(left < BLOCK ? left : BLOCK));
    }
}

static void find_map(struct recoloring *job)
{
    struct palette own, wanted;
    double map[3][3];
    measure(job, job->result, &own);
    measure(job, job->photo, &wanted);
    for (int c = 0; c < 3; c++)
        wanted.covariance[c][c] += LEAST_VARIANCE;
    gan_palette_map(map, &own, &wanted, LEAST_VARIANCE);
    for (int r = 0; r < 3; r++) {
        double offset = wanted.mean[r];
        for (int c = 0; c < 3; c++) {
            job->map[r][c] = (float)map[r][c];
            offset -= map[r][c] * own.mean[c];
        }
        job->offset[r] = (float)offset;
    }
}

static void take_mapped(struct block *block, const struct recoloring *job, int64_t index)
{
    take_block(block, job, job->result, index);
    for (int64_t i = 0; i < block->count; i++) {
        float *lab = block->lab + 3 * i;
        const float l = lab[0], a = lab[1], b = lab[2];
        for (int r = 0; r < 3; r++)
            lab[r] = job->offset[r] + (job->map[r][0] * l + job->map[r][1] * a + job->map[r][2] * b);
    }
}

/* ---- The curves ---- */

static void count_block(void *argument, int64_t index, int32_t worker)
{
    const struct recoloring *job = argument;
    struct block block;
    take_block(&block, job, job->photo, index);
    gan_color_histogram_add(&job->wanted[worker], block.lab, block.count);
    take_mapped(&block, job, index);
    gan_color_histogram_add(&job->own[worker], block.lab, block.count);
}

/* Counts are whole numbers: which worker counted what makes no difference. */
static void find_curves(struct recoloring *job)
{
    gan_parallel(job->context, block_count(job), count_block, job);
    for (int32_t worker = 1; worker < gan_parallel_workers(job->context); worker++) {
        gan_color_histogram_merge(&job->own[0], &job->own[worker]);
        gan_color_histogram_merge(&job->wanted[0], &job->wanted[worker]);
    }
    gan_color_curves_make(job->curves, &job->own[0], &job->wanted[0]);
}

/* ---- All of it ---- */

static void recolor_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct recoloring *job = argument;
    struct block block;
    take_mapped(&block, job, index);
    if (job->curves != NULL)
        gan_color_curves_apply(job->curves, block.lab, block.count);
    gan_srgb_of_oklab(job->to + 3 * block.start, block.lab, block.count);
}

static gan_status prepare(struct recoloring *job, bool histogram)
{
    gan_context *context = job->context;
    const size_t workers = (size_t)gan_parallel_workers(context);
    job->palettes = gan_allocate_array(context, (size_t)block_count(job), sizeof *job->palettes);
    if (histogram) {
        job->own = gan_allocate_array(context, workers, sizeof *job->own);
        job->wanted = gan_allocate_array(context, workers, sizeof *job->wanted);
        job->curves = gan_allocate_array(context, 1, sizeof *job->curves);
    }
    const bool complete = job->palettes != NULL &&
                          (!histogram || (job->own != NULL && job->wanted != NULL && job->curves != NULL));
    return complete ? GAN_OK : gan_fail_memory("colour statistics", workers * 2 * sizeof *job->own);
}

static gan_status recolor_by_statistics(struct recoloring *job, bool histogram)
{
    const gan_status status = prepare(job, histogram);
    if (status == GAN_OK) {
        find_map(job);
        if (histogram)
            find_curves(job);
        gan_parallel(job->context, block_count(job), recolor_block, job);
    }
    gan_release(job->context, job->palettes);
    gan_release(job->context, job->own);
    gan_release(job->context, job->wanted);
    gan_release(job->context, job->curves);
    return status;
}

static float clamp(float value)
{
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
}

/* In YCbCr, chroma is a difference to luma: adding one number to R, G and B changes luma alone. */
static void keep_chroma(const void *argument, int64_t start, int64_t end)
{
    const struct recoloring *job = argument;
    for (int64_t i = 3 * start; i < 3 * end; i += 3) {
        const float change = luma_of(job->result + i) - luma_of(job->photo + i);
        for (int c = 0; c < 3; c++)
            job->to[i + c] = clamp(job->photo[i + c] + change);
    }
}

gan_status gan_recolor(gan_context *context, float *to, const float *result, const float *photo,
                       int64_t pixels, int32_t color)
{
    struct recoloring job = {
        .context = context, .to = to, .result = result, .photo = photo, .pixels = pixels};
    if (pixels == 0)
        return GAN_OK;
    if (color != GAN_COLOR_LUMA)
        return recolor_by_statistics(&job, color == GAN_COLOR_HISTOGRAM);
    gan_parallel_ranges(context, pixels, BLOCK, keep_chroma, &job);
    return GAN_OK;
}
