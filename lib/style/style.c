/* The style matrix S as an object. */
#include "style/style.h"
#include "gan/image.h"

#include <inttypes.h>
#include <math.h>

enum { MOST_SCALES = 8 };

gan_style *gan_style_retain(gan_style *style)
{
    atomic_fetch_add(&style->references, 1);
    return style;
}

void gan_style_free(gan_style *style)
{
    if (style == NULL || atomic_fetch_sub(&style->references, 1) != 1)
        return;
    gan_context *context = style->context;
    for (int32_t i = 0; i < style->level_count; i++) {
        gan_tensor_free(style->levels[i].gram);
        gan_tensor_free(style->levels[i].mean);
        gan_tensor_free(style->levels[i].deviation);
    }
    gan_model_free(style->extractor);
    gan_release(context, style);
    gan_context_free(context);
}

static gan_status make_level(struct style_level *level, gan_context *context, int64_t channels)
{
    const int64_t matrix[3] = {1, channels, channels}, vector[2] = {1, channels};
    gan_status status = gan_tensor_create(&level->gram, context, GAN_FLOAT32, matrix, 3);
    if (status == GAN_OK)
        status = gan_tensor_create(&level->mean, context, GAN_FLOAT32, vector, 2);
    if (status == GAN_OK)
        status = gan_tensor_create(&level->deviation, context, GAN_FLOAT32, vector, 2);
    return status;
}

gan_status gan_style_make(gan_style **out, gan_model *extractor, int32_t normalization)
{
    gan_context *context = extractor->graph->context;
    gan_style *style = gan_allocate_zeroed(context, sizeof *style);
    if (style == NULL)
        return gan_fail_memory("a style", sizeof *style);
    atomic_init(&style->references, 1);
    style->context = gan_context_retain(context);
    style->extractor = gan_model_retain(extractor);
    style->normalization = normalization;
    style->level_count = gan_model_output_count(extractor);
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < style->level_count; i++) {
        int64_t size[GAN_MAX_RANK];
        gan_model_output_shape(extractor, i, size);
        status = make_level(&style->levels[i], context, size[3]);
    }
    if (status != GAN_OK) {
        gan_style_free(style);
        return status;
    }
    *out = style;
    return GAN_OK;
}

static gan_status check_masks(const gan_tensor *const *pictures, int32_t count,
                              const gan_style_options *options)
{
    for (int32_t i = 0; options->masks != NULL && i < count; i++) {
        if (options->masks[i] == NULL)
            continue;
        if (options->normalization == GAN_GRAM_COVARIANCE)
            return gan_fail(GAN_ERROR_UNSUPPORTED, "a mask does not go with GAN_GRAM_COVARIANCE");
        const gan_status status = gan_style_mask_check(options->masks[i], pictures[i]);
        if (status != GAN_OK)
            return gan_fail_within(status, "picture %" PRId32 ": ", i);
    }
    return GAN_OK;
}

static gan_status check(const gan_model *extractor, const gan_tensor *const *pictures, int32_t count,
                        const gan_style_options *options)
{
    gan_status status = gan_extractor_check(extractor);
    if (status != GAN_OK)
        return status;
    if (pictures == NULL || count < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "a style needs at least one picture");
    for (int32_t i = 0; i < count; i++) {
        status = gan_picture_check(pictures[i], "the picture");
        if (status != GAN_OK)
            return gan_fail_within(status, "picture %" PRId32 ": ", i);
    }
    if (options->scales < 0 || options->scales > MOST_SCALES)
        return gan_fail(GAN_ERROR_ARGUMENT, "scales is %" PRId32 ", expected 1 to %d", options->scales,
                        (int)MOST_SCALES);
    if (options->normalization < GAN_GRAM_PER_ELEMENT || options->normalization > GAN_GRAM_COVARIANCE)
        return gan_fail(GAN_ERROR_ARGUMENT, "normalization is %" PRId32 ", expected a GAN_GRAM_* number",
                        options->normalization);
    return check_masks(pictures, count, options);
}

static gan_status measure_once(gan_style *style, const gan_tensor *picture, const gan_tensor *mask,
                               double share)
{
    return mask != NULL ? gan_style_measure_region(style, picture, mask, share)
                        : gan_style_measure(style, picture, share);
}

/* The picture, its half, its quarter ... */
static gan_status measure_scales(gan_style *style, const gan_tensor *picture, const gan_tensor *mask,
                                 int32_t scales, double share)
{
    const int64_t height = gan_tensor_size(picture, 1), width = gan_tensor_size(picture, 2);
    gan_status status = measure_once(style, picture, mask, share / scales);
    for (int32_t i = 1; status == GAN_OK && i < scales; i++) {
        gan_tensor *smaller = NULL;
        const int64_t rows = height >> i, columns = width >> i;
        status = gan_image_resize(&smaller, picture, rows > 0 ? rows : 1, columns > 0 ? columns : 1);
        if (status == GAN_OK)
            status = measure_once(style, smaller, mask, share / scales);
        gan_tensor_free(smaller);
    }
    return status;
}

gan_status gan_style_create(gan_style **out, gan_model *extractor, const gan_tensor *const *pictures,
                            int32_t count, const gan_style_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_create: out is NULL");
    *out = NULL;
    gan_style_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_style_options");
    if (status == GAN_OK)
        status = check(extractor, pictures, count, &options);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_style_create: ");
    gan_style *style;
    status = gan_style_make(&style, extractor, options.normalization);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; status == GAN_OK && i < count; i++)
        status = measure_scales(style, pictures[i], options.masks != NULL ? options.masks[i] : NULL,
                                options.scales > 0 ? options.scales : 1, 1 / (double)count);
    if (status != GAN_OK) {
        gan_style_free(style);
        return status;
    }
    *out = style;
    return GAN_OK;
}

static const struct style_level *level_at(const gan_style *style, int32_t level)
{
    return style != NULL && level >= 0 && level < style->level_count ? &style->levels[level] : NULL;
}

int32_t gan_style_level_count(const gan_style *style)
{
    return style != NULL ? style->level_count : 0;
}

const char *gan_style_level_name(const gan_style *style, int32_t level)
{
    return level_at(style, level) != NULL ? gan_model_output_name(style->extractor, level) : NULL;
}

const gan_tensor *gan_style_gram(const gan_style *style, int32_t level)
{
    const struct style_level *found = level_at(style, level);
    return found != NULL ? found->gram : NULL;
}

const gan_tensor *gan_style_mean(const gan_style *style, int32_t level)
{
    const struct style_level *found = level_at(style, level);
    return found != NULL ? found->mean : NULL;
}

const gan_tensor *gan_style_deviation(const gan_style *style, int32_t level)
{
    const struct style_level *found = level_at(style, level);
    return found != NULL ? found->deviation : NULL;
}
