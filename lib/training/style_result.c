/* The result of a style training, and the public call. */
#include "training/style_trainer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The averaged parameters make the steadier pictures. */
static gan_status take_average(struct style_trainer *trainer)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(trainer->generator); i++)
        status = gan_model_set_parameter(trainer->generator, i, trainer->average[i]);
    return status;
}

static gan_status write_losses(const struct style_trainer *trainer)
{
    char text[128];
    snprintf(text, sizeof text, "content %.4g, style %.4g, variation %.4g",
             (double)trainer->values[LOSS_CONTENT], (double)trainer->values[LOSS_STYLE],
             (double)trainer->values[LOSS_VARIATION]);
    return gan_model_set_metadata(trainer->generator, "final_losses", text);
}

static gan_status write_words(const struct style_trainer *trainer)
{
    char steps[32];
    snprintf(steps, sizeof steps, "%" PRId64, trainer->step);
    gan_model *generator = trainer->generator;
    gan_status status = gan_model_set_metadata(generator, "method", "style");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "trained_by", "libgan");
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "library_version", gan_version());
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "options", trainer->fingerprint);
    if (status == GAN_OK)
        status = gan_model_set_metadata(generator, "steps", steps);
    return status == GAN_OK ? write_losses(trainer) : status;
}

static gan_status finish(gan_model **out, struct style_trainer *trainer)
{
    gan_status status = take_average(trainer);
    if (status == GAN_OK)
        status = write_words(trainer);
    if (status != GAN_OK)
        return status;
    *out = trainer->generator;
    trainer->generator = NULL;
    return GAN_OK;
}

static gan_status check(gan_context *context, const char *content_folder, gan_style_trainer_options *options,
                        const gan_style_trainer_options *given)
{
    if (context == NULL || content_folder == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "%s is NULL", context == NULL ? "context" : "content_folder");
    const gan_status status = gan_copy_options(options, sizeof *options, given, "gan_style_trainer_options");
    if (status == GAN_OK && options->steps == 0 && options->minutes == 0)
        options->minutes = 5;
    return status;
}

gan_status gan_train_style(gan_model **out, gan_context *context, const gan_tensor *style_picture,
                           const char *content_folder, const gan_style_trainer_options *given)
{
    if (out == NULL)
        return gan_fail(GAN_ERROR_ARGUMENT, "gan_train_style: out is NULL");
    *out = NULL;
    gan_style_trainer_options options;
    gan_status status = check(context, content_folder, &options, given);
    if (status != GAN_OK)
        return gan_fail_within(status, "gan_train_style: ");
    struct style_trainer *trainer = gan_allocate_zeroed(context, sizeof *trainer);
    if (trainer == NULL)
        return gan_fail_memory("a style trainer", sizeof *trainer);
    trainer->context = context;
    trainer->options = &options;
    gan_trainer_start_clock(trainer);
    status = gan_trainer_prepare(trainer, style_picture, content_folder);
    if (status == GAN_OK)
        status = gan_trainer_run(trainer);
    if (status == GAN_OK)
        status = finish(out, trainer);
    gan_trainer_release(trainer);
    gan_release(context, trainer);
    return status;
}
