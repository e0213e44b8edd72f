/* Oklab against its definition in double. */
#include "base/suite.h"
#include "kernels/oklab.h"

#include <math.h>

static double linear(double v)
{
    return v > 0.04045 ? pow((v + 0.055) / 1.055, 2.4) : v / 12.92;
}

static void reference(const float *rgb, double lab[3])
{
    const double r = linear((double)rgb[0]), g = linear((double)rgb[1]), b = linear((double)rgb[2]);
    const double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
    lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
    lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

START_TEST(all_colours_there_and_back)
{
    enum { STEPS = 18 };
    for (int number = 0; number < STEPS * STEPS * STEPS; number++) {
        const float rgb[3] = {(float)(number % STEPS) / (STEPS - 1),
                              (float)(number / STEPS % STEPS) / (STEPS - 1),
                              (float)(number / STEPS / STEPS) / (STEPS - 1)};
        float lab[3], back[3];
        double expected[3];
        gan_oklab_of_srgb(lab, rgb, 1);
        gan_srgb_of_oklab(back, lab, 1);
        reference(rgb, expected);
        for (int c = 0; c < 3; c++) {
            ck_assert_double_eq_tol((double)lab[c], expected[c], 3e-6);
            ck_assert_float_eq_tol(back[c], rgb[c], 5e-5f);
        }
    }
}
END_TEST

START_TEST(a_picture_of_any_length_is_its_pixels)
{
    enum { PIXELS = 131 };
    float rgb[3 * PIXELS], lab[3 * PIXELS], one[3];
    for (int i = 0; i < 3 * PIXELS; i++)
        rgb[i] = (float)(i * 37 % 256) / 255.0f;
    gan_oklab_of_srgb(lab, rgb, PIXELS);
    for (int i = 0; i < PIXELS; i++) {
        gan_oklab_of_srgb(one, rgb + 3 * i, 1);
        for (int c = 0; c < 3; c++)
            ck_assert(one[c] == lab[3 * i + c]);
    }
}
END_TEST

START_TEST(what_srgb_lacks_is_clamped)
{
    const float wild[][3] = {{2, 0, 0}, {-1, 0, 0}, {0.5f, 0.5f, -0.5f}, {0, 0.3f, 0.3f}, {1, -9, 9}};
    float rgb[3], lab[3];
    for (int i = 0; i < 5; i++) {
        gan_srgb_of_oklab(rgb, wild[i], 1);
        for (int c = 0; c < 3; c++)
            ck_assert(rgb[c] >= 0.0f && rgb[c] <= 1.0f);
    }
    const float beyond[3] = {1.5f, -0.5f, 7.0f}, inside[3] = {1, 0, 1};
    float expected[3];
    gan_oklab_of_srgb(lab, beyond, 1);
    gan_oklab_of_srgb(expected, inside, 1);
    for (int c = 0; c < 3; c++)
        ck_assert(lab[c] == expected[c]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        all_colours_there_and_back,
        a_picture_of_any_length_is_its_pixels,
        what_srgb_lacks_is_clamped,
    };
    return run_suite("oklab", tests, sizeof tests / sizeof tests[0]);
}
