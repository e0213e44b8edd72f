#include "models/feature_transfer.h"

#include <inttypes.h>
#include <math.h>

static gan_status check_options(const gan_feature_transfer_options *options)
{
    if (options->transform < GAN_TRANSFORM_MEAN_DEVIATION || options->transform > GAN_TRANSFORM_LINEAR)
        return gan_fail(GAN_ERROR_ARGUMENT, "transform is %" PRId32 ", expected a GAN_TRANSFORM_* number",
                        options->transform);
    if (!isfinite(options->ridge))
        return gan_fail(GAN_ERROR_ARGUMENT, "ridge is not finite");
    return GAN_OK;
}

static gan_status open_levels(gan_feature_transfer *transfer, gan_model *const *encoders,
                              gan_model *const *decoders, int32_t levels,
                              const gan_feature_transfer_options *options)
{
    const char *const *names = options->level_names;
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < levels; i++, transfer->level_count++)
        status = gan_transfer_level_open(&transfer->levels[i], encoders[i], decoders[i],
                                         names != NULL ? names[i] : NULL, options);
    return status;
}

static gan_status create(gan_feature_transfer **out, gan_model *const *encoders, gan_model *const *decoders,
                         int32_t levels, const gan_feature_transfer_options *given)
{
    if (encoders == NULL || decoders == NULL || levels < 1 || levels > GAN_FEATURE_TRANSFER_MOST_LEVELS ||
        encoders[0] == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "expected encoders and decoders of 1 to %d levels, not %" PRId32,
                        (int)GAN_FEATURE_TRANSFER_MOST_LEVELS, levels);
    gan_feature_transfer_options options;
    gan_status status = gan_copy_options(&options, sizeof options, given, "gan_feature_transfer_options");
    if (status == GAN_OK)
        status = check_options(&options);
    if (status != GAN_OK)
        return status;
    gan_context *context = encoders[0]->graph->context;
    gan_feature_transfer *transfer = gan_allocate_zeroed(context, sizeof *transfer);
    if (transfer == NULL)
        return gan_fail_memory("a transfer of features", sizeof *transfer);
    transfer->context = gan_context_retain(context);
    status = open_levels(transfer, encoders, decoders, levels, &options);
    if (status == GAN_OK)
        *out = transfer;
    else
        gan_feature_transfer_free(transfer);
    return status;
}

gan_status gan_feature_transfer_create(gan_feature_transfer **out, gan_model *const *encoders,
                                       gan_model *const *decoders, int32_t levels,
                                       const gan_feature_transfer_options *options)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_feature_transfer_create: out is NULL");
    *out = NULL;
    const gan_status status = create(out, encoders, decoders, levels, options);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "gan_feature_transfer_create: ");
}

void gan_feature_transfer_free(gan_feature_transfer *transfer)
{
    if (transfer == NULL)
        return;
    gan_context *context = transfer->context;
    gan_feature_transfer_clear(transfer);
    for (int32_t i = 0; i < GAN_FEATURE_TRANSFER_MOST_LEVELS; i++)
        gan_transfer_level_close(&transfer->levels[i]);
    gan_release(context, transfer);
    gan_context_free(context);
}
