/* What goes wrong in a training without an error, as warnings. */
#include "training/training.h"

enum { LOOK_EVERY = 50 };

void gan_training_add_judge(struct training *training, int32_t loss)
{
    training->judges[training->judge_count++] = loss;
}

/* Losses that are not finite have made the step itself fail. */
static void look_at_judges(struct training *training)
{
    float loss = 0;
    for (int32_t i = 0; i < training->judge_count; i++)
        loss += training->losses[training->judges[i]];
    if (training->judge_count > 0)
        gan_health_step(training->health, training->step, loss, 0, -1);
}

/* Judged by the most that they ever differed, not by the real ones: before the generator has learned anything
 * its pictures are alike, too. */
static gan_status look_at_pictures(struct training *training)
{
    gan_tensor *pictures;
    gan_status status = training->method->generated(training, &pictures);
    if (status != GAN_OK)
        return status;
    if (gan_tensor_size(pictures, 0) > 1)
        status = gan_health_generated(training->health, training->step, pictures);
    gan_tensor_free(pictures);
    return status;
}

gan_status gan_training_look(struct training *training)
{
    look_at_judges(training);
    const bool due = training->method->generated != NULL && training->step % LOOK_EVERY == 0;
    return due ? look_at_pictures(training) : GAN_OK;
}

gan_status gan_training_check_normalization(const struct training *training, gan_model *model,
                                            const gan_tensor *input)
{
    const gan_status status = gan_check_normalization(model, input);
    if (status != GAN_ERROR_STATE)
        return status;
    gan_log(training->context, GAN_LOG_WARNING, "before the first step: %s: %s", gan_model_name(model),
            gan_error_message());
    return GAN_OK;
}
