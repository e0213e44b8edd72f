/** Objectives: a scalar loss, the models that it may change, and an optimizer. The one primitive of training.
 *
 *  The two steps of a GAN are two objectives: the discriminator's changes D, the generator's changes G, while
 *  gradients flow through D without D's weight gradients being computed. */
#ifndef GAN_OBJECTIVE_H
#define GAN_OBJECTIVE_H

#include "gan/model.h"
#include "gan/optimizer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_objective_options {
    size_t struct_size;
    int32_t precision;         /**< GAN_PRECISION_DEFAULT or _EXACT */
    float clip_norm;           /**< > 0: gradients are scaled so that their total norm is at most this */
    float clip_value;          /**< > 0: each gradient is clamped to [-clip_value, clip_value] */
    gan_layer *const *watched; /**< further layers whose values gan_objective_value can read */
    int32_t watched_count;
    uint64_t random_seed; /**< of dropout and all that is drawn in a step: what is drawn then depends on this
                           * and the optimizer's count of steps alone; 0: the context's, and the order in
                           * which it made things */
    int32_t accumulate;   /**< batches whose gradients are averaged to one update, for large batches in little
                           *   memory; 0: 1. Clipping sees the average. Batch norms see each batch by itself */
} gan_objective_options;

/** `loss` has one element. `inputs` are all gan_input layers that the loss and the watched layers need, in
 * the order in which gan_objective_step takes them. Only parameters of `models` change, and only of those
 * that are trainable now. Retains models and optimizer. Errors: the graph's first error; SHAPE (the loss is
 * not a scalar); ARGUMENT (an input is missing; the optimizer serves other parameters; no parameter of the
 * models influences the loss); OUT_OF_MEMORY. Since 0.1. */
GAN_API gan_status gan_objective_create(gan_objective **out, gan_layer *loss, gan_layer *const *inputs,
                                        int32_t input_count, gan_model *const *models, int32_t model_count,
                                        gan_optimizer *optimizer, const gan_objective_options *options);
GAN_API void gan_objective_free(gan_objective *objective);

/** One training step on one batch: forward, backward, update (with options.accumulate the update comes with
 * each so manieth step; a step that fails does not count). `*loss` (may be NULL) is the loss before the
 *  update. The first step with new input shapes compiles a plan; later steps allocate nothing.
 *  Errors: SHAPE, TYPE, ARGUMENT, OUT_OF_MEMORY; NOT_FINITE where the loss or a gradient is not finite, in
 *  which case no parameter has changed and the message names the layer. Threads: one at a time. */
GAN_API gan_status gan_objective_step(gan_objective *objective, const gan_tensor *const *inputs,
                                      int32_t input_count, float *loss);

/** The first part of a step: computes watched layer `watched` with all that was built before it (Gram
 *  matrices come right behind their features, so before a watched one only what these need), and lends its
 *  value, which is the objective's and holds until its next call. gan_objective_step on the same input
 *  tensors, unchanged, then goes on from there. So two objectives share what both need, such as G's pictures,
 *  from which D learns before G does:
 *
 *      gan_objective_begin(of_generator, inputs, count, 0, GAN_STATISTICS_FOLLOW, &pictures);
 *      gan_objective_step(of_discriminator, (const gan_tensor *[]){real, pictures}, 2, &d_loss);
 *      gan_objective_step(of_generator, inputs, count, &g_loss);
 *
 *  `statistics`: with GAN_STATISTICS_FOLLOW the running statistics of these layers move now as a step moves
 *  them, with _BATCH they stay; the step that goes on leaves them alone. Where other inputs are given next,
 *  or a parameter that was read has changed, nothing is left of the beginning but those statistics. A step
 *  that fails puts them back too. A call that is refused for what it was given (SHAPE, TYPE, ARGUMENT), of
 *  this function or of gan_objective_step, leaves a beginning as it was. Errors: as gan_objective_step;
 *  NOT_FINITE where that value is not finite. Since 0.1. */
GAN_API gan_status gan_objective_begin(gan_objective *objective, const gan_tensor *const *inputs,
                                       int32_t input_count, int32_t watched, int32_t statistics,
                                       const gan_tensor **value);

/** Undo the last gan_objective_begin that succeeded, running statistics included, as where the other
 *  objective's step has failed. Not after one that failed, which has nothing to undo. A no-op where nothing
 *  was begun. Since 0.1. */
GAN_API void gan_objective_cancel(gan_objective *objective);

/** The loss and the watched values without changing anything (batch norms as in training, running statistics
 *  untouched). */
GAN_API gan_status gan_objective_evaluate(gan_objective *objective, const gan_tensor *const *inputs,
                                          int32_t input_count, float *loss);

/** Forward and backward without an update: gradients are then read by gan_objective_gradient. */
GAN_API gan_status gan_objective_gradients(gan_objective *objective, const gan_tensor *const *inputs,
                                           int32_t input_count, float *loss);
/** Gradient of the loss with respect to parameter `index` of `model` (a new tensor), after a step or
 *  gan_objective_gradients. */
GAN_API gan_status gan_objective_gradient(const gan_objective *objective, const gan_model *model,
                                          int32_t index, gan_tensor **out);
/** Gradient with respect to an input; only after gan_objective_request_input_gradient for it and then
 *  gan_objective_gradients. */
GAN_API gan_status gan_objective_request_input_gradient(gan_objective *objective, int32_t input);
GAN_API gan_status gan_objective_input_gradient(const gan_objective *objective, int32_t input,
                                                gan_tensor **out);

/** Value of watched layer `index` in the last step (a new tensor). */
GAN_API gan_status gan_objective_value(const gan_objective *objective, int32_t index, gan_tensor **out);
/** The first element of it, without allocating: for losses. NaN where there is none. */
GAN_API float gan_objective_scalar(const gan_objective *objective, int32_t index);

/** Batches whose gradients wait for the next update: 0 where a checkpoint loses nothing. */
GAN_API int32_t gan_objective_pending(const gan_objective *objective);

/** Forget those batches, as where parameters are set back to what they were before them. Since 0.1. */
GAN_API void gan_objective_discard_pending(gan_objective *objective);

/** Bytes held for the current shapes. */
GAN_API int64_t gan_objective_memory(const gan_objective *objective);

#ifdef __cplusplus
}
#endif
#endif
