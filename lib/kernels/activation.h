/* Pointwise non-linear functions and their derivatives. */
#ifndef GAN_KERNELS_ACTIVATION_H
#define GAN_KERNELS_ACTIVATION_H

#include <stdint.h>

enum activation_function {
    ACTIVATION_LINEAR, /* zero, so that a zeroed struct means identity */
    ACTIVATION_RELU,
    ACTIVATION_LEAKY_RELU,
    ACTIVATION_ELU,
    ACTIVATION_GELU, /* exact, by the error function */
    ACTIVATION_SILU,
    ACTIVATION_SOFTPLUS,
    ACTIVATION_TANH,
    ACTIVATION_SIGMOID
};

struct activation {
    int32_t function; /* enum activation_function */
    float slope;      /* of leaky ReLU for x < 0; alpha of ELU */
};

/* The loops for a kernel set, which `kernels` (GAN_KERNELS_*, approved by gan_kernels_choose) chooses below.
 */
struct activation_loops {
    void (*forward)(struct activation activation, const float *x, float *y, int64_t count);
    void (*backward)(struct activation activation, const float *from, const float *dy, float *dx,
                     int64_t count);
};
extern const struct activation_loops gan_activation_portable, gan_activation_avx2, gan_activation_avx512;

/* y[i] = f(x[i]); y may be x. */
void gan_activation_forward(int32_t kernels, struct activation activation, const float *x, float *y,
                            int64_t count);

/* dx[i] = dy[i] * f'(x[i]), from x and y = f(x); dx may be dy. Which of x and y a function reads is told by
 * gan_activation_needs_input: when 0, x may be NULL; otherwise y may be NULL. */
void gan_activation_backward(int32_t kernels, struct activation activation, const float *x, const float *y,
                             const float *dy, float *dx, int64_t count);
int gan_activation_needs_input(struct activation activation);

#endif
