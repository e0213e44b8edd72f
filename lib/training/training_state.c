/* The state of a training in memory: named tensors and a few numbers. */
#include "training/checkpoint.h"
#include "training/state_names.h"

#include <string.h>

gan_status gan_training_state_create(struct training_state **out, gan_context *context,
                                     const char *fingerprint)
{
    struct training_state *state = gan_allocate_zeroed(context, sizeof *state);
    if (state == NULL)
        return gan_fail_memory("a training state", sizeof *state);
    state->context = gan_context_retain(context);
    state->fingerprint = gan_copy_string(context, fingerprint);
    gan_status status = gan_tensors_create(&state->tensors, context);
    if (status == GAN_OK && state->fingerprint == NULL)
        status = gan_fail_memory("a training state", strlen(fingerprint));
    if (status != GAN_OK) {
        gan_training_state_free(state);
        return status;
    }
    *out = state;
    return GAN_OK;
}

void gan_training_state_free(struct training_state *state)
{
    if (state == NULL)
        return;
    gan_context *context = state->context;
    gan_tensors_free(state->tensors);
    gan_release(context, state->fingerprint);
    gan_release(context, state);
    gan_context_free(context);
}

gan_status gan_training_state_add_model(struct training_state *state, const gan_model *model,
                                        const char *prefix)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(model); i++) {
        gan_tensor *value;
        status = gan_model_get_parameter(model, i, &value);
        if (status == GAN_OK)
            status = gan_state_add(state->tensors, prefix, gan_model_parameter_name(model, i), value);
        gan_tensor_free(value);
    }
    return status;
}

gan_status gan_training_state_get_model(const struct training_state *state, gan_model *model,
                                        const char *prefix)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(model); i++) {
        const gan_tensor *value;
        status = gan_state_find(state->tensors, prefix, gan_model_parameter_name(model, i), &value);
        if (status == GAN_OK)
            status = gan_model_set_parameter(model, i, value);
    }
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "%s: ", prefix);
}

gan_status gan_training_state_add_optimizer(struct training_state *state, const gan_optimizer *optimizer,
                                            const char *prefix)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_optimizer_state_count(optimizer); i++) {
        const char name[2] = {(char)('0' + i), '\0'};
        gan_tensor *value;
        status = gan_optimizer_get_state(optimizer, i, &value);
        if (status == GAN_OK)
            status = gan_state_add(state->tensors, prefix, name, value);
        gan_tensor_free(value);
    }
    return status;
}

gan_status gan_training_state_get_optimizer(const struct training_state *state, gan_optimizer *optimizer,
                                            const char *prefix, int64_t steps)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_optimizer_state_count(optimizer); i++) {
        const char name[2] = {(char)('0' + i), '\0'};
        const gan_tensor *value;
        status = gan_state_find(state->tensors, prefix, name, &value);
        if (status == GAN_OK)
            status = gan_optimizer_set_state(optimizer, i, value);
    }
    if (status == GAN_OK)
        status = gan_optimizer_set_step_count(optimizer, steps);
    return status == GAN_OK ? GAN_OK : gan_fail_within(status, "%s: ", prefix);
}
