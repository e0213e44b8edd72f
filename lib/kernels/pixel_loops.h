/* What convolutions do to pixels before and after they multiply them: loops over pixels whose channels lie
 * side by side, once for each kernel set. */
#ifndef GAN_KERNELS_PIXEL_LOOPS_H
#define GAN_KERNELS_PIXEL_LOOPS_H

#include "kernels/activation.h"

/* activation(x * scale + shift), per channel; scale and shift NULL: the activation alone. */
struct pixel_change {
    const float *scale, *shift;
    struct activation activation;
};

/* activation(y + bias + residual); bias, per channel, and residual, laid out as y, may be NULL. */
struct pixel_finish {
    const float *bias, *residual;
    struct activation activation;
};

/* Change pixels that lie `step` floats apart, to pixels side by side; `kernels` is GAN_KERNELS_*, approved by
 * gan_kernels_choose. */
void gan_pixels_change(int32_t kernels, const float *from, int64_t step, int64_t pixels, int64_t channels,
                       const struct pixel_change *change, float *to);

/* Finish pixels that lie `step` floats apart where they are. */
void gan_pixels_finish(int32_t kernels, float *out, int64_t step, int64_t pixels, int64_t channels,
                       const struct pixel_finish *finish);

/* The loops for a kernel set. Of the activations they know the linear ones: ReLU and its leaky kind. */
struct pixel_loops {
    void (*change)(const float *from, int64_t step, int64_t pixels, int64_t channels,
                   const struct pixel_change *change, float *to);
    void (*finish)(float *out, int64_t step, int64_t pixels, int64_t channels,
                   const struct pixel_finish *finish);
};

extern const struct pixel_loops gan_pixel_loops_portable, gan_pixel_loops_avx2, gan_pixel_loops_avx512;

#endif
