#include "style/recoloring.h"
#include "base/threads.h"
#include "style/composition.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- Making ---- */

int32_t gan_recoloring_rounds(const gan_recoloring *recoloring)
{
    if (recoloring == NULL)
        return -1;
    return recoloring->color == GAN_COLOR_HISTOGRAM ? 2 : recoloring->color == GAN_COLOR_COVARIANCE;
}

void gan_recoloring_free(gan_recoloring *recoloring)
{
    if (recoloring == NULL)
        return;
    gan_context *context = recoloring->context;
    gan_release(context, recoloring->own_counts);
    gan_release(context, recoloring->wanted_counts);
    gan_release(context, recoloring->curves);
    gan_release(context, recoloring);
    gan_context_free(context);
}

static gan_status make_histograms(gan_recoloring *recoloring)
{
    gan_context *context = recoloring->context;
    const size_t workers = (size_t)gan_parallel_workers(context);
    recoloring->own_counts = gan_allocate_array(context, workers, sizeof *recoloring->own_counts);
    recoloring->wanted_counts = gan_allocate_array(context, workers, sizeof *recoloring->wanted_counts);
    recoloring->curves = gan_allocate_array(context, 1, sizeof *recoloring->curves);
    if (recoloring->own_counts != NULL && recoloring->wanted_counts != NULL && recoloring->curves != NULL)
        return GAN_OK;
    return gan_fail_memory("colour statistics", workers * 2 * sizeof *recoloring->own_counts);
}

static gan_status make(gan_recoloring **out, gan_context *context, int64_t pixels, int32_t color)
{
    gan_recoloring *recoloring = gan_allocate_zeroed(context, sizeof *recoloring);
    if (recoloring == NULL)
        return gan_fail_memory("colour statistics", sizeof *recoloring);
    recoloring->context = gan_context_retain(context);
    recoloring->color = color;
    recoloring->pixels = pixels;
    recoloring->round = pixels == 0 ? gan_recoloring_rounds(recoloring) : 0;
    if (color == GAN_COLOR_HISTOGRAM && make_histograms(recoloring) != GAN_OK) {
        gan_recoloring_free(recoloring);
        return GAN_ERROR_OUT_OF_MEMORY;
    }
    *out = recoloring;
    return GAN_OK;
}

gan_status gan_recoloring_create(gan_recoloring **out, gan_context *context, int64_t pixels, int32_t color)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_recoloring_create: out is NULL");
    *out = NULL;
    gan_status status = gan_check_color(color);
    if (status == GAN_OK && context == NULL)
        status = gan_fail(GAN_ERROR_ARGUMENT, "the context is NULL");
    if (status == GAN_OK)
        status = gan_check_pixels(pixels);
    if (status == GAN_OK)
        status = make(out, context, pixels, color);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_recoloring_create: ");
}

/* ---- Pieces ---- */

static gan_status check_piece(const gan_recoloring *recoloring, const float *result, const float *photo,
                              int64_t pixels)
{
    if (recoloring == NULL || result == NULL || photo == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL",
                        recoloring == NULL ? "the recoloring"
                        : result == NULL   ? "the result"
                                           : "the photograph");
    return gan_check_pixels(pixels);
}

static gan_status check_place(const gan_recoloring *recoloring, int64_t pixels)
{
    if (recoloring->round == gan_recoloring_rounds(recoloring))
        return pixels == 0 ? GAN_OK : gan_fail(GAN_ERROR_STATE, "all pixels have been measured");
    if (pixels <= recoloring->pixels - recoloring->measured)
        return GAN_OK;
    return gan_fail(GAN_ERROR_ARGUMENT,
                    "there are %" PRId64 " pixels, but %" PRId64 " of %" PRId64 " have been measured", pixels,
                    recoloring->measured, recoloring->pixels);
}

static void measure_waiting(gan_recoloring *recoloring)
{
    gan_recoloring_measure_blocks(recoloring, recoloring->waiting_result, recoloring->waiting_photo,
                                  recoloring->waiting);
    recoloring->waiting = 0;
}

/* As many as the block that waits has room for; returns how many. */
static int64_t let_wait(gan_recoloring *recoloring, const float *result, const float *photo, int64_t pixels)
{
    const int64_t room = RECOLORING_BLOCK - recoloring->waiting, count = pixels < room ? pixels : room;
    const size_t bytes = 3 * (size_t)count * sizeof(float);
    memcpy(recoloring->waiting_result + 3 * recoloring->waiting, result, bytes);
    memcpy(recoloring->waiting_photo + 3 * recoloring->waiting, photo, bytes);
    recoloring->waiting += count;
    if (recoloring->waiting == RECOLORING_BLOCK)
        measure_waiting(recoloring);
    return count;
}

static void take_piece(gan_recoloring *recoloring, const float *result, const float *photo, int64_t pixels)
{
    int64_t taken = recoloring->waiting > 0 ? let_wait(recoloring, result, photo, pixels) : 0;
    const int64_t whole = (pixels - taken) / RECOLORING_BLOCK * RECOLORING_BLOCK;
    gan_recoloring_measure_blocks(recoloring, result + 3 * taken, photo + 3 * taken, whole);
    taken += whole;
    let_wait(recoloring, result + 3 * taken, photo + 3 * taken, pixels - taken);
}

void gan_recoloring_take(gan_recoloring *recoloring, const float *result, const float *photo, int64_t pixels)
{
    if (pixels == 0)
        return;
    take_piece(recoloring, result, photo, pixels);
    recoloring->measured += pixels;
    if (recoloring->measured < recoloring->pixels)
        return;
    measure_waiting(recoloring);
    gan_recoloring_finish_round(recoloring);
    recoloring->round++;
    recoloring->measured = 0;
}

static gan_status check_finite(const float *values, int64_t pixels, const char *what)
{
    for (int64_t i = 0; i < 3 * pixels; i++)
        if (!isfinite(values[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "%s is not finite at element %" PRId64, what, i);
    return GAN_OK;
}

gan_status gan_recoloring_measure(gan_recoloring *recoloring, const float *result, const float *photo,
                                  int64_t pixels)
{
    gan_status status = check_piece(recoloring, result, photo, pixels);
    if (status == GAN_OK)
        status = check_place(recoloring, pixels);
    if (status == GAN_OK)
        status = check_finite(result, pixels, "the result");
    if (status == GAN_OK)
        status = check_finite(photo, pixels, "the photograph");
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_recoloring_measure: ");
    gan_recoloring_take(recoloring, result, photo, pixels);
    return GAN_OK;
}

gan_status gan_recoloring_apply(gan_recoloring *recoloring, float *result, const float *photo, int64_t pixels)
{
    gan_status status = check_piece(recoloring, result, photo, pixels);
    if (status == GAN_OK && recoloring->round < gan_recoloring_rounds(recoloring))
        status =
            gan_fail(GAN_ERROR_STATE,
                     "%" PRId64 " of %" PRId64 " pixels have been measured, in round %" PRId32 " of %" PRId32,
                     recoloring->measured, recoloring->pixels, recoloring->round + 1,
                     gan_recoloring_rounds(recoloring));
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_recoloring_apply: ");
    gan_recoloring_render(recoloring, result, result, photo, pixels);
    return GAN_OK;
}
