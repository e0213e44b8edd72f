/* The register-blocked matrix kernels and which of them this CPU can run. */
#ifndef GAN_KERNELS_MICROKERNEL_H
#define GAN_KERNELS_MICROKERNEL_H

#include "base/status.h"

/* A kernel multiplies two packed panels. Channels lie side by side in the result; pixels are its rows:
 *     out[p * pixel_stride + c] = sum over k of channel_panel[k][c] * pixel_panel[k][p] + beta * out[...]
 * for c < channels and p < pixels, which may be fewer than the panels are wide. beta 0 does not read out.
 * A channel panel is 64-byte aligned and followed by PANEL_SLACK readable bytes, as the kernels look ahead.
 */
typedef void (*microkernel_function)(int64_t channels, int64_t pixels, int64_t depth,
                                     const float *channel_panel, const float *pixel_panel, float beta,
                                     float *out, int64_t pixel_stride);

enum { PANEL_SLACK = 256, MOST_PANEL_CHANNELS = 32, MOST_PANEL_PIXELS = 12 };

/* panel[i * width + p] = pixels[p][i] for i < length, for some of the first pixels; returns how many. */
typedef int64_t (*pack_function)(const float *const *pixels, int64_t count, int64_t length, int64_t width,
                                 float *panel);

struct microkernel {
    int64_t channels, pixels; /* widths of the panels */
    microkernel_function multiply;
    pack_function pack; /* or NULL: the portable one does all */
};

/* Turn GAN_KERNELS_AUTO into the widest set that this CPU and build have; check any other choice, also by a
 * small product against plain arithmetic. Errors: GAN_ERROR_UNSUPPORTED. */
gan_status gan_kernels_choose(int32_t *kernels);

/* The kernel of a set that gan_kernels_choose has approved. */
const struct microkernel *gan_microkernel(int32_t kernels);

#endif
