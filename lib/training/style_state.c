/* Taking the whole state of a style training, and putting it back. */
#include "training/style_trainer.h"

#include <string.h>

static gan_status capture_average(struct training_state *state, const struct style_trainer *trainer)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(trainer->generator); i++) {
        const char *name = gan_model_parameter_name(trainer->generator, i);
        gan_tensor *copy = NULL;
        status = gan_training_copy(&copy, trainer->context, trainer->average[i]);
        if (status == GAN_OK)
            status = gan_training_state_add(state, "average", name, copy);
    }
    return status;
}

static gan_status restore_average(const struct training_state *state, struct style_trainer *trainer)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(trainer->generator); i++) {
        const char *name = gan_model_parameter_name(trainer->generator, i);
        const gan_tensor *value;
        status = gan_training_state_find(state, "average", name, &value);
        if (status == GAN_OK)
            status = gan_tensor_copy(trainer->average[i], value);
    }
    return status;
}

static gan_status capture_history(struct training_state *state, const struct style_trainer *trainer)
{
    const int64_t shape[2] = {trainer->history_count, ROW_COLUMNS};
    gan_tensor *rows;
    const gan_status status = gan_tensor_create(&rows, trainer->context, GAN_FLOAT32, shape, 2);
    if (status != GAN_OK)
        return status;
    if (shape[0] > 0)
        memcpy(gan_tensor_data(rows), trainer->history, (size_t)shape[0] * sizeof *trainer->history);
    return gan_training_state_add(state, "log", "history", rows);
}

static gan_status restore_history(const struct training_state *state, struct style_trainer *trainer)
{
    const gan_tensor *rows;
    const gan_status status = gan_training_state_find(state, "log", "history", &rows);
    if (status != GAN_OK)
        return status;
    const int64_t count = gan_tensor_size(rows, 0);
    if (gan_tensor_type(rows) != GAN_FLOAT32 || gan_tensor_rank(rows) != 2 ||
        gan_tensor_size(rows, 1) != ROW_COLUMNS)
        return gan_fail(GAN_ERROR_FORMAT, "the history is no table of %d columns", (int)ROW_COLUMNS);
    if (count > trainer->history_capacity) {
        struct trainer_row *room = gan_allocate_array(trainer->context, (size_t)count, sizeof *room);
        if (room == NULL)
            return gan_fail_memory("the history", (size_t)count * sizeof *room);
        gan_release(trainer->context, trainer->history);
        trainer->history = room;
        trainer->history_capacity = count;
    }
    if (count > 0)
        memcpy(trainer->history, gan_tensor_data_const(rows), (size_t)count * sizeof(struct trainer_row));
    trainer->history_count = count;
    return GAN_OK;
}

static gan_status capture(struct training_state *state, const struct style_trainer *trainer)
{
    state->counts = (struct training_counts){
        .step = trainer->step,
        .total = trainer->total,
        .optimizer_steps = {gan_optimizer_step_count(trainer->generator_optimizer),
                            gan_optimizer_step_count(trainer->discriminator_optimizer)},
        .milliseconds = (int64_t)(1000 * gan_trainer_elapsed(trainer)),
        .failures = trainer->failures};
    gan_status status = gan_training_state_add_model(state, trainer->generator, "generator");
    if (status == GAN_OK)
        status = capture_average(state, trainer);
    if (status == GAN_OK)
        status = gan_training_state_add_optimizer(state, trainer->generator_optimizer, "generator_optimizer");
    if (status == GAN_OK)
        status = capture_history(state, trainer);
    if (status != GAN_OK || trainer->discriminator == NULL)
        return status;
    status = gan_training_state_add_model(state, trainer->discriminator, "discriminator");
    if (status != GAN_OK)
        return status;
    return gan_training_state_add_optimizer(state, trainer->discriminator_optimizer,
                                            "discriminator_optimizer");
}

gan_status gan_trainer_capture(const struct style_trainer *trainer, struct training_state **out)
{
    struct training_state *state;
    gan_status status = gan_training_state_create(&state, trainer->context, trainer->fingerprint);
    if (status != GAN_OK)
        return status;
    status = capture(state, trainer);
    if (status != GAN_OK) {
        gan_training_state_free(state);
        return status;
    }
    *out = state;
    return GAN_OK;
}

gan_status gan_trainer_restore(struct style_trainer *trainer, const struct training_state *state)
{
    gan_status status = gan_training_state_get_model(state, trainer->generator, "generator");
    if (status == GAN_OK)
        status = restore_average(state, trainer);
    if (status == GAN_OK)
        status = gan_training_state_get_optimizer(state, trainer->generator_optimizer, "generator_optimizer",
                                                  state->counts.optimizer_steps[0]);
    if (status == GAN_OK)
        status = restore_history(state, trainer);
    if (status == GAN_OK && trainer->discriminator != NULL)
        status = gan_training_state_get_model(state, trainer->discriminator, "discriminator");
    if (status == GAN_OK && trainer->discriminator != NULL)
        status =
            gan_training_state_get_optimizer(state, trainer->discriminator_optimizer,
                                             "discriminator_optimizer", state->counts.optimizer_steps[1]);
    if (status != GAN_OK)
        return status;
    trainer->step = state->counts.step;
    trainer->total = state->counts.total;
    return GAN_OK;
}
