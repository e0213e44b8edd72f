/* Photographs in another picture's colours: the map is the one that its definition asks for. */
#include "base/suite.h"
#include "style/palette.h"

#include <math.h>
#include <string.h>

enum { PIXELS = 400, PROBES = 4 };
static const double LEAST_VARIANCE = 0.0025;

static const struct palette painting = {
    .mean = {0.4, 0.5, 0.45},
    .covariance = {{0.004, 0.001, -0.002}, {0.001, 0.003, 0.0005}, {-0.002, 0.0005, 0.005}}};

/* Colours that vary together, but not all of them in one direction; the first ones a step along each axis. */
static void make_photograph(float *pixels)
{
    for (int i = 0; i < PIXELS; i++) {
        const double a = 0.15 * sin(1.7 * i), b = 0.08 * cos(0.9 * i), c = 0.05 * sin(3.1 * i + 1);
        pixels[3 * i] = (float)(0.5 + a);
        pixels[3 * i + 1] = (float)(0.45 + 0.6 * a + b);
        pixels[3 * i + 2] = (float)(0.4 - 0.3 * a + 0.5 * b + c);
    }
    for (int probe = 0; probe < PROBES; probe++)
        for (int channel = 0; channel < 3; channel++)
            pixels[3 * probe + channel] = channel + 1 == probe ? 0.6f : 0.5f;
}

/* The map's columns, from what became of the probes. */
static void read_map(const float *out, double map[3][3])
{
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            map[r][c] = ((double)out[3 * (c + 1) + r] - (double)out[r]) / 0.1;
}

/* Element (r, c) of T P T. */
static double carried(double map[3][3], const struct palette *photograph, int r, int c)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            sum += map[r][i] * (photograph->covariance[i][k] + (i == k ? LEAST_VARIANCE : 0)) * map[k][c];
    return sum;
}

START_TEST(mean_and_covariance_of_known_pixels)
{
    const float pixels[6] = {0, 0.25f, 1, 1, 0.75f, 1};
    struct palette palette;
    gan_palette_measure(&palette, pixels, 2);
    const double mean[3] = {0.5, 0.5, 1};
    const double covariance[3][3] = {{0.25, 0.125, 0}, {0.125, 0.0625, 0}, {0, 0, 0}};
    for (int r = 0; r < 3; r++) {
        ck_assert_double_eq_tol(palette.mean[r], mean[r], 1e-12);
        for (int c = 0; c < 3; c++)
            ck_assert_double_eq_tol(palette.covariance[r][c], covariance[r][c], 1e-12);
    }
}
END_TEST

/* A symmetric positive definite T with T P T = S is the only one. */
START_TEST(the_map_carries_one_covariance_into_the_other)
{
    float photograph[3 * PIXELS], out[3 * PIXELS];
    double map[3][3];
    struct palette own, made;
    make_photograph(photograph);
    gan_palette_measure(&own, photograph, PIXELS);
    gan_palette_apply(&painting, photograph, out, PIXELS);
    gan_palette_measure(&made, out, PIXELS);
    read_map(out, map);
    for (int r = 0; r < 3; r++) {
        ck_assert_double_eq_tol(made.mean[r], painting.mean[r], 1e-5);
        for (int c = 0; c < 3; c++) {
            ck_assert_double_eq_tol(map[r][c], map[c][r], 1e-5);
            ck_assert_double_eq_tol(carried(map, &own, r, c), painting.covariance[r][c], 1e-6);
        }
    }
    ck_assert_double_gt(map[0][0], 0);
    ck_assert_double_gt(map[0][0] * map[1][1] - map[0][1] * map[1][0], 0);
}
END_TEST

START_TEST(one_colour_becomes_the_mean)
{
    float photograph[3 * PIXELS], out[3 * PIXELS];
    for (int i = 0; i < 3 * PIXELS; i++)
        photograph[i] = 0.75f;
    gan_palette_apply(&painting, photograph, out, PIXELS);
    for (int i = 0; i < 3 * PIXELS; i++)
        ck_assert_double_eq_tol(out[i], painting.mean[i % 3], 1e-6);
}
END_TEST

START_TEST(a_painting_of_one_colour_takes_all_others)
{
    float photograph[3 * PIXELS], out[3 * PIXELS];
    const struct palette flat = {.mean = {0.2, 0.4, 0.6}};
    make_photograph(photograph);
    gan_palette_apply(&flat, photograph, out, PIXELS);
    for (int i = 0; i < 3 * PIXELS; i++)
        ck_assert_double_eq_tol(out[i], flat.mean[i % 3], 1e-3);
}
END_TEST

START_TEST(colours_stay_in_range)
{
    float photograph[3 * PIXELS], out[3 * PIXELS];
    struct palette glaring = painting;
    for (int i = 0; i < 3; i++)
        glaring.covariance[i][i] = 0.2;
    make_photograph(photograph);
    gan_palette_apply(&glaring, photograph, out, PIXELS);
    int cut = 0;
    for (int i = 0; i < 3 * PIXELS; i++) {
        ck_assert(out[i] >= 0 && out[i] <= 1);
        cut += out[i] == 0 || out[i] == 1;
    }
    ck_assert_int_gt(cut, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        mean_and_covariance_of_known_pixels,
        the_map_carries_one_covariance_into_the_other,
        one_colour_becomes_the_mean,
        a_painting_of_one_colour_takes_all_others,
        colours_stay_in_range,
    };
    return run_suite("style palette", tests, sizeof tests / sizeof tests[0]);
}
