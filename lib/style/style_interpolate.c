/* A style between two others. */
#include "style/style.h"

#include <math.h>

static gan_status check_pair(const gan_style *a, const gan_style *b, float amount)
{
    if (a == NULL || b == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "a style is NULL");
    if (!isfinite(amount))
        return gan_fail(GAN_ERROR_NOT_FINITE, "amount is not finite");
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

static void blend(gan_tensor *to, const gan_tensor *a, const gan_tensor *b, float amount)
{
    float *result = gan_tensor_data(to);
    const float *first = gan_tensor_data_const(a), *second = gan_tensor_data_const(b);
    for (int64_t i = 0; i < gan_tensor_count(to); i++)
        result[i] = (1 - amount) * first[i] + amount * second[i];
}

gan_status gan_style_interpolate(gan_style **out, const gan_style *a, const gan_style *b, float amount)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_style_interpolate: out is NULL");
    *out = NULL;
    gan_status status = check_pair(a, b, amount);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_style_interpolate: ");
    gan_style *style;
    status = gan_style_make(&style, a->extractor, a->normalization);
    if (status != GAN_OK)
        return status;
    for (int32_t i = 0; i < style->level_count; i++) {
        const struct style_level *to = &style->levels[i];
        blend(to->gram, a->levels[i].gram, b->levels[i].gram, amount);
        blend(to->mean, a->levels[i].mean, b->levels[i].mean, amount);
        blend(to->deviation, a->levels[i].deviation, b->levels[i].deviation, amount);
    }
    *out = style;
    return GAN_OK;
}
