/* Products of bfloat16 with float32 sums by the processor's tile registers (AMX).
 *
 * bfloat16 is the upper half of a float32: 8 bits of precision, the same range. Values are rounded to the
 * nearest, ties to even; a NaN stays one. The sums are float32, in an order that the processor fixes:
 * Intel Architecture Instruction Set Extensions, "TDPBF16PS". */
#ifndef GAN_KERNELS_TILES_H
#define GAN_KERNELS_TILES_H

#include "base/context.h"
#include "kernels/activation.h"
#include <stdbool.h>

enum {
    TILE_ROWS = 16,                      /* pixels of a tile, and lanes of its sums */
    TILE_DEPTH = 32,                     /* values of a pixel that one product sums over */
    TILE_BLOCK = 32,                     /* pixels and lanes that are multiplied at a time: two tiles each */
    TILE_STEP = TILE_DEPTH * TILE_BLOCK, /* packed weights of one depth */
    TILE_SUMS = TILE_BLOCK * TILE_BLOCK
};

/* sums[p][lane] = the sum over rows, columns and i < depth of
 *     weights[row][column][i][lane] * pixels[p * pixel_step + row * row_step + column * column_step + i]
 * for p < TILE_BLOCK, or TILE_ROWS where `pixel_count` is no more, and as many lanes. Steps count values,
 * depth is a multiple of TILE_DEPTH. All these pixels are read, whatever pixel_count is. Weights lie in
 * steps of TILE_DEPTH values: [lane / 16][i / 2][lane % 16][i % 2]. */
struct tile_product {
    const uint16_t *pixels, *weights;
    int64_t pixel_step, row_step, column_step;
    int64_t rows, columns, depth;
    int64_t pixel_count, lane_count;
};

/* How pixels become bfloat16: f(x * scale + shift), f linear, ReLU or leaky ReLU; zero for channels from
 * `channels` up to `depth`. */
struct tile_conversion {
    const float *scale, *shift; /* [channels]; both NULL: 1 and 0 */
    struct activation activation;
    int64_t channels, depth;
};

/* out[p * out_step + lane] = f(sums[p][lane] + bias[lane] + residual[p * out_step + lane]). */
struct tile_output {
    const float *bias, *residual; /* or NULL */
    struct activation activation; /* linear, ReLU or leaky ReLU */
    int64_t pixels, lanes, out_step;
};

struct tile_kernels {
    /* Around a thread's products: the tile registers configured, and given back. */
    void (*enter)(void);
    void (*leave)(void);
    void (*multiply)(const struct tile_product *product, float *sums);
    /* Bring the lines into cache that `store` will write. */
    void (*fetch)(const struct tile_output *output, const float *out);
    void (*store)(const struct tile_output *output, const float *sums, float *out);
    void (*convert)(const struct tile_conversion *conversion, const float *pixels, int64_t count,
                    uint16_t *out);
    /* out[p] = the `length` values from p * step on, followed by zeros up to depth. */
    void (*unfold)(const uint16_t *values, int64_t step, int64_t length, int64_t count, int64_t depth,
                   uint16_t *out);
};

/* Whether contexts may use the tile registers: the processor and the kernel set have them, and the operating
 * system permits them. Asking makes the permission hold for the process. */
bool gan_tiles_available(const gan_context *context);

/* NULL where the build knows no tile registers. */
const struct tile_kernels *gan_tile_kernels(void);

#endif
