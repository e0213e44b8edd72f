/* Colours in Oklab (Ottosson 2020, "A perceptual color space for image processing"): lightness 0 to 1, and
 * two opponent colours within about -0.4 to 0.4. Distances there are close to those that people see. */
#ifndef GAN_KERNELS_OKLAB_H
#define GAN_KERNELS_OKLAB_H

#include <stdint.h>

/* Triples of sRGB (IEC 61966-2-1, 0..1, what is beyond is clamped) to triples of Oklab; may be in place. */
void gan_oklab_of_srgb(float *lab, const float *rgb, int64_t pixels);

/* And back; colours outside sRGB are clamped to it. Both ways together stay within 5e-5. */
void gan_srgb_of_oklab(float *rgb, const float *lab, int64_t pixels);

#endif
