/* Gradients at the weights by the adjoint of Winograd's F(4x4, 3x3): the products of the points of all
 * patches with those of all tiles of the output's gradient, one matrix product for each of the 36 points. */
#include "base/threads.h"
#include "kernels/convolution_plan.h"
#include "kernels/packing.h"
#include "kernels/sizes.h"

#include <string.h>

enum { POINTS = 36, TAPS = 9, TILE = 4, BAND_TILES = 64, FILTER_PARTS = 4, LEAST_TILES = 16 };
enum { SLACK = PANEL_SLACK / sizeof(float) };

bool gan_winograd_gradient_suits(const struct convolution_plan *forward)
{
    return forward->winograd != NULL && forward->winograd->points == POINTS && forward->phase_count == 1 &&
           !forward->summed && gan_winograd_tiles(forward) >= LEAST_TILES;
}

/* Floats of memory: points of a band's patches, [panel][point][tile][lane], and of its tiles, the same; what
 * a worker needs. */
struct room {
    int64_t tiles; /* of a band at most */
    int64_t source, gradient, patch, tile, points, worker;
};

static struct room room_needed(const struct convolution_plan *plan)
{
    const int64_t all = gan_winograd_tiles(plan);
    struct room room = {.tiles = parts(all, parts(all, BAND_TILES))};
    const int64_t panels = parts(plan->in_channels, plan->kernel->channels);
    room.source = aligned(panels * plan->kernel->channels * POINTS * room.tiles + SLACK);
    room.gradient =
        aligned(parts(plan->out_channels, plan->kernel->pixels) * plan->kernel->pixels * POINTS * room.tiles);
    room.patch = aligned(POINTS * plan->in_channels);
    room.tile = aligned(TILE * TILE * plan->out_channels);
    room.points = aligned(POINTS * plan->out_channels);
    room.worker = larger(room.patch + room.tile + room.points,
                         aligned(POINTS * MOST_PANEL_CHANNELS * MOST_PANEL_PIXELS));
    return room;
}

size_t gan_winograd_gradient_workspace_size(const gan_context *context,
                                            const struct convolution_plan *forward)
{
    const struct room room = room_needed(forward);
    return (size_t)(room.source + room.gradient + room.worker * gan_parallel_workers(context)) *
           sizeof(float);
}

struct gradient_band {
    const struct convolution_run *run;
    const struct winograd_adjoints *adjoints;
    const float *gradient;
    float *weights;
    struct room room;
    int64_t first, tiles;
    float *source_points, *gradient_points, *scratch;
};

static void transform_patch(const struct gradient_band *band, int64_t index, float *scratch)
{
    const struct convolution_plan *plan = band->run->plan;
    const struct winograd_patch patch = gan_winograd_patch(band->run, band->first + index, scratch);
    const int64_t width = plan->kernel->channels, panel = POINTS * band->tiles * width;
    float *out = band->source_points + index * width;
    for (int64_t lane = 0; lane < plan->in_channels; lane += width, out += panel)
        plan->winograd->input(patch.first + lane, patch.row_step, plan->in_channels,
                              smaller(width, plan->in_channels - lane), out, band->tiles * width);
}

/* A tile of the output's gradient: zeros where it reaches beyond. */
static struct winograd_patch find_tile(const struct gradient_band *band, int64_t index, float *scratch)
{
    const struct convolution_plan *plan = band->run->plan;
    const int64_t height = plan->y.destination, width = plan->x.destination, channels = plan->out_channels;
    const int64_t across = parts(width, TILE), down = parts(height, TILE);
    const int64_t row = index / across % down * TILE, column = index % across * TILE;
    const int64_t rows = smaller(TILE, height - row), columns = smaller(TILE, width - column);
    const float *first =
        band->gradient + ((index / across / down * height + row) * width + column) * channels;
    if (rows == TILE && columns == TILE)
        return (struct winograd_patch){first, width * channels};
    memset(scratch, 0, (size_t)(TILE * TILE * channels) * sizeof *scratch);
    for (int64_t i = 0; i < rows; i++)
        memcpy(scratch + i * TILE * channels, first + i * width * channels,
               (size_t)(columns * channels) * sizeof *scratch);
    return (struct winograd_patch){scratch, TILE * channels};
}

static void transform_gradient(const struct gradient_band *band, int64_t index, float *tile, float *points)
{
    const struct convolution_plan *plan = band->run->plan;
    const int64_t channels = plan->out_channels, width = plan->kernel->pixels;
    const struct winograd_patch from = find_tile(band, band->first + index, tile);
    band->adjoints->tile(from.first, from.row_step, channels, channels, points, channels);
    float *out = band->gradient_points + index * width;
    for (int64_t k = 0; k < channels; k += width)
        for (int64_t e = 0; e < POINTS; e++, out += band->tiles * width)
            gan_spread_pixels(points + e * channels + k, width, 1, smaller(width, channels - k), width, out);
}

static void transform_tile(void *argument, int64_t index, int32_t worker)
{
    const struct gradient_band *band = argument;
    float *patch = band->scratch + worker * band->room.worker, *tile = patch + band->room.patch;
    transform_patch(band, index, patch);
    transform_gradient(band, index, tile, tile + band->room.tile);
}

static void multiply_filters(const struct gradient_band *band, int64_t lane, int64_t filter, float *products)
{
    const struct convolution_plan *plan = band->run->plan;
    const struct microkernel *kernel = plan->kernel;
    const int64_t width = kernel->channels, lanes = smaller(width, plan->in_channels - lane);
    const int64_t filters = smaller(kernel->pixels, plan->out_channels - filter);
    const float *source = band->source_points + lane * POINTS * band->tiles;
    const float *gradient = band->gradient_points + filter * POINTS * band->tiles;
    for (int64_t e = 0; e < POINTS; e++)
        kernel->multiply(lanes, filters, band->tiles, source + e * band->tiles * width,
                         gradient + e * band->tiles * kernel->pixels, 0.0f,
                         products + e * kernel->pixels * width, width);
    for (int64_t k = 0; k < filters; k++)
        band->adjoints->weights(products + k * width, kernel->pixels * width, lanes,
                                band->weights + (filter + k) * TAPS * plan->in_channels + lane,
                                plan->in_channels, band->first > 0);
}

/* A panel of source channels and a part of the panels of filters. */
static void multiply_panel(void *argument, int64_t index, int32_t worker)
{
    const struct gradient_band *band = argument;
    const struct convolution_plan *plan = band->run->plan;
    const int64_t panels = parts(plan->out_channels, plan->kernel->pixels), part = index % FILTER_PARTS;
    for (int64_t i = part * panels / FILTER_PARTS; i < (part + 1) * panels / FILTER_PARTS; i++)
        multiply_filters(band, index / FILTER_PARTS * plan->kernel->channels, i * plan->kernel->pixels,
                         band->scratch + worker * band->room.worker);
}

void gan_winograd_gradient_run(const struct convolution_run *run, const float *gradient, float *weights)
{
    const struct convolution_plan *plan = run->plan;
    struct gradient_band band = {.run = run,
                                 .adjoints = gan_winograd_adjoints(run->context->kernels),
                                 .gradient = gradient,
                                 .weights = weights,
                                 .room = room_needed(plan),
                                 .source_points = run->workspace};
    band.gradient_points = band.source_points + band.room.source;
    band.scratch = band.gradient_points + band.room.gradient;
    /* Lanes past the last channel are never written. */
    memset(band.source_points, 0, (size_t)band.room.source * sizeof(float));
    const int64_t all = gan_winograd_tiles(plan), panels = parts(plan->in_channels, plan->kernel->channels);
    for (band.first = 0; band.first < all; band.first += band.room.tiles) {
        band.tiles = smaller(band.room.tiles, all - band.first);
        gan_parallel(run->context, band.tiles, transform_tile, &band);
        gan_parallel(run->context, panels * FILTER_PARTS, multiply_panel, &band);
    }
}
