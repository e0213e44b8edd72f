/* Checkpoints as safetensors files: tensors as they are, counts and fingerprint as metadata. */
#include "training/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY "libgan checkpoint "
static const char FORMAT[] = FAMILY "3";

static const struct count_field {
    const char *key;
    size_t offset;
    int64_t most;
} fields[] = {
    {"step", offsetof(struct training_counts, step), TRAINING_MOST_STEPS},
    {"total", offsetof(struct training_counts, total), TRAINING_MOST_STEPS},
    {"optimizer_steps_0", offsetof(struct training_counts, optimizer_steps[0]), TRAINING_MOST_STEPS},
    {"optimizer_steps_1", offsetof(struct training_counts, optimizer_steps[1]), TRAINING_MOST_STEPS},
    {"optimizer_steps_2", offsetof(struct training_counts, optimizer_steps[2]), TRAINING_MOST_STEPS},
    {"optimizer_steps_3", offsetof(struct training_counts, optimizer_steps[3]), TRAINING_MOST_STEPS},
    {"milliseconds", offsetof(struct training_counts, milliseconds), TRAINING_MOST_STEPS},
    {"failures", offsetof(struct training_counts, failures), TRAINING_MOST_FAILURES},
    {"log_rows", offsetof(struct training_counts, log_rows), TRAINING_MOST_STEPS},
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static gan_status write_counts(gan_tensors *tensors, const struct training_counts *counts)
{
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < FIELDS; i++) {
        char text[32];
        int64_t count;
        memcpy(&count, (const char *)counts + fields[i].offset, sizeof count);
        snprintf(text, sizeof text, "%" PRId64, count);
        status = gan_tensors_set_metadata(tensors, fields[i].key, text);
    }
    return status;
}

gan_status gan_checkpoint_save(const struct training_state *state, const char *path)
{
    gan_tensors *tensors = state->tensors;
    gan_status status = gan_tensors_set_metadata(tensors, "format", FORMAT);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "library_version", gan_version());
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "made_with", state->fingerprint);
    if (status == GAN_OK)
        status = write_counts(tensors, &state->counts);
    return status == GAN_OK ? gan_tensors_save(tensors, path) : status;
}

static gan_status read_count(struct training_counts *counts, const gan_tensors *tensors,
                             const struct count_field *field)
{
    const char *text = gan_tensors_metadata(tensors, field->key);
    char *end = NULL;
    errno = 0;
    const long long value = text != NULL && text[0] != '\0' ? strtoll(text, &end, 10) : -1;
    if (end == NULL || *end != '\0' || errno != 0 || value < 0 || value > field->most)
        return gan_fail(GAN_ERROR_FORMAT, "its \"%s\" is \"%.40s\", expected a count", field->key,
                        text != NULL ? text : "");
    const int64_t count = value;
    memcpy((char *)counts + field->offset, &count, sizeof count);
    return GAN_OK;
}

static gan_status read_counts(struct training_counts *counts, const gan_tensors *tensors)
{
    gan_status status = GAN_OK;
    for (int i = 0; status == GAN_OK && i < FIELDS; i++)
        status = read_count(counts, tensors, &fields[i]);
    return status;
}

static gan_status check_origin(const gan_tensors *tensors)
{
    const char *format = gan_tensors_metadata(tensors, "format");
    const char *version = gan_tensors_metadata(tensors, "library_version");
    const char *fingerprint = gan_tensors_metadata(tensors, "made_with");
    if (format == NULL || strncmp(format, FAMILY, strlen(FAMILY)) != 0 || fingerprint == NULL)
        return gan_fail(GAN_ERROR_FORMAT, "it is no checkpoint (its format is \"%.60s\", expected \"%s\")",
                        format != NULL ? format : "", FORMAT);
    if (strcmp(format, FORMAT) == 0 && version != NULL && strcmp(version, gan_version()) == 0)
        return GAN_OK;
    return gan_fail(GAN_ERROR_UNSUPPORTED,
                    "it is a checkpoint of another version of libgan (%.40s, \"%.60s\"): this is %s, \"%s\", "
                    "and goes on only from its own",
                    version != NULL ? version : "not said", format, gan_version(), FORMAT);
}

static gan_status take(struct training_state **out, gan_context *context, gan_tensors *tensors)
{
    gan_status status = check_origin(tensors);
    if (status != GAN_OK)
        return status;
    struct training_counts counts;
    status = read_counts(&counts, tensors);
    if (status == GAN_OK)
        status = gan_training_state_create(out, context, gan_tensors_metadata(tensors, "made_with"));
    if (status == GAN_OK)
        (*out)->counts = counts;
    return status;
}

gan_status gan_checkpoint_load(struct training_state **out, gan_context *context, const char *path)
{
    gan_tensors *tensors;
    gan_status status = gan_tensors_load(&tensors, context, path);
    if (status != GAN_OK)
        return status;
    status = take(out, context, tensors);
    if (status != GAN_OK) {
        gan_tensors_free(tensors);
        return gan_fail_within(status, "\"%s\": ", path);
    }
    gan_tensors_free((*out)->tensors);
    (*out)->tensors = tensors;
    return GAN_OK;
}

/* ---- A former state in the same file: all its names begin with BACK ---- */

#define BACK "back."
enum { BACK_LENGTH = sizeof BACK - 1, NAME_SIZE = 512 };

/* What the later state says for both. */
static bool is_shared(const char *name)
{
    static const char *const shared[] = {"log.", "format", "library_version", "made_with"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (strncmp(name, shared[i], strlen(shared[i])) == 0)
            return true;
    return false;
}

/* Tensors and words of one collection in another, with `before` in front of their names. */
static gan_status put(gan_tensors *to, const char *before, const char *name, gan_tensor *tensor,
                      const char *words)
{
    char inside[NAME_SIZE];
    const int length = snprintf(inside, sizeof inside, "%s%s", before, name);
    if (length < 0 || length >= NAME_SIZE)
        return gan_fail(GAN_ERROR_ARGUMENT, "the name \"%.100s\" is too long", name);
    return tensor != NULL ? gan_tensors_add(to, inside, tensor) : gan_tensors_set_metadata(to, inside, words);
}

static gan_status put_all(gan_tensors *to, const char *before, const gan_tensors *from)
{
    const bool former = before[0] != '\0';
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_tensors_count(from); i++) {
        const char *name = gan_tensors_name(from, i);
        gan_tensor *tensor = NULL;
        if (former && is_shared(name))
            continue;
        status = gan_tensors_get(&tensor, from, name);
        if (status == GAN_OK)
            status = put(to, before, name, tensor, NULL);
        gan_tensor_free(tensor);
    }
    for (int32_t i = 0; status == GAN_OK && i < gan_tensors_metadata_count(from); i++) {
        const char *key = gan_tensors_metadata_key(from, i);
        if (!former || !is_shared(key))
            status = put(to, before, key, NULL, gan_tensors_metadata(from, key));
    }
    return status;
}

gan_status gan_training_state_join(struct training_state **out, const struct training_state *state,
                                   const struct training_state *back)
{
    struct training_state *both;
    gan_status status = gan_training_state_create(&both, state->context, state->fingerprint);
    if (status != GAN_OK)
        return status;
    both->counts = state->counts;
    status = put_all(both->tensors, "", state->tensors);
    if (status == GAN_OK)
        status = write_counts(back->tensors, &back->counts);
    if (status == GAN_OK)
        status = put_all(both->tensors, BACK, back->tensors);
    if (status != GAN_OK) {
        gan_training_state_free(both);
        return status;
    }
    *out = both;
    return GAN_OK;
}

static bool is_inside(const char *name)
{
    return strncmp(name, BACK, BACK_LENGTH) == 0;
}

static gan_status take_out(gan_tensors *to, const gan_tensors *from)
{
    gan_status status = GAN_OK;
    for (int32_t i = 0; status == GAN_OK && i < gan_tensors_count(from); i++) {
        const char *name = gan_tensors_name(from, i);
        gan_tensor *tensor = NULL;
        if (!is_inside(name))
            continue;
        status = gan_tensors_get(&tensor, from, name);
        if (status == GAN_OK)
            status = gan_tensors_add(to, name + BACK_LENGTH, tensor);
        gan_tensor_free(tensor);
    }
    for (int32_t i = 0; status == GAN_OK && i < gan_tensors_metadata_count(from); i++) {
        const char *key = gan_tensors_metadata_key(from, i);
        if (is_inside(key))
            status = gan_tensors_set_metadata(to, key + BACK_LENGTH, gan_tensors_metadata(from, key));
    }
    return status;
}

static gan_status fill_back(struct training_state *back, const struct training_state *state)
{
    gan_status status = take_out(back->tensors, state->tensors);
    if (status == GAN_OK)
        status = read_counts(&back->counts, back->tensors);
    if (status == GAN_OK &&
        (back->counts.step > state->counts.step || back->counts.log_rows > state->counts.log_rows))
        status = gan_fail(GAN_ERROR_FORMAT, "what it goes back to is of step %" PRId64 ", after its own",
                          back->counts.step);
    return status;
}

gan_status gan_training_state_take_back(struct training_state **out, const struct training_state *state)
{
    struct training_state *back;
    *out = NULL;
    if (gan_tensors_metadata(state->tensors, BACK "step") == NULL)
        return GAN_OK;
    gan_status status = gan_training_state_create(&back, state->context, state->fingerprint);
    if (status != GAN_OK)
        return status;
    status = fill_back(back, state);
    if (status != GAN_OK) {
        gan_training_state_free(back);
        return status;
    }
    *out = back;
    return GAN_OK;
}
