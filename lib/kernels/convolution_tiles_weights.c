/* Weights for products of tiles: a panel holds TILE_BLOCK lanes of a phase, tap after tap. */
#include "base/threads.h"
#include "kernels/convolution_plan.h"
#include "kernels/sizes.h"

#include <string.h>

enum { STEP_FLOATS = TILE_STEP / 2 }; /* pairs of a step */

static int64_t panel_count(const struct convolution_phase *phase)
{
    return parts(phase->lanes, TILE_BLOCK);
}

/* Floats of a panel. */
static int64_t panel_size(const struct convolution_plan *plan, const struct convolution_phase *phase)
{
    const int64_t columns = plan->unfolded ? 1 : phase->columns;
    return phase->y->taps * columns * (plan->depth / TILE_DEPTH) * STEP_FLOATS;
}

void gan_tiles_place_weights(struct convolution_plan *plan)
{
    plan->packed_count = 0;
    for (int64_t i = 0; i < plan->phase_count; i++) {
        plan->phases[i].packed = plan->packed_count;
        plan->packed_count += panel_count(&plan->phases[i]) * panel_size(plan, &plan->phases[i]);
    }
}

const uint16_t *gan_tiles_panel(const struct convolution_plan *plan, const void *packed,
                                const struct convolution_phase *phase, int64_t panel)
{
    const float *floats = packed;
    return (const uint16_t *)(const void *)(floats + phase->packed + panel * panel_size(plan, phase));
}

static uint16_t rounded(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* The weights of value `i` of a tap's depth, for all lanes of the panel. */
static void place_row(const float *lanes, int64_t i, uint16_t *tap)
{
    uint16_t *row = tap + i / TILE_DEPTH * TILE_STEP + i % TILE_DEPTH / 2 * 2 * TILE_ROWS + i % 2;
    for (int64_t lane = 0; lane < TILE_BLOCK; lane++)
        row[lane / TILE_ROWS * (TILE_STEP / 2) + lane % TILE_ROWS * 2] = rounded(lanes[lane]);
}

struct tile_packing {
    const struct convolution_plan *plan;
    const float *weights;
    float *packed;
    int64_t panels; /* most of a phase */
};

static void pack_phase(const struct tile_packing *packing, const struct convolution_phase *phase,
                       int64_t panel)
{
    const struct convolution_plan *plan = packing->plan;
    const int64_t tap_values = plan->depth * TILE_BLOCK;
    float lanes[TILE_BLOCK];
    uint16_t *out = (uint16_t *)(void *)(packing->packed + phase->packed + panel * panel_size(plan, phase));
    memset(out, 0, (size_t)panel_size(plan, phase) * sizeof(float));
    for (int64_t row = 0; row < phase->y->taps; row++)
        for (int64_t column = 0; column < phase->columns; column++)
            for (int64_t c = 0; c < plan->in_channels; c++) {
                const int64_t tap = plan->unfolded ? row : row * phase->columns + column;
                const int64_t value = plan->unfolded ? column * plan->in_channels + c : c;
                gan_convolution_plan_weight_rows(plan, phase, packing->weights, panel * TILE_BLOCK, row,
                                                 column, c, 1, lanes);
                place_row(lanes, value, out + tap * tap_values);
            }
}

static void pack_panel(void *argument, int64_t panel, int32_t worker)
{
    (void)worker;
    const struct tile_packing *packing = argument;
    for (int64_t i = 0; i < packing->plan->phase_count; i++)
        if (panel < panel_count(&packing->plan->phases[i]))
            pack_phase(packing, &packing->plan->phases[i], panel);
}

void gan_tiles_pack(gan_context *context, const struct convolution_plan *plan, const float *weights,
                    float *packed)
{
    struct tile_packing packing = {plan, weights, packed, 0};
    for (int64_t i = 0; i < plan->phase_count; i++) {
        const int64_t panels = panel_count(&plan->phases[i]);
        packing.panels = panels > packing.panels ? panels : packing.panels;
    }
    gan_parallel(context, packing.panels, pack_panel, &packing);
}
