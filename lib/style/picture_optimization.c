/* Gatys' iterative optimisation: from coarse to fine, each scale starting from the one before. */
#include "gan/picture_optimization.h"

#include "gan/image.h"
#include "optimizers/lbfgs.h"
#include "style/painting.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { MOST_SCALES = 8 };

struct work {
    const gan_tensor *content;
    gan_painted_style styles[PAINTING_MOST_STYLES];
    int32_t count, scale;
    gan_picture_optimization_options options;
    struct painting painting;
    bool stopped;
};

/* ---- What is asked ---- */

static gan_status check_mask(const gan_painted_style *style, const gan_tensor *content, int32_t index)
{
    const gan_tensor *mask = style->mask;
    if (mask == NULL)
        return GAN_OK;
    if (gan_tensor_type(mask) != GAN_FLOAT32 || gan_tensor_rank(mask) != 4 || gan_tensor_size(mask, 0) != 1 ||
        gan_tensor_size(mask, 1) != gan_tensor_size(content, 1) ||
        gan_tensor_size(mask, 2) != gan_tensor_size(content, 2) || gan_tensor_size(mask, 3) != 1)
        return gan_fail(GAN_ERROR_SHAPE, "the mask of style %" PRId32 " is not [1,%" PRId64 ",%" PRId64 ",1]",
                        index, gan_tensor_size(content, 1), gan_tensor_size(content, 2));
    if (style->loss->style->normalization == GAN_GRAM_COVARIANCE)
        return gan_fail(GAN_ERROR_UNSUPPORTED,
                        "style %" PRId32
                        " has a mask, and a covariance as its matrix: expected a Gram matrix "
                        "that is not centred",
                        index);
    const float *values = gan_tensor_data_const(mask);
    for (int64_t i = 0; i < gan_tensor_count(mask); i++)
        if (!(values[i] >= 0.0f && values[i] <= 1.0f))
            return gan_fail(GAN_ERROR_ARGUMENT,
                            "the mask of style %" PRId32 " has the value %g, expected 0..1", index,
                            (double)values[i]);
    return GAN_OK;
}

static gan_status take_style(struct work *work, const gan_painted_style *given, int32_t index)
{
    gan_painted_style *style = &work->styles[index];
    const gan_status status = gan_copy_options(style, sizeof *style, given, "gan_painted_style");
    if (status != GAN_OK)
        return gan_fail_within(status, "style %" PRId32 ": ", index);
    if (style->loss == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "style %" PRId32 " has no loss", index);
    if (style->loss->style->extractor != work->styles[0].loss->style->extractor)
        return gan_fail(GAN_ERROR_ARGUMENT, "style %" PRId32 " has another extractor than the first", index);
    if (!(style->weight >= 0.0f) || !isfinite(style->weight))
        return gan_fail(GAN_ERROR_ARGUMENT, "the weight of style %" PRId32 " is %g, expected 0 or more",
                        index, (double)style->weight);
    if (style->weight == 0.0f)
        style->weight = 1.0f;
    return check_mask(style, work->content, index);
}

static gan_status check_number(const char *name, int32_t *value, int32_t usual, int32_t most)
{
    if (*value < 0 || *value > most)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is %" PRId32 ", expected 0 to %" PRId32, name, *value, most);
    if (*value == 0)
        *value = usual;
    return GAN_OK;
}

static gan_status check_options(gan_picture_optimization_options *options)
{
    if (options->method != GAN_OPTIMIZE_LBFGS && options->method != GAN_OPTIMIZE_ADAM)
        return gan_fail(GAN_ERROR_ARGUMENT, "method is %" PRId32 ", expected a GAN_OPTIMIZE_* number",
                        options->method);
    if (options->start != GAN_START_CONTENT && options->start != GAN_START_NOISE)
        return gan_fail(GAN_ERROR_ARGUMENT, "start is %" PRId32 ", expected a GAN_START_* number",
                        options->start);
    if (!(options->learning_rate >= 0.0f) || !isfinite(options->learning_rate))
        return gan_fail(GAN_ERROR_ARGUMENT, "learning_rate is %g, expected 0 or more",
                        (double)options->learning_rate);
    if (options->learning_rate == 0.0f)
        options->learning_rate = 0.02f;
    gan_status status = check_number("steps", &options->steps, 200, 1000000);
    if (status == GAN_OK)
        status = check_number("scales", &options->scales, 1, MOST_SCALES);
    if (status == GAN_OK)
        status = check_number("history", &options->history, 10, 1000);
    return status;
}

static gan_status check(struct work *work, const gan_painted_style *const *styles,
                        const gan_picture_optimization_options *given)
{
    gan_status status =
        gan_copy_options(&work->options, sizeof work->options, given, "gan_picture_optimization_options");
    if (status == GAN_OK)
        status = gan_picture_check(work->content, "the content");
    if (status == GAN_OK && gan_tensor_count(work->content) > INT32_MAX)
        status = gan_fail(GAN_ERROR_SHAPE, "the content has %" PRId64 " values, expected at most %" PRId32,
                          gan_tensor_count(work->content), INT32_MAX);
    if (status == GAN_OK && (styles == NULL || work->count < 1 || work->count > PAINTING_MOST_STYLES))
        status = gan_fail(GAN_ERROR_ARGUMENT, "there are %" PRId32 " styles, expected 1 to %d", work->count,
                          (int)PAINTING_MOST_STYLES);
    for (int32_t i = 0; status == GAN_OK && i < work->count; i++)
        status = take_style(work, styles[i], i);
    if (status == GAN_OK)
        status = check_options(&work->options);
    return status;
}

/* ---- One scale ---- */

static bool report(void *argument, int32_t step, double loss)
{
    struct work *work = argument;
    const gan_picture_optimization_options *options = &work->options;
    if (options->progress != NULL &&
        options->progress(options->progress_argument, work->scale, step, (float)loss) != 0)
        work->stopped = true;
    return !work->stopped;
}

static gan_status evaluate(void *argument, const float *pixels, float *gradient, double *loss)
{
    struct work *work = argument;
    return gan_painting_gradient(&work->painting, pixels, gradient, loss);
}

static gan_status follow_adam(struct work *work, float *pixels)
{
    gan_status status = gan_painting_set(&work->painting, pixels);
    for (int32_t step = 0; status == GAN_OK && step < work->options.steps; step++) {
        float loss;
        status = gan_painting_step(&work->painting, &loss);
        if (status == GAN_OK && !report(work, step, (double)loss))
            break;
    }
    return status == GAN_OK ? gan_painting_get(&work->painting, pixels) : status;
}

static gan_status follow_lbfgs(struct work *work, gan_tensor *picture)
{
    const struct lbfgs_function function = {.evaluate = evaluate, .report = report, .argument = work};
    const struct lbfgs_options options = {.count = (size_t)gan_tensor_count(picture),
                                          .steps = work->options.steps,
                                          .history = work->options.history};
    return gan_lbfgs(work->painting.context, gan_tensor_data(picture), &function, &options);
}

static gan_status paint(struct work *work, gan_tensor *picture, const gan_tensor *content,
                        const gan_painted_style *styles)
{
    gan_status status =
        gan_painting_open(&work->painting, content, styles, work->count, work->options.learning_rate);
    if (status == GAN_OK)
        status = work->options.method == GAN_OPTIMIZE_ADAM ? follow_adam(work, gan_tensor_data(picture))
                                                           : follow_lbfgs(work, picture);
    gan_painting_close(&work->painting);
    return status;
}

/* ---- From scale to scale ---- */

/* What stands before the first stroke: the content, noise, or the coarser picture. */
static gan_status prepare(const struct work *work, gan_tensor **picture, const gan_tensor *content)
{
    const int64_t height = gan_tensor_size(content, 1), width = gan_tensor_size(content, 2);
    gan_tensor *next = NULL;
    const gan_tensor *from = *picture != NULL ? *picture : content;
    gan_status status = gan_image_resize(&next, from, height, width);
    if (status == GAN_OK && *picture == NULL && work->options.start == GAN_START_NOISE)
        status = gan_tensor_fill_uniform(next, work->options.seed, 0, 1);
    gan_tensor_free(*picture);
    *picture = next;
    return status;
}

static int64_t shrink(int64_t size, int32_t halvings)
{
    const int64_t result = size >> halvings;
    return result > 0 ? result : 1;
}

static gan_status shrink_masks(const struct work *work, gan_painted_style *styles, gan_tensor **masks,
                               int64_t height, int64_t width)
{
    gan_status status = GAN_OK;
    memcpy(styles, work->styles, (size_t)work->count * sizeof *styles);
    for (int32_t i = 0; status == GAN_OK && i < work->count; i++)
        if (styles[i].mask != NULL) {
            status = gan_image_resize(&masks[i], styles[i].mask, height, width);
            styles[i].mask = masks[i];
        }
    return status;
}

static gan_status paint_scale(struct work *work, gan_tensor **picture)
{
    gan_painted_style styles[PAINTING_MOST_STYLES];
    gan_tensor *content = NULL, *masks[PAINTING_MOST_STYLES] = {NULL};
    const int32_t halvings = work->options.scales - 1 - work->scale;
    const int64_t height = shrink(gan_tensor_size(work->content, 1), halvings);
    const int64_t width = shrink(gan_tensor_size(work->content, 2), halvings);
    gan_status status = gan_image_resize(&content, work->content, height, width);
    if (status == GAN_OK)
        status = shrink_masks(work, styles, masks, height, width);
    if (status == GAN_OK)
        status = prepare(work, picture, content);
    if (status == GAN_OK)
        status = paint(work, *picture, content, styles);
    for (int32_t i = 0; i < work->count; i++)
        gan_tensor_free(masks[i]);
    gan_tensor_free(content);
    if (status != GAN_OK)
        return gan_fail_within(status, "at %" PRId64 "x%" PRId64 ": ", width, height);
    return GAN_OK;
}

static void clamp(gan_tensor *picture)
{
    float *values = gan_tensor_data(picture);
    for (int64_t i = 0; i < gan_tensor_count(picture); i++)
        values[i] = fminf(fmaxf(values[i], 0.0f), 1.0f);
}

gan_status gan_picture_optimize(gan_tensor **out, const gan_tensor *content,
                                const gan_painted_style *const *styles, int32_t count,
                                const gan_picture_optimization_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_picture_optimize: out is NULL");
    *out = NULL;
    struct work work = {.content = content, .count = count};
    gan_tensor *picture = NULL;
    gan_status status = check(&work, styles, given);
    for (work.scale = 0; status == GAN_OK && !work.stopped && work.scale < work.options.scales; work.scale++)
        status = paint_scale(&work, &picture);
    /* Who stops at a coarse scale still gets the content's size. */
    if (status == GAN_OK && work.stopped)
        status = prepare(&work, &picture, content);
    if (status != GAN_OK) {
        gan_tensor_free(picture);
        return gan_fail_within(status, "gan_picture_optimize: ");
    }
    clamp(picture);
    *out = picture;
    return GAN_OK;
}
