/* What is left of a training: a model and words of how it was made. */
#include "training/training.h"

#include <inttypes.h>
#include <stdio.h>

enum { TEXT_SIZE = 1024 };

static gan_status write_losses(const struct training *training, gan_model *model)
{
    char text[TEXT_SIZE];
    int at = 0;
    for (int32_t i = 0; i < training->method->loss_count && at < TEXT_SIZE - 64; i++)
        at += snprintf(text + at, (size_t)(TEXT_SIZE - at), "%s%s %.4g", i > 0 ? ", " : "",
                       training->method->loss_names[i], (double)training->losses[i]);
    return gan_model_set_metadata(model, "final_losses", text);
}

gan_status gan_training_finish(gan_model **out, const struct training *training, gan_model **model,
                               const gan_average *average)
{
    char steps[32];
    snprintf(steps, sizeof steps, "%" PRId64, training->step);
    const char *const words[][2] = {{"method", training->method->name},
                                    {"trained_by", "libgan"},
                                    {"library_version", gan_version()},
                                    {"options", training->fingerprint},
                                    {"steps", steps}};
    gan_status status = average != NULL ? gan_average_apply(average, *model) : GAN_OK;
    if (status == GAN_OK)
        status = gan_check_parameters(*model);
    for (size_t i = 0; status == GAN_OK && i < sizeof words / sizeof words[0]; i++)
        status = gan_model_set_metadata(*model, words[i][0], words[i][1]);
    if (status == GAN_OK)
        status = write_losses(training, *model);
    if (status != GAN_OK)
        return status;
    *out = *model;
    *model = NULL;
    return GAN_OK;
}
