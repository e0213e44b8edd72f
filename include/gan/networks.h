/** Named architectures. Each is a plain composition of the layers of gan/layers.h; a model's metadata says
 * how pictures go in and come out: "architecture", "input_range" and "output_range" ("0..1", "0..255",
 * "-1..1" or "none"), where needed "input_mean", "input_scale" (three numbers, applied after the range) and
 *  "input_channels" ("RGB") and "size_multiple" (of which height and width must be). Spatial sizes and the
 * batch are open. Options: NULL means all defaults. Errors of all: ARGUMENT, OUT_OF_MEMORY; *out is then
 * NULL. Since 0.1. */
#ifndef GAN_NETWORKS_H
#define GAN_NETWORKS_H

#include "gan/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Image-transformation network of Johnson et al. 2016: reflect-padded 9x9 convolution, two of stride 2,
 *  residual blocks, two upsampling stages, 9x9 convolution; affine instance norm and ReLU after each but the
 *  last. Default: 32 channels, 5 blocks, nearest upsampling + 3x3, sigmoid to 0..1. */
enum { GAN_UPSAMPLE_NEAREST = 0, GAN_UPSAMPLE_TRANSPOSED = 1 };
enum { GAN_OUTPUT_SIGMOID = 0, GAN_OUTPUT_TANH = 1, GAN_OUTPUT_LINEAR = 2 };
typedef struct gan_johnson_options {
    size_t struct_size;
    int32_t channels;         /**< of the first convolution; 0: 32 */
    int32_t blocks;           /**< residual blocks; 0: 5 */
    int32_t kernel;           /**< of the first and the last convolution; 0: 9 */
    int32_t upsampling;       /**< GAN_UPSAMPLE_* */
    int32_t output;           /**< GAN_OUTPUT_* */
    int32_t normalize_output; /**< 1: instance norm after the last convolution too */
    int32_t no_bias;          /**< 1: convolutions without bias */
    float epsilon;            /**< of the instance norms; 0: 1e-5 */
} gan_johnson_options;
GAN_API gan_status gan_johnson_create(gan_model **out, gan_context *context,
                                      const gan_johnson_options *options);

/** Normalization inside a network. Instance norm has no scale and shift here. DEFAULT: what the literature
 *  takes for the architecture at hand. */
enum { GAN_NORM_DEFAULT = 0, GAN_NORM_INSTANCE = 1, GAN_NORM_BATCH = 2, GAN_NORM_NONE = 3 };

/** DCGAN generator (Radford et al. 2016) from noise [N, noise] to [N, size, size, channels], tanh: a dense
 *  (1x1 transposed) start at size / 4 (28, 32) or 4 (64, 128, 256), then stride-2 transposed convolutions 4x4
 *  with batch norm and ReLU. And its discriminator: stride-2 4x4 convolutions, leaky ReLU 0.2, batch norm but
 *  in the first, dense to one logit. Weights N(0, 0.02).
 *
 *  With `classes`, both have a second input "labels" [N], whole numbers below it (gan_embedding). The
 * generator's batch norms then have a learned scale, 1 + row, and shift for each class (conditional batch
 * norm, Dumoulin et al. 2017, de Vries et al. 2017). The discriminator's logit becomes logit + <row for the
 * label, all of the last features> (the projection of Miyato & Koyama 2018, without their sum over
 * positions). */
typedef struct gan_dcgan_options {
    size_t struct_size;
    int32_t size;     /**< 28, 32, 64, 128 or 256; 0: 64 */
    int32_t channels; /**< of the picture; 0: 3 */
    int32_t width;    /**< channels of the widest picture-sized layer; 0: 64 (32 at 28) */
    int32_t noise;    /**< generator: length of z; 0: 100 */
    int32_t norm;     /**< discriminator: GAN_NORM_*; default: batch. None for gradient penalties */
    int32_t
        spectral_norm; /**< discriminator, 1: of all layers (Miyato et al. 2018), usually with norm none */
    int32_t classes;   /**< of labelled pictures; 0: no labels */
} gan_dcgan_options;
GAN_API gan_status gan_dcgan_generator_create(gan_model **out, gan_context *context,
                                              const gan_dcgan_options *options);
GAN_API gan_status gan_dcgan_discriminator_create(gan_model **out, gan_context *context,
                                                  const gan_dcgan_options *options);

/** PatchGAN discriminator (Isola et al. 2017): `layers` 4x4 convolutions of stride 2, one of stride 1, one to
 *  one channel of patch logits; leaky ReLU 0.2; norms but in the first and last. 3 layers see 70x70 pixels.
 */
typedef struct gan_patchgan_options {
    size_t struct_size;
    int32_t input_channels; /**< 0: 3; 6 where it judges a picture together with its source (pix2pix) */
    int32_t channels;       /**< of the first layer; 0: 64 */
    int32_t layers;         /**< 0: 3 */
    int32_t norm;           /**< GAN_NORM_*; default: instance */
    int32_t spectral_norm;  /**< 1: of all convolutions */
} gan_patchgan_options;
GAN_API gan_status gan_patchgan_create(gan_model **out, gan_context *context,
                                       const gan_patchgan_options *options);

/** Pixel discriminator (Isola et al. 2017, "1x1 PixelGAN"): 1x1 convolutions to `channels`, to twice as many
 * with norm, to one logit for each pixel; leaky ReLU 0.2 between. It judges colours only. The options are
 * those of PatchGAN, layers 0. */
GAN_API gan_status gan_pixel_discriminator_create(gan_model **out, gan_context *context,
                                                  const gan_patchgan_options *options);

/** Discriminator of pix2pixHD (Wang et al. 2018): `scales` (0: 3; at most 8) PatchGANs of equal form and own
 * weights, the first of which sees the picture, each next one the picture at half the size of the former's
 * (means of 3x3 pixels). Outputs "scale1_logits", "scale2_logits", ...: patch logits. */
GAN_API gan_status gan_multiscale_patchgan_create(gan_model **out, gan_context *context, int32_t scales,
                                                  const gan_patchgan_options *options);

/** U-Net generator of pix2pix (Isola et al. 2017): `downs` 4x4 convolutions of stride 2 with leaky ReLU 0.2
 *  down to 1x1 or more, as many transposed ones back up, each of which also sees the downward layer of its
 * size; tanh. Norms but in the first, the innermost downward and the last. Channels double up to 8 times;
 * dropout in up to three stages next to the innermost, as in the authors' second implementation. Weights N(0,
 * 0.02). Height and width are multiples of 2 to the power `downs`. */
typedef struct gan_unet_options {
    size_t struct_size;
    int32_t input_channels;     /**< 0: 3 */
    int32_t output_channels;    /**< 0: 3 */
    int32_t channels;           /**< of the first layer; 0: 64 */
    int32_t downs;              /**< 2 to 12; 0: 8, for 256x256; 7 for 128x128 */
    int32_t norm;               /**< GAN_NORM_*; default: batch */
    float dropout;              /**< rate; 0: 0.5; below 0: none */
    int32_t resize_convolution; /**< 1: nearest upsampling and a reflect-padded 3x3 convolution in the place
                                 *   of each transposed one, which leaves no raster (Odena et al. 2016) */
} gan_unet_options;
GAN_API gan_status gan_unet_create(gan_model **out, gan_context *context, const gan_unet_options *options);

/** ResNet generator of CycleGAN (Zhu et al. 2017, after Johnson et al. 2016): reflect-padded 7x7 convolution,
 *  two of stride 2, residual blocks with reflect padding, two upsampling stages, 7x7, tanh; norm and ReLU
 * after each but the last. Weights N(0, 0.02). The layers "down1", "down2", "block1" ... are what PatchNCE
 * looks at (gan_model_select_outputs). */
typedef struct gan_resnet_generator_options {
    size_t struct_size;
    int32_t input_channels;  /**< 0: 3 */
    int32_t output_channels; /**< 0: 3 */
    int32_t channels;        /**< of the first convolution; 0: 64 */
    int32_t blocks;          /**< 0: 9; 6 for 128x128 */
    int32_t norm;            /**< GAN_NORM_*; default: instance */
    int32_t upsampling; /**< GAN_UPSAMPLE_*; transposed is the authors', nearest leaves no checkerboard */
    int32_t separable;  /**< 1: blocks of depthwise 3x3, norm, 1x1 convolutions (Li et al. 2020): about an
                         *   eighth of their work */
    float dropout;      /**< rate inside the blocks; 0: none */
} gan_resnet_generator_options;
GAN_API gan_status gan_resnet_generator_create(gan_model **out, gan_context *context,
                                               const gan_resnet_generator_options *options);

/** Generator and discriminator of AnimeGANv2 (Chen, Liu and Chen 2020; the authors' second version), of RGB
 *  pictures in -1..1, with layer norms and leaky ReLU 0.2. The generator: two halvings, `depth` inverted
 *  residual blocks (Sandler et al. 2018) of 8 times as many channels, bilinear enlargement, tanh; reflect
 *  padding, no biases; 4 blocks and 32 channels have 2.14 million weights. Results of sides that are no
 *  multiples of 4 are larger, to be cut at the bottom and right. The discriminator: `depth` halvings with a
 *  wide convolution after each, spectral norm in all, patch logits at the last size. Since 0.1. */
typedef struct gan_anime_network_options {
    size_t struct_size;
    int32_t channels; /**< of the first layer; 0: 32 */
    int32_t depth; /**< residual blocks of the generator, 1 to 64; 0: 4. Halvings of the discriminator, 1 to
                    *   6; 0: 2 */
} gan_anime_network_options;
GAN_API gan_status gan_anime_generator_create(gan_model **out, gan_context *context,
                                              const gan_anime_network_options *options);
GAN_API gan_status gan_anime_discriminator_create(gan_model **out, gan_context *context,
                                                  const gan_anime_network_options *options);

/** Projection of PatchNCE (Park et al. 2020): patches [N, P, channels] to [N, P, width], two dense layers
 * with ReLU between, N(0, 0.02). width 0: 256. */
GAN_API gan_status gan_patch_projection_create(gan_model **out, gan_context *context, int32_t channels,
                                               int32_t width);

/** VGG-19 up to relu3_1 in the normalised form of Universal Style Transfer (Li et al. 2017): input RGB 0..1,
 *  reflect padding. Outputs: relu1_1, relu1_2, relu2_1, relu2_2, relu3_1. Random weights: import gives real
 * ones. */
GAN_API gan_status gan_vgg19_create(gan_model **out, gan_context *context);

/** The way back, after Universal Style Transfer (Li et al. 2017): features of relu1_1, relu2_1 or relu3_1
 *  (`level` 1, 2, 3: [N, h, w, 64, 128 or 256]) to pictures [N, h 2^(level - 1), w 2^(level - 1), 3], about
 * 0..1. Since 0.1. */
GAN_API gan_status gan_vgg19_decoder_create(gan_model **out, gan_context *context, int32_t level);

/** SqueezeNet 1.1 (Iandola et al. 2016), input RGB 0..1 (normalization inside). Outputs: relu1, fire2 to
 *  fire9, logits. */
GAN_API gan_status gan_squeezenet_create(gan_model **out, gan_context *context);

/** MicroAST (Wang et al. 2023): a content picture painted in the style of any other, without training. Inputs
 *  "content" [N, H, W, 3] and "style" [N or 1, h, w, 3], RGB 0..1; output [N, 4 ceil(ceil(H / 2) / 2), ...,
 *  3], about 0..1. All that the output needs of the style is the layer "style_code" [N or 1, 1, 1, 512]:
 *  means and deviations of two levels of features, and modulations of the decoder. See gan/transfer.h. Other
 *  inner layers: "content_features1", "content_features2", "style_features1", "style_features2", "adain",
 *  "decoder_block1", "decoder_block2". */
typedef struct gan_microast_options {
    size_t struct_size;
    float strength; /**< of the normalizations, the authors' alpha: 0 to 1; 0: 1 */
} gan_microast_options;
GAN_API gan_status gan_microast_create(gan_model **out, gan_context *context,
                                       const gan_microast_options *options);

/** A new model that gives the outputs or inner layers of `model` that are named (in this order), without the
 *  layers and inputs that only others need; parameters are shared. Errors: NOT_FOUND (says which outputs
 * there are). */
GAN_API gan_status gan_model_select_outputs(gan_model **out, gan_model *model, const char *const *names,
                                            int32_t count);

/** A new model in which a layer of `model`, an input or an inner layer, has a fixed value: what follows from
 * it alone is computed here, once, as in inference, and kept as constants; inputs that are then not needed
 * are gone. Parameters that are still needed are shared. `value` (GAN_FLOAT32) has the layer's shape and is
 * copied. So a network with a second input that seldom changes, such as a style, becomes one of one input.
 *  Errors: NOT_FOUND (no such layer), SHAPE, TYPE, ARGUMENT (no input is left), OUT_OF_MEMORY; *out is then
 *  NULL. Since 0.1. */
GAN_API gan_status gan_model_bind(gan_model **out, gan_model *model, const char *layer,
                                  const gan_tensor *value);

/** Read a published safetensors file (PyTorch or TensorFlow layouts, converted) into the architecture that
 * its tensor names and shapes show: fast-neural-style nets of the VangoghCrazyWorld family ("fns", any
 * width), "johnson", "microast", "squeezenet1.1", "vgg19", "vgg19_decoder"; `architecture` names one, NULL
 * recognises. Errors: NOT_FOUND (file, architecture), FORMAT (a missing, extra or misshapen tensor is named).
 */
GAN_API gan_status gan_import(gan_model **out, gan_context *context, const char *path,
                              const char *architecture);

/** How far a model is from what is expected of it, over all elements that were compared. */
typedef struct gan_replay {
    size_t struct_size;   /**< set by the caller */
    double largest_error; /**< of |found - expected| */
    double mean_error;    /**< of the same */
    double largest_value; /**< of |expected| */
} gan_replay;

/** Run the model once, in GAN_PRECISION_EXACT, and compare: for an import, and a pair of inputs and outputs
 * that came with the weights. All are float32 in the network's own values, pictures [N, H, W, C]; `inputs`
 * are those of the model, `expected` its first outputs, NULL for one that is not compared. Errors: ARGUMENT
 * (another number of inputs, nothing to compare), SHAPE (names input, layer or output), TYPE, NOT_FINITE (in
 * what is given or found), OUT_OF_MEMORY; *result is then as before. Threads: as gan_session_run. Since 0.1.
 */
GAN_API gan_status gan_model_replay(gan_model *model, const gan_tensor *const *inputs, int32_t input_count,
                                    const gan_tensor *const *expected, int32_t expected_count,
                                    gan_replay *result);

#ifdef __cplusplus
}
#endif
#endif
