/* Augmentation of one picture [height, width, channels], and its transpose for gradients. Affine in the
 * picture once it is drawn: colour first, then translation, then cutout. */
#ifndef GAN_KERNELS_AUGMENTATION_H
#define GAN_KERNELS_AUGMENTATION_H

#include <stdint.h>

struct augmentation {
    float brightness, saturation, contrast;           /* 0, 1, 1: no change */
    int64_t down, right;                              /* translation; zeros move in */
    int64_t cut_top, cut_bottom, cut_left, cut_right; /* cut to 0: from top to before bottom; inside */
};

struct augmented_shape {
    int64_t height, width, channels;
};

void gan_augment(const struct augmentation *augmentation, const struct augmented_shape *shape, const float *x,
                 float *y);
void gan_augment_backward(const struct augmentation *augmentation, const struct augmented_shape *shape,
                          const float *dy, float *dx);

#endif
