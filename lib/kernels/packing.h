/* Gathering of strided pixels into the panels that microkernels read. */
#ifndef GAN_KERNELS_PACKING_H
#define GAN_KERNELS_PACKING_H

#include "kernels/microkernel.h"

/* panel[i * width + p] = pixels[p][i] for i < length and p < count; zero for count <= p < width. The kernel's
 * set is that of the instructions. */
void gan_pack_pixels(const struct microkernel *kernel, const float *const *pixels, int64_t count,
                     int64_t length, int64_t width, float *panel);

/* The same for as many of the first pixels as make whole vectors; returns how many. */
int64_t gan_pack_pixels_avx512(const float *const *pixels, int64_t count, int64_t length, int64_t width,
                               float *panel);

/* panel[p * width + i] = pixels[p * stride + i] for i < length; zero for length <= i < width. */
void gan_spread_pixels(const float *pixels, int64_t stride, int64_t count, int64_t length, int64_t width,
                       float *panel);

#endif
