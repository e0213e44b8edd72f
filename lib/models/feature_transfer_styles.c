/* The styles of a transfer of features: measured on a picture, or taken from S. */
#include "gan/session.h"
#include "models/feature_transfer.h"
#include "style/feature_covariance.h"
#include "style/style.h"

#include <inttypes.h>
#include <string.h>

static void forget(gan_feature_transfer *transfer, struct transfer_style *style)
{
    for (int32_t i = 0; i < GAN_FEATURE_TRANSFER_MOST_LEVELS; i++)
        gan_feature_moments_free(&style->levels[i], transfer->context);
}

void gan_feature_transfer_clear(gan_feature_transfer *transfer)
{
    if (transfer == NULL)
        return;
    for (int32_t i = 0; i < transfer->style_count; i++)
        forget(transfer, &transfer->styles[i]);
    transfer->style_count = 0;
}

int32_t gan_feature_transfer_style_count(const gan_feature_transfer *transfer)
{
    return transfer != NULL ? transfer->style_count : 0;
}

/* ---- From a picture ---- */

static gan_status measure(const struct transfer_level *level, const void *source,
                          struct feature_moments *moments)
{
    const gan_tensor *picture = source;
    gan_tensor *features = NULL;
    gan_status status = gan_model_run(level->features, picture, &features);
    if (status == GAN_OK)
        status = gan_feature_covariance(features->context, features->data,
                                        features->shape.size[1] * features->shape.size[2],
                                        level->transform.channels, moments->mean, moments->matrix);
    gan_tensor_free(features);
    return status;
}

/* ---- From S ---- */

static gan_status find_level(const struct transfer_level *level, const gan_style *style, int32_t *found)
{
    const char *name = gan_model_output_name(level->features, 0);
    for (int32_t i = 0; i < style->level_count; i++)
        if (strcmp(gan_style_level_name(style, i), name) == 0) {
            *found = i;
            return GAN_OK;
        }
    return gan_fail(GAN_ERROR_NOT_FOUND, "the style has no level \"%s\"", name);
}

static gan_status check_extractor(const struct transfer_level *level, const gan_style *style)
{
    char expected[EXTRACTOR_IDENTITY_SIZE], found[EXTRACTOR_IDENTITY_SIZE];
    if (level->encoder == style->extractor)
        return GAN_OK;
    gan_status status = gan_extractor_identity_text(expected, level->encoder);
    if (status == GAN_OK)
        status = gan_extractor_identity_text(found, style->extractor);
    if (status != GAN_OK || strcmp(expected, found) == 0)
        return status;
    return gan_fail(
        GAN_ERROR_ARGUMENT,
        "the style was made with another extractor (\"%s\" %s) than this encoder (\"%s\" %s), or with "
        "other outputs of it",
        gan_model_name(style->extractor), found, gan_model_name(level->encoder), expected);
}

/* The covariance of a Gram matrix that is a sum of products: what the mean does to it is taken away. */
static void covariance_of(const struct style_level *level, int32_t normalization, int64_t channels,
                          double *covariance)
{
    const float *gram = level->gram->data, *mean = level->mean->data;
    const double scale = normalization == GAN_GRAM_PER_ELEMENT ? (double)channels : 1;
    for (int64_t i = 0; i < channels; i++)
        for (int64_t j = 0; j < channels; j++) {
            const double product =
                normalization == GAN_GRAM_COVARIANCE ? 0 : (double)mean[i] * (double)mean[j];
            covariance[i * channels + j] = scale * (double)gram[i * channels + j] - product;
        }
}

static void variances_of(const struct style_level *level, int64_t channels, double *covariance)
{
    const float *deviation = level->deviation->data;
    for (int64_t i = 0; i < channels; i++)
        covariance[i * channels + i] = (double)deviation[i] * (double)deviation[i];
}

static gan_status take(const struct transfer_level *level, const void *source,
                       struct feature_moments *moments)
{
    const gan_style *style = source;
    const int64_t channels = level->transform.channels;
    int32_t index = 0;
    gan_status status = check_extractor(level, style);
    if (status == GAN_OK)
        status = find_level(level, style, &index);
    if (status != GAN_OK)
        return status;
    const struct style_level *found = &style->levels[index];
    for (int64_t i = 0; i < channels; i++)
        moments->mean[i] = (double)((const float *)found->mean->data)[i];
    if (level->transform.kind == GAN_TRANSFORM_MEAN_DEVIATION)
        variances_of(found, channels, moments->matrix);
    else
        covariance_of(found, style->normalization, channels, moments->matrix);
    return GAN_OK;
}

/* ---- Both ---- */

typedef gan_status (*level_source)(const struct transfer_level *level, const void *source,
                                   struct feature_moments *moments);

static gan_status fill(gan_feature_transfer *transfer, struct transfer_style *style, level_source fill_level,
                       const void *source)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < transfer->level_count; i++) {
        const struct transfer_level *level = &transfer->levels[i];
        struct feature_moments *moments = &style->levels[i];
        status = gan_feature_moments_make(moments, transfer->context, level->transform.channels);
        if (status == GAN_OK)
            status = fill_level(level, source, moments);
        if (status == GAN_OK)
            status = gan_feature_transform_style(&level->transform, transfer->context, moments);
    }
    return status;
}

/* All levels of a style or, where one fails, none. */
static gan_status add(gan_feature_transfer *transfer, level_source fill_level, const void *source)
{
    if (transfer->style_count == GAN_FEATURE_TRANSFER_MOST_STYLES)
        return gan_fail(GAN_ERROR_ARGUMENT, "there are %" PRId32 " styles already", transfer->style_count);
    struct transfer_style *style = &transfer->styles[transfer->style_count];
    const gan_status status = fill(transfer, style, fill_level, source);
    if (status == GAN_OK)
        transfer->style_count++;
    else
        forget(transfer, style);
    return status;
}

gan_status gan_feature_transfer_add_picture(gan_feature_transfer *transfer, const gan_tensor *picture)
{
    if (transfer == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_transfer_add_picture: transfer is NULL");
    gan_status status = gan_picture_check(picture, "the style picture");
    if (status == GAN_OK)
        status = add(transfer, measure, picture);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_feature_transfer_add_picture: ");
}

gan_status gan_feature_transfer_add_style(gan_feature_transfer *transfer, const gan_style *style)
{
    if (transfer == NULL || style == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_transfer_add_style: %s is NULL",
                        transfer == NULL ? "transfer" : "style");
    const gan_status status = add(transfer, take, style);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_feature_transfer_add_style: ");
}
