/* Whole training runs: initial and final parameters in PyTorch's layouts, losses and what they may deviate.
 */
#ifndef TESTS_TRAINING_REFERENCE_TRAINING_H
#define TESTS_TRAINING_REFERENCE_TRAINING_H

#include "formats/json_read.h"
#include "models/reference.h"

/* How a parameter of the reference becomes one of this library's. */
enum parameter_kind {
    PARAMETER_VECTOR,
    PARAMETER_CONVOLUTION,   /* [O, I, H, W] to [O, H, W, I]; transposed ones likewise */
    PARAMETER_AFTER_FLATTEN, /* dense on a flattened [C, H, W] to one on [H, W, C] */
    PARAMETER_START          /* [Z, C, H, W], a transposed convolution of one pixel, to dense [H W C, Z] */
};

struct parameter_map {
    const char *name, *reference; /* without the model's name */
    enum parameter_kind kind;
    int64_t channels, height, width; /* of what was flattened */
};

struct training_reference {
    gan_context *context;
    gan_tensors *tensors;
    unsigned char *text;
    struct json json;
    int32_t loss, deviation; /* of the step at hand */
};

void training_reference_open(struct training_reference *reference, const char *name);
void training_reference_close(struct training_reference *reference);

/* Set a model's parameters from "init.<network>." */
void training_reference_start(const struct training_reference *reference, gan_model *model,
                              const char *network, const struct parameter_map *map, size_t count);
/* Compare them with "final.<network>.". */
void training_reference_finish(const struct training_reference *reference, const gan_model *model,
                               const char *network, const struct parameter_map *map, size_t count);

/* Batch `index` of `size` of the data "data.<name>"; new. */
gan_tensor *training_reference_batch(const struct training_reference *reference, const char *name,
                                     int64_t index, int64_t size);

int32_t training_reference_steps(const struct training_reference *reference);

/* Compare one loss ("d_real", "d_fake", "g") of a step; steps in order from 0. */
void training_reference_compare(struct training_reference *reference, int32_t step, const char *name,
                                float given);

#endif
