/* Motion between frames, and results that follow it. */
#include "base/suite.h"
#include "gan/context.h"
#include "style/steady.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEIGHT = 96, WIDTH = 128 };

static gan_context *make_context(int32_t threads)
{
    gan_context *context;
    const gan_context_options options = {.struct_size = sizeof options, .threads = threads};
    ck_assert_int_eq(gan_context_create(&context, &options), GAN_OK);
    return context;
}

/* A scene without period in any place: sums of waves that bend. */
static double scene(double y, double x)
{
    const double a = sin(0.21 * x + 0.0007 * y * y), b = sin(0.17 * y + 0.0009 * x * x),
                 c = cos(0.031 * x * y / 9);
    return 0.5 + 0.14 * a + 0.14 * b + 0.14 * c;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* The scene from (top, left) on, with noise of some bytes. */
static void draw(float *frame, double top, double left, double noise, uint32_t seed)
{
    for (int64_t i = 0; i < HEIGHT * WIDTH; i++) {
        const double value = scene(top + (double)(i / WIDTH), left + (double)(i % WIDTH));
        const double random = ((double)next_random(&seed) / (1 << 24) - 0.5) * noise / 255;
        frame[3 * i] = frame[3 * i + 1] = frame[3 * i + 2] = (float)(value + random);
    }
}

static float *make_frame(void)
{
    float *frame = malloc(sizeof(float) * 3 * HEIGHT * WIDTH);
    ck_assert_ptr_nonnull(frame);
    return frame;
}

/* Share of the inner blocks whose vector is the true one within half a pixel. */
static double share_found(const struct motion_field *field, double down, double right)
{
    int64_t found = 0, all = 0;
    for (int64_t row = 2; row < field->rows - 2; row++)
        for (int64_t column = 2; column < field->columns - 2; column++) {
            const struct motion_vector *vector = &field->vectors[row * field->columns + column];
            found += fabs((double)vector->down - down) <= 0.5 && fabs((double)vector->right - right) <= 0.5;
            all++;
        }
    return (double)found / (double)all;
}

START_TEST(motion_is_found)
{
    static const double steps[][2] = {{0, 0}, {1, 4}, {-3, 2}, {6, -9}, {0.5, 1.5}};
    gan_context *context = make_context(2);
    struct luma_pyramid before, now;
    struct motion_field field;
    float *frame = make_frame();
    ck_assert_int_eq(gan_luma_pyramid_create(&before, context, HEIGHT, WIDTH), GAN_OK);
    ck_assert_int_eq(gan_luma_pyramid_create(&now, context, HEIGHT, WIDTH), GAN_OK);
    ck_assert_int_eq(gan_motion_create(&field, context, HEIGHT, WIDTH), GAN_OK);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        draw(frame, 40, 50, 6, 1);
        gan_luma_pyramid_fill(&before, context, frame);
        draw(frame, 40 + steps[i][0], 50 + steps[i][1], 6, 2);
        gan_luma_pyramid_fill(&now, context, frame);
        gan_motion_estimate(&field, context, &now, &before);
        const double share = share_found(&field, steps[i][0], steps[i][1]);
        ck_assert_msg(share > 0.95, "%g down, %g right: %g", steps[i][0], steps[i][1], share);
        const struct motion_vector most = gan_motion_median(&field);
        const double bound = steps[i][0] == round(steps[i][0]) ? 0.05 : 0.5;
        ck_assert(fabs((double)most.down - steps[i][0]) <= bound &&
                  fabs((double)most.right - steps[i][1]) <= bound);
    }
    free(frame);
    gan_motion_free(&field, context);
    gan_luma_pyramid_free(&now, context);
    gan_luma_pyramid_free(&before, context);
    gan_context_free(context);
}
END_TEST

/* Frames of a noisy scene that moves by (down, right) each, as their own results; returns the mean difference
 * of the last result from the one before it, moved. */
static double unsteadiness(gan_context *context, int down, int right, float most)
{
    struct steadier steadier;
    float *frame = make_frame(), *former = make_frame();
    double sum = 0;
    int64_t count = 0;
    ck_assert_int_eq(gan_steadier_create(&steadier, context, HEIGHT, WIDTH), GAN_OK);
    for (int i = 0; i < 12; i++) {
        memcpy(former, frame, sizeof(float) * 3 * HEIGHT * WIDTH);
        draw(frame, 40 + i * down, 50 + i * right, 20, (uint32_t)i);
        ck_assert_int_eq(gan_steadier_see(&steadier, frame), i > 0);
        gan_steadier_mix(&steadier, frame, most);
    }
    for (int64_t y = 8; y < HEIGHT - 8; y++)
        for (int64_t x = 8; x < WIDTH - 8; x++) {
            const int64_t now = 3 * (y * WIDTH + x), before = 3 * ((y + down) * WIDTH + x + right);
            sum += fabs((double)frame[now] - (double)former[before]);
            count++;
        }
    gan_steadier_free(&steadier);
    free(frame);
    free(former);
    return sum / (double)count;
}

START_TEST(noise_is_calmed_where_the_scene_stands_and_where_it_moves)
{
    gan_context *context = make_context(2);
    const double still = unsteadiness(context, 0, 0, 0.8f) / unsteadiness(context, 0, 0, 0);
    const double moving = unsteadiness(context, 1, 3, 0.8f) / unsteadiness(context, 1, 3, 0);
    ck_assert_msg(still < 0.3, "%g", still);
    ck_assert_msg(moving < 0.4, "%g", moving);
    gan_context_free(context);
}
END_TEST

/* A bright square that jumps over a scene at rest leaves nothing behind. */
START_TEST(what_is_new_is_not_mixed)
{
    gan_context *context = make_context(1);
    struct steadier steadier;
    float *frame = make_frame(), *result = make_frame();
    ck_assert_int_eq(gan_steadier_create(&steadier, context, HEIGHT, WIDTH), GAN_OK);
    for (int i = 0; i < 3; i++) {
        draw(frame, 40, 50, 0, 1);
        for (int64_t y = 30; y < 54; y++)
            for (int64_t x = 0; x < 24; x++)
                for (int64_t c = 0; c < 3; c++)
                    frame[3 * (y * WIDTH + x + 10 + 40 * i) + c] = 1;
        memcpy(result, frame, sizeof(float) * 3 * HEIGHT * WIDTH);
        gan_steadier_see(&steadier, frame);
        gan_steadier_mix(&steadier, result, 0.8f);
    }
    double largest = 0;
    for (int64_t i = 0; i < 3 * HEIGHT * WIDTH; i++)
        largest = fmax(largest, fabs((double)frame[i] - (double)result[i]));
    ck_assert_msg(largest < 0.02, "%g", largest);
    gan_steadier_free(&steadier);
    free(frame);
    free(result);
    gan_context_free(context);
}
END_TEST

START_TEST(a_cut_begins_anew)
{
    gan_context *context = make_context(1);
    struct steadier steadier;
    float *frame = make_frame(), *result = make_frame();
    ck_assert_int_eq(gan_steadier_create(&steadier, context, HEIGHT, WIDTH), GAN_OK);
    draw(frame, 40, 50, 0, 1);
    ck_assert(!gan_steadier_see(&steadier, frame));
    gan_steadier_mix(&steadier, frame, 0.8f);
    for (int64_t i = 0; i < 3 * HEIGHT * WIDTH; i++)
        frame[i] = i / 3 % WIDTH % 20 < 10 ? 0.0f : 1.0f;
    memcpy(result, frame, sizeof(float) * 3 * HEIGHT * WIDTH);
    ck_assert(!gan_steadier_see(&steadier, frame));
    gan_steadier_mix(&steadier, result, 0.8f);
    ck_assert_mem_eq(frame, result, sizeof(float) * 3 * HEIGHT * WIDTH);
    gan_steadier_free(&steadier);
    free(frame);
    free(result);
    gan_context_free(context);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        motion_is_found,
        noise_is_calmed_where_the_scene_stands_and_where_it_moves,
        what_is_new_is_not_mixed,
        a_cut_begins_anew,
    };
    return run_suite("motion", tests, sizeof tests / sizeof tests[0]);
}
