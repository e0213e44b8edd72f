/** Losses of a training as a table (CSV) and as curves (PNG). */
#ifndef GAN_LOSS_LOG_H
#define GAN_LOSS_LOG_H

#include "gan/tensors.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_loss_log gan_loss_log;

typedef struct gan_loss_log_options {
    size_t struct_size;
    const char *csv;     /**< file: first column "step", then the names; NULL: none */
    const char *png;     /**< file of the curves, each a running mean of ten steps; NULL: none */
    const char *title;   /**< of the curves; NULL: "Losses" */
    int32_t undrawn;     /**< so many of the first names are in the table, but no curves */
    int32_t logarithmic; /**< 1: curves over a logarithmic axis, where 0 and less is a gap */
} gan_loss_log_options;

/** `names` are copied; 1 to 63, `undrawn` at most. Nothing is written yet. Errors: ARGUMENT, OUT_OF_MEMORY;
 * *out is then NULL. Since 0.1. */
GAN_API gan_status gan_loss_log_create(gan_loss_log **out, gan_context *context, const char *const *names,
                                       int32_t count, const gan_loss_log_options *options);
GAN_API void gan_loss_log_free(gan_loss_log *log);

/** One step; `losses` has a number for each name, NaN where there is none (an empty field, a gap in the
 * curve). The files are written with the first step, then ever more rarely. Errors: IO, NOT_FOUND (no such
 * folder), OUT_OF_MEMORY. */
GAN_API gan_status gan_loss_log_append(gan_loss_log *log, int64_t step, const float *losses);
/** Write the files now, each whole or not at all. Errors: the same. */
GAN_API gan_status gan_loss_log_write(gan_loss_log *log);

/** The rows so far for a checkpoint, as the tensors "<prefix>.losses" (float32 [rows, names]) and
 * "<prefix>.steps" (int32 [rows, 2]: upper and lower half), and from there. Errors of restoring: FORMAT
 * (other names, or no such state), OUT_OF_MEMORY; the log is then as it was. */
GAN_API gan_status gan_loss_log_store(const gan_loss_log *log, gan_tensors *state, const char *prefix);
GAN_API gan_status gan_loss_log_restore(gan_loss_log *log, const gan_tensors *state, const char *prefix);

#ifdef __cplusplus
}
#endif
#endif
