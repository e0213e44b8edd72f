/* Taking the whole state of a training, and putting it back. */
#include "training/training.h"

static void count(struct training_state *state, const struct training *training)
{
    state->counts = (struct training_counts){.step = training->step,
                                             .total = training->total,
                                             .milliseconds = (int64_t)(1000 * gan_training_elapsed(training)),
                                             .failures = training->failures};
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
    return status == GAN_OK ? gan_loss_log_store(training->log, state->tensors, "log") : status;
}

gan_status gan_training_capture(const struct training *training, struct training_state **out)
{
    struct training_state *state;
    gan_status status = gan_training_state_create(&state, training->context, training->fingerprint);
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

gan_status gan_training_restore(struct training *training, const struct training_state *state)
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
    if (status == GAN_OK)
        status = gan_loss_log_restore(training->log, state->tensors, "log");
    if (status != GAN_OK)
        return status;
    training->step = state->counts.step;
    training->total = state->counts.total;
    return GAN_OK;
}
