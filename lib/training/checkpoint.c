/* Checkpoints as safetensors files: tensors as they are, counts and fingerprint as metadata. */
#include "training/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY "libgan checkpoint "
static const char FORMAT[] = FAMILY "2";

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
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

gan_status gan_checkpoint_save(const struct training_state *state, const char *path)
{
    gan_tensors *tensors = state->tensors;
    gan_status status = gan_tensors_set_metadata(tensors, "format", FORMAT);
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "library_version", gan_version());
    if (status == GAN_OK)
        status = gan_tensors_set_metadata(tensors, "made_with", state->fingerprint);
    for (int i = 0; status == GAN_OK && i < FIELDS; i++) {
        char text[32];
        int64_t count;
        memcpy(&count, (const char *)&state->counts + fields[i].offset, sizeof count);
        snprintf(text, sizeof text, "%" PRId64, count);
        status = gan_tensors_set_metadata(tensors, fields[i].key, text);
    }
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
    for (int i = 0; status == GAN_OK && i < FIELDS; i++)
        status = read_count(&counts, tensors, &fields[i]);
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
