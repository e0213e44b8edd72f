/** The moving average of a model's parameters, which makes better pictures than the last step's (Yazici et
 * al. 2019). */
#ifndef GAN_AVERAGE_H
#define GAN_AVERAGE_H

#include "gan/model.h"
#include "gan/tensors.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_average gan_average;

typedef struct gan_average_options {
    size_t struct_size;
    float decay; /**< what stays of the average in an update, 0 to less than 1; 0: 0.999. For a half-life in
                  *   pictures: 0.5^(batch / half-life) */
    int32_t bias_corrected; /**< 1: the average of what was seen, without the weights that the model had at
                             * the start (as in Adam); 0: begins with those */
    int32_t short_at_first; /**< 1: in update t = 0, 1, 2, ... no more than (1 + t) / (10 + t) stays, so that
                             * the average follows while the parameters still go far; not with
                             * bias_corrected */
} gan_average_options;

/** Retains the model. Errors: ARGUMENT, OUT_OF_MEMORY; *out is then NULL. Since 0.1. */
GAN_API gan_status gan_average_create(gan_average **out, gan_model *model,
                                      const gan_average_options *options);
GAN_API void gan_average_free(gan_average *average);

/** Take in what the parameters are now: average = decay average + (1 - decay) parameter; running statistics
 * are copied: they are those of the last steps' weights, until a session measures them for the average
 * (gan_session_options.measure_statistics). After each step of the model's optimizer. NOT_FINITE (names the
 * parameter): nothing has changed. */
GAN_API gan_status gan_average_update(gan_average *average);
GAN_API int64_t gan_average_updates(const gan_average *average);

/** Write the average into a model with the same list of parameters (the averaged model itself too, which then
 * loses its own). Errors: ARGUMENT, SHAPE (names the parameter). */
GAN_API gan_status gan_average_apply(const gan_average *average, gan_model *to);

/** Put the state into a collection, as tensors "<prefix>.<parameter>" and metadata "<prefix>.updates"
 * (copies), and take it from there. Errors of restoring: FORMAT (missing or misshapen: named), OUT_OF_MEMORY;
 * the average is then as it was. */
GAN_API gan_status gan_average_store(const gan_average *average, gan_tensors *state, const char *prefix);
GAN_API gan_status gan_average_restore(gan_average *average, const gan_tensors *state, const char *prefix);

#ifdef __cplusplus
}
#endif
#endif
