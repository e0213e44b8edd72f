/* The state of a training in memory: named tensors and a few numbers. */
#include "training/checkpoint.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 320 };

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

gan_status gan_training_state_add(struct training_state *state, const char *prefix, const char *name,
                                  gan_tensor *tensor)
{
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", prefix, name);
    const gan_status status = gan_tensors_add(state->tensors, full, tensor);
    gan_tensor_free(tensor);
    return status;
}

gan_status gan_training_state_find(const struct training_state *state, const char *prefix, const char *name,
                                   const gan_tensor **tensor)
{
    char full[NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", prefix, name);
    const int32_t index = gan_tensors_find(state->tensors, full);
    if (index < 0)
        return gan_fail(GAN_ERROR_FORMAT, "the checkpoint lacks \"%s\"", full);
    *tensor = gan_tensors_at(state->tensors, index);
    return GAN_OK;
}

gan_status gan_training_copy(gan_tensor **out, gan_context *context, const gan_tensor *from)
{
    int64_t size[GAN_MAX_RANK];
    const int32_t rank = gan_tensor_rank(from);
    for (int32_t i = 0; i < rank; i++)
        size[i] = gan_tensor_size(from, i);
    gan_status status = gan_tensor_create(out, context, gan_tensor_type(from), size, rank);
    if (status == GAN_OK)
        status = gan_tensor_copy(*out, from);
    return status;
}

gan_status gan_training_state_add_model(struct training_state *state, const gan_model *model,
                                        const char *prefix)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(model); i++) {
        gan_tensor *value;
        status = gan_model_get_parameter(model, i, &value);
        if (status == GAN_OK)
            status = gan_training_state_add(state, prefix, gan_model_parameter_name(model, i), value);
    }
    return status;
}

gan_status gan_training_state_get_model(const struct training_state *state, gan_model *model,
                                        const char *prefix)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_model_parameter_count(model); i++) {
        const gan_tensor *value;
        status = gan_training_state_find(state, prefix, gan_model_parameter_name(model, i), &value);
        if (status == GAN_OK)
            status = gan_model_set_parameter(model, i, value);
    }
    return status;
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
            status = gan_training_state_add(state, prefix, name, value);
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
        status = gan_training_state_find(state, prefix, name, &value);
        if (status == GAN_OK)
            status = gan_optimizer_set_state(optimizer, i, value);
    }
    if (status == GAN_OK)
        status = gan_optimizer_set_step_count(optimizer, steps);
    return status;
}
