/* Styles between others. */
#include "style/style.h"

#include <inttypes.h>
#include <math.h>

static gan_status check_pair(const gan_style *a, const gan_style *b)
{
    if (a->normalization != b->normalization)
        return gan_fail(GAN_ERROR_ARGUMENT, "the styles have different normalizations");
    if (a->extractor == b->extractor)
        return GAN_OK;
    uint64_t first, second;
    gan_status status = gan_extractor_identity(a->extractor, &first);
    if (status == GAN_OK)
        status = gan_extractor_identity(b->extractor, &second);
    if (status == GAN_OK && first != second)
        status = gan_fail(GAN_ERROR_ARGUMENT, "the styles were made with different extractors");
    return status;
}

static gan_status check(const gan_style *const *styles, const float *weights, int32_t count)
{
    gan_status status = GAN_OK;
    if (styles == NULL || count < 1)
        return gan_fail(GAN_ERROR_ARGUMENT, "expected at least one style");
    for (int32_t i = 0; i < count; i++) {
        if (styles[i] == NULL)
            return gan_fail(GAN_ERROR_ARGUMENT, "a style is NULL");
        if (weights != NULL && !isfinite(weights[i]))
            return gan_fail(GAN_ERROR_NOT_FINITE, "weight %" PRId32 " is not finite", i);
    }
    for (int32_t i = 1; status == GAN_OK && i < count; i++)
        status = check_pair(styles[0], styles[i]);
    return status;
}

static void add(gan_tensor *to, const gan_tensor *from, float weight)
{
    float *sum = gan_tensor_data(to);
    const float *values = gan_tensor_data_const(from);
    for (int64_t i = 0; i < gan_tensor_count(to); i++)
        sum[i] += weight * values[i];
}

static void add_style(gan_style *to, const gan_style *from, float weight)
{
    for (int32_t i = 0; i < to->level_count; i++) {
        const struct style_level *level = &to->levels[i];
        add(level->gram, from->levels[i].gram, weight);
        add(level->mean, from->levels[i].mean, weight);
        add(level->deviation, from->levels[i].deviation, weight);
    }
}

static gan_status average(gan_style **out, const gan_style *const *styles, const float *weights,
                          int32_t count)
{
    gan_style *style;
    gan_status status = check(styles, weights, count);
    if (status == GAN_OK)
        status = gan_style_make(&style, styles[0]->extractor, styles[0]->normalization);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; i < count; i++)
        add_style(style, styles[i], weights != NULL ? weights[i] : 1 / (float)count);
    *out = style;
    return GAN_OK;
}

gan_status gan_style_average(gan_style **out, const gan_style *const *styles, const float *weights,
                             int32_t count)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_average: out is NULL");
    *out = NULL;
    const gan_status status = average(out, styles, weights, count);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_style_average: ");
}

gan_status gan_style_interpolate(gan_style **out, const gan_style *a, const gan_style *b, float amount)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_interpolate: out is NULL");
    *out = NULL;
    const gan_style *const both[2] = {a, b};
    const float weights[2] = {1 - amount, amount};
    const gan_status status = average(out, both, weights, 2);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_style_interpolate: ");
}
