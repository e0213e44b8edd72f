/* A generator ready to be run on photographs: value ranges, sizes, and the session for the last size. */
#ifndef CLI_STYLIZER_H
#define CLI_STYLIZER_H

#include "gan/gan.h"

#include <stdbool.h>

/* value = 0..1 value * scale + shift */
struct value_range {
    float scale, shift;
};

struct stylizer {
    gan_context *context;
    gan_model *model;
    gan_session *session;
    int64_t height, width;             /* of the session */
    int32_t precision, effective;      /* GAN_PRECISION_*: that was asked for, that the last session had */
    int64_t fixed_height, fixed_width; /* that the model demands; -1: any */
    struct value_range input, output;
    float mean[3], scale[3];
    bool blue_first;
};

/* Load a generator. Anything but one RGB picture in and one out is refused: GAN_ERROR_ARGUMENT. Where it
 * fails, *why says it, for free(). */
gan_status stylizer_open(struct stylizer *stylizer, gan_context *context, const char *path, int32_t precision,
                         char **why);
void stylizer_close(struct stylizer *stylizer);

/* *result is a new picture of the photograph's size, 0..1. The words of a failure are gan_error_message(). */
gan_status stylizer_run(struct stylizer *stylizer, const gan_tensor *photo, gan_tensor **result);

/* Give back the memory of the session, which is made anew when needed. */
void stylizer_rest(struct stylizer *stylizer);

#endif
