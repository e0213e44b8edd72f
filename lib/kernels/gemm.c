#include "kernels/gemm.h"
#include "base/threads.h"
#include "kernels/microkernel.h"
#include "kernels/packing.h"
#include "kernels/sizes.h"

#include <string.h>

/* A task computes a tile of C. Where there are few tiles, the sum over k is cut into parts as well, whose
 * results are added in their order. All of it follows from the sizes alone. */
enum { TILE_ROWS = 240, TILE_COLUMNS = 256, DEPTH = 384, WANTED_TASKS = 16, LEAST_PART_DEPTH = 1024 };
enum { SLACK = PANEL_SLACK / sizeof(float) };

struct cut {
    int64_t row_tiles, column_tiles, parts;
};

static struct cut cut_product(int64_t m, int64_t n, int64_t k)
{
    struct cut cut = {parts(m, TILE_ROWS), parts(n, TILE_COLUMNS), 1};
    const int64_t tiles = cut.row_tiles * cut.column_tiles;
    if (tiles < WANTED_TASKS && k >= 2 * LEAST_PART_DEPTH)
        cut.parts = smaller(WANTED_TASKS / tiles, k / LEAST_PART_DEPTH);
    if (cut.parts < 1)
        cut.parts = 1;
    return cut;
}

/* Floats of one worker's packed panels. */
static int64_t scratch_floats(void)
{
    return (int64_t)DEPTH * (TILE_COLUMNS + MOST_PANEL_CHANNELS + MOST_PANEL_PIXELS) + 2 * SLACK;
}

static int64_t partial_floats(const struct cut *cut, int64_t m, int64_t n)
{
    return cut->parts > 1 ? (cut->parts * m * n + 15) / 16 * 16 : 0;
}

size_t gan_gemm_workspace_size(const gan_context *context, int64_t m, int64_t n, int64_t k)
{
    const struct cut cut = cut_product(m, n, k);
    return (size_t)(partial_floats(&cut, m, n) + scratch_floats() * gan_parallel_workers(context)) *
           sizeof(float);
}

struct product {
    const struct gemm *gemm;
    const struct microkernel *kernel;
    struct cut cut;
    float *partials, *scratch;
};

struct tile {
    const struct product *product;
    int64_t row, rows, column, columns;
    int64_t depth_start, depth; /* of the current slice of k */
    float beta;
    float *out;
    int64_t out_row;
    float *column_panels, *row_panel;
};

/* panel[p][lane] = alpha * from[p * step + lane * lane_step]; lanes past `lanes` are zero. */
static void pack_lanes(const struct microkernel *kernel, const float *from, int64_t step, int64_t lane_step,
                       int64_t depth, int64_t lanes, int64_t width, float alpha, float *panel)
{
    if (lane_step == 1)
        gan_spread_pixels(from, step, depth, lanes, width, panel);
    else if (step == 1 && width <= MOST_PANEL_CHANNELS) {
        const float *starts[MOST_PANEL_CHANNELS];
        for (int64_t i = 0; i < lanes; i++)
            starts[i] = from + i * lane_step;
        gan_pack_pixels(kernel, starts, lanes, depth, width, panel);
    } else
        for (int64_t p = 0; p < depth; p++)
            for (int64_t i = 0; i < width; i++)
                panel[p * width + i] = i < lanes ? from[p * step + i * lane_step] : 0.0f;
    if (alpha != 1.0f)
        for (int64_t i = 0; i < depth * width; i++)
            panel[i] *= alpha;
}

static void pack_columns(const struct tile *tile)
{
    const struct gemm *gemm = tile->product->gemm;
    const struct microkernel *kernel = tile->product->kernel;
    const int64_t width = kernel->channels;
    const float *from = gemm->b + tile->depth_start * gemm->b_row + tile->column * gemm->b_column;
    for (int64_t j = 0; j < tile->columns; j += width)
        pack_lanes(kernel, from + j * gemm->b_column, gemm->b_row, gemm->b_column, tile->depth,
                   smaller(width, tile->columns - j), width, gemm->alpha,
                   tile->column_panels + j * tile->depth);
}

static void multiply_rows(const struct tile *tile, int64_t row, int64_t rows)
{
    const struct gemm *gemm = tile->product->gemm;
    const struct microkernel *kernel = tile->product->kernel;
    const int64_t last = tile->row + row + rows - 1;
    pack_lanes(kernel, gemm->a + (tile->row + row) * gemm->a_row + tile->depth_start * gemm->a_column,
               gemm->a_column, gemm->a_row, tile->depth, rows, kernel->pixels, 1.0f, tile->row_panel);
    for (int64_t j = 0; j < tile->columns; j += kernel->channels) {
        if (gemm->symmetric && tile->column + j > last)
            return;
        kernel->multiply(smaller(kernel->channels, tile->columns - j), rows, tile->depth,
                         tile->column_panels + j * tile->depth, tile->row_panel, tile->beta,
                         tile->out + row * tile->out_row + j, tile->out_row);
    }
}

static void multiply_slice(const struct tile *tile)
{
    const int64_t width = tile->product->kernel->pixels;
    pack_columns(tile);
    for (int64_t i = 0; i < tile->rows; i += width)
        multiply_rows(tile, i, smaller(width, tile->rows - i));
}

static void run_tile(void *argument, int64_t index, int32_t worker)
{
    const struct product *product = argument;
    const struct gemm *gemm = product->gemm;
    const int64_t part = index % product->cut.parts, place = index / product->cut.parts;
    struct tile tile = {.product = product};
    tile.row = place / product->cut.column_tiles * TILE_ROWS;
    tile.column = place % product->cut.column_tiles * TILE_COLUMNS;
    tile.rows = smaller(TILE_ROWS, gemm->m - tile.row);
    tile.columns = smaller(TILE_COLUMNS, gemm->n - tile.column);
    if (gemm->symmetric && tile.column > tile.row + tile.rows - 1)
        return;
    const bool whole = product->cut.parts == 1;
    tile.out_row = whole ? gemm->c_row : gemm->n;
    tile.out = (whole ? gemm->c : product->partials + part * gemm->m * gemm->n) + tile.row * tile.out_row +
               tile.column;
    tile.column_panels = product->scratch + worker * scratch_floats();
    tile.row_panel = tile.column_panels + DEPTH * (TILE_COLUMNS + MOST_PANEL_CHANNELS) + SLACK;
    const int64_t begin = part * gemm->k / product->cut.parts,
                  end = (part + 1) * gemm->k / product->cut.parts;
    tile.depth_start = begin;
    do { /* once even where k is 0, to scale C */
        tile.depth = smaller(DEPTH, end - tile.depth_start);
        tile.beta = tile.depth_start > begin ? 1.0f : whole ? gemm->beta : 0.0f;
        multiply_slice(&tile);
        tile.depth_start += tile.depth;
    } while (tile.depth_start < end);
}

/* One row of C from the parts of its sum. */
static void add_parts(void *argument, int64_t row, int32_t worker)
{
    (void)worker;
    const struct product *product = argument;
    const struct gemm *gemm = product->gemm;
    const int64_t columns = gemm->symmetric ? row + 1 : gemm->n;
    float *to = gemm->c + row * gemm->c_row;
    float *total = product->partials + row * gemm->n;
    for (int64_t part = 1; part < product->cut.parts; part++) {
        const float *from = total + part * gemm->m * gemm->n;
        for (int64_t j = 0; j < columns; j++)
            total[j] += from[j];
    }
    if (gemm->beta == 0.0f)
        memcpy(to, total, (size_t)columns * sizeof *to);
    else
        for (int64_t j = 0; j < columns; j++)
            to[j] = total[j] + gemm->beta * to[j];
}

static void mirror(const struct gemm *gemm)
{
    for (int64_t i = 0; i < gemm->m; i++)
        for (int64_t j = 0; j < i; j++)
            gemm->c[j * gemm->c_row + i] = gemm->c[i * gemm->c_row + j];
}

void gan_gemm(gan_context *context, const struct gemm *gemm, void *workspace)
{
    struct product product = {.gemm = gemm, .kernel = gan_microkernel(context->kernels)};
    product.cut = cut_product(gemm->m, gemm->n, gemm->k);
    product.partials = workspace;
    product.scratch = product.partials + partial_floats(&product.cut, gemm->m, gemm->n);
    const int64_t tiles = product.cut.row_tiles * product.cut.column_tiles;
    gan_parallel(context, tiles * product.cut.parts, run_tile, &product);
    if (product.cut.parts > 1)
        gan_parallel(context, gemm->m, add_parts, &product);
    if (gemm->symmetric)
        mirror(gemm);
}
