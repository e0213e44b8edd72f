#include "base/random.h"
#include "formats/watermark.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

enum { ROWS = WATERMARK_ROWS, SIDE = WATERMARK_SIDE, GUESSES = 8, PAYLOAD = 64 };

const struct watermark_grade gan_watermark_grades[WATERMARK_GRADES] = {{400, 44, 112, 80, 0.25f},
                                                                       {128, 24, 90, 60, 0.5f}};

/* ---- Where the bits are ---- */

struct place {
    int16_t row, column;
};

static bool is_in_ring(const struct watermark_grade *grade, int row, int column)
{
    const int square = row * row + column * column;
    return square >= grade->low * grade->low && square <= grade->high * grade->high;
}

static int64_t list_ring(const struct watermark_grade *grade, struct place places[ROWS * ROWS])
{
    int64_t count = 0;
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < ROWS; column++)
            if (is_in_ring(grade, row, column))
                places[count++] = (struct place){(int16_t)row, (int16_t)column};
    return count;
}

static void shuffle(struct place *places, int64_t count, struct random_stream *random)
{
    for (int64_t i = count - 1; i > 0; i--) {
        const int64_t other = gan_random_below(random, i + 1);
        const struct place kept = places[i];
        places[i] = places[other];
        places[other] = kept;
    }
}

static void fill_bits(struct watermark_code *code, struct place *places, uint64_t key)
{
    struct random_stream random = {.seed = key, .stream = 1};
    const float length = 1.0f / sqrtf((float)code->grade.share);
    shuffle(places, list_ring(&code->grade, places), &random);
    for (int bit = 0; bit < WATERMARK_BITS; bit++) {
        struct watermark_bit *to = &code->bits[bit];
        for (int i = 0; i < code->grade.share; i++) {
            const struct place *place = &places[bit * code->grade.share + i];
            to->row[i] = place->row;
            to->column[i] = place->column;
            to->weight[i] = gan_random_bits(&random) % 2 == 0 ? length : -length;
        }
        to->dither = gan_random_uniform(&random);
    }
}

static void fill_basis(struct watermark_code *code)
{
    const double pi = 3.14159265358979323846;
    for (int k = 0; k < ROWS; k++)
        for (int x = 0; x < SIDE; x++) {
            const double wave = cos(pi * (x + 0.5) * k / SIDE);
            code->basis[k][x] = (float)(sqrt((k == 0 ? 1.0 : 2.0) / SIDE) * wave);
            code->turned[x][k] = code->basis[k][x];
        }
}

gan_status gan_watermark_code_make(struct watermark_code *code, gan_context *context,
                                   const struct watermark_grade *grade, uint64_t key)
{
    struct place *places = gan_allocate_array(context, (size_t)ROWS * ROWS, sizeof *places);
    if (places == NULL)
        return gan_fail_memory("a watermark", (size_t)ROWS * ROWS * sizeof *places);
    code->grade = *grade;
    fill_basis(code);
    fill_bits(code, places, key);
    gan_release(context, places);
    return GAN_OK;
}

/* ---- The transform ---- */

/* to += factor from. */
static void accumulate(float *restrict to, const float *restrict from, float factor, int count)
{
    for (int i = 0; i < count; i++)
        to[i] += factor * from[i];
}

/* Coefficients [ROWS, ROWS] lie behind [ROWS, SIDE] in the scratch memory. */
static void transform(const struct watermark_code *code, const float *luma, float *scratch)
{
    float *coefficients = scratch + ROWS * SIDE;
    memset(scratch, 0, sizeof(float) * ROWS * SIDE);
    for (int row = 0; row < ROWS; row++)
        for (int y = 0; y < SIDE; y++)
            accumulate(scratch + row * SIDE, luma + y * SIDE, code->basis[row][y], SIDE);
    memset(coefficients, 0, sizeof(float) * ROWS * ROWS);
    for (int row = 0; row < ROWS; row++)
        for (int x = 0; x < SIDE; x++)
            accumulate(coefficients + row * ROWS, code->turned[x], scratch[row * SIDE + x], ROWS);
}

static void transform_back(const struct watermark_code *code, float *luma, float *scratch)
{
    const float *coefficients = scratch + ROWS * SIDE;
    memset(scratch, 0, sizeof(float) * ROWS * SIDE);
    memset(luma, 0, sizeof(float) * SIDE * SIDE);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < ROWS; column++)
            accumulate(scratch + row * SIDE, code->basis[column], coefficients[row * ROWS + column], SIDE);
    for (int y = 0; y < SIDE; y++)
        for (int row = 0; row < ROWS; row++)
            accumulate(luma + y * SIDE, scratch + row * SIDE, code->basis[row][y], SIDE);
}

void gan_watermark_project(const struct watermark_code *code, const float *luma,
                           float projections[WATERMARK_BITS], float *scratch)
{
    const float *coefficients = scratch + ROWS * SIDE;
    transform(code, luma, scratch);
    for (int bit = 0; bit < WATERMARK_BITS; bit++) {
        const struct watermark_bit *from = &code->bits[bit];
        projections[bit] = 0;
        for (int i = 0; i < code->grade.share; i++)
            projections[bit] += from->weight[i] * coefficients[from->row[i] * ROWS + from->column[i]];
    }
}

void gan_watermark_spread(const struct watermark_code *code, const float changes[WATERMARK_BITS], float *luma,
                          float *scratch)
{
    float *coefficients = scratch + ROWS * SIDE;
    memset(coefficients, 0, sizeof(float) * ROWS * ROWS);
    for (int bit = 0; bit < WATERMARK_BITS; bit++) {
        const struct watermark_bit *to = &code->bits[bit];
        for (int i = 0; i < code->grade.share; i++)
            coefficients[to->row[i] * ROWS + to->column[i]] = changes[bit] * to->weight[i];
    }
    transform_back(code, luma, scratch);
}

/* ---- The bits ---- */

static uint32_t checksum(const uint8_t bytes[8])
{
    return (uint32_t)crc32(crc32(0, (const Bytef *)"libgan", 6), bytes, 8);
}

void gan_watermark_frame(const uint8_t bytes[8], uint8_t bits[WATERMARK_BITS])
{
    const uint32_t check = checksum(bytes);
    for (int i = 0; i < PAYLOAD; i++)
        bits[i] = bytes[i / 8] >> (7 - i % 8) & 1;
    for (int i = PAYLOAD; i < WATERMARK_BITS; i++)
        bits[i] = check >> (WATERMARK_BITS - 1 - i) & 1;
}

static bool take_bytes(const uint8_t bits[WATERMARK_BITS], uint8_t bytes[8])
{
    uint8_t framed[WATERMARK_BITS];
    memset(bytes, 0, 8);
    for (int i = 0; i < PAYLOAD; i++)
        bytes[i / 8] = (uint8_t)(bytes[i / 8] | bits[i] << (7 - i % 8));
    gan_watermark_frame(bytes, framed);
    return memcmp(framed, bits, WATERMARK_BITS) == 0;
}

/* The bits of least margin, the least first. */
static void find_least_sure(const float margins[WATERMARK_BITS], int order[GUESSES])
{
    bool taken[WATERMARK_BITS] = {false};
    for (int i = 0; i < GUESSES; i++) {
        int least = -1;
        for (int bit = 0; bit < WATERMARK_BITS; bit++)
            if (!taken[bit] && (least < 0 || margins[bit] < margins[least]))
                least = bit;
        taken[least] = true;
        order[i] = least;
    }
}

/* All ways to flip some of the least sure bits (Chase 1972), those of the very least first. */
int gan_watermark_unframe(const uint8_t bits[WATERMARK_BITS], const float margins[WATERMARK_BITS],
                          uint8_t bytes[8])
{
    int order[GUESSES];
    find_least_sure(margins, order);
    for (unsigned pattern = 0; pattern < 1u << GUESSES; pattern++) {
        uint8_t guess[WATERMARK_BITS];
        int flipped = 0;
        memcpy(guess, bits, sizeof guess);
        for (int i = 0; i < GUESSES; i++)
            if ((pattern >> i & 1) != 0) {
                guess[order[i]] ^= 1;
                flipped++;
            }
        if (take_bytes(guess, bytes))
            return flipped;
    }
    memset(bytes, 0, 8);
    return -1;
}
