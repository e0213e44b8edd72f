#include "style/recolor.h"
#include "base/threads.h"
#include "kernels/luma.h"
#include "kernels/oklab.h"
#include "kernels/ranges.h"
#include "style/recoloring.h"

#include <string.h>

enum { BLOCK = RECOLORING_BLOCK };

/* Added to all variances (0.005 squared, of which people see nothing): the noise of a grey result is not
 * blown up to colours, and a picture's own colours stay what they are. */
static const double LEAST_VARIANCE = 2.5e-5;

/* BLOCK pixels, or those that are left. */
struct block {
    float lab[3 * BLOCK];
    int64_t start, count;
};

/* Pixels that are measured or recoloured at the same time. */
struct piece {
    gan_recoloring *recoloring;
    float *to;
    const float *result, *photo;
    int64_t pixels;
};

static int64_t block_count(int64_t pixels)
{
    return (pixels + BLOCK - 1) / BLOCK;
}

static int64_t block_size(const struct piece *piece, int64_t index)
{
    const int64_t left = piece->pixels - index * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

static void take_block(struct block *block, const struct piece *piece, const float *picture, int64_t index)
{
    block->start = index * BLOCK;
    block->count = block_size(piece, index);
    gan_oklab_of_srgb(block->lab, picture + 3 * block->start, block->count);
}

/* ---- The linear map ---- */

static void measure_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct piece *piece = argument;
    struct block block;
    take_block(&block, piece, piece->result, index);
    gan_palette_measure(&piece->recoloring->group_own[index], block.lab, block.count);
    take_block(&block, piece, piece->photo, index);
    gan_palette_measure(&piece->recoloring->group_wanted[index], block.lab, block.count);
}

static void measure_group(struct piece *piece)
{
    gan_recoloring *recoloring = piece->recoloring;
    gan_parallel(recoloring->context, block_count(piece->pixels), measure_block, piece);
    for (int64_t i = 0; i < block_count(piece->pixels); i++) {
        const double before = (double)recoloring->summed, count = (double)block_size(piece, i);
        gan_palette_merge(&recoloring->own, before, &recoloring->group_own[i], count);
        gan_palette_merge(&recoloring->wanted, before, &recoloring->group_wanted[i], count);
        recoloring->summed += block_size(piece, i);
    }
}

static void find_map(gan_recoloring *recoloring)
{
    const struct palette *own = &recoloring->own;
    struct palette wanted = recoloring->wanted;
    double map[3][3];
    for (int c = 0; c < 3; c++)
        wanted.covariance[c][c] += LEAST_VARIANCE;
    gan_palette_map(map, own, &wanted, LEAST_VARIANCE);
    for (int r = 0; r < 3; r++) {
        double offset = wanted.mean[r];
        for (int c = 0; c < 3; c++) {
            recoloring->map[r][c] = (float)map[r][c];
            offset -= map[r][c] * own->mean[c];
        }
        recoloring->offset[r] = (float)offset;
    }
}

static void take_mapped(struct block *block, const struct piece *piece, int64_t index)
{
    const gan_recoloring *by = piece->recoloring;
    take_block(block, piece, piece->result, index);
    for (int64_t i = 0; i < block->count; i++) {
        float *lab = block->lab + 3 * i;
        const float l = lab[0], a = lab[1], b = lab[2];
        for (int r = 0; r < 3; r++)
            lab[r] = by->offset[r] + (by->map[r][0] * l + by->map[r][1] * a + by->map[r][2] * b);
    }
}

/* ---- The curves ---- */

static void count_block(void *argument, int64_t index, int32_t worker)
{
    const struct piece *piece = argument;
    struct block block;
    take_block(&block, piece, piece->photo, index);
    gan_color_histogram_add(&piece->recoloring->wanted_counts[worker], block.lab, block.count);
    take_mapped(&block, piece, index);
    gan_color_histogram_add(&piece->recoloring->own_counts[worker], block.lab, block.count);
}

/* Counts are whole numbers: which worker counted what makes no difference. */
static void find_curves(gan_recoloring *recoloring)
{
    struct color_histogram *own = recoloring->own_counts, *wanted = recoloring->wanted_counts;
    for (int32_t worker = 1; worker < gan_parallel_workers(recoloring->context); worker++) {
        gan_color_histogram_merge(&own[0], &own[worker]);
        gan_color_histogram_merge(&wanted[0], &wanted[worker]);
    }
    gan_color_curves_make(recoloring->curves, &own[0], &wanted[0]);
}

/* ---- Rounds ---- */

void gan_recoloring_measure_blocks(gan_recoloring *recoloring, const float *result, const float *photo,
                                   int64_t pixels)
{
    const int64_t most = (int64_t)RECOLORING_GROUP * BLOCK;
    for (int64_t start = 0; start < pixels; start += most) {
        struct piece piece = {.recoloring = recoloring,
                              .result = result + 3 * start,
                              .photo = photo + 3 * start,
                              .pixels = pixels - start < most ? pixels - start : most};
        if (recoloring->round == 0)
            measure_group(&piece);
        else
            gan_parallel(recoloring->context, block_count(piece.pixels), count_block, &piece);
    }
}

void gan_recoloring_finish_round(gan_recoloring *recoloring)
{
    (recoloring->round == 0 ? find_map : find_curves)(recoloring);
}

/* ---- Recolouring ---- */

static void recolor_block(void *argument, int64_t index, int32_t worker)
{
    (void)worker;
    const struct piece *piece = argument;
    struct block block;
    take_mapped(&block, piece, index);
    if (piece->recoloring->curves != NULL)
        gan_color_curves_apply(piece->recoloring->curves, block.lab, block.count);
    gan_srgb_of_oklab(piece->to + 3 * block.start, block.lab, block.count);
}

static float clamp(float value)
{
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
}

/* In YCbCr, chroma is a difference to luma: adding one number to R, G and B changes luma alone. */
static void keep_chroma(const void *argument, int64_t start, int64_t end)
{
    const struct piece *piece = argument;
    for (int64_t i = 3 * start; i < 3 * end; i += 3) {
        const float change = luma_of(piece->result + i) - luma_of(piece->photo + i);
        for (int c = 0; c < 3; c++)
            piece->to[i + c] = clamp(piece->photo[i + c] + change);
    }
}

static void keep_colors(const void *argument, int64_t start, int64_t end)
{
    const struct piece *piece = argument;
    if (piece->to != piece->result)
        memcpy(piece->to + 3 * start, piece->result + 3 * start, 3 * (size_t)(end - start) * sizeof(float));
}

void gan_recoloring_render(gan_recoloring *recoloring, float *to, const float *result, const float *photo,
                           int64_t pixels)
{
    struct piece piece = {recoloring, to, result, photo, pixels};
    if (recoloring->color >= GAN_COLOR_COVARIANCE)
        gan_parallel(recoloring->context, block_count(pixels), recolor_block, &piece);
    else
        gan_parallel_ranges(recoloring->context, pixels, BLOCK,
                            recoloring->color == GAN_COLOR_LUMA ? keep_chroma : keep_colors, &piece);
}

gan_status gan_recolor(gan_context *context, float *to, const float *result, const float *photo,
                       int64_t pixels, int32_t color)
{
    gan_recoloring *recoloring = NULL;
    const gan_status status = gan_recoloring_create(&recoloring, context, pixels, color);
    for (int32_t round = 0; status == GAN_OK && round < gan_recoloring_rounds(recoloring); round++)
        gan_recoloring_take(recoloring, result, photo, pixels);
    if (status == GAN_OK)
        gan_recoloring_render(recoloring, to, result, photo, pixels);
    gan_recoloring_free(recoloring);
    return status;
}
