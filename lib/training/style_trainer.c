/* gan_train_style: the steps, what happens where they fail, and what is left in the end. */
#include "training/style_trainer.h"

#include <math.h>
#include <string.h>

enum { GOOD_EVERY = 50, MOST_FAILURES = 6, CHECKPOINT_EVERY = 100 };

/* The optimizers' rates follow the trainer's schedule; their own stays constant. */
static gan_status set_rates(struct style_trainer *trainer)
{
    const struct style_recipe *recipe = &trainer->recipe;
    trainer->rate = gan_trainer_rate(trainer);
    gan_status status = gan_optimizer_set_learning_rate(trainer->generator_optimizer, trainer->rate);
    if (status != GAN_OK || trainer->discriminator == NULL)
        return status;
    const float share = recipe->discriminator_rate / recipe->learning_rate;
    return gan_optimizer_set_learning_rate(trainer->discriminator_optimizer, share * trainer->rate);
}

/* What the content is judged against: the photographs in the colours of the style picture. */
static void paint_targets(struct style_trainer *trainer)
{
    const int64_t pixels = (int64_t)trainer->recipe.size * trainer->recipe.size;
    const float *from = gan_tensor_data_const(trainer->content_batch);
    float *to = gan_tensor_data(trainer->target_batch);
    for (int64_t i = 0; i < trainer->recipe.batch; i++)
        gan_style_palette_apply(&trainer->palette, from + 3 * pixels * i, to + 3 * pixels * i, pixels);
}

static gan_status load_batches(struct style_trainer *trainer)
{
    gan_status status = gan_image_folder_batch(trainer->folder, trainer->step, trainer->content_batch);
    if (status == GAN_OK && trainer->plans != NULL)
        paint_targets(trainer);
    if (status == GAN_OK && trainer->discriminator != NULL)
        status = gan_trainer_style_crops(trainer, trainer->style_batch);
    return status;
}

static gan_status step_generator(struct style_trainer *trainer)
{
    const gan_tensor *inputs[2] = {trainer->content_batch,
                                   trainer->plans != NULL ? trainer->target_batch : trainer->style_batch};
    const gan_status status =
        gan_objective_step(trainer->generator_objective, inputs, 2, &trainer->values[LOSS_TOTAL]);
    for (int i = LOSS_CONTENT; i < LOSS_DISCRIMINATOR; i++)
        trainer->values[i] =
            gan_objective_scalar(trainer->generator_objective, WATCHED_PARTS + i - LOSS_CONTENT);
    if (trainer->discriminator == NULL)
        trainer->values[LOSS_ADVERSARIAL] = 0;
    return status;
}

/* The discriminator learns from the pictures that the generator's step has just made. */
static gan_status step_discriminator(struct style_trainer *trainer)
{
    if (trainer->discriminator == NULL)
        return GAN_OK;
    gan_tensor *generated;
    gan_status status = gan_objective_value(trainer->generator_objective, WATCHED_PICTURE, &generated);
    if (status != GAN_OK)
        return status;
    const gan_tensor *inputs[2] = {generated, trainer->style_batch};
    status =
        gan_objective_step(trainer->discriminator_objective, inputs, 2, &trainer->values[LOSS_DISCRIMINATOR]);
    gan_tensor_free(generated);
    return status;
}

/* A short memory at first: the first steps are far from where they lead. */
static float averaging(const struct style_trainer *trainer)
{
    const float young = (float)(1 + trainer->step) / (float)(10 + trainer->step);
    return fminf(trainer->recipe.average, young);
}

static gan_status update_average(struct style_trainer *trainer)
{
    const float keep = averaging(trainer);
    for (int32_t i = 0; i < gan_model_parameter_count(trainer->generator); i++) {
        gan_tensor *value;
        const gan_status status = gan_model_get_parameter(trainer->generator, i, &value);
        if (status != GAN_OK)
            return status;
        float *average = gan_tensor_data(trainer->average[i]);
        const float *now = gan_tensor_data_const(value);
        for (int64_t k = 0; k < gan_tensor_count(value); k++)
            average[k] = keep * average[k] + (1 - keep) * now[k];
        gan_tensor_free(value);
    }
    return GAN_OK;
}

static gan_status step(struct style_trainer *trainer)
{
    gan_status status = set_rates(trainer);
    if (status == GAN_OK)
        status = load_batches(trainer);
    if (status == GAN_OK)
        status = step_generator(trainer);
    if (status == GAN_OK)
        status = update_average(trainer);
    if (status == GAN_OK)
        status = step_discriminator(trainer);
    if (status != GAN_OK)
        return status;
    trainer->step++;
    return gan_trainer_record(trainer);
}

static gan_status keep_good(struct style_trainer *trainer)
{
    struct training_state *state;
    const gan_status status = gan_trainer_capture(trainer, &state);
    if (status != GAN_OK)
        return status;
    gan_training_state_free(trainer->good);
    trainer->good = state;
    return GAN_OK;
}

/* Numbers ceased to be finite: back to the last good state, with half the learning rate. */
static gan_status go_back(struct style_trainer *trainer)
{
    if (trainer->failures == MOST_FAILURES)
        return gan_fail_within(GAN_ERROR_NOT_FINITE,
                               "training failed at step %lld, also after the learning rate was halved %d "
                               "times: ",
                               (long long)trainer->step, (int)MOST_FAILURES);
    trainer->failures++;
    gan_log(trainer->context, GAN_LOG_WARNING,
            "step %lld: %s; going back to step %lld with half the learning rate", (long long)trainer->step,
            gan_error_message(), (long long)trainer->good->counts.step);
    return gan_trainer_restore(trainer, trainer->good);
}

static gan_status save_checkpoint(const struct style_trainer *trainer)
{
    if (trainer->options->checkpoint == NULL)
        return GAN_OK;
    struct training_state *state;
    gan_status status = gan_trainer_capture(trainer, &state);
    if (status != GAN_OK)
        return status;
    status = gan_checkpoint_save(state, trainer->options->checkpoint);
    gan_training_state_free(state);
    return status;
}

/* Files that could be written at the start and cannot now do not end the work: the model matters more. */
static gan_status tolerate(const struct style_trainer *trainer, gan_status status)
{
    if (status != GAN_ERROR_IO && status != GAN_ERROR_NOT_FOUND)
        return status;
    gan_log(trainer->context, GAN_LOG_WARNING, "%s", gan_error_message());
    return GAN_OK;
}

static gan_status write_files(struct style_trainer *trainer, bool last)
{
    const int64_t asked = trainer->options->checkpoint_every;
    const int64_t every = asked > 0 ? asked : CHECKPOINT_EVERY;
    gan_status status = GAN_OK;
    if (last || trainer->step % every == 0)
        status = tolerate(trainer, save_checkpoint(trainer));
    if (status == GAN_OK)
        status = tolerate(trainer, gan_trainer_flush_log(trainer, last));
    return status;
}

gan_status gan_trainer_run(struct style_trainer *trainer)
{
    gan_status status = keep_good(trainer);
    if (status == GAN_OK)
        status = save_checkpoint(trainer);
    if (status == GAN_OK)
        status = gan_trainer_flush_log(trainer, true);
    bool stop = false;
    gan_trainer_plan_steps(trainer);
    while (status == GAN_OK && !stop && !gan_trainer_finished(trainer)) {
        status = step(trainer);
        if (status == GAN_ERROR_NOT_FINITE) {
            status = go_back(trainer);
            continue;
        }
        if (status != GAN_OK)
            break;
        gan_trainer_plan_steps(trainer);
        if (trainer->step % GOOD_EVERY == 0)
            status = keep_good(trainer);
        stop = gan_trainer_report(trainer);
        if (status == GAN_OK)
            status = write_files(trainer, stop || gan_trainer_finished(trainer));
    }
    return status;
}
