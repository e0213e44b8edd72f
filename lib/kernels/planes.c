/* Pixels with their channels side by side, to planes and back: blocks of 4x4 are transposed. */
#include "kernels/narrow.h"

#include <string.h>

typedef float four __attribute__((vector_size(16)));

struct block {
    four row[4];
};

static struct block transpose(const struct block *block)
{
    const four *row = block->row;
    const four ab_low = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
    const four ab_high = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    const four cd_low = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
    const four cd_high = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    return (struct block){{__builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5),
                           __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
                           __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5),
                           __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)}};
}

/* Four rows of four floats. */
static struct block load_block(const float *from, int64_t step)
{
    struct block block;
    for (int i = 0; i < 4; i++)
        memcpy(&block.row[i], from + i * step, sizeof block.row[i]);
    return block;
}

void gan_planes_split(const float *pixels, int64_t count, int64_t channels, float *planes, int64_t plane_step)
{
    /* Pixels behind a block that its last row reaches into. */
    const int64_t beyond = (channels + 2 - (channels + 3) % 4) / channels;
    int64_t p = 0;
    for (; p + 4 + beyond <= count; p += 4)
        for (int64_t c = 0; c < channels; c += 4) {
            const struct block given = load_block(pixels + p * channels + c, channels);
            const struct block made = transpose(&given);
            for (int64_t i = 0; i < 4 && c + i < channels; i++)
                memcpy(planes + (c + i) * plane_step + p, &made.row[i], sizeof made.row[i]);
        }
    for (; p < count; p++)
        for (int64_t c = 0; c < channels; c++)
            planes[c * plane_step + p] = pixels[p * channels + c];
}

/* Four channels of four pixels. */
static void join_four(const float *planes, int64_t plane_step, float *pixels, int64_t pixel_step)
{
    const struct block given = load_block(planes, plane_step);
    const struct block made = transpose(&given);
    for (int i = 0; i < 4; i++)
        memcpy(pixels + i * pixel_step, &made.row[i], sizeof made.row[i]);
}

/* Three channels of four pixels. */
static void join_three(const float *planes, int64_t plane_step, float *pixels, int64_t pixel_step)
{
    struct block given = {{{0}}};
    for (int i = 0; i < 3; i++)
        memcpy(&given.row[i], planes + i * plane_step, sizeof given.row[i]);
    const struct block made = transpose(&given);
    for (int i = 0; i < 4; i++)
        memcpy(pixels + i * pixel_step, &made.row[i], 3 * sizeof(float));
}

void gan_planes_join(const float *planes, int64_t plane_step, int64_t count, int64_t channels, float *pixels,
                     int64_t pixel_step)
{
    const int64_t fours = count / 4 * 4;
    int64_t c = 0;
    for (; c + 4 <= channels; c += 4)
        for (int64_t p = 0; p < fours; p += 4)
            join_four(planes + c * plane_step + p, plane_step, pixels + p * pixel_step + c, pixel_step);
    if (channels - c == 3) {
        for (int64_t p = 0; p < fours; p += 4)
            join_three(planes + c * plane_step + p, plane_step, pixels + p * pixel_step + c, pixel_step);
        c = channels;
    }
    for (int64_t p = 0; p < count; p++)
        for (int64_t k = p < fours ? c : 0; k < channels; k++)
            pixels[p * pixel_step + k] = planes[k * plane_step + p];
}
