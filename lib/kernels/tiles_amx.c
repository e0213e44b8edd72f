/* AMX, with AVX-512 around it. The tile instructions are written out, since compilers differ in how well
 * their intrinsics say which memory is read. */
#include "kernels/tiles.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <stdalign.h>

#define TILES_TARGET __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")))
#define TILES_INLINE static inline __attribute__((always_inline)) TILES_TARGET

/* The operand of LDTILECFG: every tile has 16 rows of 64 bytes. */
struct tile_configuration {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

static void enter(void)
{
    alignas(64) static const struct tile_configuration configuration = {
        .palette = 1,
        .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
        .rows = {16, 16, 16, 16, 16, 16, 16, 16},
    };
    __asm__ volatile("ldtilecfg %0" : : "m"(configuration));
}

static void leave(void)
{
    __asm__ volatile("tilerelease");
}

/* One step of depth: tiles 4 and 5 are pixels, 6 and 7 weights, 0 to 3 the sums. `step` is the distance of
 * pixels in bytes. */
static inline void multiply_wide_pair(const char *pixels, int64_t step, const char *weights)
{
    __asm__ volatile("tileloadd (%2,%3,1), %%tmm6\n\t"
                     "tileloadd (%0,%4,1), %%tmm4\n\t"
                     "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
                     "tileloadd 1024(%2,%3,1), %%tmm7\n\t"
                     "tdpbf16ps %%tmm7, %%tmm4, %%tmm1\n\t"
                     "tileloadd (%1,%4,1), %%tmm5\n\t"
                     "tdpbf16ps %%tmm6, %%tmm5, %%tmm2\n\t"
                     "tdpbf16ps %%tmm7, %%tmm5, %%tmm3"
                     :
                     : "r"(pixels), "r"(pixels + TILE_ROWS * step), "r"(weights), "r"((int64_t)64), "r"(step)
                     : "memory");
}

static inline void multiply_narrow_pair(const char *pixels, int64_t step, const char *weights)
{
    __asm__ volatile("tileloadd (%2,%3,1), %%tmm6\n\t"
                     "tileloadd (%0,%4,1), %%tmm4\n\t"
                     "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
                     "tileloadd (%1,%4,1), %%tmm5\n\t"
                     "tdpbf16ps %%tmm6, %%tmm5, %%tmm2"
                     :
                     : "r"(pixels), "r"(pixels + TILE_ROWS * step), "r"(weights), "r"((int64_t)64), "r"(step)
                     : "memory");
}

static inline void multiply_wide(const char *pixels, int64_t step, const char *weights)
{
    __asm__ volatile("tileloadd (%1,%2,1), %%tmm6\n\t"
                     "tileloadd (%0,%3,1), %%tmm4\n\t"
                     "tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n\t"
                     "tileloadd 1024(%1,%2,1), %%tmm7\n\t"
                     "tdpbf16ps %%tmm7, %%tmm4, %%tmm1"
                     :
                     : "r"(pixels), "r"(weights), "r"((int64_t)64), "r"(step)
                     : "memory");
}

static inline void multiply_narrow(const char *pixels, int64_t step, const char *weights)
{
    __asm__ volatile("tileloadd (%1,%2,1), %%tmm6\n\t"
                     "tileloadd (%0,%3,1), %%tmm4\n\t"
                     "tdpbf16ps %%tmm6, %%tmm4, %%tmm0"
                     :
                     : "r"(pixels), "r"(weights), "r"((int64_t)64), "r"(step)
                     : "memory");
}

typedef void (*step_function)(const char *pixels, int64_t step, const char *weights);

static inline __attribute__((always_inline)) void multiply_steps(const struct tile_product *product,
                                                                 step_function step)
{
    const char *weights = (const char *)product->weights;
    const int64_t pixel_bytes = product->pixel_step * (int64_t)sizeof(uint16_t);
    for (int64_t row = 0; row < product->rows; row++)
        for (int64_t column = 0; column < product->columns; column++) {
            const uint16_t *pixels =
                product->pixels + row * product->row_step + column * product->column_step;
            for (int64_t i = 0; i < product->depth; i += TILE_DEPTH) {
                step((const char *)(pixels + i), pixel_bytes, weights);
                weights += TILE_STEP * sizeof(uint16_t);
            }
        }
}

static void clear_sums(void)
{
    __asm__ volatile("tilezero %%tmm0\n\ttilezero %%tmm1\n\ttilezero %%tmm2\n\ttilezero %%tmm3" : :);
}

static void store_sums(float *sums)
{
    const int64_t row = TILE_BLOCK * sizeof *sums;
    __asm__ volatile("tilestored %%tmm0, (%0,%2,1)\n\t"
                     "tilestored %%tmm1, 64(%0,%2,1)\n\t"
                     "tilestored %%tmm2, (%1,%2,1)\n\t"
                     "tilestored %%tmm3, 64(%1,%2,1)"
                     :
                     : "r"(sums), "r"(sums + TILE_ROWS * TILE_BLOCK), "r"(row)
                     : "memory");
}

static void multiply(const struct tile_product *product, float *sums)
{
    const bool pair = product->pixel_count > TILE_ROWS, wide = product->lane_count > TILE_ROWS;
    clear_sums();
    if (pair && wide)
        multiply_steps(product, multiply_wide_pair);
    else if (pair)
        multiply_steps(product, multiply_narrow_pair);
    else if (wide)
        multiply_steps(product, multiply_wide);
    else
        multiply_steps(product, multiply_narrow);
    store_sums(sums);
}

/* The lanes of a vector that lie below `count`. */
TILES_INLINE __mmask16 lanes_below(int64_t count)
{
    return (__mmask16)(count >= 16 ? 0xffffu : count <= 0 ? 0u : (1u << count) - 1u);
}

/* A NaN compares false and stays. */
TILES_INLINE __m512 activate(struct activation activation, __m512 x)
{
    if (activation.function == ACTIVATION_LINEAR)
        return x;
    const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
    if (activation.function == ACTIVATION_RELU)
        return _mm512_mask_mov_ps(x, negative, _mm512_setzero_ps());
    return _mm512_mask_mul_ps(x, negative, x, _mm512_set1_ps(activation.slope));
}

/* 16 values rounded to bfloat16. */
TILES_INLINE __m256i round_values(__m512 x)
{
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i raised = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
    const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_mask_mov_epi32(raised, nan, quiet), 16));
}

/* Pixels of whole vectors, side by side: what most layers have. */
TILES_INLINE void convert_whole(const struct tile_conversion *conversion, struct activation activation,
                                bool scaled, const float *pixels, int64_t count, uint16_t *out)
{
    const int64_t channels = conversion->channels;
    for (int64_t p = 0; p < count; p++, pixels += channels, out += channels)
        for (int64_t c = 0; c < channels; c += 16) {
            __m512 x = _mm512_loadu_ps(pixels + c);
            if (scaled)
                x = _mm512_add_ps(_mm512_mul_ps(x, _mm512_loadu_ps(conversion->scale + c)),
                                  _mm512_loadu_ps(conversion->shift + c));
            _mm256_storeu_si256((__m256i *)(void *)(out + c), round_values(activate(activation, x)));
        }
}

TILES_INLINE void convert_pixels(const struct tile_conversion *conversion, struct activation activation,
                                 bool scaled, const float *pixels, int64_t count, uint16_t *out)
{
    const int64_t channels = conversion->channels, depth = conversion->depth;
    if (channels == depth) {
        convert_whole(conversion, activation, scaled, pixels, count, out);
        return;
    }
    for (int64_t p = 0; p < count; p++, pixels += channels, out += depth)
        for (int64_t c = 0; c < depth; c += 16) {
            const __mmask16 mask = lanes_below(channels - c);
            __m512 x = _mm512_maskz_loadu_ps(mask, pixels + c);
            if (scaled)
                x = _mm512_add_ps(_mm512_mul_ps(x, _mm512_maskz_loadu_ps(mask, conversion->scale + c)),
                                  _mm512_maskz_loadu_ps(mask, conversion->shift + c));
            _mm256_storeu_si256((__m256i *)(void *)(out + c), round_values(activate(activation, x)));
        }
}

TILES_TARGET static void convert(const struct tile_conversion *conversion, const float *pixels, int64_t count,
                                 uint16_t *out)
{
    const struct activation linear = {ACTIVATION_LINEAR, 0}, relu = {ACTIVATION_RELU, 0};
    const bool scaled = conversion->scale != NULL;
    if (!scaled && conversion->activation.function == ACTIVATION_LINEAR)
        convert_pixels(conversion, linear, false, pixels, count, out);
    else if (scaled && conversion->activation.function == ACTIVATION_LINEAR)
        convert_pixels(conversion, linear, true, pixels, count, out);
    else if (scaled && conversion->activation.function == ACTIVATION_RELU)
        convert_pixels(conversion, relu, true, pixels, count, out);
    else
        convert_pixels(conversion, conversion->activation, scaled, pixels, count, out);
}

TILES_INLINE __mmask32 values_below(int64_t count)
{
    return count >= 32 ? 0xffffffffu : count <= 0 ? 0 : (1u << count) - 1;
}

TILES_TARGET static void unfold(const uint16_t *values, int64_t step, int64_t length, int64_t count,
                                int64_t depth, uint16_t *out)
{
    for (int64_t i = 0; i < depth; i += 32) {
        const __mmask32 mask = values_below(length - i);
        for (int64_t p = 0; p < count; p++)
            _mm512_storeu_si512(out + p * depth + i, _mm512_maskz_loadu_epi16(mask, values + p * step + i));
    }
}

/* The product that comes first takes longer than the lines need. */
__attribute__((target("prfchw"))) static void fetch(const struct tile_output *output, const float *out)
{
    for (int64_t p = 0; p < output->pixels; p++)
        for (int64_t lane = 0; lane < output->lanes; lane += 16)
            __builtin_prefetch(out + p * output->out_step + lane, 1);
}

TILES_TARGET static void store(const struct tile_output *output, const float *sums, float *out)
{
    for (int64_t lane = 0; lane < output->lanes; lane += 16) {
        const __mmask16 mask = lanes_below(output->lanes - lane);
        const __m512 bias =
            output->bias != NULL ? _mm512_maskz_loadu_ps(mask, output->bias + lane) : _mm512_setzero_ps();
        for (int64_t p = 0; p < output->pixels; p++) {
            const int64_t at = p * output->out_step + lane;
            __m512 x = _mm512_add_ps(_mm512_loadu_ps(sums + p * TILE_BLOCK + lane), bias);
            if (output->residual != NULL)
                x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, output->residual + at));
            _mm512_mask_storeu_ps(out + at, mask, activate(output->activation, x));
        }
    }
}

const struct tile_kernels *gan_tile_kernels(void)
{
    static const struct tile_kernels kernels = {enter, leave, multiply, fetch, store, convert, unfold};
    return &kernels;
}
#endif
