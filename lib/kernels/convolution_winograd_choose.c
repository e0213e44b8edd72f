/* Which of Winograd's transforms suits a convolution, and whether one pays. */
#include "kernels/convolution_winograd.h"
#include "kernels/sizes.h"

/* Strided kernels are cut into so many at most along an axis; multiplications that are worth transforms, in
 * percent of the direct ones, or of those of smaller tiles. */
enum { LEAST_CHANNELS = 16, MOST_STRIDE = 2, MOST_PERCENT = 65, MOST_PERCENT_OF_SMALLER = 75 };

/* Multiplications that take as long as a float of packed weights does to be read, and how much less than
 * directly it may take with that, in percent: transforms of few tiles cost little. */
enum { READING_COST = 20, MOST_PERCENT_WITH_READING = 90 };

/* Multiplications that take as long as a float of packed weights does to be made, written and read, or to be
 * made in cache. */
enum { PACKING_COST = 100, UNPACKED_COST = 30 };

int64_t gan_winograd_delay(const struct axis *axis, const struct phase *phase)
{
    int64_t first = axis->phases[0].start;
    for (int64_t i = 1; i < axis->phase_count; i++)
        first = smaller(first, axis->phases[i].start);
    return phase->start - first;
}

int64_t gan_winograd_stride(const struct convolution_plan *plan)
{
    return plan->y.phases[0].stride;
}

int64_t gan_winograd_channels(const struct convolution_plan *plan)
{
    return gan_winograd_stride(plan) * gan_winograd_stride(plan) * plan->in_channels;
}

static bool axis_suits(const struct axis *axis, int64_t taps, int64_t stride)
{
    if (stride > 1 && axis->phase_count > 1)
        return false;
    for (int64_t i = 0; i < axis->phase_count; i++) {
        const struct phase *phase = &axis->phases[i];
        if (phase->taps != taps * stride || phase->stride != stride || phase->dilation != 1 ||
            gan_winograd_delay(axis, phase) > 1)
            return false;
    }
    return true;
}

/* The number of tiles that cover all phases of an axis: in phase p, tile t has the positions from t * tile -
 * delay on. */
static int64_t tiles_of_axis(const struct axis *axis, int64_t tile)
{
    int64_t tiles = 0;
    for (int64_t i = 0; i < axis->phase_count; i++)
        tiles =
            larger(tiles, parts(axis->phases[i].count + gan_winograd_delay(axis, &axis->phases[i]), tile));
    return tiles;
}

struct winograd_grid gan_winograd_grid(const struct convolution_plan *plan,
                                       const struct winograd_kernels *winograd)
{
    return (struct winograd_grid){tiles_of_axis(&plan->y, winograd->tile),
                                  tiles_of_axis(&plan->x, winograd->tile)};
}

int64_t gan_winograd_tiles(const struct convolution_plan *plan, const struct winograd_kernels *winograd)
{
    const struct winograd_grid grid = gan_winograd_grid(plan, winograd);
    return plan->batch * grid.down * grid.across;
}

/* Multiplications for one pair of channels. */
static int64_t direct_products(const struct convolution_plan *plan)
{
    const int64_t taps = plan->y.phases[0].taps * plan->x.phases[0].taps;
    return plan->batch * plan->y.destination * plan->x.destination * taps;
}

static int64_t winograd_products(const struct convolution_plan *plan, const struct winograd_kernels *winograd)
{
    const int64_t stride = gan_winograd_stride(plan);
    return gan_winograd_tiles(plan, winograd) * plan->phase_count * winograd->points * stride * stride;
}

bool gan_winograd_pays(const struct convolution_plan *plan)
{
    const struct winograd_kernels *winograd = plan->winograd;
    const int64_t stride = gan_winograd_stride(plan), taps = winograd->taps * winograd->taps;
    const int64_t larger_by = plan->phase_count * stride * stride * (winograd->points - taps);
    const int64_t cost = plan->unpacked ? UNPACKED_COST : PACKING_COST;
    return direct_products(plan) - winograd_products(plan, winograd) >= cost * larger_by;
}

/* The same and the floats of weights, read once. */
static int64_t direct_cost(const struct convolution_plan *plan)
{
    const int64_t taps = plan->y.phases[0].taps * plan->x.phases[0].taps;
    return direct_products(plan) + READING_COST * plan->phase_count * taps;
}

static int64_t winograd_cost(const struct convolution_plan *plan, const struct winograd_kernels *winograd)
{
    const int64_t stride = gan_winograd_stride(plan);
    return winograd_products(plan, winograd) +
           READING_COST * plan->phase_count * winograd->points * stride * stride;
}

static bool suits(const struct convolution_plan *plan, const struct winograd_kernels *winograd)
{
    const int64_t stride = gan_winograd_stride(plan);
    return stride <= MOST_STRIDE && axis_suits(&plan->y, winograd->taps, stride) &&
           axis_suits(&plan->x, winograd->taps, stride) &&
           winograd_products(plan, winograd) * 100 <= direct_products(plan) * MOST_PERCENT &&
           (plan->changing ||
            winograd_cost(plan, winograd) * 100 <= direct_cost(plan) * MOST_PERCENT_WITH_READING);
}

const struct winograd_kernels *gan_winograd_choose(const struct convolution_plan *plan, int32_t kernels)
{
    const struct winograd_kernels *all = gan_winograd_kernels(kernels), *best = NULL;
    if (plan->groups != 1 || plan->in_channels < LEAST_CHANNELS || plan->out_channels < LEAST_CHANNELS)
        return NULL;
    for (int i = 0; i < WINOGRAD_KINDS; i++)
        if (suits(plan, &all[i]) &&
            (best == NULL || winograd_products(plan, &all[i]) * 100 <=
                                 winograd_products(plan, best) * MOST_PERCENT_OF_SMALLER))
            best = &all[i];
    return best;
}

bool gan_winograd_joins(const struct convolution_plan *plan)
{
    return plan->winograd->sum_last && plan->summed && plan->y.phase_count == 2 && plan->x.phase_count == 2;
}
