/* Pictures that follow the gradient of the content/style loss. */
#include "base/suite.h"
#include "graph/networks.h"
#include "style/pictures.h"

#include <math.h>
#include <string.h>

struct studio {
    struct style_bench bench;
    gan_style *style;
    gan_style_loss *loss;
    gan_painted_style painted;
    const gan_painted_style *styles[2];
};

static struct studio studio_open(float content_weight, int32_t normalization)
{
    struct studio studio = {.bench = style_bench_open()};
    const gan_tensor *picture = studio.bench.pictures[1];
    const gan_style_options style = {.struct_size = sizeof style, .normalization = normalization};
    const gan_style_loss_options loss = {
        .struct_size = sizeof loss, .content_weight = content_weight, .style_weight = 5};
    float *values = gan_tensor_data(studio.bench.pictures[1]);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = i % 3 == 0 ? 0.8f + 0.2f * values[i] : 0.3f * values[i]; /* red */
    ck_assert_int_eq(gan_style_create(&studio.style, studio.bench.extractor, &picture, 1, &style), GAN_OK);
    ck_assert_int_eq(gan_style_loss_create(&studio.loss, studio.style, &loss), GAN_OK);
    studio.painted = (gan_painted_style){.struct_size = sizeof studio.painted, .loss = studio.loss};
    return studio;
}

static void studio_close(struct studio *studio)
{
    gan_style_loss_free(studio->loss);
    gan_style_free(studio->style);
    style_bench_close(&studio->bench);
}

struct record {
    int32_t count, scales, stop_after;
    float first, last;
};

static int32_t note(void *argument, int32_t scale, int32_t step, float loss)
{
    struct record *record = argument;
    if (step == 0)
        record->first = loss;
    record->last = loss;
    record->scales = scale + 1;
    return ++record->count == record->stop_after;
}

static gan_tensor *optimize(struct studio *studio, gan_picture_optimization_options options,
                            struct record *record)
{
    gan_tensor *picture;
    const gan_painted_style *style = &studio->painted;
    options.struct_size = sizeof options;
    options.progress = note;
    options.progress_argument = record;
    ck_assert_msg(gan_picture_optimize(&picture, studio->bench.pictures[0], &style, 1, &options) == GAN_OK,
                  "%s", gan_error_message());
    return picture;
}

/* 0.5 content^2-like parts aside: the style's part alone, of a picture. */
static float style_of(const struct studio *studio, const gan_tensor *picture)
{
    gan_content *content;
    float style;
    ck_assert_int_eq(gan_content_create(&content, studio->bench.extractor, picture), GAN_OK);
    ck_assert_int_eq(gan_style_loss_evaluate(studio->loss, picture, content, NULL, &style, NULL), GAN_OK);
    gan_content_free(content);
    return style;
}

START_TEST(the_style_comes_near_by_either_method)
{
    struct studio studio = studio_open(0.1f, GAN_GRAM_PER_ELEMENT);
    const float before = style_of(&studio, studio.bench.pictures[0]);
    for (int32_t method = GAN_OPTIMIZE_LBFGS; method <= GAN_OPTIMIZE_ADAM; method++)
        for (int32_t start = GAN_START_CONTENT; start <= GAN_START_NOISE; start++) {
            struct record record = {0};
            gan_tensor *picture = optimize(
                &studio,
                (gan_picture_optimization_options){.method = method, .start = start, .steps = 150, .seed = 5},
                &record);
            ck_assert_int_le(record.count, 150);
            ck_assert_msg(record.last < 0.3f * record.first, "method %d: from %g to %g", method,
                          (double)record.first, (double)record.last);
            ck_assert_float_lt(style_of(&studio, picture), 0.1f * before);
            for (int64_t i = 0; i < gan_tensor_count(picture); i++) {
                const float value = ((const float *)gan_tensor_data(picture))[i];
                ck_assert(value >= 0 && value <= 1);
            }
            gan_tensor_free(picture);
        }
    studio_close(&studio);
}
END_TEST

START_TEST(scales_lead_to_the_content_s_size_and_can_be_left)
{
    struct studio studio = studio_open(1, GAN_GRAM_PER_ELEMENT);
    for (int32_t stop = 0; stop <= 5; stop += 5) {
        struct record record = {.stop_after = stop};
        gan_tensor *picture =
            optimize(&studio, (gan_picture_optimization_options){.steps = 8, .scales = 2}, &record);
        ck_assert_int_eq(record.scales, stop == 0 ? 2 : 1);
        ck_assert_int_eq(record.count, stop == 0 ? 16 : 5);
        for (int32_t i = 0; i < 4; i++)
            ck_assert_int_eq(gan_tensor_size(picture, i), gan_tensor_size(studio.bench.pictures[0], i));
        gan_tensor_free(picture);
    }
    studio_close(&studio);
}
END_TEST

/* The largest move of a pixel in columns from..to. */
static double moved(const gan_tensor *a, const gan_tensor *b, int64_t from, int64_t to)
{
    const float *first = gan_tensor_data_const(a), *second = gan_tensor_data_const(b);
    const int64_t width = gan_tensor_size(a, 2);
    double largest = 0;
    for (int64_t i = 0; i < gan_tensor_count(a); i++)
        if (i / 3 % width >= from && i / 3 % width < to)
            largest = fmax(largest, fabs((double)first[i] - (double)second[i]));
    return largest;
}

/* Beyond the mask pixels move only a little, to keep the content of their neighbours: less with each pixel.
 */
START_TEST(a_mask_keeps_a_style_to_its_place)
{
    struct studio studio = studio_open(1, GAN_GRAM_PER_POSITION);
    const gan_tensor *content = studio.bench.pictures[0];
    const int64_t height = gan_tensor_size(content, 1), width = gan_tensor_size(content, 2);
    gan_tensor *mask = make_zeros(studio.bench.context, (const int64_t[]){1, height, width, 1}, 4);
    for (int64_t i = 0; i < height * width; i++)
        ((float *)gan_tensor_data(mask))[i] = i % width < width / 2 ? 1.0f : 0.0f;
    for (int masked = 0; masked <= 1; masked++) {
        struct record record = {0};
        studio.painted.mask = masked ? mask : NULL;
        gan_tensor *picture = optimize(&studio, (gan_picture_optimization_options){.steps = 30}, &record);
        ck_assert_double_gt(moved(picture, content, 0, width / 2 - 4), 0.05);
        if (masked)
            ck_assert_double_lt(moved(picture, content, width - 4, width), 5e-3);
        else
            ck_assert_double_gt(moved(picture, content, width - 4, width), 0.05);
        gan_tensor_free(picture);
    }
    gan_tensor_free(mask);
    studio_close(&studio);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    struct studio studio = studio_open(1, GAN_GRAM_COVARIANCE);
    const gan_painted_style *style = &studio.painted;
    const gan_tensor *content = studio.bench.pictures[0];
    gan_tensor *picture, *mask = make_zeros(studio.bench.context, (const int64_t[]){1, 5, 5, 1}, 4);
    gan_picture_optimization_options options = {.struct_size = sizeof options};
    fails_with(gan_picture_optimize(&picture, content, &style, 0, NULL), GAN_ERROR_ARGUMENT, "0 styles");
    fails_with(gan_picture_optimize(&picture, NULL, &style, 1, NULL), GAN_ERROR_ARGUMENT, "NULL");
    ck_assert_ptr_null(picture);
    options.steps = -1;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, &options), GAN_ERROR_ARGUMENT, "steps");
    options.steps = 1;
    options.scales = 9;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, &options), GAN_ERROR_ARGUMENT, "scales");
    options.scales = 1;
    options.method = 7;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, &options), GAN_ERROR_ARGUMENT, "method");
    studio.painted.mask = mask;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, NULL), GAN_ERROR_SHAPE, "mask of style 0");
    studio.painted.mask = content;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, NULL), GAN_ERROR_SHAPE, "mask of style 0");
    gan_tensor_free(mask);
    mask = make_zeros(studio.bench.context, (const int64_t[]){1, 24, 32, 1}, 4);
    studio.painted.mask = mask;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, NULL), GAN_ERROR_UNSUPPORTED, "covariance");
    studio.painted.mask = NULL;
    studio.painted.weight = NAN;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, NULL), GAN_ERROR_ARGUMENT, "weight");
    studio.painted.weight = 0;
    studio.painted.loss = NULL;
    fails_with(gan_picture_optimize(&picture, content, &style, 1, NULL), GAN_ERROR_ARGUMENT, "no loss");
    gan_tensor_free(mask);
    studio_close(&studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {the_style_comes_near_by_either_method,
                            scales_lead_to_the_content_s_size_and_can_be_left,
                            a_mask_keeps_a_style_to_its_place, what_cannot_be_is_refused};
    return run_suite("picture_optimization", tests, sizeof tests / sizeof tests[0]);
}
