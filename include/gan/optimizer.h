/** Optimizers and learning-rate schedules. */
#ifndef GAN_OPTIMIZER_H
#define GAN_OPTIMIZER_H

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Adam (Kingma & Ba 2015), with PyTorch's meaning: bias-corrected moments, epsilon outside the root. */
typedef struct gan_adam_options {
    size_t struct_size;
    float learning_rate; /**< 0: 0.001 (GANs: 0.0002 with beta1 0.5) */
    float beta1;         /**< 0: 0.9; below 0: none */
    float beta2;         /**< 0: 0.999 */
    float epsilon;       /**< 0: 1e-8 (Keras: 1e-7) */
    float weight_decay;  /**< L2 term added to the gradient */
} gan_adam_options;

/** Stochastic gradient descent with momentum: v = momentum v + g; p = p - rate v (PyTorch's form). */
typedef struct gan_sgd_options {
    size_t struct_size;
    float learning_rate; /**< 0: 0.01 */
    float momentum;
    float weight_decay;
    int32_t nesterov;
} gan_sgd_options;

/** Errors: ARGUMENT (a rate or epsilon that is negative or not finite, betas outside 0..1). Since 0.1. */
GAN_API gan_status gan_adam_create(gan_optimizer **out, gan_context *context,
                                   const gan_adam_options *options);
GAN_API gan_status gan_sgd_create(gan_optimizer **out, gan_context *context, const gan_sgd_options *options);
GAN_API void gan_optimizer_free(gan_optimizer *optimizer);

/** How the learning rate moves with the step. */
enum {
    GAN_SCHEDULE_CONSTANT = 0,
    GAN_SCHEDULE_LINEAR = 1, /**< from the rate to rate * end_factor between start and total steps */
    GAN_SCHEDULE_COSINE = 2  /**< the same along half a cosine */
};

typedef struct gan_schedule_options {
    size_t struct_size;
    int32_t kind;     /**< GAN_SCHEDULE_* */
    int64_t warm_up;  /**< steps in which the rate rises linearly from 0 */
    int64_t start;    /**< step at which the decay begins */
    int64_t total;    /**< step at which it ends */
    float end_factor; /**< rate at the end, as a part of the first one; 0 to 1 */
} gan_schedule_options;

GAN_API gan_status gan_optimizer_set_schedule(gan_optimizer *optimizer, const gan_schedule_options *options);
GAN_API gan_status gan_optimizer_set_learning_rate(gan_optimizer *optimizer, float learning_rate);
/** The rate that the next step will use. */
GAN_API float gan_optimizer_learning_rate(const gan_optimizer *optimizer);
/** Steps done. */
GAN_API int64_t gan_optimizer_step_count(const gan_optimizer *optimizer);

/** What an optimizer remembers, so that a checkpoint can hold all that the next step depends on: its states
 *  (Adam: first and second moments; SGD: velocity where there is momentum), each [elements of all
 * parameters], and the steps done. There are none before an objective was made with the optimizer. get makes
 * a new tensor; set copies. Errors: ARGUMENT (index, count below 0), TYPE, SHAPE, NOT_FINITE, OUT_OF_MEMORY.
 * Since 0.1. */
GAN_API int32_t gan_optimizer_state_count(const gan_optimizer *optimizer);
GAN_API gan_status gan_optimizer_get_state(const gan_optimizer *optimizer, int32_t index, gan_tensor **out);
GAN_API gan_status gan_optimizer_set_state(gan_optimizer *optimizer, int32_t index, const gan_tensor *value);
GAN_API gan_status gan_optimizer_set_step_count(gan_optimizer *optimizer, int64_t step_count);

#ifdef __cplusplus
}
#endif
#endif
