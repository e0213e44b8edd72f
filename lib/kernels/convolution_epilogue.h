/* What is done to finished output pixels while they are hot. */
#ifndef GAN_KERNELS_CONVOLUTION_EPILOGUE_H
#define GAN_KERNELS_CONVOLUTION_EPILOGUE_H

#include "kernels/convolution.h"
#include "kernels/pixel_loops.h"

/* Where a task gathers the moments of its output: arrays over channels from `channel` on. */
struct moments_slot {
    int64_t channel;
    double *count, *mean, *square; /* NULL: not wanted */
};

/* A run of evenly spaced output pixels: `channels` values at every `pixel_stride` floats from `offset`. */
struct pixel_run {
    int64_t offset, pixels, pixel_stride;
    int64_t channel, channels;       /* the first of these channels among all, for the bias */
    const struct moments_slot *slot; /* or NULL */
};

/* Whether kernels can finish sums before they write them: a bias and a linear activation (ReLU and its leaky
 * kind count as such), no residual. Not with epilogue NULL, where there is nothing to do. */
bool gan_epilogue_is_simple(const struct convolution_epilogue *epilogue);

/* Finish and measure; epilogue NULL: nothing. */
void gan_epilogue_apply(int32_t kernels, const struct convolution_epilogue *epilogue, float *out,
                        const struct pixel_run *run);

/* The two steps of it: bias, residual and activation; then the moments, where they are wanted. */
void gan_epilogue_finish(int32_t kernels, const struct convolution_epilogue *epilogue, float *out,
                         const struct pixel_run *run);
void gan_epilogue_measure(int32_t kernels, const float *out, const struct pixel_run *run);

/* The first step for pixels whose first value lies `offset` floats into the output and is of `channel`. */
struct pixel_finish gan_epilogue_pixel_finish(const struct convolution_epilogue *epilogue, int64_t channel,
                                              int64_t offset);

#endif
