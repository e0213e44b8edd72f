/* Convolution of NHWC pictures as implicit GEMM around a register-blocked microkernel.
 *
 * Weights are [out_channels, kernel_height, kernel_width, in_channels / groups]. Padding (zero, reflect,
 * replicate) and nearest upsampling of the input happen while packing; no im2col buffer exists.
 * A transposed convolution is gan_convolution_backward_input of the convolution it transposes.
 *
 * Work is cut by shape, so results have the same bits for any number of threads. Nothing here allocates
 * except gan_convolution_create; nothing fails after it. */
#ifndef GAN_KERNELS_CONVOLUTION_H
#define GAN_KERNELS_CONVOLUTION_H

#include "base/context.h"
#include "kernels/activation.h"
#include <stdbool.h>

struct convolution_shape {
    int64_t batch, height, width, in_channels; /* the input, before upsampling */
    int64_t out_channels, kernel_height, kernel_width;
    int64_t stride_height, stride_width, dilation_height, dilation_width;
    int64_t pad_top, pad_left, pad_bottom, pad_right; /* around the upsampled input */
    int64_t groups;
    int32_t padding_mode;          /* GAN_PADDING_* */
    int32_t upsample;              /* 1, or 2: every pixel stands for 2x2 (nearest) before padding */
    int64_t out_height, out_width; /* filled in by gan_convolution_create when 0 */
};

/* What is done to the input while it is packed: activation(x * scale[n, c] + shift[n, c]). */
struct convolution_input {
    const float *scale, *shift; /* [batch, in_channels]; both NULL: identity */
    struct activation activation;
};

/* Per picture and channel of the output the mean, and the sum of squared differences from it: [batch,
 * out_channels] each; mean NULL: not wanted. The workspace has gan_convolution_moments_size bytes. */
struct convolution_moments {
    double *mean, *square;
    void *workspace;
};

/* What is done to the output while it is hot: activation(y + bias + residual). */
struct convolution_epilogue {
    const float *bias;     /* [out_channels] or NULL */
    const float *residual; /* shape of the output, added before the activation, or NULL */
    struct activation activation;
    struct convolution_moments moments; /* of what comes out; forward only, see gan_convolution_measures */
};

enum convolution_pass { CONVOLUTION_FORWARD, CONVOLUTION_BACKWARD_INPUT, CONVOLUTION_BACKWARD_WEIGHTS };

struct convolution; /* immutable once made: shared freely between threads */

/* Check the shape and choose the way to compute each pass. `precision` is GAN_PRECISION_*; BF16 is for
 * contexts with gan_tiles_available, for the passes FORWARD and BACKWARD_INPUT; convolutions of several
 * groups compute as DEFAULT. Errors: GAN_ERROR_SHAPE (kernel larger than the padded input, reflect padding
 * not smaller than the input, channels not divisible by groups, sizes whose products overflow),
 * GAN_ERROR_OUT_OF_MEMORY. */
gan_status gan_convolution_create(struct convolution **out, gan_context *context,
                                  const struct convolution_shape *shape, int32_t precision);
/* The same for an output whose pixels lie `out_step` floats apart: it is written beside others. Not BF16, and
 * without residual. */
gan_status gan_convolution_create_beside(struct convolution **out, gan_context *context,
                                         const struct convolution_shape *shape, int32_t precision,
                                         int64_t out_step);
/* The same for weights that change from run to run, so that the time to pack them counts. */
gan_status gan_convolution_create_trained(struct convolution **out, gan_context *context,
                                          const struct convolution_shape *shape, int32_t precision);
void gan_convolution_free(struct convolution *convolution);
const struct convolution_shape *gan_convolution_shape(const struct convolution *convolution);

/* Bytes of packed weights and of scratch memory; both 64-byte aligned by the caller. No bytes for
 * BACKWARD_WEIGHTS, nor where a trained convolution reads the weights as they are: these are its `packed`. */
size_t gan_convolution_packed_size(const struct convolution *convolution, enum convolution_pass pass);
size_t gan_convolution_workspace_size(const struct convolution *convolution, enum convolution_pass pass);

/* Numbers that tell how the weights of a pass are packed: where they agree, for one kernel set and precision,
 * packed weights of one convolution serve the other. Returns how many there are; 0: more than `room`. */
int32_t gan_convolution_layout(const struct convolution *convolution, enum convolution_pass pass,
                               int64_t *numbers, int32_t room);

/* Whether the forward pass can find the moments of its output on the way, and the 8-byte aligned scratch
 * memory that it needs for that. */
bool gan_convolution_measures(const struct convolution *convolution);
size_t gan_convolution_moments_size(const struct convolution *convolution);

void gan_convolution_pack(const struct convolution *convolution, enum convolution_pass pass,
                          const float *weights, void *packed);

/* y = epilogue(conv(input(x), weights)). input and epilogue may be NULL. y must not overlap x. */
void gan_convolution_forward(const struct convolution *convolution, const float *x,
                             const struct convolution_input *input, const void *packed, float *y,
                             const struct convolution_epilogue *epilogue, void *workspace);

/* dx = epilogue(gradient of conv at its input); the epilogue serves transposed convolution (bias per input
 * channel of the convolution) and may be NULL. Overwrites dx. */
void gan_convolution_backward_input(const struct convolution *convolution, const float *dy,
                                    const void *packed, float *dx,
                                    const struct convolution_epilogue *epilogue, void *workspace);

/* dw and db (each may be NULL) from the input and the output's gradient. Overwrites. `input` as in forward.
 */
void gan_convolution_backward_weights(const struct convolution *convolution, const float *x,
                                      const struct convolution_input *input, const float *dy, float *dw,
                                      float *db, void *workspace);

/* Words for the way a pass is computed, such as "direct C-shift" or "Winograd F(4,3)". */
const char *gan_convolution_method(const struct convolution *convolution, enum convolution_pass pass);

#endif
