/** Measures: how near one picture is to another, and one set of pictures to another. Pictures are float32
 *  [N, H, W, C] in 0..1. Errors of all: ARGUMENT (NULL), TYPE, SHAPE (both shapes are named), NOT_FINITE,
 *  OUT_OF_MEMORY. The same bits for any number of threads. Since 0.1. */
#ifndef GAN_METRICS_H
#define GAN_METRICS_H

#include "gan/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Peak signal-to-noise ratio, 10 log10(1 / mean squared difference) over all elements, in decibels; infinity
 *  for equal pictures. The shapes are equal, of any rank. */
GAN_API gan_status gan_psnr(const gan_tensor *a, const gan_tensor *b, double *decibels);

/** Structural similarity (Wang et al. 2004): Gaussian window of 11x11 with sigma 1.5, K1 = 0.01, K2 = 0.03,
 *  windows that lie inside only, mean over the positions and the batch; -1 to 1, equal pictures have 1.
 * Colour (C = 3) is judged by its luma, 0.299 R + 0.587 G + 0.114 B, or channel by channel; other C always
 * channel by channel. SHAPE: also sides below 11. */
typedef struct gan_ssim_options {
    size_t struct_size;
    int32_t per_channel; /**< 1: mean over R, G, B in the place of luma */
} gan_ssim_options;
GAN_API gan_status gan_ssim(const gan_tensor *a, const gan_tensor *b, const gan_ssim_options *options,
                            double *similarity);

/** Mean distance of the pictures of a batch from one another, each the root of the mean squared difference:
 *  how diverse samples are. `pictures` is [N, ...], N >= 2. */
GAN_API gan_status gan_mean_pairwise_distance(const gan_tensor *pictures, double *distance);

/** Learned perceptual distance (Zhang et al. 2018, version 0.1): features divided by their length per
 * position, squared differences weighted by a head for each level, mean over the positions, summed over the
 * levels. */
typedef struct gan_lpips gan_lpips;
/** `extractor`: SqueezeNet 1.1 with the outputs of gan_squeezenet_create; retained. `heads`: safetensors file
 *  with "lin0.model.1.weight" to "lin6.model.1.weight", [1, C, 1, 1] each. Errors: NOT_FOUND (an output, the
 *  file), FORMAT (a head is missing or misshapen: named). */
GAN_API gan_status gan_lpips_create(gan_lpips **out, gan_model *extractor, const char *heads);
GAN_API void gan_lpips_free(gan_lpips *lpips);
GAN_API int32_t gan_lpips_level_count(const gan_lpips *lpips);
/** Distance of two batches of RGB pictures of one shape, the mean over the batch; `levels` (may be NULL)
 *  receives gan_lpips_level_count parts. Threads: one at a time. */
GAN_API gan_status gan_lpips_distance(gan_lpips *lpips, const gan_tensor *a, const gan_tensor *b,
                                      double *distance, double *levels);

/** Features of pictures, gathered batch by batch: one output of an extractor, averaged over the positions. */
typedef struct gan_features gan_features;
/** `output` names a feature map [N, H, W, C] or vector [N, C] of the model; NULL: its last output. Retains
 * the extractor. Errors: NOT_FOUND (says which outputs there are), SHAPE (an output of another rank, an
 * extractor that does not take pictures). */
GAN_API gan_status gan_features_create(gan_features **out, gan_model *extractor, const char *output);
GAN_API void gan_features_free(gan_features *features);
/** Add a batch; pictures of another size than the last ones' compile a new plan. Threads: one at a time. */
GAN_API gan_status gan_features_add(gan_features *features, const gan_tensor *pictures);
GAN_API int64_t gan_features_count(const gan_features *features);
/** All that was added, in order: a new tensor [count, C]. SHAPE: none was added. */
GAN_API gan_status gan_features_get(const gan_features *features, gan_tensor **out);

/** Frechet distance of two sets of feature vectors [n, C] and [m, C] taken for Gaussians (Heusel et al.
 * 2017): |mean a - mean b|^2 + trace(A + B - 2 (A B)^(1/2)) with the sample covariances A and B; never below
 * 0. n and m are at least 2; sets with fewer vectors than C are well defined, but biased. Comparable only for
 * one extractor and one count of pictures. */
GAN_API gan_status gan_frechet_distance(const gan_tensor *a, const gan_tensor *b, double *distance);

/** The same from means [C] and covariances [C, C] (symmetric), as statistics are kept. `context` lends memory
 *  and threads. NOT_FINITE also where a covariance is not finite; ARGUMENT: not symmetric. */
GAN_API gan_status gan_frechet_distance_of_moments(gan_context *context, int64_t channels,
                                                   const double *mean_a, const double *covariance_a,
                                                   const double *mean_b, const double *covariance_b,
                                                   double *distance);

/** Kernel distance (Binkowski et al. 2018): unbiased squared maximum mean discrepancy with the kernel
 *  (x . y / C + 1)^3, as the mean over random subsets of both sets. */
typedef struct gan_kernel_distance_options {
    size_t struct_size;
    int32_t subsets;     /**< how many; 0: 100 */
    int32_t subset_size; /**< vectors of each set in a subset; 0: 1000, or half of the smaller set where that
                          * is less; 2 to the smaller set's count */
    uint64_t seed;       /**< of the choice */
} gan_kernel_distance_options;
typedef struct gan_kernel_distance_result {
    size_t struct_size; /**< set by the caller */
    double mean;        /**< over the subsets; may be below 0, as the estimate is unbiased */
    double deviation; /**< standard deviation over the subsets. With subsets of half the set it estimates the
                       *   standard error of the distance of the whole sets (delete-half jackknife) */
    double low, high; /**< 95 % of the subsets lie between: quantiles 0.025 and 0.975 */
    int32_t subsets, subset_size; /**< as used */
} gan_kernel_distance_result;
GAN_API gan_status gan_kernel_distance(const gan_tensor *a, const gan_tensor *b,
                                       const gan_kernel_distance_options *options,
                                       gan_kernel_distance_result *result);

#ifdef __cplusplus
}
#endif
#endif
