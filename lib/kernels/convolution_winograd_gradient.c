/* Gradients at the weights by the adjoints of Winograd's transforms: the products of the points of all
 * patches with those of all tiles of the output's gradient, one matrix product for each point. */
#include "base/threads.h"
#include "kernels/convolution_plan.h"
#include "kernels/packing.h"
#include "kernels/sizes.h"

#include <string.h>

enum { BAND_TILES = 64, LEAST_TILES = 16, LEAST_LANES = 32, CACHED_FLOATS = 1 << 17 };
/* Four tiles of twelve lanes fill whole lines: no two tasks write to one. */
enum { TASK_TILES = 4, TURN_TILES = 2 };
enum { SLACK = PANEL_SLACK / sizeof(float), LINE = 16 };

const struct winograd_kernels *gan_winograd_gradient_choose(const struct convolution_plan *forward,
                                                            int32_t kernels)
{
    if (forward->transposed || forward->phase_count != 1 || forward->summed ||
        larger(forward->in_channels, forward->out_channels) < LEAST_LANES)
        return NULL;
    const struct winograd_kernels *winograd = gan_winograd_choose(forward, kernels);
    return winograd != NULL && gan_winograd_tiles(forward, winograd) >= LEAST_TILES ? winograd : NULL;
}

/* Panels of source channels, for each row and column of the stride; and of filters. */
static int64_t channel_panels(const struct convolution_plan *plan)
{
    return parts(plan->in_channels, plan->kernel->channels);
}

static int64_t source_panels(const struct convolution_plan *plan)
{
    return gan_winograd_stride(plan) * gan_winograd_stride(plan) * channel_panels(plan);
}

static int64_t filter_panels(const struct convolution_plan *plan)
{
    return parts(plan->out_channels, plan->kernel->pixels);
}

/* Floats from one point of a panel to the next: an odd number of lines, so that the points of one tile lie in
 * different sets of a cache. */
static int64_t point_step(int64_t tiles, int64_t width)
{
    const int64_t lines = parts(tiles * width, LINE);
    return (lines + 1 - lines % 2) * LINE;
}

/* Floats of memory: points of a band's patches, [panel][point][tile][lane], and of its tiles, the same; what
 * a worker needs. */
struct room {
    int64_t tiles; /* of a band at most */
    int64_t source, gradient, worker;
};

static struct room room_needed(const struct convolution_plan *plan)
{
    const struct winograd_kernels *winograd = plan->adjoint;
    const struct microkernel *kernel = plan->kernel;
    const int64_t all = gan_winograd_tiles(plan, winograd);
    struct room room = {.tiles = parts(all, parts(all, BAND_TILES))};
    const int64_t points = winograd->points;
    room.source = source_panels(plan) * points * point_step(room.tiles, kernel->channels) + SLACK;
    room.gradient = filter_panels(plan) * points * point_step(room.tiles, kernel->pixels);
    room.worker = larger(aligned(winograd->points * gan_winograd_channels(plan)),
                         aligned(winograd->points * MOST_PANEL_CHANNELS * MOST_PANEL_PIXELS));
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
    const struct winograd_kernels *winograd;
    const float *gradient;
    float *weights;
    struct room room;
    int64_t first, tiles, filter_parts;
    float *source_points, *gradient_points, *scratch;
};

/* The change of channels from `lane` on. */
static struct pixel_change change_from(const struct pixel_change *change, int64_t lane)
{
    if (change->scale == NULL)
        return *change;
    return (struct pixel_change){change->scale + lane, change->shift + lane, change->activation};
}

/* Ask for the lines that will be written soon, two for each point: they lie in no cache near by. */
static void fetch_points(const struct gradient_band *band, const float *out, int64_t step)
{
    for (int64_t e = 0; e < band->winograd->points; e++, out += step) {
        __builtin_prefetch(out, 1);
        __builtin_prefetch(out + LINE, 1);
    }
}

/* All source channels of a tile's patch. */
static void transform_patch(void *argument, int64_t index, int32_t worker)
{
    const struct gradient_band *band = argument;
    const struct convolution_plan *plan = band->run->plan;
    const struct winograd_patch patch = gan_winograd_patch(band->run, band->winograd, band->first + index,
                                                           band->scratch + worker * band->room.worker);
    const int64_t width = plan->kernel->channels, step = point_step(band->tiles, width);
    const int64_t panel = band->winograd->points * step;
    const int64_t channels = plan->in_channels, stride = gan_winograd_stride(plan);
    float *out = band->source_points + index * width;
    for (int64_t i = 0; i < stride; i++)
        for (int64_t j = 0; j < stride; j++)
            for (int64_t lane = 0; lane < channels; lane += width, out += panel) {
                const struct pixel_change change = change_from(&patch.change, lane);
                fetch_points(band, out + panel, step);
                band->winograd->input(patch.first + i * patch.row_step + j * channels + lane,
                                      stride * patch.row_step, stride * channels,
                                      smaller(width, channels - lane), change.scale != NULL ? &change : NULL,
                                      out, step);
            }
}

/* `count` filters, from `filter` on, of a tile of the output's gradient: zeros where it reaches beyond. */
static struct winograd_patch find_tile(const struct gradient_band *band, int64_t index, int64_t filter,
                                       int64_t count, float *scratch)
{
    const struct convolution_plan *plan = band->run->plan;
    const int64_t height = plan->y.destination, width = plan->x.destination, channels = plan->out_channels;
    const int64_t size = band->winograd->tile, across = parts(width, size), down = parts(height, size);
    const int64_t row = index / across % down * size, column = index % across * size;
    const int64_t rows = smaller(size, height - row), columns = smaller(size, width - column);
    const float *first =
        band->gradient + ((index / across / down * height + row) * width + column) * channels + filter;
    if (rows == size && columns == size)
        return (struct winograd_patch){.first = first, .row_step = width * channels, .pixel_step = channels};
    memset(scratch, 0, (size_t)(size * size * count) * sizeof *scratch);
    for (int64_t i = 0; i < rows; i++)
        gan_spread_pixels(first + i * width * channels, channels, columns, count, count,
                          scratch + i * size * count);
    return (struct winograd_patch){.first = scratch, .row_step = size * count, .pixel_step = count};
}

/* A panel of filters of a tile. */
static void transform_tile(const struct gradient_band *band, int64_t panel, int64_t index, float *scratch)
{
    const struct convolution_plan *plan = band->run->plan;
    const int64_t width = plan->kernel->pixels, filter = panel * width, step = point_step(band->tiles, width);
    const int64_t count = smaller(width, plan->out_channels - filter);
    const struct winograd_patch tile = find_tile(band, band->first + index, filter, count, scratch);
    float *out = band->gradient_points + panel * band->winograd->points * step + index * width;
    fetch_points(band, out + band->winograd->points * step, step);
    band->winograd->output_adjoint(tile.first, tile.row_step, tile.pixel_step, count, out, step);
}

/* All filters of some tiles. Two tiles share a panel's turn: the lines that their pixels lie in serve the
 * next panel too, and there are no more of them than one set of a cache holds. */
static void transform_gradient(void *argument, int64_t index, int32_t worker)
{
    const struct gradient_band *band = argument;
    float *scratch = band->scratch + worker * band->room.worker;
    const int64_t end = smaller(band->tiles, (index + 1) * TASK_TILES);
    for (int64_t first = index * TASK_TILES; first < end; first += TURN_TILES)
        for (int64_t panel = 0; panel < filter_panels(band->run->plan); panel++)
            for (int64_t tile = first; tile < smaller(end, first + TURN_TILES); tile++)
                transform_tile(band, panel, tile, scratch);
}

/* Where the gradients at the taps of a filter's channels of one source panel go. */
static struct winograd_taps place_taps(const struct gradient_band *band, int64_t panel, int64_t filter)
{
    const struct convolution_plan *plan = band->run->plan;
    const int64_t channels = plan->in_channels, row = plan->kernel_width * channels;
    const int64_t stride = gan_winograd_stride(plan), place = panel / channel_panels(plan);
    const int64_t lane = panel % channel_panels(plan) * plan->kernel->channels;
    return (struct winograd_taps){
        .first = band->weights + filter * plan->kernel_height * row + place / stride * row +
                 place % stride * channels + lane,
        .row_step = stride * row,
        .column_step = stride * channels,
        .add = band->first > 0,
    };
}

/* Ask for the lines of a filter's gradients, of a panel of channels: they are written when all points are
 * multiplied. */
static void fetch_taps(const struct gradient_band *band, int64_t panel, int64_t filter)
{
    const struct winograd_taps taps = place_taps(band, panel, filter);
    const int64_t count = band->winograd->taps;
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < count; j++) {
            __builtin_prefetch(taps.first + i * taps.row_step + j * taps.column_step, 1);
            __builtin_prefetch(taps.first + i * taps.row_step + j * taps.column_step + LINE, 1);
        }
}

static void multiply_filters(const struct gradient_band *band, int64_t panel, int64_t filter, float *products)
{
    const struct convolution_plan *plan = band->run->plan;
    const struct microkernel *kernel = plan->kernel;
    const int64_t width = kernel->channels, lane = panel % channel_panels(plan) * width;
    const int64_t lanes = smaller(width, plan->in_channels - lane), points = band->winograd->points;
    const int64_t filters = smaller(kernel->pixels, plan->out_channels - filter);
    const int64_t source_step = point_step(band->tiles, width);
    const int64_t gradient_step = point_step(band->tiles, kernel->pixels);
    const float *source = band->source_points + panel * points * source_step;
    const float *gradient = band->gradient_points + filter / kernel->pixels * points * gradient_step;
    for (int64_t e = 0; e < points; e++) {
        if (e < filters)
            fetch_taps(band, panel, filter + e);
        kernel->multiply(lanes, filters, band->tiles, source + e * source_step, gradient + e * gradient_step,
                         0.0f, products + e * kernel->pixels * width, width);
    }
    for (int64_t k = 0; k < filters; k++) {
        const struct winograd_taps taps = place_taps(band, panel, filter + k);
        band->winograd->weights_adjoint(products + k * width, kernel->pixels * width, lanes, &taps);
    }
}

/* A part of the panels of filters, whose points stay in cache, and a panel of source channels. */
static void multiply_panel(void *argument, int64_t index, int32_t worker)
{
    const struct gradient_band *band = argument;
    const struct convolution_plan *plan = band->run->plan;
    const int64_t panels = filter_panels(plan), part = index / source_panels(plan);
    const int64_t end = (part + 1) * panels / band->filter_parts;
    for (int64_t i = part * panels / band->filter_parts; i < end; i++)
        multiply_filters(band, index % source_panels(plan), i * plan->kernel->pixels,
                         band->scratch + worker * band->room.worker);
}

void gan_winograd_gradient_run(const struct convolution_run *run, const float *gradient, float *weights)
{
    const struct convolution_plan *plan = run->plan;
    struct gradient_band band = {.run = run,
                                 .winograd = plan->adjoint,
                                 .gradient = gradient,
                                 .weights = weights,
                                 .room = room_needed(plan),
                                 .source_points = run->workspace};
    band.filter_parts = smaller(parts(band.room.gradient, CACHED_FLOATS), filter_panels(plan));
    band.gradient_points = band.source_points + band.room.source;
    band.scratch = band.gradient_points + band.room.gradient;
    if (plan->in_channels % plan->kernel->channels != 0) /* lanes past the last channel are never written */
        memset(band.source_points, 0, (size_t)band.room.source * sizeof(float));
    const int64_t all = gan_winograd_tiles(plan, plan->adjoint);
    for (band.first = 0; band.first < all; band.first += band.room.tiles) {
        band.tiles = smaller(band.room.tiles, all - band.first);
        gan_parallel(run->context, band.tiles, transform_patch, &band);
        gan_parallel(run->context, parts(band.tiles, TASK_TILES), transform_gradient, &band);
        gan_parallel(run->context, band.filter_parts * source_panels(plan), multiply_panel, &band);
    }
}
