/** How much of the style shows, where, in whose colours and how sharp: decided after the network has run, on
 *  plain pixels, so that a host's sliders need no second run. A photograph and what a network made of it are
 *  float32, row by row, RGB in 0 to 1, of one size. The same bits for any number of threads. Errors of all:
 *  ARGUMENT (NULL, a number outside its range), OUT_OF_MEMORY; a result is then as before. The calls on plain
 *  memory take pixels and masks on trust, since looking at them would cost as much as the work: that they are
 *  finite and in range is the caller's duty. gan_adjuster and gan_recoloring_measure look whether they are
 *  finite. */
#ifndef GAN_ADJUST_H
#define GAN_ADJUST_H

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whose colours a result has. LUMA: brightness of the result and chroma of the photograph, pixel by pixel
 *  (BT.601). The other two leave the result's brush strokes their own colours, and bring those as a whole to
 *  the photograph's, in Oklab (Ottosson 2020): COVARIANCE the mean and covariance, by the linear map that
 *  moves colours least (Pitie and Kokaram 2007); HISTOGRAM, after that, also how often each lightness and
 * each value of both opponent colours occurs. */
enum {
    GAN_COLOR_RESULT = 0, /**< the result's own */
    GAN_COLOR_LUMA = 1,
    GAN_COLOR_COVARIANCE = 2,
    GAN_COLOR_HISTOGRAM = 3
};

/** result = (1 - s) photo + s result with s = strength * mask: 0 is the photograph and 1 the result, to the
 *  bit, even where the other is not finite. `result` and `photo` have 3 * pixels elements; `mask` (pixels, 0
 * to 1) may be NULL: everywhere. `strength` is 0 to 1. Since 0.1. */
GAN_API gan_status gan_adjust_strength(gan_context *context, float *result, const float *photo,
                                       const float *mask, int64_t pixels, float strength);

/** Give `result` colours by GAN_COLOR_*; what leaves sRGB is clamped. Since 0.1. */
GAN_API gan_status gan_adjust_color(gan_context *context, float *result, const float *photo, int64_t pixels,
                                    int32_t color);

/** GAN_COLOR_* for a picture of which a piece is at hand at a time: all pixels are measured, then recoloured,
 *  piece by piece. gan_adjust_color is the same with one piece; results are equal to the bit, however the
 *  pixels are cut into pieces. */
typedef struct gan_recoloring gan_recoloring;

/** For a picture of `pixels` pixels (0 to INT64_MAX / 64). Takes about 75 KiB, for HISTOGRAM 200 KiB more per
 *  thread of the context, which is retained; later calls take nothing. *out is NULL on an error. Threads: one
 *  at a time per recoloring. Since 0.1. */
GAN_API gan_status gan_recoloring_create(gan_recoloring **out, gan_context *context, int64_t pixels,
                                         int32_t color);
GAN_API void gan_recoloring_free(gan_recoloring *recoloring);

/** How often all pixels must be measured before any can be recoloured: LUMA and RESULT 0, COVARIANCE 1,
 *  HISTOGRAM 2; -1 where NULL. Since 0.1. */
GAN_API int32_t gan_recoloring_rounds(const gan_recoloring *recoloring);

/** Measure the next `pixels` pixels of a round, from the picture's first to its last, of the result and of
 *  the photograph. After the last one the next round begins. Errors: STATE (no round is left), ARGUMENT (more
 *  pixels than the round has left), NOT_FINITE too; nothing was measured then. Since 0.1. */
GAN_API gan_status gan_recoloring_measure(gan_recoloring *recoloring, const float *result, const float *photo,
                                          int64_t pixels);

/** Give these pixels of the result their colours: any, in any order, also again. Errors: STATE (rounds are
 *  missing) too. Since 0.1. */
GAN_API gan_status gan_recoloring_apply(gan_recoloring *recoloring, float *result, const float *photo,
                                        int64_t pixels);

/** Add `amount` (0 to 4) times the photograph's fine detail, which is its luma less that blurred by `radius`
 *  pixels (1 to 65535; see gan_mask_feather), to each channel of the result, clamped to 0..1. Since 0.1. */
GAN_API gan_status gan_adjust_detail(gan_context *context, float *result, const float *photo, int64_t height,
                                     int64_t width, float amount, int32_t radius);

/** Make the edges of a mask [height, width] soft, in place: each spreads over `radius` pixels (0 to 65535) to
 *  both sides, and what is farther from edges stays. Borders of the picture are no edges. An element that is
 * not finite, or far outside 0..1, spoils what lies in its row and column: masks of unknown origin are
 * gan_adjuster's. Since 0.1. */
GAN_API gan_status gan_mask_feather(gan_context *context, float *mask, int64_t height, int64_t width,
                                    int32_t radius);

/** A mask [1, H, W, 1] out of a picture [1, H, W, 3]: its luma (BT.601), clamped to 0..1; grey stays what it
 *  is. Errors: SHAPE, TYPE, NOT_FINITE too. Since 0.1. */
GAN_API gan_status gan_mask_of_picture(gan_tensor **mask, const gan_tensor *picture);

/** A photograph, its result, and what was found out about them: adjusting anew costs one pass over the
 * pixels.
 */
typedef struct gan_adjuster gan_adjuster;

/** What gan_adjuster_render does; zero is nothing. Applied in this order, strength and mask last. */
typedef struct gan_adjustment {
    size_t struct_size;
    int32_t color;         /**< GAN_COLOR_* */
    float detail;          /**< as `amount` of gan_adjust_detail */
    int32_t detail_radius; /**< pixels; 0: 2 */
    int32_t feather;       /**< radius of the mask's edges in pixels; 0: as they are */
} gan_adjustment;

/** `photo` and `result` are [1, H, W, 3]; both are retained and must stay as they are. Errors: SHAPE (other
 *  shapes, or two), TYPE, NOT_FINITE too; *out is then NULL. Threads: one at a time per adjuster. Since 0.1.
 */
GAN_API gan_status gan_adjuster_create(gan_adjuster **out, gan_tensor *photo, gan_tensor *result);
GAN_API void gan_adjuster_free(gan_adjuster *adjuster);

/** Where the result shows: [1, H, W, 1] of the picture's size, 1 for the result and 0 for the photograph;
 *  copied. NULL: everywhere. Errors: SHAPE (both sizes are named), TYPE, NOT_FINITE, ARGUMENT (values outside
 *  0..1) too; the former mask then stays. */
GAN_API gan_status gan_adjuster_set_mask(gan_adjuster *adjuster, const gan_tensor *mask);

/** Fill `to`, another float32 tensor of the picture's shape, at `strength` 0 to 1; `adjustment` may be NULL.
 * The first use of a colour, a radius or a mask takes longer than the next ones, which find it kept. Errors:
 *  SHAPE, TYPE too; `to` is then as before. */
GAN_API gan_status gan_adjuster_render(gan_adjuster *adjuster, float strength,
                                       const gan_adjustment *adjustment, gan_tensor *to);

#ifdef __cplusplus
}
#endif
#endif
