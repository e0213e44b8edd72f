/** The networks and the words of two introductory articles on style transfer with GANs, so that their readers
 *  find each: build_generator, build_discriminator, compile with loss and optimizer, train_on_batch,
 * trainable, the combined model, and I_s = G(I_c, S).
 *
 *  What the articles print does not always fit together. Each network exists as printed (GAN_AS_PRINTED),
 * which fails with the error that says what does not fit, and as a working reading (GAN_WORKING). */
#ifndef GAN_ARTICLES_H
#define GAN_ARTICLES_H

#include "gan/model.h"
#include "gan/optimizer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { GAN_ARTICLE_1 = 1, GAN_ARTICLE_2 = 2 };
enum { GAN_WORKING = 0, GAN_AS_PRINTED = 1 };

/** Options; zero members take what the article says (128x128 and 256x256). */
typedef struct gan_article_options {
    size_t struct_size;
    int32_t article; /**< GAN_ARTICLE_* ; 0: the first */
    int32_t reading; /**< GAN_WORKING or GAN_AS_PRINTED */
    int32_t size;    /**< side of the generator's input (second article's discriminator: of the picture) */
    int32_t discriminator_size; /**< first article: side of the discriminator's input; 0: 128 printed, 4 size
                                 *   for the generator that only upsamples, size for the working one */
    int32_t encode; /**< first article, working: 1 puts two stride-2 convolutions before the upsampling ones,
                     * so that output and input have one size; 0 also; -1: leaves them out (output 4 times as
                     * large) */
    int32_t
        style_length; /**< second article: length of the flattened style matrix S that G takes; 0: 64 * 64 */
} gan_article_options;

/** First article: [N, s, s, 3] -> conv 3x3 64 ReLU, batch norm, upsample x2, twice, conv 3x3 to 3, tanh; its
 *  discriminator: conv 3x3 of 64, 128, 256 channels, leaky ReLU 0.2 each, flatten, dense 1, sigmoid.
 *  Second article: inputs I_c [N, s, s, 3] and S [N, style_length] -> conv 5x5 64 ReLU, pixel-unshuffle 4,
 * conv 1x1 to the map [N, s/4, s/4, 5]; the map instance-normalized, its scale and shift a dense layer of S;
 * conv 1x1 64 ReLU, twice upsample x2 and conv 5x5 64 ReLU, conv 5x5 to 3, tanh. Its discriminator judges the
 * map of a picture [N, s, s, 3], made in the same way: conv 5x5 64 ReLU, conv 5x5 to one channel of patch
 * logits. Errors: SHAPE with words such as: reshape "reshape": [1,256,256,64] has 4194304 elements,
 * [1,64,64,5] has 20480. Since 0.1. */
GAN_API gan_status gan_build_generator(gan_model **out, gan_context *context,
                                       const gan_article_options *options);
GAN_API gan_status gan_build_discriminator(gan_model **out, gan_context *context,
                                           const gan_article_options *options);

/** A model ready to be trained on batches: Keras' compiled model. */
typedef struct gan_compiled gan_compiled;

/** `loss`: "binary_crossentropy" (the model gives probabilities), "binary_crossentropy_with_logits", "mse" or
 *  "mae". What is trainable is settled here, by gan_model_set_trainable of `models` (the parts of a combined
 *  model whose parameters may change; NULL: the model itself). The model has one output; retains all. */
GAN_API gan_status gan_compile(gan_compiled **out, gan_model *model, const char *loss,
                               gan_optimizer *optimizer, gan_model *const *models, int32_t model_count);

typedef struct gan_compile_options {
    size_t struct_size;
    gan_model *const *models; /**< as `models` of gan_compile; NULL: the model itself */
    int32_t model_count;
    int32_t precision; /**< GAN_PRECISION_* */
} gan_compile_options;

/** The same with options, which may be NULL. Errors as gan_compile; ARGUMENT: a precision that is none. Since
 *  0.1. */
GAN_API gan_status gan_compile_with_options(gan_compiled **out, gan_model *model, const char *loss,
                                            gan_optimizer *optimizer, const gan_compile_options *options);
GAN_API void gan_compiled_free(gan_compiled *compiled);

/** One update on a batch: `inputs` of the model, and the target: a tensor of the output's shape (a size of 1
 * is stretched), or NULL and the number `label` everywhere. *loss (may be NULL) is the loss before the
 * update. Errors as gan_objective_step. */
GAN_API gan_status gan_train_on_batch(gan_compiled *compiled, const gan_tensor *const *inputs,
                                      int32_t input_count, const gan_tensor *target, float label,
                                      float *loss);
/** The loss without an update. */
GAN_API gan_status gan_test_on_batch(gan_compiled *compiled, const gan_tensor *const *inputs,
                                     int32_t input_count, const gan_tensor *target, float label, float *loss);

/** The combined model D(G(x)) of the articles. */
GAN_API gan_status gan_combine(gan_model **out, gan_model *generator, gan_model *discriminator);

#ifdef __cplusplus
}
#endif
#endif
