/* Taking the whole state of a training, and putting it back. */
#include "training/loss_log.h"
#include "training/training.h"

static void count(struct training_state *state, const struct training *training)
{
    state->counts = (struct training_counts){.step = training->step,
                                             .total = training->total,
                                             .milliseconds = (int64_t)(1000 * gan_training_elapsed(training)),
                                             .failures = training->failures,
                                             .log_rows = gan_loss_log_count(training->log)};
    for (int32_t i = 0; i < training->optimizer_count; i++)
        state->counts.optimizer_steps[i] = gan_optimizer_step_count(training->optimizers[i].optimizer);
}

static gan_status capture(struct training_state *state, const struct training *training)
{
    gan_status status = GAN_OK;
    count(state, training);
    for (int32_t i = 0; status == GAN_OK && i < training->network_count; i++)
        status = gan_training_state_add_model(state, training->networks[i].model, training->networks[i].name);
    for (int32_t i = 0; status == GAN_OK && i < training->optimizer_count; i++)
        status = gan_training_state_add_optimizer(state, training->optimizers[i].optimizer,
                                                  training->optimizers[i].name);
    for (int32_t i = 0; status == GAN_OK && i < training->average_count; i++)
        status = gan_average_store(training->averages[i].average, state->tensors, training->averages[i].name);
    for (int32_t i = 0; status == GAN_OK && i < training->pool_count; i++)
        status = gan_image_pool_store(training->pools[i].pool, state->tensors, training->pools[i].name);
    return status == GAN_OK ? gan_health_store(training->health, state->tensors, "health") : status;
}

/* Values that are not finite may stay unseen for long: nothing in a step reads running statistics. */
static gan_status check_networks(const struct training *training)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < training->network_count; i++)
        status = gan_check_parameters(training->networks[i].model);
    return status;
}

gan_status gan_training_capture(const struct training *training, struct training_state **out)
{
    struct training_state *state;
    gan_status status = check_networks(training);
    if (status == GAN_OK)
        status = gan_training_state_create(&state, training->context, training->fingerprint);
    if (status != GAN_OK)
        return status;
    status = capture(state, training);
    if (status != GAN_OK) {
        gan_training_state_free(state);
        return status;
    }
    *out = state;
    return GAN_OK;
}

/* Later rows do no harm: only the first are written. */
static gan_status store_log(const struct training *training, struct training_state *state)
{
    if (state->log_is_stored)
        return GAN_OK;
    const gan_status status =
        gan_loss_log_store_first(training->log, state->counts.log_rows, state->tensors, "log");
    state->log_is_stored = status == GAN_OK;
    return status;
}

gan_status gan_training_save(const struct training *training, struct training_state *state,
                             const struct training_state *back)
{
    struct training_state *both;
    gan_status status = store_log(training, state);
    if (status != GAN_OK || back == NULL)
        return status == GAN_OK ? gan_checkpoint_save(state, training->options.checkpoint) : status;
    status = gan_training_state_join(&both, state, back);
    if (status != GAN_OK)
        return status;
    status = gan_checkpoint_save(both, training->options.checkpoint);
    gan_training_state_free(both);
    return status;
}

static gan_status restore(struct training *training, const struct training_state *state)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < training->network_count; i++)
        status = gan_training_state_get_model(state, training->networks[i].model, training->networks[i].name);
    for (int32_t i = 0; status == GAN_OK && i < training->optimizer_count; i++)
        status =
            gan_training_state_get_optimizer(state, training->optimizers[i].optimizer,
                                             training->optimizers[i].name, state->counts.optimizer_steps[i]);
    for (int32_t i = 0; status == GAN_OK && i < training->average_count; i++)
        status =
            gan_average_restore(training->averages[i].average, state->tensors, training->averages[i].name);
    for (int32_t i = 0; status == GAN_OK && i < training->pool_count; i++)
        status = gan_image_pool_restore(training->pools[i].pool, state->tensors, training->pools[i].name);
    return status == GAN_OK ? gan_health_restore(training->health, state->tensors, "health") : status;
}

/* It is put in place of all that there is once, so that what would be wrong with it is known now. */
static gan_status check_back(struct training *training, const struct training_state *back)
{
    const gan_status status = restore(training, back);
    return status == GAN_OK ? check_networks(training) : status;
}

/* The losses are those of the last step that is left. */
static void take_losses(struct training *training)
{
    const float *row = gan_loss_log_last(training->log);
    for (int32_t i = 0; i < training->method->loss_count; i++)
        training->losses[i] = row != NULL ? row[COLUMNS_BEFORE_LOSSES + i] : 0;
}

/* The number of all steps is no part of what is gone back from. */
gan_status gan_training_go_back(struct training *training)
{
    const gan_status status = restore(training, training->good);
    if (status != GAN_OK)
        return status;
    gan_loss_log_shorten(training->log, training->good->counts.log_rows);
    training->step = training->good->counts.step;
    take_losses(training);
    return GAN_OK;
}

gan_status gan_training_go_on(struct training *training, const struct training_state *state)
{
    gan_status status = gan_training_state_take_back(&training->good, state);
    if (status == GAN_OK && training->good != NULL)
        status = check_back(training, training->good);
    if (status == GAN_OK)
        status = restore(training, state);
    if (status == GAN_OK)
        status = gan_loss_log_restore(training->log, state->tensors, "log");
    if (status != GAN_OK)
        return status;
    training->step = state->counts.step;
    training->total = state->counts.total;
    training->failures = (int32_t)state->counts.failures;
    training->elapsed_before = 1e-3 * (double)state->counts.milliseconds;
    take_losses(training);
    return GAN_OK;
}
