/* Which way a convolution is computed. */
#include "kernels/convolution_plan.h"
#include "kernels/sizes.h"

enum { DEPTH = 512, DIRECT_DEPTH = 4096, GRANULE = 4 };

/* Cut the source channels so that a panel of pixels stays in the first-level cache. */
static int64_t chunk_of(const struct convolution_plan *plan)
{
    int64_t taps = 1;
    for (int64_t i = 0; i < plan->phase_count; i++)
        taps = larger(taps, plan->phases[i].y->taps * plan->phases[i].x->taps);
    const int64_t most = larger(GRANULE, (plan->direct != NULL ? DIRECT_DEPTH : DEPTH) / taps);
    const int64_t pieces = (plan->in_channels + most - 1) / most;
    const int64_t even = (plan->in_channels + pieces - 1) / pieces;
    return smaller(plan->in_channels, (even + GRANULE - 1) / GRANULE * GRANULE);
}

static int64_t most_column_taps(const struct convolution_plan *plan)
{
    int64_t taps = 0;
    for (int64_t i = 0; i < plan->x.phase_count; i++)
        taps = larger(taps, plan->x.phases[i].taps);
    return taps;
}

/* Whether to leave pixels unpacked. Packing pays where many panels of destination channels share it, as with
 * one tap, and where rows are so short that tiles of evenly spaced pixels waste much. */
static bool is_direct(const struct convolution_plan *plan)
{
    const int64_t taps = plan->phases[0].y->taps * plan->phases[0].x->taps;
    const int64_t least = plan->kernel->pixels * (plan->out_channels <= plan->kernel->channels ? 1 : 2);
    return plan->x.phases[0].count >= least && (taps > 1 || plan->out_channels <= plan->kernel->channels);
}

/* Whether lanes should be (column of taps, channel) pairs: it needs fewer vectors, but sums have to be moved.
 */
static bool is_spread(const struct convolution_plan *plan)
{
    const int64_t lanes = plan->kernel->channels / 2, taps = most_column_taps(plan);
    const int64_t plain = taps * ((plan->out_channels + lanes - 1) / lanes);
    const int64_t spread = (taps * plan->out_channels + lanes - 1) / lanes;
    return plan->direct != NULL && plan->x.phases[0].stride == 1 && 3 * spread <= 2 * plain;
}

static void choose_winograd(struct convolution_plan *plan, int32_t kernels)
{
    plan->winograd = gan_winograd_choose(plan, kernels);
    plan->adjoint = gan_winograd_gradient_choose(plan, kernels);
    plan->unpacked = plan->winograd != NULL && gan_winograd_unpacked_suits(plan);
    if (plan->changing && plan->winograd != NULL && !gan_winograd_pays(plan)) {
        plan->winograd = NULL;
        plan->unpacked = false;
    }
    if (plan->winograd != NULL) {
        plan->direct = gan_direct_kernels(kernels);
        plan->spread = false;
        plan->by_panels = plan->unpacked || gan_winograd_by_panels_suits(plan);
        plan->joined = !plan->by_panels && gan_winograd_joins(plan);
        plan->by_points = !plan->by_panels && !plan->joined && gan_winograd_by_points_suits(plan);
    }
}

/* Winograd along rows of wide kernels, or lanes that hold pixels. */
static void choose_rows(struct convolution_plan *plan, int32_t kernels, int32_t precision)
{
    if (precision != GAN_PRECISION_EXACT && gan_tall_suits(plan))
        plan->tall = gan_winograd_rows(kernels);
    else
        plan->narrow = gan_narrow_choose(plan, kernels);
    if (plan->narrow != NULL) {
        plan->direct = NULL;
        plan->pointwise = false;
        plan->spread = false;
    }
}

static void place_weights(struct convolution_plan *plan)
{
    gan_convolution_plan_place_weights(plan);
    if (plan->narrow != NULL)
        gan_narrow_place_weights(plan);
    if (plan->winograd != NULL)
        plan->packed_count = gan_winograd_packed_count(plan);
    if (plan->tall != NULL)
        plan->packed_count = gan_tall_packed_count(plan);
}

/* Weights that somebody packs lie in the order in which they are read. */
static void choose_few(struct convolution_plan *plan)
{
    if (plan->tall != NULL || plan->narrow != NULL || !gan_few_suits(plan))
        return;
    plan->few = true;
    plan->unpacked = plan->changing;
    if (!plan->changing)
        plan->chunk = plan->in_channels;
}

static void choose_among_all(struct convolution_plan *plan, int32_t kernels, int32_t precision)
{
    plan->pointwise = gan_pointwise_suits(plan);
    if (plan->pointwise || is_direct(plan))
        plan->direct = gan_direct_kernels(kernels);
    plan->spread = !plan->pointwise && is_spread(plan);
    if (precision != GAN_PRECISION_EXACT)
        choose_winograd(plan, kernels);
    plan->chunk = chunk_of(plan);
    if (plan->winograd == NULL)
        choose_rows(plan, kernels, precision);
    choose_few(plan);
    place_weights(plan);
}

void gan_convolution_choose(struct convolution_plan *plan, int32_t kernels, int32_t precision)
{
    if (plan->depthwise != NULL) {
        plan->chunk = plan->in_channels;
        place_weights(plan);
    } else if (precision == GAN_PRECISION_BF16 && plan->groups == 1) {
        plan->tiles = gan_tile_kernels();
        gan_tiles_choose(plan);
    } else if (gan_grouped_suits(plan)) {
        plan->grouped = true;
        plan->chunk = plan->groups * plan->in_channels;
        plan->packed_count = gan_grouped_packed_count(plan);
    } else {
        choose_among_all(plan, kernels, precision);
    }
}
