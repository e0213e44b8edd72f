/* Taking the whole state of a training, and putting it back. */
#include "training/training.h"

#include <string.h>

static gan_status add_history(struct training_state *state, const struct training *training)
{
    const int64_t shape[2] = {training->history_count, gan_training_columns(training)};
    gan_tensor *rows;
    const gan_status status = gan_tensor_create(&rows, training->context, GAN_FLOAT32, shape, 2);
    if (status != GAN_OK)
        return status;
    if (shape[0] > 0)
        memcpy(gan_tensor_data(rows), training->history,
               (size_t)(shape[0] * shape[1]) * sizeof *training->history);
    return gan_training_state_add(state, "log", "history", rows);
}

static gan_status get_history(const struct training_state *state, struct training *training)
{
    const int64_t columns = gan_training_columns(training);
    const gan_tensor *rows;
    const gan_status status = gan_training_state_find(state, "log", "history", &rows);
    if (status != GAN_OK)
        return status;
    const int64_t count = gan_tensor_size(rows, 0);
    if (gan_tensor_type(rows) != GAN_FLOAT32 || gan_tensor_rank(rows) != 2 ||
        gan_tensor_size(rows, 1) != columns)
        return gan_fail(GAN_ERROR_FORMAT, "the history is no table of %d columns", (int)columns);
    if (count > training->history_capacity) {
        float *room = gan_allocate_array(training->context, (size_t)(count * columns), sizeof *room);
        if (room == NULL)
            return gan_fail_memory("the history", (size_t)(count * columns) * sizeof *room);
        gan_release(training->context, training->history);
        training->history = room;
        training->history_capacity = count;
    }
    if (count > 0)
        memcpy(training->history, gan_tensor_data_const(rows), (size_t)(count * columns) * sizeof(float));
    training->history_count = count;
    return GAN_OK;
}

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
    return status == GAN_OK ? add_history(state, training) : status;
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
        status = get_history(state, training);
    if (status != GAN_OK)
        return status;
    training->step = state->counts.step;
    training->total = state->counts.total;
    return GAN_OK;
}
