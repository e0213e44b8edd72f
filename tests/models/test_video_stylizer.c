/* Frames through a generator: less flicker than frame by frame, on a scene at rest and on one that moves. */
#include "base/suite.h"
#include "faults/scenario.h"
#include "gan/image.h"
#include "gan/video.h"
#include "graph/networks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 128, FRAMES = 6, EDGE = 16 };

static const float *values_of(const gan_tensor *tensor)
{
    return gan_tensor_data_const(tensor);
}

static gan_model *load_generator(gan_context *context)
{
    char path[4096];
    gan_model *model;
    snprintf(path, sizeof path, "%s/examples/models/starry_night.safetensors", getenv("GAN_SOURCE_DIR"));
    succeed(gan_model_load(&model, context, path));
    return model;
}

static gan_tensor *load_photo(gan_context *context)
{
    char path[4096];
    gan_tensor *photo;
    snprintf(path, sizeof path, "%s/examples/images/chelsea.jpg", getenv("GAN_SOURCE_DIR"));
    succeed(gan_image_load(&photo, NULL, context, path));
    return photo;
}

/* A piece of a photograph with noise of its own. */
static gan_tensor *make_frame(const gan_tensor *photo, int64_t top, int64_t left, uint64_t seed)
{
    gan_tensor *frame, *noise;
    succeed(gan_image_crop(&frame, photo, top, left, SIDE, SIDE));
    succeed(gan_image_crop(&noise, photo, top, left, SIDE, SIDE));
    succeed(gan_tensor_fill_normal(noise, seed, 0, 0.016f));
    float *values = gan_tensor_data(frame);
    for (int64_t i = 0; i < gan_tensor_count(frame); i++)
        values[i] = fminf(fmaxf(values[i] + values_of(noise)[i], 0), 1);
    gan_tensor_free(noise);
    return frame;
}

/* Root mean square of what a result differs from the one before it, from where its places have come. */
static double warped_error(const gan_tensor *now, const gan_tensor *before, int64_t down, int64_t right)
{
    double sum = 0;
    int64_t count = 0;
    for (int64_t y = EDGE; y < SIDE - EDGE; y++)
        for (int64_t x = 3 * EDGE; x < 3 * (SIDE - EDGE); x++) {
            const double a = (double)values_of(now)[y * 3 * SIDE + x];
            const double b = (double)values_of(before)[(y + down) * 3 * SIDE + x + 3 * right];
            sum += (a - b) * (a - b);
            count++;
        }
    return sqrt(sum / (double)count);
}

/* Mean over a clip that moves by so much in each frame. */
static double flicker(gan_model *model, const gan_tensor *photo, int64_t down, int64_t right, float memory,
                      float steadiness)
{
    const gan_video_stylizer_options options = {
        .struct_size = sizeof options, .statistics_memory = memory, .steadiness = steadiness};
    gan_video_stylizer *video;
    gan_tensor *former = NULL;
    double sum = 0;
    succeed(gan_video_stylizer_create(&video, model, &options));
    for (int64_t i = 0; i < FRAMES; i++) {
        gan_tensor *frame = make_frame(photo, 20 + i * down, 60 + i * right, (uint64_t)i), *result;
        succeed(gan_video_stylizer_run(video, frame, &result));
        sum += former != NULL ? warped_error(result, former, down, right) : 0;
        gan_tensor_free(frame);
        gan_tensor_free(former);
        former = result;
    }
    ck_assert_int_eq(gan_video_stylizer_scenes(video), 1);
    gan_tensor_free(former);
    gan_video_stylizer_free(video);
    return sum / (FRAMES - 1);
}

START_TEST(a_noisy_scene_at_rest_flickers_less_than_half)
{
    gan_context *context = make_context(2);
    gan_model *model = load_generator(context);
    gan_tensor *photo = load_photo(context);
    const double before = flicker(model, photo, 0, 0, -1, -1), after = flicker(model, photo, 0, 0, 0, 0);
    ck_assert_msg(before > 0.01 && after < 0.5 * before, "%g after %g", after, before);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* Also without any mixing: strokes keep to the scene because the grid of the network follows it. */
START_TEST(a_moving_scene_keeps_its_strokes)
{
    gan_context *context = make_context(2);
    gan_model *model = load_generator(context);
    gan_tensor *photo = load_photo(context);
    const double before = flicker(model, photo, 1, 3, -1, -1), after = flicker(model, photo, 1, 3, 0, 0);
    const double anchored = flicker(model, photo, 1, 3, 0, 0.001f);
    ck_assert_msg(anchored < 0.7 * before, "%g anchored, %g before", anchored, before);
    ck_assert_msg(after < 0.7 * anchored, "%g after %g", after, anchored);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(with_all_off_it_paints_frame_by_frame)
{
    const gan_video_stylizer_options off = {
        .struct_size = sizeof off, .statistics_memory = -1, .steadiness = -1};
    gan_context *context = make_context(2);
    gan_model *model = load_generator(context);
    gan_tensor *photo = load_photo(context);
    gan_video_stylizer *video;
    succeed(gan_video_stylizer_create(&video, model, &off));
    for (int64_t i = 0; i < 2; i++) {
        gan_tensor *frame = make_frame(photo, 10, 10 + i, 1), *result, *expected;
        succeed(gan_video_stylizer_run(video, frame, &result));
        succeed(gan_model_stylize(model, frame, &expected));
        ck_assert_mem_eq(values_of(result), values_of(expected), sizeof(float) * 3 * SIDE * SIDE);
        gan_tensor_free(frame);
        gan_tensor_free(result);
        gan_tensor_free(expected);
    }
    gan_video_stylizer_free(video);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

/* The last of some frames, with so many threads. */
static gan_tensor *run_clip(int32_t threads)
{
    gan_context *context = make_context(threads);
    gan_model *model = load_generator(context);
    gan_tensor *photo = load_photo(context), *result = NULL;
    gan_video_stylizer *video;
    succeed(gan_video_stylizer_create(&video, model, NULL));
    for (int64_t i = 0; i < 3; i++) {
        gan_tensor *frame = make_frame(photo, 20 + i, 60 - 2 * i, (uint64_t)i);
        gan_tensor_free(result);
        succeed(gan_video_stylizer_run(video, frame, &result));
        gan_tensor_free(frame);
    }
    gan_video_stylizer_free(video);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
    return result;
}

START_TEST(the_number_of_threads_changes_nothing)
{
    static const int32_t threads[] = {2, 3, 8};
    gan_tensor *one = run_clip(1);
    for (size_t i = 0; i < 3; i++) {
        gan_tensor *other = run_clip(threads[i]);
        ck_assert_mem_eq(values_of(one), values_of(other), sizeof(float) * 3 * SIDE * SIDE);
        gan_tensor_free(other);
    }
    gan_tensor_free(one);
}
END_TEST

/* A cut, another size and a frame that fails: what follows is as if it were the first. */
START_TEST(scenes_begin_anew)
{
    gan_context *context = make_context(2);
    gan_model *model = load_generator(context);
    gan_tensor *photo = load_photo(context), *result, *first, *larger, *dark;
    gan_video_stylizer *video;
    gan_tensor *frame = make_frame(photo, 20, 60, 1);
    succeed(gan_video_stylizer_create(&video, model, NULL));
    succeed(gan_video_stylizer_run(video, frame, &first));
    dark = make_frame(photo, 0, 0, 1);
    float *values = gan_tensor_data(dark);
    for (int64_t i = 0; i < gan_tensor_count(dark); i++)
        values[i] = i / 3 % SIDE % 32 < 16 ? 0 : 1;
    succeed(gan_image_crop(&larger, photo, 0, 0, SIDE + 9, SIDE));
    for (int i = 0; i < 3; i++) {
        if (i == 2) {
            values[7] = NAN;
            ck_assert_int_eq(gan_video_stylizer_run(video, dark, &result), GAN_ERROR_NOT_FINITE);
            ck_assert_ptr_null(result);
        } else {
            succeed(gan_video_stylizer_run(video, i == 0 ? dark : larger, &result));
            gan_tensor_free(result);
        }
        succeed(gan_video_stylizer_run(video, frame, &result));
        ck_assert_mem_eq(values_of(first), values_of(result), sizeof(float) * 3 * SIDE * SIDE);
        gan_tensor_free(result);
    }
    ck_assert_int_eq(gan_video_stylizer_scenes(video), 6);
    gan_tensor_free(first);
    gan_tensor_free(frame);
    gan_tensor_free(dark);
    gan_tensor_free(larger);
    gan_video_stylizer_free(video);
    gan_tensor_free(photo);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

START_TEST(shares_out_of_range_are_refused)
{
    gan_context *context = make_context(1);
    gan_model *model = load_generator(context);
    gan_video_stylizer *video;
    gan_video_stylizer_options options = {.struct_size = sizeof options, .steadiness = 1};
    ck_assert_int_eq(gan_video_stylizer_create(&video, model, &options), GAN_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(gan_error_message(), "steadiness is 1"));
    options.steadiness = 0;
    options.statistics_memory = NAN;
    ck_assert_int_eq(gan_video_stylizer_create(&video, model, &options), GAN_ERROR_ARGUMENT);
    ck_assert_int_eq(gan_video_stylizer_create(&video, NULL, NULL), GAN_ERROR_ARGUMENT);
    gan_model_free(model);
    gan_context_free(context);
}
END_TEST

static gan_status prepare_generator(gan_context *context, void **state)
{
    const gan_johnson_options small = {.struct_size = sizeof small, .channels = 2, .blocks = 1, .kernel = 3};
    gan_model *model = NULL;
    const gan_status status = gan_johnson_create(&model, context, &small);
    *state = model;
    return status;
}

static void clean_generator(void *state)
{
    gan_model_free(state);
}

static gan_status paint_frames(gan_context *context, void *state)
{
    const int64_t sizes[] = {1, 40, 36, 3};
    gan_video_stylizer *video = NULL;
    gan_tensor *frame = NULL, *result = NULL;
    gan_status status = gan_video_stylizer_create(&video, state, NULL);
    if (status == GAN_OK)
        status = gan_tensor_create(&frame, context, GAN_FLOAT32, sizes, 4);
    for (int i = 0; i < 2 && status == GAN_OK; i++) {
        succeed(gan_tensor_fill_uniform(frame, 1, 0, 1));
        status = gan_video_stylizer_run(video, frame, &result);
        gan_tensor_free(result);
    }
    gan_tensor_free(frame);
    gan_video_stylizer_free(video);
    return status;
}

START_TEST(without_memory_it_says_so)
{
    exhaust_memory(&(struct scenario){prepare_generator, paint_frames, clean_generator, 5});
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_noisy_scene_at_rest_flickers_less_than_half,
        a_moving_scene_keeps_its_strokes,
        with_all_off_it_paints_frame_by_frame,
        the_number_of_threads_changes_nothing,
        scenes_begin_anew,
        shares_out_of_range_are_refused,
        without_memory_it_says_so,
    };
    return run_long_suite("video_stylizer", tests, sizeof tests / sizeof tests[0]);
}
