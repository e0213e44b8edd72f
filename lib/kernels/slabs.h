/* Loops over slabs of parameters that are longer than any cache: memory is asked for ahead. Every kernel set
 * gives the same bits. */
#ifndef GAN_KERNELS_SLABS_H
#define GAN_KERNELS_SLABS_H

#include <stdint.h>

/* One step of Adam (Kingma & Ba 2015); bias corrections are in `rate` and `root_correction`. */
struct adam_step {
    float gradient_factor, bound; /* the gradient is multiplied, then clamped to [-bound, bound] */
    float weight_decay;
    float beta1, beta2, rest1, rest2; /* rest = 1 - beta */
    float rate, root_correction, epsilon;
};

struct adam_slabs {
    const float *gradients;
    float *values, *means, *squares; /* apart from each other */
    int64_t count;
};

void gan_slabs_adam(int32_t kernels, const struct adam_step *step, const struct adam_slabs *slabs);

/* The sum of squares, in sixteen sums that are then added. */
double gan_slabs_squares(int32_t kernels, const float *values, int64_t count);

struct slab_loops {
    void (*adam)(const struct adam_step *step, const struct adam_slabs *slabs);
    double (*squares)(const float *values, int64_t count);
};
extern const struct slab_loops gan_slabs_portable, gan_slabs_avx2, gan_slabs_avx512;

#endif
