/** Feature networks of one's own: small networks that are taught to see what large published ones see, so
 * that styles can be measured and learned where those are not at hand. */
#ifndef GAN_FEATURE_NETWORK_H
#define GAN_FEATURE_NETWORK_H

#include "gan/recipes.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The network: 3x3 convolutions with reflect padding and ReLU, two at each of four sizes, between which
 * maximum pooling halves the picture; RGB 0..1. Outputs "level1" to "level4", [N, H, W, C] at 1, 1/2, 1/4 and
 * 1/8 of the picture's size: linear (1x1) views of the four stages with channels, 2, 4 and 4 times as many
 * features. Metadata "architecture": "features", "content_level": "level3". Pictures have sides of at least
 * 16 pixels for all of them.
 */
typedef struct gan_feature_network_options {
    size_t struct_size;
    int32_t channels; /**< of the first stage; 0: 24 */
} gan_feature_network_options;
/** Random weights: gan_train_features gives it meaning. Errors: ARGUMENT, OUT_OF_MEMORY; *out is then NULL.
 * Since 0.1. */
GAN_API gan_status gan_feature_network_create(gan_model **out, gan_context *context,
                                              const gan_feature_network_options *options);

typedef struct gan_feature_trainer_options {
    size_t struct_size;
    int32_t channels; /**< of the network; 0: 24 */
    int32_t size,
        batch; /**< side of the crops, a multiple of 8 from 32 to 512, and crops per step; 0: 64, 8 */
    float learning_rate;                  /**< of Adam; 0: 4e-3 */
    const gan_training_options *training; /**< NULL: all defaults; preview_png is not used */
} gan_feature_trainer_options;

/** Teach a feature network by distillation (Hinton et al. 2015; of features Romero et al. 2015). `teachers`
 * are gan_vgg19_create's architecture, whose relu1_1, relu2_1 and relu3_1 are "level1" to "level3", and
 *  gan_squeezenet_create's, whose fire5 is "level4", both with published weights; they are retained for the
 * time of the call. What is learned of a teacher's level are its features along the directions in which they
 * are largest (the first principal axes, not centred, as many as the network has features): orthonormal axes
 * keep lengths and products, so differences of features and of Gram matrices are nearly those that the
 * teacher sees. The pictures are crops of `photographs` and, one in three, of `paintings` (folders; the
 * second may be NULL), changed in colour, blended and covered with noise at random, as a generator that still
 * learns would show them. *out is the network; its metadata says "teachers" and the share of each level's
 * variance that was not learned
 *  ("final_losses"). Errors: ARGUMENT (other teachers, one missing), those of gan_image_folder_open and of
 * trainings. Since 0.1. */
GAN_API gan_status gan_train_features(gan_model **out, gan_context *context, gan_model *const *teachers,
                                      int32_t teacher_count, const char *photographs, const char *paintings,
                                      const gan_feature_trainer_options *options);

#ifdef __cplusplus
}
#endif
#endif
